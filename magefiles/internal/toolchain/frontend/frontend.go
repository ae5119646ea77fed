// Package frontend runs the Node.js toolchain: npm, pnpm or yarn, ESLint, tsc, Vitest and
// Vite, in the versions of the app's lock.
package frontend

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/manager"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/tools"
)

// Toolchain runs Node.js tools for one app.
type Toolchain struct {
	App   *app.App
	Run   *run.Runner
	Cache cache.Dir
	Tools tools.Tools

	Refused *Refused // stores why packages were not installed; nil means to try each time
}

// environ returns the environment of all Node.js tools: no colours, no prompts, the package manager, and node if
// PATH has none.
func (t Toolchain) environ(ctx context.Context, target string, of manager.Manager) ([]string, error) {
	env := []string{"CI=1", "NO_COLOR=1", "FORCE_COLOR=0"}
	path := t.Run.Getenv("PATH")
	bin, err := t.Tools.Node(ctx, target)
	if err != nil {
		return nil, err
	}
	if bin != "" {
		path = bin + string(os.PathListSeparator) + path
	}
	bin, err = t.Tools.Manager(ctx, target, of, append(env, "PATH="+path))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", target, err)
	}
	if bin != "" {
		path = bin + string(os.PathListSeparator) + path
	}
	if path == t.Run.Getenv("PATH") {
		return env, nil
	}
	return append(env, "PATH="+path), nil
}

// command prepares a tool from the node_modules of a step's folder.
func (t Toolchain) command(ctx context.Context, step app.Step, tool string, args ...string) (run.Command, error) {
	env, err := t.Install(ctx, step.Name, step.Directory)
	if err != nil {
		return run.Command{}, err
	}
	path := t.App.Path(step.Directory, "node_modules/.bin", tool)
	if _, err := os.Stat(path); err != nil {
		return run.Command{}, fmt.Errorf(
			"%s: %s is not among the packages of %s; add it to devDependencies",
			step.Name,
			tool,
			step.Directory,
		)
	}
	return run.Command{
		For:     step.Name,
		Args:    slices.Concat([]string{path}, args, step.Args, step.Paths),
		Dir:     t.App.Path(step.Directory),
		Env:     append(env, step.Environ()...),
		Timeout: time.Duration(step.Timeout),
	}, nil
}

// Vitest runs a suite once (https://vitest.dev/guide/cli) and has it write its results to junitFile.
func (t Toolchain) Vitest(ctx context.Context, step app.Step, junitFile string) error {
	command, err := t.command(
		ctx,
		step,
		"vitest",
		"run",
		"--reporter=default",
		"--reporter=junit",
		"--outputFile.junit="+junitFile,
	)
	if err != nil {
		return err
	}
	_, err = t.Run.Run(ctx, command)
	return err
}
