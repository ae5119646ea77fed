package detect_test

import (
	"strings"
	"testing"
)

// TestPytest finds pytest in the requirement files of the tests, which are installed too
// unless they pin other versions.
func TestPytest(t *testing.T) {
	const both = "requirements: [requirements.txt, tests/requirements.txt]"
	for name, test := range map[string]struct {
		tests string
		want  string // a line of the file
		asks  bool
	}{
		"no conflict":     {"pytest==9.2.0\nhttpx==1.0\n", both, false},
		"another version": {"pytest==9.2.0\nfastapi[all]==2.0\n", "packages: ['pytest==9.2.0']", true},
		"no version":      {"pytest\nfastapi==2.0\n", "requirements: [requirements.txt]", false},
		"no pytest":       {"fastapi==2.0\n", "requirements: [requirements.txt]", false},
	} {
		found := look(t, checkout(t, fixture{repository: "ada/shop", version: "1.2.3", files: map[string]string{
			"requirements.txt": "FastAPI==1.0\n", "main.py": "app = FastAPI()\n", "Dockerfile": "FROM python\n",
			"tests/requirements.txt": test.tests, "tests/unit/test_a.py": "def test_a(): pass\n",
		}}))
		content := string(found.Content)
		asks := asked(content, "environments.backend.packages")
		if !strings.Contains(content, "    "+test.want+"\n") || asks != test.asks {
			t.Errorf("%s: expected %q, and a question: %t\n%s", name, test.want, test.asks, content)
		}
	}
}
