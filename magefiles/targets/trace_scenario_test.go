//go:build scenario

package targets_test

import (
	"cmp"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/work"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// covered are the files that tools may read without a declaration of each, and why.
var covered = []struct{ path, why string }{
	{"/etc/", "the machine's own settings: a platform is not told apart by its packages"},
	{"/usr/", "its libraries, likewise; the programs that steps start from are inputs by file, size and time"},
	{"/lib", "its libraries"},
	{"/bin/", "its programs"},
	{"/sbin/", "its programs"},
	{"/opt/", "its programs"},
	{"/proc/", "the process itself, and how many processors there are"},
	{"/sys/", "how many processors there are"},
	{"/dev/", "devices"},
	{"/run/", "the name service of the machine"},
	{"/var/lib/", "the name service of the machine"},
	{"CACHE/python/", "Python environments, by the lock, the interpreter and the tools that made them"},
	{"CACHE/python-tools/", "uv, by its pin"},
	{"CACHE/node/", "node_modules and Node.js, by lock and pin"},
	{"CACHE/wheels/", "wheels, by their hashes in the lock"},
	{"CACHE/pycache/", "what Python compiled of a copy: it is removed with each new one"},
	{"CACHE/locks/", "locks: they are empty"},
	{"USERCACHE/uv/", "packages, by their hashes in the lock"},
	{"USERCACHE/node/", "what Node.js compiled, by its version and the content"},
	{"HOME/.npm/", "packages, by their hashes in the lock"},
	{"HOME/.cache/", "caches of tools, by content"},
	{"CACHE/runs/", "what the pipeline wrote for this run"},
	{"CACHE/ruff/", "what ruff found, by a file's path, mode and time, and each copy has new times"},
	{"CACHE/mypy/", "what mypy found, by a file's time and size or content"},
	{"TMP/", "temporary files of this run: nothing was there before"},
	{"PYENV/", "the interpreter, by its file and pyenv's choice, and what belongs to it"},
}

// declared returns the names of the inputs of all results of an app.
func declared(t *testing.T, dir string) map[string]bool {
	t.Helper()
	home, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(home, "odin-release", "steps", cache.Key(dir), "*", "*", "inputs.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no results are kept: %v", err)
	}
	names := map[string]bool{}
	for _, file := range files {
		var inputs map[string]string
		if data, err := os.ReadFile(file); err != nil || json.Unmarshal(data, &inputs) != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for name := range inputs {
			if path, is := strings.CutPrefix(name, "file "); is {
				names[path] = true
			}
		}
	}
	return names
}

// places returns the folders that the names in covered stand for.
func (r *reuse) places(t *testing.T) *strings.Replacer {
	t.Helper()
	user, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	python, _ := exec.CommandContext(t.Context(), "python3", "-c", "import sys; print(sys.base_prefix)").Output()
	return strings.NewReplacer(
		"USERCACHE",
		user,
		"CACHE",
		filepath.Join(user, "odin-release"),
		"HOME",
		r.home,
		"DIST",
		filepath.Join(r.dir, "dist"),
		"SCRATCH",
		filepath.Join(user, "odin-release", "runs"),
		"PYENV",
		cmp.Or(os.Getenv("PYENV_ROOT"), strings.TrimSpace(string(python))),
	)
}

// settings are files of the user that tools would read.
var settings = map[string]string{
	".npmrc": "fund=false\n", ".config/uv/uv.toml": "", ".config/pip/pip.conf": "", ".gitconfig": "", ".mypy.ini": "",
	".config/ruff/ruff.toml": "", ".pdbrc": "", ".netrc": "",
}

// TestScenarioTrace runs the tools of the sample under strace: each file of the app, of its
// locks, and of the user's configuration that one of them opened is among the inputs of
// its step. A copy holds nothing else of the app.
func TestScenarioTrace(t *testing.T) {
	t.Parallel()
	r := newReuse(t)
	for file, content := range settings {
		change(t, r.home, file, "", content)
	}
	change(t, r.dir, "release.yaml", "", "build: {image: {absent: the engine builds it}}\n")
	processes := trace(t, r, "releaseCheck", "-again")
	known := r.accounted(t, processes)
	undeclared, seen, above := map[string]string{}, map[string]int{}, map[string]string{}
	ofTools(processes, func(program, call string) {
		if found := opened.FindStringSubmatch(call); found != nil {
			seen[filepath.Base(program)]++
			if !listed(call, found[1], r.dir) && !known.has(found[1]) {
				undeclared[found[1]] = filepath.Base(program)
			}
			return
		}
		if name := lookedForAbove(call, known.copies); name != "" && !slices.Contains(lookedFor, name) {
			above[name] = filepath.Base(program)
		}
	})
	for _, file := range slices.Sorted(maps.Keys(undeclared)) {
		t.Errorf("%s read %s, which is no input", undeclared[file], file)
	}
	for _, name := range slices.Sorted(maps.Keys(above)) {
		t.Errorf("%s looks for %s above the copies, which is no input", above[name], name)
	}
	for _, tool := range []string{"ruff", "node", "uv"} {
		if seen[tool] == 0 {
			t.Errorf("nothing was seen of %s: %v", tool, seen)
		}
	}
	for file := range settings {
		if !known.inputs[filepath.Join(r.home, file)] {
			t.Errorf("~/%s is no input", file)
		}
	}
}

// listed reports whether a folder was opened, outside of the checkout: each file in it that
// matters is opened by itself. uv opens those in PATH, whose programs are inputs.
func listed(call, path, checkout string) bool {
	if strings.HasPrefix(path+"/", checkout+"/") {
		return false
	}
	info, err := os.Stat(path)
	return strings.Contains(call, "O_DIRECTORY") || err == nil && info.IsDir()
}

// accounts are the files that a tool may open.
type accounts struct {
	checkout, copies string          // folders
	inputs, made     map[string]bool // by name or path; made is what tools wrote in this run
	tracked          []string        // by git
	places           *strings.Replacer
}

func (r *reuse) accounted(t *testing.T, processes map[string]*traced) accounts {
	t.Helper()
	places := r.places(t)
	known := accounts{
		checkout: r.dir, copies: places.Replace("CACHE/work/"), inputs: declared(t, r.dir), made: map[string]bool{},
		tracked: strings.Split(testkit.Git(t, r.dir, "ls-files"), "\n"), places: places,
	}
	ofTools(processes, func(_, call string) {
		for _, pattern := range []*regexp.Regexp{created, renamed} {
			if found := pattern.FindStringSubmatch(call); found != nil {
				known.made[found[1]] = true
			}
		}
	})
	return known
}

// has reports whether a file that was opened is an input, by itself or by a rule.
func (a accounts) has(file string) bool {
	if rest, is := strings.CutPrefix(file, a.copies); is {
		// A copy is the folder of a run, and in it that of a view: KEY-0/without-frontend.
		parts := strings.SplitN(rest, "/", 3)
		switch {
		case len(parts) < 3:
			return true
		case slices.Contains(a.tracked, parts[2]):
			return a.inputs[parts[2]]
		}
		return !strings.HasPrefix(parts[2], ".git/") // what a tool wrote there
	}
	if file == a.checkout || strings.HasPrefix(file, a.checkout+"/") {
		return strings.HasPrefix(file, a.checkout+"/dist/") // the rest is no business of tools
	}
	return a.inputs[file] || a.made[file] || slices.ContainsFunc(covered, func(each struct{ path, why string }) bool {
		return strings.HasPrefix(file, a.places.Replace(each.path))
	})
}

// lookedFor are the names that work.Place.Inputs looks for above the copies, and those
// that can't be there: what Python imports is found in its own path first.
var lookedFor = work.NamesAbove()

// lookedForAbove returns the name of a file that a tool looked for in a folder above a copy, in vain.
func lookedForAbove(call, copies string) string {
	path := ""
	if found := missing.FindStringSubmatch(call); found != nil {
		if path = found[2]; !filepath.IsAbs(path) {
			path = filepath.Join(found[1], path)
		}
	} else if found := asked.FindStringSubmatch(call); found != nil {
		path = found[1]
	}
	folder := filepath.Dir(filepath.Clean(path))
	if path == "" || !strings.HasPrefix(copies, folder+"/") && folder != "/" {
		return ""
	}
	return filepath.Base(path)
}
