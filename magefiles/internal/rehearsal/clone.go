package rehearsal

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/run"
)

// git runs git on a repository, whatever the environment says.
func git(ctx context.Context, runner *run.Runner, dir string, args ...string) (string, error) {
	return runner.Output(ctx, run.Command{For: "rehearse", Dir: dir, Timeout: 2 * time.Minute,
		Args: append([]string{"git", "-c", "gc.auto=0", "-c", "advice.detachedHead=false"}, args...)})
}

func each(ctx context.Context, runner *run.Runner, dir string, commands ...[]string) error {
	for _, args := range commands {
		if _, err := git(ctx, runner, dir, args...); err != nil {
			return err
		}
	}
	return nil
}

// Clone makes dir a clone of what is committed in the repository at root, on
// the same branch and with all tags, that says its origin is where root's is.
// A clone that is there from an earlier rehearsal is brought up to date; what
// git ignores in it, installed packages above all, is kept.
func Clone(ctx context.Context, runner *run.Runner, root, dir string) error {
	branch, err := git(ctx, runner, root, "rev-parse", "--abbrev-ref", "HEAD")
	if err != nil {
		return fmt.Errorf("clone the app: %w", err)
	}
	if branch == "HEAD" {
		branch = "rehearsal" // detached, as in CI
	}
	if err := fetch(ctx, runner, root, dir, "+HEAD:refs/remotes/aside/HEAD", "+refs/heads/*:refs/remotes/aside/heads/*", "+refs/tags/*:refs/tags/*"); err != nil {
		return err
	}
	commands := [][]string{{"checkout", "--quiet", "--force", "-B", branch, "refs/remotes/aside/HEAD"}, {"clean", "--quiet", "-ffd"}}
	if origin, err := git(ctx, runner, root, "config", "remote.origin.url"); err == nil {
		commands = append(commands, []string{"config", "remote.origin.url", origin})
	}
	if main := DefaultBranch(ctx, runner, root); main != branch {
		commands = append(commands, []string{"branch", "--quiet", "--force", main, "refs/remotes/aside/heads/" + main})
	}
	return each(ctx, runner, dir, commands...)
}

// CloneAt makes dir a clone of the repository at root with a tag checked out.
func CloneAt(ctx context.Context, runner *run.Runner, root, dir, tag string) error {
	if err := fetch(ctx, runner, root, dir, "+HEAD:refs/remotes/aside/HEAD", "+refs/tags/*:refs/tags/*"); err != nil {
		return err
	}
	return each(ctx, runner, dir, []string{"checkout", "--quiet", "--force", "--detach", "refs/tags/" + tag}, []string{"clean", "--quiet", "-ffd"})
}

// fetch brings refs of the repository at root, and takes away what it has no
// more.
func fetch(ctx context.Context, runner *run.Runner, root, dir string, refs ...string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := each(ctx, runner, dir, []string{"init", "--quiet"},
		append([]string{"fetch", "--quiet", "--prune", "--no-tags", "--update-head-ok", root}, refs...)); err != nil {
		return fmt.Errorf("clone the app: %w", err)
	}
	return nil
}

// Mirror makes dir a bare repository with the branches and tags of the one at
// root, in place of what was there.
func Mirror(ctx context.Context, runner *run.Runner, root, dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	_, err := git(ctx, runner, filepath.Dir(dir), "clone", "--quiet", "--bare", root, dir)
	return err
}

// Tag tags the commit that is checked out in dir.
func Tag(ctx context.Context, runner *run.Runner, dir, tag string) error {
	_, err := git(ctx, runner, dir, "tag", tag)
	return err
}

// DefaultBranch is the branch that a repository's origin calls its own; without
// one main or master, if there is such, else the one that is checked out.
func DefaultBranch(ctx context.Context, runner *run.Runner, dir string) string {
	if head, err := git(ctx, runner, dir, "rev-parse", "--abbrev-ref", "refs/remotes/origin/HEAD"); err == nil {
		name := strings.TrimPrefix(head, "origin/")
		if _, err := git(ctx, runner, dir, "rev-parse", "--verify", "--quiet", "refs/heads/"+name); err == nil {
			return name
		}
	}
	for _, name := range []string{"main", "master"} {
		if _, err := git(ctx, runner, dir, "rev-parse", "--verify", "--quiet", "refs/heads/"+name); err == nil {
			return name
		}
	}
	if name, err := git(ctx, runner, dir, "rev-parse", "--abbrev-ref", "HEAD"); err == nil && name != "HEAD" {
		return name
	}
	return "rehearsal"
}
