package changelog

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const section = "## [1.8.0] - 2026-06-01\n\n### Features\n\n- x\n\n"

func TestInsert(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ before, want string }{
		"after the unreleased": {"# Changelog\n\nText.\n\n## [Unreleased]\n\n- soon\n\n## [1.7.3] - 2026-05-04\n\n" +
			"- y\n",
			"# Changelog\n\nText.\n\n## [Unreleased]\n\n- soon\n\n" + section + "## [1.7.3] - 2026-05-04\n\n- y\n"},
		"below a higher one": {
			"## [2.0.0] - x\n\n- z\n\n## 1.7.3\n",
			"## [2.0.0] - x\n\n- z\n\n" + section + "## 1.7.3\n",
		},
		"at the end": {
			"## [2.0.0] - x\n\n- z",
			"## [2.0.0] - x\n\n- z\n\n" + strings.TrimRight(section, "\n") + "\n",
		},
		"an empty file":      {"", strings.TrimRight(section, "\n") + "\n"},
		"a heading alone":    {"# Changelog\n", "# Changelog\n\n" + strings.TrimRight(section, "\n") + "\n"},
		"there already":      {"## v1.8.0 (yesterday)\n\n- by hand\n", "## v1.8.0 (yesterday)\n\n- by hand\n"},
		"a two-part version": {"## [1.7]\n", section + "## [1.7]\n"},
		"Windows line ends": {
			"# C\r\n\r\n## [1.7.3]\r\n",
			"# C\r\n\r\n" + strings.ReplaceAll(section, "\n", "\r\n") + "## [1.7.3]\r\n",
		},
		"a heading in code": {
			"```\n## [1.7.3]\n```\n\n## [1.7.2]\n",
			"```\n## [1.7.3]\n```\n\n" + section + "## [1.7.2]\n",
		},
		"underlined": {
			"Changelog\n===\n\nVersion 1.7.2\n-------------\n\n- y\n",
			"Changelog\n===\n\n" + section + "Version 1.7.2\n-------------\n\n- y\n",
		},
		"of another tool": {
			"# Changelog\n\n### [1.7.2](x) (2026)\n\n## [1.7.0](x)\n",
			"# Changelog\n\n" + section + "### [1.7.2](x) (2026)\n\n## [1.7.0](x)\n",
		},
		"top headings": {"# Version 1.7.2\n", section + "# Version 1.7.2\n"},
		"not a release": {
			"## [Unreleased]\n\n### 1.8.0 notes for packagers\n\n### 0.9 users: read this\n\n## [1.7.0]\n",
			"## [Unreleased]\n\n### 1.8.0 notes for packagers\n\n### 0.9 users: read this\n\n" + section +
				"## [1.7.0]\n",
		},
		"no comment": {
			"- a `<!--` in code\n\n## [1.7.0] (yanked)\n",
			"- a `<!--` in code\n\n" + section + "## [1.7.0] (yanked)\n",
		},
		"a block in a list": {
			"- ```sh\n  ## [1.7.1]\n  ```\n\n## [1.7.0]\n",
			"- ```sh\n  ## [1.7.1]\n  ```\n\n" + section + "## [1.7.0]\n",
		},
		"no code block": {
			"```code``` is allowed\n\n## [1.7.0]\n",
			"```code``` is allowed\n\n" + section + "## [1.7.0]\n",
		},
		"a fence in a block": {
			"```\n```sh\n## [1.7.1]\n```\n\n## [1.7.0]\n",
			"```\n```sh\n## [1.7.1]\n```\n\n" + section + "## [1.7.0]\n",
		},
		"never closed": {"```\n## [1.7.0]\n", "```\n\n" + section + "## [1.7.0]\n"},
		"in a comment": {
			"<!-- how\n## [1.7.2]\n--> <!-- x -->\n\n## [1.7.0]\n",
			"<!-- how\n## [1.7.2]\n--> <!-- x -->\n\n" + section + "## [1.7.0]\n",
		},
		"addresses of links": {"## [Unreleased]\n\n## [1.7.3]\n\n- y\n\n[Unreleased]: https://x/HEAD\n[1.7.3]: " +
			"https://x/1\n",
			"## [Unreleased]\n\n" + section + "## [1.7.3]\n\n- y\n\n[Unreleased]: https://x/HEAD\n[1.8.0]: " +
				"https://x/compare\n[1.7.3]: https://x/1\n"},
		"the first, with an address": {
			"# C\n\n## [Unreleased]\n\n[Unreleased]: https://x/HEAD\n",
			"# C\n\n## [Unreleased]\n\n" + section + "[Unreleased]: https://x/HEAD\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Insert([]byte(test.before), "1.8.0", []byte(section), "https://x/compare")
			if diff := cmp.Diff(test.want, string(got)); diff != "" || err != nil {
				t.Errorf("(-want +got):\n%s%v", diff, err)
			}
			again, err := Insert(got, "1.8.0", []byte("## other\n"), "")
			if !bytes.Equal(again, got) || err != nil {
				t.Errorf("a second run changed it: %s, %v", again, err)
			}
		})
	}
}

// FuzzInsert removes what was inserted: the rest must be the original file.
func FuzzInsert(f *testing.F) {
	sample, err := os.ReadFile("../../rehearsal/sample/CHANGELOG.md")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sample)
	for _, seed := range []string{
		"",
		"## [1.9.0]\n## [1.7.0]",
		"# x\r\n## 1\r\n",
		"~~~\n## [1.0.0]\n~~~\n",
		"[1.0.0]: x\n",
		"## [1.8.0]",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		got, err := Insert(bytes.Clone(file), "1.8.0", []byte(section), "")
		if err != nil || bytes.Equal(got, file) {
			return
		}
		added := strings.TrimSpace(section)
		if bytes.Contains(file, []byte("\r\n")) {
			added = strings.ReplaceAll(added, "\n", "\r\n")
		}
		before, after, found := strings.Cut(string(got), added)
		flat := strings.NewReplacer("\n", "", "\r", "") // empty lines part it from its neighbours
		if !found || flat.Replace(before+after) != flat.Replace(string(file)) {
			t.Errorf("%q became %q", file, got)
		}
		again, err := Insert(bytes.Clone(got), "1.8.0", []byte(section), "")
		if err != nil || !bytes.Equal(again, got) {
			t.Errorf("a second run made %q of %q, %v", again, got, err)
		}
	})
}
