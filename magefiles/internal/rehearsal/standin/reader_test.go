package standin

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// commitTo makes a commit with one file and returns its hash.
func commitTo(t *testing.T, c testkit.Clone, content string) string {
	t.Helper()
	c.Write("VERSION", content)
	c.Git("add", "--all")
	c.Git("commit", "--quiet", "--message", "feat: "+content)
	return c.Git("rev-parse", "HEAD")
}

func TestReader(t *testing.T) {
	c := testkit.NewClone(t)
	first := commitTo(t, c, "1.0.0")
	r := reader{dir: filepath.Join(c.Dir, ".git"), run: testkit.Runner()}
	defer r.close()
	reads := func(revision, hash, kind, content string) {
		t.Helper()
		gotHash, gotKind, got, err := r.object(revision)
		if err != nil || gotHash != hash || gotKind != kind || !strings.HasPrefix(string(got), content) {
			t.Errorf("%s is the %s %q: %q, %v", revision, gotKind, gotHash, got, err)
		}
	}
	reads("refs/heads/main^{commit}", first, "commit", "tree ")
	reads(first+":VERSION", c.Git("rev-parse", "HEAD:VERSION"), "blob", "1.0.0")
	for _, none := range []string{"refs/heads/none^{commit}", first + ":none", first + "^{blob}", "", "-x", "a b",
		"main\n" + first} {
		reads(none, "", "", "")
	}

	second := commitTo(t, c, "1.1.0") // by another process
	reads("refs/heads/main^{commit}", second, "commit", "tree ")
	reads(second[:10], second, "commit", "tree ")
	c.Git("gc", "--quiet", "--prune=now")
	third := commitTo(t, c, "1.2.0")
	c.Git("gc", "--quiet", "--prune=now")
	reads("refs/heads/main^{commit}", third, "commit", "tree ")
	reads(first+":VERSION", c.Git("rev-parse", first+":VERSION"), "blob", "1.0.0")
}

// A process that has ended is replaced, and none is started when the repository is
// closed.
func TestReaderEnds(t *testing.T) {
	c := testkit.NewClone(t)
	first := commitTo(t, c, "1.0.0")
	r := reader{dir: filepath.Join(c.Dir, ".git"), run: testkit.Runner()}
	for range 2 {
		if hash, _, _, err := r.object(first); hash != first || err != nil {
			t.Fatal(hash, err)
		}
		if err := r.git.names.Close(); err != nil { // ends it
			t.Fatal(err)
		}
	}
	r.close()
	if _, _, _, err := r.object(first); err == nil {
		t.Error("it still reads")
	}
}
