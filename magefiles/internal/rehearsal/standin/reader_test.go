package standin

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

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

// What is parsed of a commit is what git itself says of it.
func TestParsedCommits(t *testing.T) {
	c := testkit.NewClone(t)
	commitTo(t, c, "1.0.0")
	c.Git("checkout", "--quiet", "-b", "side")
	c.Git("commit", "--quiet", "--allow-empty", "--message", "fix: ä — ü\n\nA body.\n\nOf two: parts\n\nHotfix: yes")
	c.Git("checkout", "--quiet", "main")
	c.Git("merge", "--quiet", "--no-ff", "--no-edit", "side")
	c.Git("commit", "--quiet", "--allow-empty", "--allow-empty-message", "--message", "",
		"--author", "Grace  M. Höpper (Navy) <>", "--date", "2020-02-29T23:59:59+05:30")
	c.Git("-c", "i18n.commitEncoding=ISO-8859-1", "commit", "--quiet", "--allow-empty", "--message", "feat: caf\xe9")
	b := newBare(filepath.Join(c.Dir, ".git"), testkit.Runner())
	defer b.read.close()
	hashes := strings.Fields(c.Git("log", "--format=%H"))
	if len(hashes) != 5 {
		t.Fatal(hashes)
	}
	for _, hash := range hashes {
		got, err := b.Commit(t.Context(), hash)
		want, wantErr := b.converted(t.Context(), hash)
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || err != nil || wantErr != nil {
			t.Errorf("%v, %v: (-git +parsed)\n%s", err, wantErr, diff)
		}
	}
	if got, err := b.Commit(t.Context(), strings.Repeat("0", 40)); err == nil {
		t.Errorf("%+v", got)
	}
}
