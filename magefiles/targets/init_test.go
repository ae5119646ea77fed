package targets

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// initialise runs init in a folder, and returns what it shows.
func initialise(t *testing.T, dir string) (shown string, err error) {
	t.Helper()
	return initialiseAt(t, dir, app.ConfigFile)
}

// initialiseAt is initialise for a file of another name.
func initialiseAt(t *testing.T, dir, file string) (shown string, err error) {
	t.Helper()
	found, err := app.Find(dir)
	if errors.Is(err, app.ErrNoApp) {
		found, err = app.Default(dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	p, err := newSession(t.Context(), found, outside{}, &out, &out)
	if err != nil {
		t.Fatal(err)
	}
	p.redactor = run.NewRedactor()
	err = initial{p}.init(t.Context(), found.Path(file))
	return strings.ReplaceAll(out.String(), found.Root, "DIR"), err
}

// shop returns a repository of an API in the folder api, whose last release is 1.2.3.
func shop(t *testing.T) string {
	t.Helper()
	dir := testkit.Files(t, map[string]string{
		"VERSION":                  "1.2.3\n",
		"Dockerfile":               "FROM python:3.12-slim\nEXPOSE 8000\nVOLUME /data\n",
		"api/requirements-dev.txt": "fastapi\nruff\npytest\n",
		"api/shop/main.py":         "from fastapi import FastAPI\n\napp = FastAPI()\n",
		"api/tests/unit/test_a.py": "def test_a(): pass\n",
		"api/.env":                 "SECRET=1\n",
		".gitignore":               ".env\n",
	})
	testkit.Git(t, dir, "init", "--quiet")
	testkit.Git(t, dir, "remote", "add", "origin", "git@github.com:ada/shop.git")
	testkit.Git(t, dir, "add", "--all")
	testkit.Git(t, dir, "commit", "--quiet", "--message", "feat: a shop")
	testkit.Git(t, dir, "tag", "v1.2.3")
	testkit.Git(t, dir, "tag", "v1.2.0")
	testkit.Git(t, dir, "tag", "nightly")
	return dir
}

// TestInit writes a release.yaml, does not change it again, and compares it with what was changed.
func TestInit(t *testing.T) {
	dir := shop(t)
	first, err := initialise(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	written := readConfig(t, dir)
	again, err := initialise(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	replaced(t, dir, "probe: {absent: not decided yet}", "probe: {path: /items, body: '{}'}")
	if shown, err := initialise(t, dir); err != nil {
		t.Errorf("the answer to a question is not accepted: %v\n%s", err, shown)
	}
	replaced(t, dir, "vendor: {python", "vendor: {lock: api/image.lock, python")
	changed := replaced(t, dir, "checks:\n", "checks:\n  - {name: 'backend:lint', directory: .}\n")
	differs, err := initialise(t, dir)
	if err == nil {
		t.Fatal("settings differ, and init succeeded")
	}
	_, again, _ = strings.Cut(again, "\n\n")
	_, differs, _ = strings.Cut(differs, "\n\n")
	testkit.Golden(t, "testdata/init.txt", first+"\n---- again\n"+again+"\n---- changed\n"+differs+"\nError: "+
		err.Error()+"\n\n---- "+app.ConfigFile+"\n"+written)
	if now := readConfig(t, dir); now != changed {
		t.Errorf("release.yaml was changed:\n%s", now)
	}
}

// replaced replaces a text of release.yaml and returns the new content.
func replaced(t *testing.T, dir, before, after string) string {
	t.Helper()
	content := readConfig(t, dir)
	changed := strings.Replace(content, before, after, 1)
	if changed == content {
		t.Fatalf("release.yaml has no %s:\n%s", before, content)
	}
	if err := os.WriteFile(filepath.Join(dir, app.ConfigFile), []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
	return changed
}

func readConfig(t *testing.T, dir string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, app.ConfigFile))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestInitSample writes nothing that changes the sample, and then nothing at all.
func TestInitSample(t *testing.T) {
	dir := sampleApp(t)
	before, err := app.Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"release.yaml is written", "agrees with what was found, and was not changed"} {
		shown, err := initialise(t, dir)
		if err != nil || !strings.Contains(shown, want) {
			t.Errorf("%v\n%s\nit does not say %q", err, shown, want)
		}
		after, err := app.Find(dir)
		if err != nil {
			t.Fatal(err)
		}
		if changed := app.Differences(before.Config, after.Config); changed != nil {
			t.Errorf("settings changed: %v", changed)
		}
	}
	if status := testkit.Git(t, dir, "status", "--porcelain"); status != "?? release.yaml" {
		t.Errorf("the tree was changed: %s", status)
	}
}

// TestInitWithoutOrigin writes release.yaml with a question for the name of the image.
func TestInitWithoutOrigin(t *testing.T) {
	dir := shop(t)
	testkit.Git(t, dir, "remote", "remove", "origin")
	shown, err := initialise(t, dir)
	if want := "\n  build.image.name: no file names the image"; err != nil || !strings.Contains(shown, want) {
		t.Errorf("%v; it does not say %q:\n%s", err, want, shown)
	}
	if shown, err := initialise(t, dir); err != nil {
		t.Errorf("what was written is not what is found: %v\n%s", err, shown)
	}
}

// TestInitElsewhere names no image after a repository that is not on GitHub.
func TestInitElsewhere(t *testing.T) {
	dir := shop(t)
	testkit.Git(t, dir, "remote", "set-url", "origin", "git@gitlab.com:ada/shop.git")
	if shown, err := initialise(t, dir); err != nil || strings.Contains(readConfig(t, dir), "ghcr.io/ada") ||
		!strings.Contains(shown, "build.image.name: ") {
		t.Errorf("%v\n%s\n%s", err, shown, readConfig(t, dir))
	}
}

// TestInitInNoFolder refuses a file in a folder that does not exist, before it shows anything.
func TestInitInNoFolder(t *testing.T) {
	dir := shop(t)
	for file, want := range map[string]string{
		"y/z.yaml":       "the folder " + filepath.Join(dir, "y") + " does not exist: mkdir -p ",
		"VERSION/z.yaml": filepath.Join(dir, "VERSION") + " is not a folder",
	} {
		shown, err := initialiseAt(t, dir, file)
		if err == nil || !strings.Contains(err.Error(), want) || shown != "" {
			t.Errorf("%s: %v, expected %s; shown:\n%s", file, err, want, shown)
		}
	}
	if _, err := initialiseAt(t, dir, "api/z.yaml"); err != nil {
		t.Error(err)
	}
}

// TestInitWithoutGit says that git is missing, and not that there is no repository.
func TestInitWithoutGit(t *testing.T) {
	dir := shop(t)
	t.Setenv("PATH", t.TempDir())
	_, err := initialise(t, dir)
	if err == nil || !strings.Contains(err.Error(), "git is not installed") ||
		strings.Contains(err.Error(), "git init") {
		t.Error(err)
	}
}

// TestInitWithoutRepository refuses a folder without git.
func TestInitWithoutRepository(t *testing.T) {
	dir := testkit.Files(t, map[string]string{"frontend/package.json": "{}", "backend/pyproject.toml": ""})
	_, err := initialise(t, dir)
	if err == nil || !strings.Contains(err.Error(), "run git init") {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, app.ConfigFile)); err == nil {
		t.Error("release.yaml was written")
	}
}
