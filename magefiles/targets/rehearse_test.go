package targets

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
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
		found, err := sharedFlags{}.findAny(each.sample)
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

// TestRehearsedConfig rehearses with a configuration from elsewhere, and with one that is not committed. The clone and
// the app have no other commits or changes for that.
func TestRehearsedConfig(t *testing.T) {
	own := testkit.NewClone(t)
	own.Write("VERSION", "1.0.0\n")
	own.Git("add", ".")
	own.Git("commit", "-q", "-m", "feat: a program")
	head := own.Git("rev-parse", "HEAD")
	elsewhere := filepath.Join(testkit.Files(t, map[string]string{"draft.yaml": plain}), "draft.yaml")
	t.Chdir(own.Dir)
	for _, file := range []string{elsewhere, ""} {
		if file == "" {
			own.Write("release.yaml", plain)
		}
		status := own.Git("status", "--porcelain")
		found, err := sharedFlags{config: file}.findAny(false)
		if err != nil {
			t.Fatal(err)
		}
		err = working(t.Context(), found, outside{}, func(ctx context.Context, p *session) error {
			staged, err := p.staging().stage(ctx, rehearsalFolder(false))
			if err != nil {
				return err
			}
			clone := staged.clone
			if clone.Config.Build.Image.Absent == "" || clone.Elsewhere == "" {
				t.Errorf("%q: the clone has the image %+v, from %s", file, clone.Config.Build.Image, clone.Elsewhere)
			}
			if at := testkit.Git(t, clone.Root, "rev-parse", "HEAD"); at != head {
				t.Errorf("%q: the clone is at %s", file, at)
			}
			repo := git.Repo{Dir: clone.Root, Run: p.run}
			made, err := plan.Make(ctx, plan.Request{App: clone, Repo: repo, History: newHistory(ctx, repo, clone)})
			if want := clone.Elsewhere + ", which is not committed"; err != nil || made.Configuration != want ||
				made.Dirty {
				t.Errorf("%q: the plan says %q, %v", file, made.Configuration, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if now := own.Git("status", "--porcelain"); now != status {
			t.Errorf("%q: the app was changed: %s", file, now)
		}
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
		if _, err := (sharedFlags{config: file}).find(); err == nil || err.Error() != want {
			t.Errorf("%s: %v, expected %s", file, err, want)
		}
	}
	if _, err := (sharedFlags{config: "wrong.yaml"}).findAny(true); err == nil ||
		!strings.Contains(err.Error(), "exclude each other") {
		t.Error(err)
	}
}

// TestSharedFlags takes -config from anywhere on the command line, before Mage reads that.
func TestSharedFlags(t *testing.T) {
	for line, want := range map[string]struct{ rest, config, fails string }{
		"mage lint -only=x":                      {"mage lint -only=x", "", ""},
		"mage lint -config=a.yaml -only=x":       {"mage lint -only=x", "a.yaml", ""},
		"mage -v lint -config a.yaml test":       {"mage -v lint test", "a.yaml", ""},
		"mage lint --config=a=b.yaml":            {"mage lint", "a=b.yaml", ""},
		"mage lint -config":                      {"mage lint", "", "-config is empty"},
		"mage lint -config= -dry":                {"mage lint -dry", "", "-config is empty"},
		"mage lint -config=a test -config=b":     {"mage lint test", "", "-config is given twice"},
		"mage rollback v1.8.0 -reason=-config=a": {"mage rollback v1.8.0 -reason=-config=a", "", ""},
		"mage -dry lint":                         {"mage -- -dry lint", "", ""},
		"mage --tag=v1.8.0 -config=a plan":       {"mage -- --tag=v1.8.0 plan", "a", ""},
		"mage -t 5m lint":                        {"mage -t 5m lint", "", ""},
	} {
		args := strings.Fields(line)
		got := takeShared(&args)
		if rest := strings.Join(args, " "); rest != want.rest || got.config != want.config {
			t.Errorf("%s: %q and %q", line, rest, got.config)
		}
		if (got.err == nil) != (want.fails == "") || got.err != nil && !strings.HasPrefix(got.err.Error(), want.fails) {
			t.Errorf("%s: %v", line, got.err)
		}
	}
	t.Setenv(configVariable, "there.yaml")
	for line, want := range map[string]string{"mage lint": "there.yaml", "mage lint -config=a.yaml": "a.yaml"} {
		args := strings.Fields(line)
		if got := takeShared(&args); got.config != want || got.err != nil {
			t.Errorf("%s: %q, %v", line, got.config, got.err)
		}
	}
}
