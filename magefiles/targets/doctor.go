package targets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/app/doctor"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// examiner finds what is missing on a machine.
type examiner struct{ *session }

// Doctor checks the tools on this machine, and release.yaml against the app's files.
//
// It lists what each phase needs. For what is missing or does not fit it shows the command or the line that corrects
// it, and fails.
//
// Example: doctor
func Doctor(ctx context.Context) error {
	return inRepository(ctx, func(ctx context.Context, p *session) error { return examiner{p}.doctor(ctx) })
}

func (p examiner) doctor(ctx context.Context) error {
	var missing []string
	needs := p.machine().needs()
	rows := make([][]string, 0, len(needs))
	for _, need := range needs {
		found, err := need.find(ctx)
		if err != nil {
			missing = append(missing, need.what)
			found = "MISSING: " + strings.ReplaceAll(err.Error(), "\n", "; ")
		}
		rows = append(rows, []string{need.phases, need.what, found})
		if err != nil {
			rows = append(rows, []string{"", "", "  get it: " + need.remedy})
		}
	}
	problems, notes := p.examine(ctx)
	for _, note := range notes {
		rows = append(rows, []string{"lint, test", "hashes", "not pinned: " + note})
	}
	release, drafts := p.releaseNeeds(ctx)
	rows = append(rows, release...)
	p.screen.Wrapped([]string{"phase", "needs", "found"}, rows)
	showDrafts(p.screen, drafts)
	showProblems(p.screen.Out, p.run, problems)
	var failed []error
	if len(missing) > 0 {
		failed = append(failed, fmt.Errorf("missing: %s", strings.Join(missing, ", ")))
	}
	if len(problems) > 0 {
		failed = append(
			failed,
			fmt.Errorf("the app's files do not match %d of the settings, which are listed above", len(problems)),
		)
	}
	return errors.Join(append(failed, p.uncompared())...)
}

// uncompared returns an error for an app without a release.yaml: there was nothing to compare its
// files with.
func (p examiner) uncompared() error {
	if !p.app.Foreign {
		return nil
	}
	root, err := app.Unmarked(p.app.Root)
	if err != nil || root == "" {
		return err
	}
	return fmt.Errorf("there is no %s in %s or above: nothing was compared; run init, which writes %s",
		app.ConfigFile, p.app.Root, filepath.Join(root, app.ConfigFile))
}

// examine compares the configuration with the tree. It returns the problems, and a note for each
// requirements file without hashes. Without an app there are none.
func (p examiner) examine(ctx context.Context) (problems []doctor.Problem, notes []string) {
	if p.app.Foreign {
		return nil, nil
	}
	tree := doctor.Tree{App: p.app, Python: func(version string) error {
		return p.place.Backend.Tools.Interpreter(ctx, "doctor", version)
	}}
	if files, err := p.repo.WorkTree().Files(ctx); err == nil { // else git is not there yet, which is said above
		tree.Files = files
	}
	tree.Repository = ownRepository(ctx, p.repo, p.outside)
	tree.Released = released(ctx, p.repo)
	return doctor.Examine(tree), doctor.Unpinned(tree)
}

// ownRepository returns an app's repository on GitHub as owner/name: the one that GitHub Actions names, else that of
// the remote origin, else "".
func ownRepository(ctx context.Context, repo git.Repo, to outside) string {
	address, _ := plan.Address(ctx, repo)
	repository, err := to.here(address)
	if err != nil {
		return ""
	}
	return repository.String()
}

// showProblems writes what does not fit, and how to install uv if a correction needs it and it is missing.
func showProblems(out io.Writer, runner *run.Runner, problems []doctor.Problem) {
	if len(problems) == 0 {
		return
	}
	fmt.Fprint(out, "\nThe app's files do not match these settings (from release.yaml, or by default):\n\n")
	doctor.Write(out, problems)
	_, missing := runner.Find("uv")
	usesUV := func(problem doctor.Problem) bool { return strings.Contains(problem.Fix, "uv ") }
	if missing != nil && slices.ContainsFunc(problems, usesUV) {
		fmt.Fprint(
			out,
			"\nuv is not in PATH: python3 -m pip install uv, or "+
				"https://docs.astral.sh/uv/getting-started/installation/\n",
		)
	}
	fmt.Fprintln(out)
}
