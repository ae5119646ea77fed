package frontend

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/download"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/manager"
)

// Refused stores, by folder, why no package was installed, so that concurrent checks that need the same packages do
// not try again. All of them return the same error.
type Refused struct{ errors sync.Map }

func (r *Refused) get(dir string) error {
	if r == nil {
		return nil
	}
	err, _ := r.errors.Load(dir)
	known, _ := err.(error)
	return known
}

func (r *Refused) set(dir string, err error) {
	if r != nil {
		r.errors.Store(dir, err)
	}
}

// reader reads the files of a folder.
func reader(dir string) manager.Read {
	return func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil
		}
		return append([]byte{}, data...) // never nil
	}
}

// Install makes node_modules in a folder of the app match its lock, unless it already
// does, with the package manager of the lock. It refuses a lock that does not satisfy
// package.json. It returns the environment for the folder's tools.
func (t Toolchain) Install(ctx context.Context, target, directory string) ([]string, error) {
	dir := t.App.Path(directory)
	chosen, problem := manager.Choose(directory, reader(dir))
	if problem != nil {
		return nil, fmt.Errorf("%s: %w", target, problem.Err())
	}
	_, err := os.Stat(filepath.Join(dir, chosen.Lock))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf(
			"%s: %s/%s is missing; make it with %s install and commit it",
			target, directory, chosen.Lock, chosen.Name,
		)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", target, err)
	}
	env, err := t.environ(ctx, target, chosen)
	if err != nil {
		return nil, err
	}
	run.Status(ctx, "setting up the packages of %s", directory) // or waiting for another step that is
	defer run.EndStatus(ctx)
	unlock, err := t.Cache.Lock(ctx, "npm-"+cache.Key(dir))
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := t.Refused.get(dir); err != nil {
		return nil, err
	}
	node, err := t.Run.Output(
		ctx,
		run.Command{For: target, Args: []string{"node", "--version"}, Env: env, Timeout: 20 * time.Second},
	)
	if err != nil {
		return nil, err
	}
	err = t.link(ctx, installation{target, directory, node, env, chosen})
	if err != nil && ctx.Err() == nil {
		t.Refused.set(dir, err)
	}
	return env, err
}

// installation describes how the packages of one folder of the app are installed.
type installation struct {
	target, directory string
	node              string // the version of Node.js
	env               []string
	manager.Manager
}

// arguments returns the command that installs a lock without changing it, and the variables that it needs.
// Downloads are kept in the pipeline's own cache.
func arguments(of manager.Manager, cached cache.Dir) (args, env []string) {
	switch {
	case of.Name == "pnpm":
		// Files of the store are copied, so no app can change those of another.
		return []string{
			"pnpm", "install", "--frozen-lockfile", "--prefer-offline", "--reporter=append-only",
			"--store-dir", cached.Path("pnpm", "store"), "--config.cache-dir=" + cached.Path("pnpm", "cache"),
			"--package-import-method=clone-or-copy",
		}, nil
	case of.Berry:
		return []string{"yarn", "install", "--immutable"}, []string{
			"YARN_ENABLE_TELEMETRY=0", "YARN_ENABLE_PROGRESS_BARS=0", "YARN_ENABLE_COLORS=0",
			"YARN_ENABLE_HYPERLINKS=0", "YARN_GLOBAL_FOLDER=" + cached.Path("yarn", "berry"),
		}
	case of.Name == "yarn":
		// Two processes that use its cache at the same time corrupt it.
		return []string{
			"yarn", "install", "--frozen-lockfile", "--non-interactive", "--no-progress", "--prefer-offline",
			"--cache-folder", cached.Path("yarn", "classic"), "--mutex", "file:" + cached.Path("locks", "yarn"),
		}, nil
	}
	return []string{"npm", "ci", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=http"}, nil
}

// readerOf returns a reader for the progress of a manager's installation.
func readerOf(of manager.Manager) download.Reader {
	if of.Name == "npm" {
		return download.NPM()
	}
	return download.Last()
}

// install installs the lock in dir, a copy. Its error contains the manager's own reason and names the folder by its
// path in the app.
func (t Toolchain) install(ctx context.Context, dir string, of installation) error {
	args, env := arguments(of.Manager, t.Cache)
	line, stop := download.Filling(ctx, filepath.Join(dir, "node_modules"), readerOf(of.Manager))
	result, err := t.Run.Run(
		ctx,
		run.Command{For: of.target, Dir: dir, Env: append(env, of.env...), Quiet: true, Log: true,
			Timeout: 10 * time.Minute, Args: args, Line: line},
	)
	stop()
	if err == nil {
		return os.MkdirAll(filepath.Join(dir, "node_modules"), 0o755) // an app without packages has none
	}
	var failed *run.Error
	if !errors.As(err, &failed) || failed.Cause != nil {
		return err
	}
	stale, reason := reasonOf(of.Manager, string(result.Stdout), string(result.Stderr))
	reason = strings.ReplaceAll(reason, dir+string(filepath.Separator), "")
	if stale {
		return fmt.Errorf("%s does not satisfy package.json: %s\nUpdate it with %s install in %s, and commit it",
			path.Join(of.directory, of.Lock), reason, of.Name, of.directory)
	}
	if reason == "" {
		return fmt.Errorf("install the frontend's packages: %w", err)
	}
	return fmt.Errorf("install the packages of %s: %s %s: %s", of.directory, args[0], args[1], reason)
}
