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
			staged, err := p.staging().stage(ctx, rehearsalFolder(each.sample), nil)
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
		if found, err = found.With(app.ConfigFile, []byte(each.config)); err != nil {
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

// TestRehearsedConfig rehearses with a configuration from elsewhere, as a commit of the clone that is the same each
// time. The app itself stays as it is.
func TestRehearsedConfig(t *testing.T) {
	own := testkit.NewClone(t)
	own.Write("VERSION", "1.0.0\n")
	own.Git("add", ".")
	own.Git("commit", "-q", "-m", "feat: a program")
	file := filepath.Join(testkit.Files(t, map[string]string{"draft.yaml": plain}), "draft.yaml")
	t.Chdir(own.Dir)
	heads := map[string]bool{}
	for range 2 {
		found, content, err := appWith(&file, false)
		if err != nil {
			t.Fatal(err)
		}
		err = working(t.Context(), found, outside{}, func(ctx context.Context, p *session) error {
			staged, err := p.staging().stage(ctx, rehearsalFolder(false), content)
			if err != nil {
				return err
			}
			if staged.clone.Config.Build.Image.Absent == "" {
				t.Errorf("the clone has the image %+v", staged.clone.Config.Build.Image)
			}
			heads[testkit.Git(t, staged.clone.Root, "rev-parse", "HEAD")] = true
			if status := testkit.Git(t, staged.clone.Root, "status", "--porcelain"); status != "" {
				t.Errorf("the clone has changes: %s", status)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(heads) != 1 {
		t.Errorf("two rehearsals have the commits %v", heads)
	}
	if status := own.Git("status", "--porcelain"); status != "" {
		t.Errorf("the app was changed: %s", status)
	}
}

// TestConfigElsewhere refuses a file that is not there or not valid, by its name.
func TestConfigElsewhere(t *testing.T) {
	dir := testkit.Files(t, map[string]string{"wrong.yaml": "verfy: {}\n"})
	t.Chdir(dir)
	for file, want := range map[string]string{
		"wrong.yaml":   `wrong.yaml:1:1: unknown key "verfy"; did you mean "verify"?`,
		"missing.yaml": "-config: open missing.yaml: no such file or directory",
	} {
		if _, _, err := appWith(&file, false); err == nil || err.Error() != want {
			t.Errorf("%s: %v, expected %s", file, err, want)
		}
	}
	file := "wrong.yaml"
	if _, _, err := appWith(&file, true); err == nil || !strings.Contains(err.Error(), "exclude each other") {
		t.Error(err)
	}
}
