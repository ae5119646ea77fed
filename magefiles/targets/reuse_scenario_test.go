//go:build scenario

package targets_test

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// The local steps of the sample, by what a change makes run again.
var (
	pythonSteps = []string{
		"backend:lint", "backend:typeCheck", "backend:unit", "backend:integration", "backend:contract",
		"backend:vendor", "openapi.json",
	}
	nodeSteps = []string{"frontend:lint", "frontend:typeCheck", "frontend:test", "frontend:build"}
	// What packs the results of others cannot be reused before those are there.
	vendored = []string{"vendor.tar.gz"}
	// The image, the SBOM and the checksums name the tree that they are of.
	ofTheTree = []string{"sbom.spdx.json", "image:build", "checksums"}

	python    = slices.Concat(pythonSteps, vendored, ofTheTree)
	node      = slices.Concat(nodeSteps, ofTheTree)
	everyStep = slices.Concat(pythonSteps, nodeSteps, vendored, ofTheTree)
)

// mutation is a change of the app, or of what it is checked with.
type mutation struct {
	name string
	do   func(*reuseCase) error
	want []string // the steps that have to run again
}

// reuseCase is one mutation on its way.
type reuseCase struct {
	dir  string   // the app
	home string   // of the user
	bin  string   // first in PATH
	env  []string // besides that of all cases
}

func (c *reuseCase) write(file, content string) error {
	path := filepath.Join(c.dir, file)
	return errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o644))
}

// touchUp adds an empty line to a file.
func (c *reuseCase) touchUp(file string) error {
	opened, err := os.OpenFile(filepath.Join(c.dir, file), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = opened.WriteString("\n")
	return errors.Join(err, opened.Close())
}

func (c *reuseCase) user(file, content string) error {
	path := filepath.Join(c.home, file)
	return errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o644))
}

// program puts a program first in PATH. Dry runs start none.
func (c *reuseCase) program(name string) error {
	return os.WriteFile(filepath.Join(c.bin, name), []byte("#!/bin/sh\nexit 3\n"), 0o755)
}

// edits, for a side of the app, are all ways to change a file.
func edits(side, file, fresh string, want []string) []mutation {
	return []mutation{
		{side + ": content", func(c *reuseCase) error { return c.touchUp(file) }, want},
		{side + ": a new file", func(c *reuseCase) error { return c.write(fresh, "") }, want},
		{side + ": a deleted file", func(c *reuseCase) error { return os.Remove(filepath.Join(c.dir, file)) }, want},
		{side + ": a mode", func(c *reuseCase) error { return os.Chmod(filepath.Join(c.dir, file), 0o755) }, want},
		{side + ": a renamed file", func(c *reuseCase) error {
			return os.Rename(filepath.Join(c.dir, file), filepath.Join(c.dir, fresh))
		}, want},
		{side + ": a link for a file", func(c *reuseCase) error {
			return errors.Join(
				os.Remove(filepath.Join(c.dir, file)),
				os.Symlink("/dev/null", filepath.Join(c.dir, file)),
			)
		}, want},
	}
}

func set(entry string) func(*reuseCase) error {
	return func(c *reuseCase) error { c.env = append(c.env, entry); return nil }
}

func ofUser(file string) func(*reuseCase) error {
	return func(c *reuseCase) error { return c.user(file, "# changed\n") }
}

func tool(name string) func(*reuseCase) error {
	return func(c *reuseCase) error { return c.program(name) }
}

// configured replaces the app's release.yaml, which git ignores here: only the
// settings count then, not the file.
func configured(text string) func(*reuseCase) error {
	return func(c *reuseCase) error { return c.write("release.yaml", text) }
}

func mutations() []mutation {
	packed := slices.Concat([]string{"backend:vendor"}, vendored, ofTheTree)
	return slices.Concat(
		edits("backend", "backend/app/monitor.py", "backend/app/extra.py", python),
		edits("frontend", "frontend/src/App.tsx", "frontend/src/Extra.tsx", node),
		edits("neither", "docs/index.md", "docs/extra.md", everyStep),
		[]mutation{
			{
				"a lock of Python",
				func(c *reuseCase) error { return c.touchUp("backend/requirements-dev.lock") },
				python,
			},
			{"what is shipped", func(c *reuseCase) error { return c.touchUp("backend/requirements.lock") }, python},
			{"a lock of Node.js", func(c *reuseCase) error { return c.touchUp("frontend/package-lock.json") }, node},
			{"the Dockerfile", func(c *reuseCase) error { return c.touchUp("Dockerfile") }, everyStep},

			{"Node.js", tool("node"), everyStep},
			{"npm", tool("npm"), everyStep},
			{"Python", tool("python3"), everyStep},
			{"another Python", tool("python3.12"), everyStep},
			{"git", func(c *reuseCase) error {
				path, err := exec.LookPath("git")
				return errors.Join(err,
					os.WriteFile(filepath.Join(c.bin, "git"), []byte("#!/bin/sh\nexec "+path+" \"$@\"\n"), 0o755))
			}, everyStep},
			{"pyenv's choice", ofUser(".pyenv/version"), everyStep},
			{"Volta's choice", ofUser(".volta/tools/user/platform.json"), everyStep},

			{"a language", set("LANG=tlh"), everyStep},
			{"a setting of a tool", set("NODE_OPTIONS=--no-warnings"), everyStep},
			{"a setting of the app", set("ODIN_SETTING=1"), everyStep},
			{"npm of the user", ofUser(".npmrc"), everyStep},
			{"uv of the user", ofUser(".config/uv/uv.toml"), everyStep},
			{"pip of the user", ofUser(".config/pip/pip.conf"), everyStep},
			{"ruff of the user", ofUser(".config/ruff/ruff.toml"), everyStep},
			{"mypy of the user", ofUser(".mypy.ini"), everyStep},
			{"git of the user", ofUser(".gitconfig"), everyStep},
			{"attributes of the user", ofUser(".config/git/attributes"), everyStep},
			{"attributes of the repository", func(c *reuseCase) error {
				return c.write(".git/info/attributes", "*.py ident\n")
			}, everyStep},

			{"arguments of a check", configured("checks: [{name: 'backend:lint', args: [--quiet]}]\n"),
				[]string{"backend:lint"}},
			{"a timeout of a suite", configured("suites: [{name: 'frontend:test', timeout: 21m}]\n"),
				[]string{"frontend:test"}},
			{"variables of a suite", configured("suites: [{name: 'backend:unit', env: {A: b}}]\n"),
				[]string{"backend:unit"}},
			{"PostgreSQL", configured("postgresql: {image: 'postgres:16'}\n"), []string{"backend:integration"}},
			{"the platforms", configured("build: {image: {platforms: [linux/amd64]}}\n"), packed},
		},
	)
}

// harmless are changes of what is no input of any step.
func harmless() []mutation {
	return []mutation{
		{name: "nothing", do: func(*reuseCase) error { return nil }},
		{name: "a touched file", do: func(c *reuseCase) error {
			return os.Chtimes(filepath.Join(c.dir, "backend/app/main.py"), time.Now(), time.Now())
		}},
		{name: "the same content again", do: func(c *reuseCase) error {
			path := filepath.Join(c.dir, "backend/app/main.py")
			data, err := os.ReadFile(path)
			return errors.Join(err, os.Remove(path), os.WriteFile(path, data, 0o644))
		}},
		{name: "an ignored file", do: func(c *reuseCase) error { return c.write("backend/.env", "A=b\n") }},
		{
			name: "an ignored folder",
			do:   func(c *reuseCase) error { return c.write("frontend/node_modules/x/index.js", "") },
		},
		{name: "a file in dist", do: func(c *reuseCase) error { return c.write("dist/mine.txt", "") }},
		{name: "what a shell says of itself", do: set("SHLVL=7")},
		{name: "the size of a window", do: set("COLUMNS=77")},
		{name: "a mode that git does not keep", do: func(c *reuseCase) error {
			return os.Chmod(filepath.Join(c.dir, "backend/app/main.py"), 0o600)
		}},
		{
			name: "a deleted output",
			do:   func(c *reuseCase) error { return os.RemoveAll(filepath.Join(c.dir, "dist/lint")) },
		},
		{name: "a changed output", do: func(c *reuseCase) error { return c.write("dist/openapi.json", "{}") }},
		{name: "an index that git refreshes", do: func(c *reuseCase) error {
			return os.Chtimes(filepath.Join(c.dir, ".git/index"), time.Now(), time.Now())
		}},
	}
}

// row is a line of the list of a dry run.
var row = regexp.MustCompile(`^\s+(?:lint|test|build)\s+(\S+)\s+(reused|to do|done)(?:\s|$)`)

// undone returns the steps that a dry run would do, and all that it lists.
func undone(t *testing.T, listed string) (todo, all []string) {
	t.Helper()
	for line := range strings.Lines(listed) {
		if found := row.FindStringSubmatch(strings.TrimRight(line, "\n")); found != nil {
			all = append(all, found[1])
			if found[2] != "reused" {
				todo = append(todo, found[1])
			}
		}
	}
	return todo, all
}

// reuse is the sample after one releaseCheck, whose results a dry run finds.
type reuse struct {
	dir, home, bin, tmp string
	env                 []string
}

func newReuse(t *testing.T) *reuse {
	t.Helper()
	r := &reuse{dir: sample(t), home: t.TempDir(), bin: t.TempDir(), tmp: t.TempDir()}
	cacheDir, err := os.UserCacheDir()
	own, homeErr := os.UserHomeDir()
	if err := errors.Join(err, homeErr); err != nil {
		t.Fatal(err)
	}
	r.env = []string{
		"HOME=" + r.home, "XDG_CACHE_HOME=" + cacheDir, "DOCKER_HOST=" + engineHost(),
		"DOCKER_CONFIG=" + cmp.Or(os.Getenv("DOCKER_CONFIG"), filepath.Join(own, ".docker")), "LANG=C.UTF-8", "SHLVL=1",
		"TMPDIR=" + r.tmp, "PYENV_ROOT=", "PATH=" + r.bin + string(os.PathListSeparator) + os.Getenv("PATH"),
	}
	change(t, r.dir, ".git/info/exclude", "", "release.yaml\n")
	return r
}

// look returns a dry run of a target, and what it would do.
func (r *reuse) look(t *testing.T, env []string, target ...string) (todo, all []string) {
	t.Helper()
	result, err := start(t.Context(), r.dir, slices.Concat(r.env, env), append(target, "-dry")...)
	if err != nil {
		t.Fatal(err)
	}
	if result.code != 0 {
		t.Errorf("exit code %d\n%s%s", result.code, result.stdout, result.stderr)
	}
	if todo, all = undone(t, result.stdout); len(all) == 0 {
		t.Errorf("no step is listed\n%s", result.stdout)
	}
	if t.Failed() {
		t.Log(result.stdout)
	}
	return todo, all
}

// undo makes the app, the user's folder and PATH what they were.
func (r *reuse) undo(t *testing.T) {
	t.Helper()
	testkit.Git(t, r.dir, "reset", "--quiet", "--hard")
	testkit.Git(t, r.dir, "clean", "--quiet", "--force", "-d")
	for _, file := range []string{
		"release.yaml", ".git/info/attributes", "backend/.env", "dist/mine.txt", "frontend/node_modules/x",
	} {
		if err := os.RemoveAll(filepath.Join(r.dir, file)); err != nil {
			t.Fatal(err)
		}
	}
	for _, dir := range []string{r.home, r.bin} {
		entries, err := os.ReadDir(dir)
		for _, entry := range entries {
			err = errors.Join(err, os.RemoveAll(filepath.Join(dir, entry.Name())))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// expect mutates, and compares the steps that a dry run would do.
func (r *reuse) expect(t *testing.T, each mutation) {
	t.Helper()
	defer r.undo(t)
	c := &reuseCase{dir: r.dir, home: r.home, bin: r.bin}
	if err := each.do(c); err != nil {
		t.Fatal(err)
	}
	todo, all := r.look(t, c.env, "releaseCheck")
	for _, step := range all {
		switch wanted, found := slices.Contains(each.want, step), slices.Contains(todo, step); {
		case wanted && !found:
			t.Errorf("a wrong reuse: %s is reused", step)
		case !wanted && found:
			t.Errorf("%s would run again", step)
		}
	}
	if len(all) != len(everyStep) {
		t.Errorf("%d steps are listed, want %d", len(all), len(everyStep))
	}
}

// TestScenarioReuse changes each kind of input of each local step after one whole
// releaseCheck, and sees in a dry run that exactly the right steps would run again.
func TestScenarioReuse(t *testing.T) {
	t.Parallel()
	r := newReuse(t)
	if result := pipeline(t, r.dir, r.env, "releaseCheck"); result.code != 0 {
		t.Fatal("the sample does not pass")
	}
	for _, each := range slices.Concat(harmless(), mutations(), harmless()[:1]) {
		t.Run(each.name, func(t *testing.T) { r.expect(t, each) })
	}
	t.Run("for real", r.forReal)
	t.Run("for a release", r.forRelease)
}

// forReal sees some steps run, and others reused, without -dry.
func (r *reuse) forReal(t *testing.T) {
	defer r.undo(t)
	ran := regexp.MustCompile(`(?m)([a-zA-Z]+:[a-zA-Z]+): done in`)
	for _, each := range []struct {
		file string
		want []string
	}{
		{"backend/app/monitor.py", []string{"backend:lint", "backend:typeCheck"}},
		{"frontend/src/App.tsx", []string{"frontend:lint", "frontend:typeCheck"}},
	} {
		c := &reuseCase{dir: r.dir}
		if err := c.touchUp(each.file); err != nil {
			t.Fatal(err)
		}
		for _, want := range [][]string{each.want, nil} { // the second time, all is reused
			result := pipeline(t, r.dir, r.env, "lint")
			var did []string
			for _, found := range ran.FindAllStringSubmatch(result.stdout, -1) {
				did = append(did, found[1])
			}
			slices.Sort(did)
			// A linter may find an empty line at the end of a file: then it ran, too, and is not kept.
			if result.code == 0 && !slices.Equal(did, want) {
				t.Errorf("%s: %v ran, want %v", each.file, did, want)
			}
			if result.code != 0 {
				t.Errorf("%s: lint failed", each.file)
			}
		}
	}
}

// forRelease reuses what ran on the very commit, and then moves the tag to another one of
// the same tree: what a check reuses, a release does not.
func (r *reuse) forRelease(t *testing.T) {
	todo, all := undone(t, pipeline(t, r.dir, r.env, "release", "-dry").stdout)
	// The test bed's base images are not for release: there, the image is built again.
	todo = slices.DeleteFunc(todo, func(step string) bool { return step == "image:build" || step == "checksums" })
	if len(all) != len(everyStep) || len(todo) > 0 {
		t.Errorf("a release of the same commit would do %v of %v again", todo, all)
	}
	testkit.Git(t, r.dir, "commit", "--quiet", "--amend", "--message", "chore(release): 1.7.3, again")
	testkit.Git(t, r.dir, "tag", "--force", "--annotate", "--message", "v1.7.3", "v1.7.3")
	if todo, _ := r.look(t, nil, "lint"); len(todo) > 0 {
		t.Errorf("a check does not reuse %v", todo)
	}
	result := pipeline(t, r.dir, r.env, "release", "-dry")
	todo, all = undone(t, result.stdout)
	if len(all) == 0 || !slices.Equal(todo, all) {
		t.Errorf("a release would reuse what ran on another commit: it does %v of %v", todo, all)
	}
	if !strings.Contains(result.stdout, "of another commit") {
		t.Error("it does not say why")
	}
}

// TestScenarioReuseNothingNew is a dry run: it leaves no file.
func TestScenarioReuseNothingNew(t *testing.T) {
	t.Parallel()
	r := newReuse(t)
	r.look(t, nil, "releaseCheck")
	err := filepath.WalkDir(filepath.Join(r.dir, "dist"), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && !strings.Contains(path, "/dist/tree/") &&
			filepath.Base(path) != ".gitignore" {
			t.Errorf("a dry run leaves %s", path)
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
}
