// Package backend runs the Python toolchain: uv's environments, ruff, mypy, pytest, and
// the wheels for the image.
package backend

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/scratch"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/tools"
)

// Toolchain runs Python tools for one app.
type Toolchain struct {
	App     *app.App
	Run     *run.Runner
	Cache   cache.Dir
	Tools   tools.Tools
	Scratch *scratch.Run // for temporary files
}

// UV returns the path of the pinned uv, which is set up on first use.
func (t Toolchain) UV(ctx context.Context, target string) (string, error) {
	bin, err := t.Tools.Python(ctx, target)
	return filepath.Join(bin, "uv"), err
}

// Environment returns the bin folder of the app's environment with that name. It sets
// the environment up from its lock files on first use and when they change.
func (t Toolchain) Environment(ctx context.Context, target, name string) (string, error) {
	environment, ok := t.App.Config.Environments[name]
	if !ok {
		return "", fmt.Errorf("this app has no environment called %q", name)
	}
	parts, err := t.inputs(environment)
	if err != nil {
		return "", fmt.Errorf("environment %s: %w", name, err)
	}
	uv, err := t.UV(ctx, target)
	if err != nil {
		return "", err
	}
	run.Status(ctx, "setting up the environment %s", name) // or waiting for another step that is
	defer run.EndStatus(ctx)
	dir, err := t.Cache.Make(ctx, "python", cache.Key(parts...), func(dir string) error {
		return t.install(ctx, target, uv, dir, environment)
	})
	if err != nil {
		return "", fmt.Errorf("set up the Python environment %s: %w", name, err)
	}
	bin := filepath.Join(dir, "venv", "bin")
	if _, err := os.Stat(filepath.Join(bin, "python")); err != nil {
		return "", errors.Join(
			fmt.Errorf(
				"the Python interpreter of the environment %s no longer exists; run this again to recreate the "+
					"environment",
				name,
			),
			os.RemoveAll(dir),
		)
	}
	return bin, nil
}

// inputs lists everything that an environment depends on: this machine, the tools, and
// the contents of its files.
func (t Toolchain) inputs(environment app.Environment) ([]string, error) {
	files := environment.Requirements
	parts := []string{runtime.GOOS, runtime.GOARCH, environment.Python, tools.PythonPins(), t.Tools.Interpreters()}
	parts = append(parts, environment.Packages...)
	if environment.Project != "" {
		// The project itself is installed in place, so its folder counts too.
		lock := projectLock(t.App, environment.Project)
		files = []string{environment.Project + "/pyproject.toml", lock}
		parts = append(parts, t.App.Path(environment.Project))
		if path.Base(lock) == poetryLockFile {
			parts = append(parts, tools.PoetryPins())
		}
	}
	for _, file := range files {
		contents, err := withIncluded(t.App.Path(file), map[string]bool{})
		if err != nil {
			return nil, missing(t.App, environment, err)
		}
		parts = append(parts, contents...)
	}
	return parts, nil
}

// included matches a line of a requirements file that names another file.
var included = pattern.Lazy(`(?m)^\s*(?:-r|-c|--requirement|--constraint)[ =]+(\S+)`)

// withIncluded returns the contents of a requirements file and of the files that it
// includes.
func withIncluded(file string, seen map[string]bool) ([]string, error) {
	if seen[file] {
		return nil, nil
	}
	seen[file] = true
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	contents := []string{string(data)}
	for _, match := range included().FindAllStringSubmatch(string(data), -1) {
		inner, err := withIncluded(filepath.Join(filepath.Dir(file), match[1]), seen)
		if err != nil {
			return nil, err
		}
		contents = append(contents, inner...)
	}
	return contents, nil
}

func (t Toolchain) install(ctx context.Context, target, uv, dir string, environment app.Environment) error {
	venv := filepath.Join(dir, "venv")
	create := []string{uv, "venv", "--quiet", "--no-project", venv}
	if environment.Python != "" {
		create = append(create, "--python", t.Tools.Locate(ctx, target, environment.Python))
	}
	if err := t.uv(ctx, target, create...); err != nil {
		if missing := t.Tools.Interpreter(ctx, target, environment.Python); missing != nil && ctx.Err() == nil {
			return fmt.Errorf("%w, and uv cannot download it; doctor says how to get it\n%w", missing, err)
		}
		return err
	}
	if environment.Project != "" {
		return projects{t}.install(ctx, target, uv, dir, environment.Project)
	}
	if len(environment.Requirements)+len(environment.Packages) == 0 {
		return nil
	}
	var args []string
	for _, file := range environment.Requirements {
		args = append(args, "-r", t.App.Path(file))
	}
	return t.pip(ctx, target, uv, dir, append(args, environment.Packages...)...)
}

// Environ returns the variables that a command needs to use the environment with the
// given bin folder and to leave no caches in the tree.
func (t Toolchain) Environ(bin string) []string {
	return []string{
		"PATH=" + bin + string(os.PathListSeparator) + t.Run.Getenv("PATH"),
		"VIRTUAL_ENV=" + filepath.Dir(bin),
		"PYTHONPYCACHEPREFIX=" + t.Cache.Path("pycache"),
		"PYTHONDONTWRITEBYTECODE=", // containers often set it, and each run would compile all packages again
		"PYTHONUNBUFFERED=1",
	}
}

// command prepares a tool of a step's environment, or one of the pipeline's own linters if the environment has
// none.
func (t Toolchain) command(ctx context.Context, step app.Step, tool string, args ...string) (run.Command, error) {
	bin, err := t.Environment(ctx, step.Name, step.Environment)
	if err != nil {
		return run.Command{}, err
	}
	program := filepath.Join(bin, tool)
	if _, err := os.Stat(program); err != nil {
		own, err := t.ownLinter(ctx, step, tool)
		if err != nil {
			return run.Command{}, err
		}
		program = filepath.Join(own, tool)
		if tool == "mypy" { // mypy finds the packages of the app through the app's interpreter
			args = append(args, "--python-executable", filepath.Join(bin, "python"))
		}
	}
	return run.Command{
		For:     step.Name,
		Args:    slices.Concat([]string{program}, args, step.Args, step.Paths),
		Dir:     t.App.Path(step.Directory),
		Env:     append(t.Environ(bin), step.Environ()...),
		Timeout: time.Duration(step.Timeout),
	}, nil
}

// Linters are the tools that an app need not pin itself.
var Linters = []string{"ruff", "mypy"}

// ownLinter returns the folder with a linter of the pipeline, for a step whose environment
// has none.
func (t Toolchain) ownLinter(ctx context.Context, step app.Step, tool string) (string, error) {
	if !slices.Contains(Linters, tool) {
		return "", fmt.Errorf("%s: %s is not in the environment %s; add it to its requirements, or to "+
			"environments.%s.packages in %s", step.Name, tool, step.Environment, step.Environment, app.ConfigFile)
	}
	own, err := t.Tools.LinterBin(ctx, step.Name)
	if err != nil {
		return "", err
	}
	fmt.Fprintf(t.Run.Out, "%s │ the environment %s has no %s: the pipeline's own is used\n",
		step.Name, step.Environment, tool)
	return own, nil
}

// Forget removes the compiled Python files of an app that was at root before, since
// files of the next app there may have the same size and time.
func (t Toolchain) Forget(root string) error {
	return os.RemoveAll(filepath.Join(t.Cache.Path("pycache"), root))
}
