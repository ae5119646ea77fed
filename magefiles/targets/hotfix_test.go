package targets

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/hotfix"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// TestHotfixOfALineWithoutConfiguration carries today's release.yaml to a line that is older than it, without a change
// of the tree, and shows how it is used there.
func TestHotfixOfALineWithoutConfiguration(t *testing.T) {
	c := testkit.NewClone(t)
	c.Write("VERSION", "1.0.0\n")
	c.Git("add", ".")
	c.Git("commit", "-q", "-m", "feat: a program")
	c.Git("tag", "v1.0.0")
	c.Write("release.yaml", strings.Replace(plain, "versionFiles: {absent: the tag is the version}",
		"versionFiles: [{path: VERSION}]", 1))
	c.Git("add", ".")
	c.Git("commit", "-q", "-m", "build: releases")
	c.Git("push", "-q", "-u", "origin", "main", "--tags")
	t.Chdir(c.Dir)
	found, err := sharedFlags{}.find()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	p, err := newSession(t.Context(), found, outside{}, &out, &out)
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(app.ConfigFile)
	if err != nil {
		t.Fatal(err)
	}
	begun, err := hotfix.Request{App: found, Repo: git.Repo{Dir: c.Dir, Run: testkit.Runner()}}.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := showNext(found, p.screen, begun, before); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"v1.0.0 has no release.yaml, so that today's is in dist/release.yaml",
		"2. releaseCheck -config=dist/release.yaml, which", "3. tag -config=dist/release.yaml, which makes v1.0.1",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, out.String())
		}
	}
	c.Write("VERSION", "1.0.0\n\n")
	c.Git("commit", "-q", "-am", "fix: a thing")
	old, err := sharedFlags{config: "dist/release.yaml"}.find()
	if err != nil {
		t.Fatal(err)
	}
	repo := git.Repo{Dir: c.Dir, Run: testkit.Runner()}
	made, err := plan.Make(t.Context(), plan.Request{
		App: old, Repo: repo, History: newHistory(t.Context(), repo, old), Asked: plan.Asked{Main: "main"},
	})
	if err != nil || made.Tag != "v1.0.1" || made.Dirty || len(made.VersionFiles) != 1 ||
		made.Configuration != "dist/release.yaml, which is not committed" {
		t.Errorf("%+v, %v", made, err)
	}
}
