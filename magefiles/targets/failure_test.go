package targets

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/work"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// A step whose quiet tool fails is named in the error, also if its reason does not name it,
// and so is its log, which has all that the tool printed, without secrets.
func TestFailureNamesStepAndLog(t *testing.T) {
	const title = "frontend:lint"
	dir := sampleApp(t)
	for tag, test := range map[string]struct {
		declare func(*graph, func(context.Context) error) *step.Step
		want    string
	}{
		"v1.7.3": {
			func(g *graph, install func(context.Context) error) *step.Step {
				view := work.StepView(g.app.Config, g.app.Config.Checks[0])
				lint := localStep{phase: "lint", title: title, view: view}
				lint.make = func(ctx context.Context, _ work.Place, _ *work.Release) (any, error) {
					return nil, install(ctx)
				}
				return g.localStep(lint)
			},
			"lint failed: frontend:lint: install the packages of frontend: no such version\n  its output: ",
		},
		"a step whose result is not kept": {
			func(g *graph, install func(context.Context) error) *step.Step {
				return g.step("lint", title, act(install))
			},
			"lint failed: install the packages of frontend: no such version\n  its output: ",
		},
	} {
		t.Run(tag, func(t *testing.T) {
			g := sampleGraph(t, dir, options{asked: plan.Asked{Tag: tag}})
			g.redactor.Learn("hunter2hunter2")
			var shown strings.Builder
			g.screen.Out = &shown
			lint := test.declare(g, func(ctx context.Context) error {
				_, _ = g.session.run.Run(ctx, run.Command{For: title, Quiet: true, Log: true,
					Args: []string{"sh", "-c", "echo fetched; echo with hunter2hunter2 >&2; exit 1"}})
				return errors.New("install the packages of frontend: no such version")
			})
			err := g.run(t.Context(), g.inOrder("release "+tag, g.together("lint", lint)))
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("error %v\nexpected %s", err, test.want)
			}
			log, err := os.ReadFile(g.app.Path(app.DistDir, "log/frontend-lint.txt"))
			if got := string(log); err != nil || got != "frontend:lint │ fetched\nfrontend:lint │ with •••\n" {
				t.Errorf("the log has %q, %v", log, err)
			}
			if strings.Contains(shown.String(), "fetched") {
				t.Errorf("the terminal shows the output: %s", &shown)
			}
		})
	}
}
