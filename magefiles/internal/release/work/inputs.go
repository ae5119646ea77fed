package work

import (
	"crypto/rand"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/snapshot"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/tools"
)

// Common returns the inputs that all steps of a release with the same view share: the files of the view, the
// machine, the tools, the environment that the tools get, and this program.
func (p Place) Common(r *Release, view snapshot.View) *step.Common {
	r.mu.Lock()
	defer r.mu.Unlock()
	name := fmt.Sprint(view)
	if known := r.common[name]; known != nil {
		return known
	}
	if r.machine == nil {
		r.machine = p.lookedAt()
	}
	rest := maps.Clone(r.machine)
	rest.Config("conversion by git", r.Conversion)
	if view.History {
		rest.Config("commit", []string{r.Plan.Commit, r.Plan.Tag})
	}
	files := step.List{Prefix: step.FilePrefix, Each: func(yield func(path, content string) bool) {
		for _, file := range r.Files {
			if view.Has(file.Path) && !yield(file.Path, file.Content) {
				return
			}
		}
	}}
	if r.common == nil {
		r.common = map[string]*step.Common{}
	}
	r.common[name] = step.NewCommon(rest, files)
	return r.common[name]
}

func (p Place) lookedAt() step.Inputs {
	if p.Known != nil {
		return p.Known()
	}
	return p.Machine(p.Backend.Tools.Identities())
}

// Machine returns everything that a step depends on besides the app's files. identities identify the programs that
// the toolchains start.
func (p Place) Machine(identities map[string]string) step.Inputs {
	inputs := step.Inputs{}
	inputs.Tool("odin-release", Program())
	inputs.Tool("platform", runtime.GOOS+"/"+runtime.GOARCH)
	inputs.Tool("pinned tools", tools.Pins())
	for name, identity := range identities {
		inputs.Tool(name, identity)
	}
	for _, entry := range p.Run.Env {
		if name, value, _ := strings.Cut(entry, "="); !slices.Contains(run.Volatile, name) {
			inputs.Variable(name, value)
		}
	}
	for _, file := range userFiles(p.Run) {
		if data, err := os.ReadFile(file); err == nil {
			inputs.Data(file, data)
		}
	}
	for file, about := range above(p.Backend.Cache.Path("work")) {
		inputs.File(file, about)
	}
	inputs.Tool("user", fmt.Sprint(os.Geteuid()))
	return inputs
}

// userFiles returns the files in which a user, or the machine, configures tools for all projects.
func userFiles(runner *run.Runner) []string {
	home := runner.Getenv("HOME")
	config := runner.Getenv("XDG_CONFIG_HOME")
	if config == "" {
		config = filepath.Join(home, ".config")
	}
	files := []string{"/etc/gitconfig", "/etc/gitattributes", "/etc/npmrc", "/etc/pip.conf", "/etc/uv/uv.toml"}
	for _, name := range []string{
		".npmrc", ".pip/pip.conf", ".mypy.ini", ".gitconfig", ".netrc", ".pypirc", ".pydistutils.cfg", ".pdbrc",
		".yarnrc", ".yarnrc.yml", ".pgpass", ".pg_service.conf", ".postgresql/root.crt", ".coveragerc",
	} {
		files = append(files, filepath.Join(home, name))
	}
	for _, name := range []string{
		"uv/uv.toml", "pip/pip.conf", "ruff/ruff.toml", "ruff/.ruff.toml", "ruff/pyproject.toml", "mypy/config",
		"git/config", "git/attributes", "pnpm/rc", "pnpm/config.yaml", "pypoetry/config.toml", "pypoetry/auth.toml",
	} {
		files = append(files, filepath.Join(config, name))
	}
	return files
}

// NamesAbove returns the names of files that tools would also read from folders above a copy.
func NamesAbove() []string { return slices.Clone(names) }

// names are the names of files and folders that tools look for in the parents of their working folder.
var names = []string{
	"node_modules", "package.json", ".npmrc", "tsconfig.json", "jsconfig.json", ".browserslistrc", ".editorconfig",
	"eslint.config.js", "eslint.config.mjs", "eslint.config.cjs", "eslint.config.ts", ".eslintrc.json", ".eslintignore",
	".yarnrc", ".yarnrc.yml", "yarn.lock", "pnpm-lock.yaml", ".pnpmfile.cjs", ".pnpmfile.mjs",
	"postcss.config.js", "tailwind.config.js", "babel.config.js", ".babelrc", ".swcrc", ".env", "pnpm-workspace.yaml",
	"browserslist", ".browserlistrc", "browserlist", "deno.json", "deno.jsonc", "lerna.json",
	"pyproject.toml", "ruff.toml", ".ruff.toml", "mypy.ini", ".mypy.ini", "setup.cfg", "setup.py", "tox.ini",
	"pytest.ini", "pytest.toml", ".pytest.ini", "conftest.py", "uv.toml", "alembic.ini", ".coveragerc", ".git", ".jj",
	".gitignore", ".ignore", ".venv", "pyvenv.cfg",
	".python-version", ".node-version", ".nvmrc", ".tool-versions", "mise.toml", ".mise.toml",
}

// above returns the files and folders with such a name in dir and above it, with the size and modification time of
// each.
func above(dir string) map[string]string {
	found := map[string]string{}
	for {
		for _, name := range names {
			file := filepath.Join(dir, name)
			if info, err := os.Stat(file); err == nil {
				found[file] = sizeAndTime(info)
			}
		}
		if dir == filepath.Dir(dir) {
			return found
		}
		dir = filepath.Dir(dir)
	}
}

func sizeAndTime(info os.FileInfo) string {
	return fmt.Sprintf("%d bytes of %d", info.Size(), info.ModTime().UnixNano())
}

// Program identifies this build of the program by the size and modification time of its executable. If these cannot
// be read, Program returns a text that no other process has, so no result is shared with another build.
func Program() string {
	path, err := os.Executable()
	if err != nil {
		return unidentified()
	}
	return programAt(path)
}

func programAt(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return unidentified()
	}
	return sizeAndTime(info)
}

var unidentified = sync.OnceValue(func() string { return "unknown build " + rand.Text() })
