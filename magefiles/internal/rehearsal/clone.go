package rehearsal

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// detached is the branch of a rehearsal when the app has none checked out.
const detached = "rehearsal"

// each runs git commands in a repository until one fails.
func each(ctx context.Context, runner *run.Runner, dir string, commands ...[]string) error {
	for _, args := range commands {
		if _, err := runner.Output(ctx, run.Command{For: "rehearse", Dir: dir, Timeout: 2 * time.Minute,
			Args: append([]string{"git", "-c", "gc.auto=0", "-c", "advice.detachedHead=false"}, args...)}); err != nil {
			return err
		}
	}
	return nil
}

// Clone makes dir a clone of the commits in the repository at root, on the same branch,
// with all tags, and with the same origin address. A clone from an earlier rehearsal is
// updated; ignored files in it, such as installed packages, are kept.
func Clone(ctx context.Context, runner *run.Runner, root, dir string) error {
	repo := git.Repo{Dir: root, Run: runner}
	branch, err := repo.Branches().Current(ctx)
	if err != nil {
		return fmt.Errorf("clone the app: %w", err)
	}
	if err := fetch(
		ctx,
		runner,
		root,
		dir,
		"+HEAD:refs/aside/HEAD",
		"+refs/heads/*:refs/remotes/aside/*",
		"+refs/remotes/origin/*:refs/remotes/origin/*",
		"+refs/tags/*:refs/tags/*",
	); err != nil {
		return err
	}
	commands := [][]string{
		{"checkout", "--quiet", "--force", "-B", branch, "refs/aside/HEAD"},
		{"clean", "--quiet", "-ffd"},
	}
	if branch == "" { // as in CI
		commands[0] = []string{"checkout", "--quiet", "--force", "--detach", "refs/aside/HEAD"}
		commands = append(commands, []string{"branch", "--quiet", "--force", detached})
	}
	if origin, err := repo.Remotes().URL(ctx); err == nil && origin != "" {
		commands = append(commands, []string{"config", "remote.origin.url", origin})
	}
	if main, err := repo.Branches().Default(ctx); err == nil && main != "" && main != branch {
		commands = append(commands, []string{"branch", "--quiet", "--force", main, "refs/remotes/aside/" + main})
	}
	return each(ctx, runner, dir, commands...)
}

// CloneAt makes dir a clone of the repository at root with a tag checked out.
func CloneAt(ctx context.Context, runner *run.Runner, root, dir, tag string) error {
	if err := fetch(ctx, runner, root, dir, "+HEAD:refs/aside/HEAD", "+refs/tags/*:refs/tags/*"); err != nil {
		return err
	}
	return each(
		ctx,
		runner,
		dir,
		[]string{"checkout", "--quiet", "--force", "--detach", "refs/tags/" + tag},
		[]string{"clean", "--quiet", "-ffd"},
	)
}

// Checkout makes dir a clone of the repository at root with a commit checked out that is in
// the history of HEAD or of a tag.
func Checkout(ctx context.Context, runner *run.Runner, root, dir, commit string) error {
	if err := fetch(ctx, runner, root, dir, "+HEAD:refs/aside/HEAD", "+refs/tags/*:refs/tags/*"); err != nil {
		return err
	}
	return each(ctx, runner, dir, []string{"checkout", "--quiet", "--force", "--detach", commit})
}

// Name checks that a clone has a tag, at the commit of another one.
func Name(ctx context.Context, runner *run.Runner, dir, tag, of string) error {
	if tag == of {
		return nil
	}
	return each(ctx, runner, dir, []string{"update-ref", "refs/tags/" + tag, "refs/tags/" + of + "^{commit}"})
}

// fetch fetches refs of the repository at root and removes those that it no longer has.
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

// Mirror makes dir a bare repository with the branches and tags of the one at root,
// replacing what was there.
func Mirror(ctx context.Context, runner *run.Runner, root, dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	return each(ctx, runner, filepath.Dir(dir), []string{"clone", "--quiet", "--bare", root, dir})
}

// Committer returns a clone whose commits and tags have a fixed author and time,
// without hooks and signatures, so that they are reproducible.
func Committer(clone git.Repo, when time.Time) git.Repo {
	date := when.UTC().Format(time.RFC3339)
	env := append(slices.Clone(clone.Run.Env), "GIT_AUTHOR_DATE="+date, "GIT_COMMITTER_DATE="+date)
	for _, who := range []string{"GIT_AUTHOR_", "GIT_COMMITTER_"} {
		env = append(env, who+"NAME=odin-release", who+"EMAIL=odin-release@localhost")
	}
	config := []string{
		"commit.gpgSign",
		"false",
		"tag.gpgSign",
		"false",
		"core.hooksPath",
		os.DevNull,
	} // git-config(1), GIT_CONFIG_COUNT
	env = append(env, fmt.Sprintf("GIT_CONFIG_COUNT=%d", len(config)/2))
	for i := 0; i < len(config); i += 2 {
		env = append(
			env,
			fmt.Sprintf("GIT_CONFIG_KEY_%d=%s", i/2, config[i]),
			fmt.Sprintf("GIT_CONFIG_VALUE_%d=%s", i/2, config[i+1]),
		)
	}
	return git.Repo{Dir: clone.Dir, Run: &run.Runner{Env: env, Out: clone.Run.Out}}
}

// Follow sets the clone's branch to the commit that is checked out.
func Follow(ctx context.Context, runner *run.Runner, dir string) error {
	branch, err := git.Repo{Dir: dir, Run: runner}.Branches().Current(ctx)
	if err != nil || branch != "" {
		return err
	}
	return each(ctx, runner, dir, []string{"branch", "--quiet", "--force", detached})
}
