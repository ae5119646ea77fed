// Package frontend drives the Node.js toolchain: npm, ESLint, tsc, Vitest and
// Vite, all as the app's own package-lock.json pins them.
package frontend

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/cache"
	"github.com/hughkantsime/odin-release/magefiles/internal/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/tools"
)

// Toolchain runs Node.js tools for one app.
type Toolchain struct {
	App   *app.App
	Run   *run.Runner
	Cache cache.Dir
	Tools tools.Tools
	Copy  bool // App is a copy of the app, for which packages are in the cache
}

// stamp, in node_modules, names the lock that it was installed from.
const stamp = ".odin-release"

// Install makes node_modules in a folder of the app what its package-lock.json
// says (npm ci), unless it is already. It returns the environment to run its
// tools in.
func (t Toolchain) Install(ctx context.Context, target, directory string) ([]string, error) {
	dir := t.App.Path(directory)
	lock, err := os.ReadFile(filepath.Join(dir, "package-lock.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %s/package-lock.json is missing; make it with npm install and commit it", target, directory)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", target, err)
	}
	env, err := t.environ(ctx, target)
	if err != nil {
		return nil, err
	}
	unlock, err := t.Cache.Lock(ctx, "npm-"+cache.Key(dir))
	if err != nil {
		return nil, err
	}
	defer unlock()
	node, err := t.Run.Output(ctx, run.Command{For: target, Args: []string{"node", "--version"}, Env: env, Timeout: 20 * time.Second})
	if err != nil {
		return nil, err
	}
	if t.Copy {
		return env, t.link(ctx, target, dir, node, env)
	}
	file, want := filepath.Join(dir, "node_modules", stamp), cache.Key(string(lock), node)
	if have, err := os.ReadFile(file); err == nil && string(have) == want {
		return env, nil
	}
	if _, err := t.Run.Run(ctx, run.Command{For: target, Dir: dir, Env: env, Quiet: true, Timeout: 10 * time.Minute,
		Args: []string{"npm", "ci", "--no-audit", "--no-fund", "--prefer-offline"}}); err != nil {
		return nil, fmt.Errorf("install the frontend's packages: %w", err)
	}
	// git does not see them, whatever the app ignores.
	ignore := filepath.Join(dir, "node_modules", ".gitignore")
	return env, errors.Join(os.WriteFile(ignore, []byte("*\n"), 0o644), os.WriteFile(file, []byte(want), 0o644))
}

// environ is the environment of all Node.js tools: no colours, no questions,
// and node where PATH has none.
func (t Toolchain) environ(ctx context.Context, target string) ([]string, error) {
	env := []string{"CI=1", "NO_COLOR=1", "FORCE_COLOR=0"}
	bin, err := t.Tools.Node(ctx, target)
	if err != nil || bin == "" {
		return env, err
	}
	return append(env, "PATH="+bin+string(os.PathListSeparator)+t.Run.Getenv("PATH")), nil
}

// command prepares a tool from the node_modules of a step's folder.
func (t Toolchain) command(ctx context.Context, step app.Step, tool string, args ...string) (run.Command, error) {
	env, err := t.Install(ctx, step.Name, step.Directory)
	if err != nil {
		return run.Command{}, err
	}
	path := t.App.Path(step.Directory, "node_modules/.bin", tool)
	if _, err := os.Stat(path); err != nil {
		return run.Command{}, fmt.Errorf("%s: %s is not among the packages of %s; add it to devDependencies", step.Name, tool, step.Directory)
	}
	return run.Command{
		For:     step.Name,
		Args:    slices.Concat([]string{path}, args, step.Args, step.Paths),
		Dir:     t.App.Path(step.Directory),
		Env:     append(env, step.Environ()...),
		Timeout: time.Duration(step.Timeout),
	}, nil
}

// Vitest runs a suite once (https://vitest.dev/guide/cli) and has it write its
// results to junitFile.
func (t Toolchain) Vitest(ctx context.Context, step app.Step, junitFile string) error {
	command, err := t.command(ctx, step, "vitest", "run", "--reporter=default", "--reporter=junit", "--outputFile.junit="+junitFile)
	if err != nil {
		return err
	}
	_, err = t.Run.Run(ctx, command)
	return err
}
