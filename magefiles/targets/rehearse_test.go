package targets

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// TestRehearsed: the app that is here is rehearsed, and the sample where there is none or where it is asked for.
func TestRehearsed(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CACHE_HOME", filepath.Join(home, "cache"))
	own := testkit.NewClone(t)
	own.Write("release.yaml", plain)
	own.Git("add", ".")
	own.Git("commit", "-q", "-m", "feat: a program")
	for _, each := range []struct {
		dir    string
		sample bool
		clone  string // below dir
		image  bool   // whether what is rehearsed has one
	}{
		{own.Dir, false, "dist/rehearsal/app", false},
		{own.Dir, true, "dist/rehearsal/sample/app", true},
		{t.TempDir(), false, "dist/rehearsal/app", true},
		{t.TempDir(), true, "dist/rehearsal/sample/app", true},
	} {
		t.Chdir(each.dir)
		found, err := appHere(each.sample)
		if err != nil {
			t.Fatal(err)
		}
		err = working(t.Context(), found, outside{}, func(ctx context.Context, p *session) error {
			staged, err := p.staging().stage(ctx, rehearsalFolder(each.sample))
			if err != nil {
				return err
			}
			clone, image := staged.clone.Root, staged.clone.Config.Build.Image
			if p.app.Rel(clone) != each.clone || (image.Absent == "") != each.image {
				t.Errorf("%+v: the clone is %s, with the image %+v", each, clone, image)
			}
			return nil
		})
		if err != nil {
			t.Errorf("%+v: %v", each, err)
		}
	}
}

// TestRehearsedRepository does not take the default image, which is another app's, for the name of a repository.
func TestRehearsedRepository(t *testing.T) {
	for _, each := range []struct{ config, repository, want, fails string }{
		{"", "https://github.com/ada/shop", "ada/shop", ""},
		{"build: {image: {name: ghcr.io/ada/bar}}", "", "ada/bar", ""},
		{"build: {image: {absent: files only}}", "", "rehearsal/app", ""},
		{"", "", "", "there is no remote origin on GitHub, and release.yaml does not set build.image.name"},
	} {
		root := filepath.Join(t.TempDir(), "app")
		found, err := app.Default(root)
		if err != nil {
			t.Fatal(err)
		}
		if found, err = found.With([]byte(each.config)); err != nil {
			t.Fatal(err)
		}
		staged := stage{&session{app: found}, root, found}
		got, err := staged.repository(plan.Plan{Repository: each.repository})
		if each.fails != "" {
			if err == nil || !strings.Contains(err.Error(), each.fails) {
				t.Errorf("%+v: %v", each, err)
			}
		} else if err != nil || got.String() != each.want {
			t.Errorf("%+v: %s, %v", each, got, err)
		}
	}
}
