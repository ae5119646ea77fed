package targets

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/checks"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/work"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/snapshot"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// reuse does the work of steps whose results are kept and reused.
type reuse struct{ *graph }

// checking declares the steps of checks and suites.
type checking struct{ *graph }

func (g *graph) checking() checking { return checking{g} }

// found is what checks and suites found in this run, by title.
type found struct {
	mu      sync.Mutex
	checked map[string]checks.Checked
	results map[string]checks.Results
}

// localStep specifies a step whose result depends on its inputs alone.
type localStep struct {
	phase, title string
	view         snapshot.View
	outputs      []string // below dist, besides its log
	fresh        time.Duration
	inputs       func(context.Context, *work.Release, step.Inputs) error // adds its own; nil for none
	make         func(context.Context, work.Place, *work.Release) (any, error)
	always       bool          // whether it runs each time, whatever is stored
	unfit        func() string // why a release cannot use what is stored, ""; nil for none
}

// logFile returns where the output of a step is, below dist.
func logFile(title string) string { return "log/" + app.FileName(title) + ".txt" }

// localStep returns the step of a specification. It works on a copy of its view of the tree.
func (g *graph) localStep(spec localStep, needs ...*step.Step) *step.Step {
	if known := g.known[spec.title]; known != nil {
		return known
	}
	spec.view = work.Apart(g.app.Config, spec.view)
	of := reuse{g}
	made := &step.Local{
		Store: g.store, Step: spec.title, Again: g.options.again || spec.always, Fresh: spec.fresh,
		Outputs: append([]string{logFile(spec.title)}, spec.outputs...), Log: logFile(spec.title),
		Inputs: func(ctx context.Context) (step.Inputs, error) { return of.inputs(ctx, spec, needs) },
		Common: func(context.Context) (*step.Common, error) { return of.common(spec) },
		Make:   func(ctx context.Context) (any, error) { return of.make(ctx, spec) },
		Commit: of.commit,
	}
	for _, need := range needs {
		if used := g.locals[need.Title]; used != nil {
			made.Uses = append(made.Uses, used)
		}
	}
	if g.options.exact {
		made.Reuse = func(result step.Result) string {
			why := of.madeForCommit(result)
			if why == "" && spec.unfit != nil {
				why = spec.unfit()
			}
			return why
		}
	}
	g.locals[spec.title] = made
	return g.step(spec.phase, spec.title, made, needs...)
}

// commit returns the commit that results are made for, "" in a changed checkout.
func (g reuse) commit() string {
	noted, err := g.planned()
	if err != nil || noted.Plan.Dirty {
		return ""
	}
	return noted.Plan.Commit
}

// madeForCommit returns why a release cannot reuse a result, "" if it was made for the commit of the release.
func (g reuse) madeForCommit(result step.Result) string {
	if commit := g.commit(); commit == "" || result.Commit != commit {
		return "the result is of another commit or of a changed checkout, which a release does not reuse"
	}
	return ""
}

// common returns the inputs of a local step that it shares with others.
func (g reuse) common(spec localStep) (*step.Common, error) {
	r, err := g.release()
	if err != nil {
		return nil, err
	}
	return g.place.Common(r, spec.view), nil
}

// inputs returns the inputs of a local step besides the common ones.
func (g reuse) inputs(ctx context.Context, spec localStep, needs []*step.Step) (step.Inputs, error) {
	r, err := g.release()
	if err != nil {
		return nil, err
	}
	inputs := step.Inputs{}
	for _, need := range needs {
		if needed := g.locals[need.Title]; needed != nil {
			if result, ok := needed.Result(ctx); ok {
				inputs.Need(need.Title, result.Digest())
			} else {
				inputs.Need(need.Title, "to be made")
			}
		}
	}
	if spec.inputs == nil {
		return inputs, nil
	}
	return inputs, spec.inputs(ctx, r, inputs)
}

// output is where a local step's output goes: to its log, and to where all steps' goes.
type output struct {
	io.Writer
	kept io.Writer // the log alone
	ctx  context.Context
}

// Status shows how far the step is.
func (o output) Status(text string) { run.Status(o.ctx, "%s", text) }

// Log adds lines to the log, and shows them where all output is shown.
func (o output) Log(lines []byte) {
	_, _ = o.kept.Write(lines)
	run.Log(o.ctx, lines)
}

// make does the work of a local step in a copy of the tree, and writes its output to its log.
func (g reuse) make(ctx context.Context, spec localStep) (value any, err error) {
	r, err := g.release()
	if err != nil {
		return nil, err
	}
	file, err := g.app.Dist(logFile(spec.title))
	if err != nil {
		return nil, err
	}
	log, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	kept := g.redactor.Writer(log) // which takes lines from several tools at once
	defer func() { err = errors.Join(err, kept.Close()) }()
	out := output{run.Locked(io.MultiWriter(run.Output(ctx, g.screen.Out), kept)), kept, ctx}
	ctx = run.WithOutput(ctx, out)
	err = g.copies.In(ctx, r, spec.view, out, func(place work.Place) (err error) {
		value, err = spec.make(ctx, place, r)
		return err
	})
	return value, err
}

// suite returns a suite of tests of the app.
func (g checking) suite(suite app.Step) *step.Step {
	if suite.Absent != "" {
		return g.absent("test", suite.Name, suite.Absent)
	}
	outputs := []string{checks.ResultsFile(suite)}
	if suite.Kind == "contract" {
		outputs = append(outputs, checks.SpecFile)
	}
	var needs []*step.Step
	if suite.NeedsImage() && !g.options.built {
		needs = append(needs, g.building().images().all()[0])
	}
	return g.localStep(localStep{
		phase: "test", title: suite.Name, view: work.StepView(g.app.Config, suite), always: suite.Reuse == "never",
		outputs: outputs,
		inputs: func(ctx context.Context, _ *work.Release, inputs step.Inputs) error {
			g.configured(inputs, suite)
			server, err := g.services.Server(ctx, suite)
			if err != nil { // the suite says so
				server = "unknown at " + time.Now().String()
			}
			inputs.Tool("PostgreSQL", server)
			g.onImage(inputs, suite)
			return nil
		},
		make: func(ctx context.Context, place work.Place, r *work.Release) (any, error) {
			services := g.services
			services.Serve = g.serve(r)
			results, err := services.Suite(ctx, place, suite)
			g.screen.Annotate(ctx, suite.Name, results.Findings)
			g.mu.Lock()
			defer g.mu.Unlock()
			g.results[suite.Name] = results
			return results, err
		},
	}, needs...)
}

// configured adds what release.yaml says of a check or suite, and the program
// that a command runs.
func (g checking) configured(inputs step.Inputs, entry app.Step) {
	inputs.Config("step", entry)
	config := g.app.Config
	if entry.Environment != "" {
		inputs.Config("environment", config.Environments[entry.Environment])
	}
	if entry.Kind == "contract" {
		inputs.Config("contract", config.Contract)
		inputs.Config("environment of the contract", config.Environments[config.Contract.Environment])
	}
	if entry.Kind == "command" && len(entry.Command) > 0 {
		inputs.Tool(entry.Command[0], g.place.Backend.Tools.Identity(entry.Command[0]))
	}
	for _, tool := range entry.Tools {
		inputs.Tool(tool, g.place.Backend.Tools.Identity(tool))
	}
}
