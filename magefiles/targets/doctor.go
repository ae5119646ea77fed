package targets

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/run"
)

// Doctor tells what each phase needs and what of it is here.
// For what is missing it names the command that gets it.
func Doctor(ctx context.Context) error {
	found, err := app.Find(".")
	if errors.Is(err, app.ErrNoApp) {
		here, wdErr := os.Getwd()
		if wdErr != nil {
			return wdErr
		}
		found, err = app.Default(here)
	}
	if err != nil {
		return err
	}
	return withApp(ctx, found, func(ctx context.Context, p *pipeline) error { return p.doctor(ctx) })
}

// need is one thing that phases need.
type need struct {
	phases string
	what   string
	remedy string
	find   func(context.Context) (string, error) // version and path
}

func (p *pipeline) doctor(ctx context.Context) error {
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
	rows = append(rows, p.releaseNeeds(ctx)...)
	report.Table(p.out, []string{"phase", "needs", "found"}, rows)
	if len(missing) > 0 {
		return fmt.Errorf("missing: %s", strings.Join(missing, ", "))
	}
	return nil
}

func (p *pipeline) needs() []need {
	image := p.app.Config.Build.Image
	return []need{
		{"plan", "git", "apt-get install git", p.program("git")},
		{"lint, test, build", "Python 3", "apt-get install python3 python3-venv", p.program("python3")},
		{"lint, test, build", "uv and pip (pinned)", "apt-get install python3 python3-venv; they are then set up by themselves", p.uv},
		{"lint, test, build", "Node.js and npm", "https://nodejs.org/en/download, or apt-get install python3 python3-venv to have them set up", p.node},
		{"test", "PostgreSQL", "set TEST_DATABASE_URL, start a container engine, or apt-get install postgresql", p.findPostgresql},
		{"build", "Buildx for " + strings.Join(image.Platforms, ", "), "on Debian and Ubuntu: sudo scripts/engine; elsewhere https://docs.docker.com/engine/install/", p.findEngine},
	}
}

// releaseNeeds is what a release from this machine would need: the preflight.
// Most who use doctor will never make one, so that nothing of it counts as
// missing.
func (p *pipeline) releaseNeeds(ctx context.Context) [][]string {
	row := func(what, found string) []string { return []string{"release", what, found} }
	if p.app.Foreign {
		return [][]string{row("an app", "not here")}
	}
	decided, err := plan.Make(ctx, plan.Request{App: p.app, Repo: p.repo, History: p.history()})
	if err != nil {
		return [][]string{row("a version", "not yet: "+err.Error())}
	}
	release, problems, err := p.published(decided, nil)
	if err != nil {
		return [][]string{row("GitHub", "not yet: "+err.Error())}
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	var rows [][]string
	for _, check := range p.checks(ctx, release, problems) {
		found := "ok"
		if check.Problem != nil {
			found = "not yet: " + check.Problem.Error()
		}
		rows = append(rows, row(check.Name, found))
	}
	return rows
}

// program looks for a program and asks its version.
func (p *pipeline) program(name string) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		path, err := p.run.Find(name)
		if err != nil {
			return "", err
		}
		version, err := p.run.Output(ctx, run.Command{For: "doctor", Args: []string{path, "--version"}, Timeout: 20 * time.Second})
		return version + " (" + path + ")", err
	}
}

// uv is always the pinned one; it is set up by the first target that needs it.
func (p *pipeline) uv(ctx context.Context) (string, error) {
	_, err := p.run.Output(ctx, run.Command{For: "doctor", Args: []string{"python3", "-c", "import venv, ensurepip"}, Timeout: 20 * time.Second})
	if err != nil {
		return "", errors.New("python3 with its venv module is needed to set them up")
	}
	return "pinned, in the cache of this tool", nil
}

// node is the machine's own Node.js, else the pinned one.
func (p *pipeline) node(ctx context.Context) (string, error) {
	if p.backend.Tools.HasNode(ctx, "doctor") {
		return p.program("node")(ctx)
	}
	if _, err := p.uv(ctx); err != nil {
		return "", err
	}
	return "none that will do; a pinned one is set up when it is needed", nil
}

func (p *pipeline) findPostgresql(ctx context.Context) (string, error) {
	var reasons []error
	for _, source := range p.postgresql("doctor") {
		err := source.Available(ctx)
		if err == nil {
			return source.Describe(), nil
		}
		reasons = append(reasons, fmt.Errorf("%s: %w", source.Describe(), err))
	}
	return "", errors.Join(reasons...)
}

func (p *pipeline) findEngine(ctx context.Context) (string, error) {
	config := p.app.Config.Build.Image
	if config.Absent != "" {
		return "not needed: " + config.Absent, nil
	}
	engine, err := image.FindEngine(ctx, p.run, config.Builder, config.Platforms)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("buildx %s, builder %s (%s)", engine.Buildx, engine.Builder, engine.Driver), nil
}
