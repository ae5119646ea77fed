package frontend

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// Refused caches, by folder, why npm installed nothing, so that concurrent checks that
// need the same packages do not run npm again. Each gets the same error.
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

// Install makes node_modules in a folder of the app match package-lock.json (npm ci),
// unless it already does. It refuses a lock that does not satisfy package.json. It
// returns the environment for the folder's tools.
func (t Toolchain) Install(ctx context.Context, target, directory string) ([]string, error) {
	dir := t.App.Path(directory)
	_, err := os.Stat(filepath.Join(dir, "package-lock.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf(
			"%s: %s/package-lock.json is missing; make it with npm install and commit it",
			target,
			directory,
		)
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
	err = t.link(ctx, target, directory, node, env)
	if err != nil && ctx.Err() == nil {
		t.Refused.set(dir, err)
	}
	return env, err
}

// npmCI installs the lock in dir. Its error has npm's own reason and names the folder
// by its path in the app.
func (t Toolchain) npmCI(ctx context.Context, target, dir, directory string, env []string) error {
	result, err := t.Run.Run(ctx, run.Command{For: target, Dir: dir, Env: env, Quiet: true, Timeout: 10 * time.Minute,
		Args: []string{"npm", "ci", "--no-audit", "--no-fund", "--prefer-offline"}})
	if err == nil {
		return os.MkdirAll(filepath.Join(dir, "node_modules"), 0o755) // npm creates none for an app without packages
	}
	var failed *run.Error
	if !errors.As(err, &failed) || failed.Cause != nil {
		return err
	}
	code, reason := npmReason(string(result.Stderr))
	if code == "EUSAGE" {
		return fmt.Errorf("%s does not satisfy package.json: %s\nUpdate it with npm install in %s, and commit it",
			path.Join(directory, "package-lock.json"), reason, directory)
	}
	if reason == "" {
		return fmt.Errorf("install the frontend's packages: %w", err)
	}
	return fmt.Errorf("install the packages of %s: npm ci: %s", directory, reason)
}

// npmReason finds npm's error code and reason in its output, without usage help and
// what the error says already.
func npmReason(printed string) (code, reason string) {
	var lines []string
	for line := range strings.Lines(printed) {
		text, isError := strings.CutPrefix(strings.TrimSpace(line), "npm error")
		if !isError {
			text, isError = strings.CutPrefix(strings.TrimSpace(line), "npm ERR!")
		}
		text = strings.TrimSpace(text)
		if found, is := strings.CutPrefix(text, "code "); is && isError {
			code = found
			continue
		}
		if text == "Clean install a project" || strings.HasPrefix(text, "Usage:") {
			break
		}
		if !isError || text == "" || strings.HasPrefix(text, "A complete log of this run") ||
			slices.Contains(lines, text) {
			continue
		}
		lines = append(lines, text)
	}
	if code == "EUSAGE" && len(lines) > 1 {
		lines = lines[1:] // "npm ci can only install packages when …", which the error says itself
	}
	const most = 5
	if more := len(lines) - most; more > 0 {
		lines = append(lines[:most], fmt.Sprintf("and %d more", more))
	}
	return code, strings.Join(lines, "; ")
}
