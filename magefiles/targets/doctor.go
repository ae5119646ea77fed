package targets

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/app/doctor"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// examiner finds what is missing on a machine.
type examiner struct{ *session }

func (s *session) examiner() examiner { return examiner{s} }

// Doctor checks the tools on this machine, and release.yaml against the app's files.
//
// It lists what each phase needs. For what is missing or does not fit it shows the command or the line that corrects
// it, and fails.
//
// Example: doctor
func Doctor(ctx context.Context) error {
	return inRepository(ctx, func(ctx context.Context, p *session) error { return p.examiner().doctor(ctx) })
}

// need is one thing that phases need.
type need struct {
	phases string
	what   string
	remedy string
	find   func(context.Context) (string, error) // version and path
}

func (p examiner) doctor(ctx context.Context) error {
	var missing []string
	needs := p.needs()
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
	rows = append(rows, p.releaseNeeds(ctx)...)
	report.Table(p.screen.Out, []string{"phase", "needs", "found"}, rows)
	p.showProblems(problems)
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

// uncompared is the error for a tree that is an app by its files, and has no
// release.yaml to compare it with.
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

// examine compares the configuration with the tree; without an app there is
// nothing to compare.
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
	tree.Repository = p.ownRepository(ctx)
	tree.Released = p.released(ctx)
	return doctor.Examine(tree), doctor.Unpinned(tree)
}

// ownRepository is the app's repository on GitHub as owner/name: the one that GitHub Actions names, else that of the
// remote origin, else "".
func (s *session) ownRepository(ctx context.Context) string {
	address := s.outside.repository
	if address == "" {
		address, _ = plan.Address(ctx, s.repo)
	}
	repository, err := github.ParseRepository(address)
	if err != nil {
		return ""
	}
	return repository.String()
}

// showProblems lists what does not fit, and how to get uv if that is needed to
// correct it.
func (p examiner) showProblems(problems []doctor.Problem) {
	if len(problems) == 0 {
		return
	}
	fmt.Fprint(p.screen.Out, "\nThe app's files do not match these settings (from release.yaml, or by default):\n\n")
	doctor.Write(p.screen.Out, problems)
	_, missing := p.run.Find("uv")
	usesUV := func(problem doctor.Problem) bool { return strings.Contains(problem.Fix, "uv ") }
	if missing != nil && slices.ContainsFunc(problems, usesUV) {
		fmt.Fprint(
			p.screen.Out,
			"\nuv is not in PATH: python3 -m pip install uv, or "+
				"https://docs.astral.sh/uv/getting-started/installation/\n",
		)
	}
	fmt.Fprintln(p.screen.Out)
}

func (p examiner) needs() []need {
	image := p.app.Config.Build.Image
	list := []need{{"plan", "git", "apt-get install git", p.program("git")}}
	for _, tool := range p.app.Config.Tools() {
		list = append(list, need{"lint, test, build", tool, "install it, and add its folder to PATH",
			func(context.Context) (string, error) { return p.run.Find(tool) }})
	}
	if p.app.Config.NeedsPython() {
		list = append(
			list,
			need{"lint, test, build", "Python 3", "apt-get install python3 python3-venv", p.program("python3")},
			need{
				"lint, test, build",
				"uv and pip (pinned)",
				"apt-get install python3 python3-venv; they are then set up by themselves",
				p.uv,
			},
		)
	}
	if p.app.Config.NeedsNode() {
		list = append(
			list,
			need{
				"lint, test, build",
				"Node.js and npm",
				"https://nodejs.org/en/download, or apt-get install python3 python3-venv to have them set up",
				p.node,
			},
		)
	}
	if p.app.Config.NeedsPostgresql() {
		list = append(
			list,
			need{
				"test",
				"PostgreSQL",
				"set TEST_DATABASE_URL, start a container engine, or apt-get install postgresql",
				p.findPostgresql,
			},
		)
	}
	if image.Absent == "" && p.app.Config.Verify.NeedsPostgresql() {
		list = append(
			list,
			need{
				"verify",
				"containers, for PostgreSQL",
				"on Debian and Ubuntu: sudo scripts/engine; elsewhere https://docs.docker.com/engine/install/",
				p.findContainers,
			},
		)
	}
	list = append(list, p.onImage()...)
	return append(
		list,
		need{
			"build",
			"Buildx for " + strings.Join(image.Platforms, ", "),
			"on Debian and Ubuntu: sudo scripts/engine; elsewhere https://docs.docker.com/engine/install/",
			p.findEngine,
		},
	)
}

// releaseNeeds is what a release from this machine would need: the preflight.
// Most who use doctor will never make one, so that nothing of it counts as
// missing.
func (p examiner) releaseNeeds(ctx context.Context) [][]string {
	row := func(what, found string) []string { return []string{"release", what, found} }
	if p.app.Foreign {
		return [][]string{row("an app", "not here")}
	}
	decided, err := plan.Make(ctx, plan.Request{App: p.app, Repo: p.repo, History: p.planner.History()})
	if err != nil {
		return [][]string{row("a version", "not yet: "+err.Error())}
	}
	p.transport = p.outside.optional(p.screen.Log)
	release, problems, err := p.delivery().newRelease(decided, nil)
	if err != nil {
		return [][]string{row("GitHub", "not yet: "+err.Error())}
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	var rows [][]string
	for _, check := range p.delivery().checks(ctx, release, problems) {
		found := "ok"
		if check.Problem != nil {
			found = "not yet: " + check.Problem.Error()
		}
		rows = append(rows, row(check.Name, found))
	}
	return rows
}

// program looks for a program and asks its version.
func (p examiner) program(name string) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		path, err := p.run.Find(name)
		if err != nil {
			return "", err
		}
		version, err := p.run.Output(
			ctx,
			run.Command{For: "doctor", Args: []string{path, "--version"}, Timeout: 20 * time.Second},
		)
		return version + " (" + path + ")", err
	}
}

// uv is always the pinned one; it is set up by the first target that needs it.
func (p examiner) uv(ctx context.Context) (string, error) {
	_, err := p.run.Output(
		ctx,
		run.Command{
			For:     "doctor",
			Args:    []string{"python3", "-c", "import venv, ensurepip"},
			Timeout: 20 * time.Second,
		},
	)
	if err != nil {
		return "", errors.New("python3 with its venv module is needed to set them up")
	}
	return "pinned, in the cache of this tool", nil
}

// node is the machine's own Node.js, else the pinned one.
func (p examiner) node(ctx context.Context) (string, error) {
	if p.place.Backend.Tools.HasNode(ctx, "doctor") {
		return p.program("node")(ctx)
	}
	if _, err := p.uv(ctx); err != nil {
		return "", err
	}
	return "none that will do; a pinned one is set up when it is needed", nil
}

func (p examiner) findPostgresql(ctx context.Context) (string, error) {
	var reasons []error
	for _, source := range p.services.Postgresql("doctor") {
		err := source.Available(ctx)
		if err == nil {
			return source.Describe(), nil
		}
		reasons = append(reasons, fmt.Errorf("%s: %w", source.Describe(), err))
	}
	return "", errors.Join(reasons...)
}

// findContainers looks for an engine that starts the database of a verification.
func (p examiner) findContainers(ctx context.Context) (string, error) {
	platform, err := verify.NativePlatform(ctx, p.run)
	return platform + ", database from " + p.app.Config.Postgresql.Image, err
}

func (p examiner) findEngine(ctx context.Context) (string, error) {
	config := p.app.Config.Build.Image
	if config.Absent != "" {
		return "not needed: " + config.Absent, nil
	}
	engine, err := image.FindEngine(ctx, p.run, config, p.builder.Purpose)
	if err != nil {
		return "", err
	}
	found := fmt.Sprintf("buildx %s, builder %s (%s)", engine.Buildx, engine.Builder, engine.Driver)
	if engine.NotForRelease != "" {
		found += ", for rehearsals only: " + engine.NotForRelease
	}
	return found, nil
}
