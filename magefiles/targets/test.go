package targets

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/database"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/junit"
)

// Test runs all suites side by side: backend unit and integration, frontend, API contract.
// Results are in dist/test as JUnit. -only=NAME runs one, which release.yaml
// may have added. -release runs them on a copy of the tree that is released, as
// releaseCheck does, instead of the checkout.
func Test(ctx context.Context, only *string, release *bool) error {
	return inApp(ctx, func(ctx context.Context, p *pipeline) error {
		suites := p.app.Config.Suites
		if only != nil {
			suite, err := p.app.Suite(*only)
			if err != nil {
				return err
			}
			suites = []app.Step{suite}
		}
		return p.stepsOn(ctx, release != nil && *release, "test", suites, testIn)
	})
}

// oneSuite runs the suite of that name.
func oneSuite(ctx context.Context, name string) error { return Test(ctx, &name, nil) }

// suiteOutcome is how one suite ended.
type suiteOutcome struct {
	results junit.Results
	err     error
	took    time.Duration
}

func (p *pipeline) test(ctx context.Context, suites []app.Step) error {
	end := p.group(named("test", suites))
	outcomes := sideBySide(suites, func(suite app.Step) suiteOutcome {
		start := time.Now()
		results, err := p.suite(ctx, suite)
		p.spent("test", suite.Name, start, err != nil)
		return suiteOutcome{results, err, time.Since(start)}
	})
	end()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	p.testTable(suites, outcomes)
	var failed []error
	for _, each := range outcomes {
		failed = append(failed, each.err)
	}
	return errors.Join(failed...)
}

// suite runs one suite and judges its results.
func (p *pipeline) suite(ctx context.Context, suite app.Step) (junit.Results, error) {
	if suite.Absent != "" {
		return junit.Results{}, nil
	}
	file, err := p.app.Dist("test", app.FileName(suite.Name)+".xml")
	if err != nil {
		return junit.Results{}, err
	}
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return junit.Results{}, err
	}
	env, release, err := p.services(ctx, suite)
	if err != nil {
		return junit.Results{}, fmt.Errorf("%s: %w", suite.Name, err)
	}
	suite.Env = merged(suite.Env, env)
	ran := errors.Join(p.runSuite(ctx, suite, file), p.rename(file))
	results, err := p.judge(suite, file, errors.Join(ran, release()))
	if suite.Kind != "contract" { // it annotates its own findings
		p.annotate(ctx, suite.Name, p.failures(suite, results))
	}
	return results, err
}

// rename makes the results of a suite that ran on a copy name files as they are in the app.
func (p *pipeline) rename(file string) error {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) || p.source == p.app {
		return nil
	}
	if err != nil {
		return err
	}
	return os.WriteFile(file, []byte(p.run.Shown(string(data))), 0o644)
}

func (p *pipeline) runSuite(ctx context.Context, suite app.Step, file string) error {
	switch suite.Kind {
	case "pytest":
		return p.backend.Pytest(ctx, suite, file)
	case "vitest":
		return p.frontend.Vitest(ctx, suite, file)
	case "contract":
		return p.contract(ctx, suite, file)
	case "command":
		return p.command(ctx, suite, []string{"JUNIT_FILE=" + file})
	}
	return fmt.Errorf("%s: unknown kind %q", suite.Name, suite.Kind)
}

// judge reads a suite's results. A suite passes when its tool says so, it has
// a test that passed, and none failed.
func (p *pipeline) judge(suite app.Step, file string, ran error) (junit.Results, error) {
	results, err := junit.Read(file)
	missing := errors.Is(err, fs.ErrNotExist)
	var ended *run.Error
	switch {
	case errors.As(ran, &ended) && ended.Cause != nil:
		return results, ran // stopped, timed out or not started: results say little
	case missing && ran != nil:
		return results, ran
	case missing:
		return results, fmt.Errorf("%s: wrote no results to %s", suite.Name, p.app.Rel(file))
	case err != nil:
		return results, fmt.Errorf("%s: %w", suite.Name, err)
	case results.Total() == 0:
		return results, fmt.Errorf(
			"%s: collected no test in %s; a suite that this app does not have is declared with absent in %s",
			suite.Name,
			whereTests(suite),
			app.ConfigFile,
		)
	case results.Failed > 0:
		first := results.Failures[0]
		return results, fmt.Errorf(
			"%s: %d of %d tests failed, first %s: %s",
			suite.Name,
			results.Failed,
			results.Total(),
			first.Test,
			first.Message,
		)
	case ran != nil:
		return results, ran
	case results.Passed == 0:
		return results, fmt.Errorf("%s: all %d tests were skipped", suite.Name, results.Skipped)
	}
	return results, nil
}

func whereTests(suite app.Step) string {
	if len(suite.Paths) == 0 {
		return suite.Directory
	}
	return fmt.Sprintf("%s %v", suite.Directory, suite.Paths)
}

// merged is one environment over another.
func merged(base, over map[string]string) map[string]string {
	all := map[string]string{}
	maps.Copy(all, base)
	maps.Copy(all, over)
	return all
}

// services starts what a suite needs and returns the environment that tells
// the suite of it, and how to end it.
func (p *pipeline) services(
	ctx context.Context,
	suite app.Step,
) (env map[string]string, release func() error, err error) {
	if !slices.Contains(suite.Needs, "postgresql") {
		return nil, func() error { return nil }, nil
	}
	opened, err := database.Open(ctx, p.postgresql(suite.Name))
	if err != nil && ctx.Err() == nil && p.backend.Tools.MayInstall && p.run.Getenv("TEST_DATABASE_URL") == "" {
		p.log.WithField("suite", suite.Name).Info("no PostgreSQL yet: setting a container engine up")
		if startErr := p.startEngine(ctx); startErr != nil {
			return nil, nil, errors.Join(err, startErr)
		}
		opened, err = database.Open(ctx, p.postgresql(suite.Name))
	}
	if err != nil {
		return nil, nil, err
	}
	p.log.WithField("suite", suite.Name).Infof("PostgreSQL: %s", opened.From)
	return map[string]string{"TEST_DATABASE_URL": opened.URL}, opened.Close, nil
}

// postgresql lists where a server may come from, for a target.
func (p *pipeline) postgresql(target string) []database.Source {
	return database.Sources(p.run, database.Options{Scratch: p.scratch,
		URL: p.run.Getenv("TEST_DATABASE_URL"), Image: p.app.Config.Postgresql.Image, For: target})
}

// command runs a step of kind command, with the tools of its Python
// environment found first.
func (p *pipeline) command(ctx context.Context, step app.Step, env []string) error {
	if step.Environment != "" {
		bin, err := p.backend.Environment(ctx, step.Name, step.Environment)
		if err != nil {
			return err
		}
		env = append(p.backend.Environ(bin), env...)
	}
	_, err := p.run.Run(ctx, run.Command{For: step.Name, Args: slices.Concat(step.Command, step.Args, step.Paths),
		Dir: p.source.Path(step.Directory), Env: append(env, step.Environ()...), Timeout: time.Duration(step.Timeout)})
	return err
}

func (p *pipeline) testTable(suites []app.Step, outcomes []suiteOutcome) {
	rows := make([][]string, 0, len(suites))
	for i, suite := range suites {
		if suite.Absent != "" {
			rows = append(rows, []string{suite.Name, "absent: " + suite.Absent, "", "", "", ""})
			continue
		}
		o, result := outcomes[i], "ok"
		if o.err != nil {
			result = "FAILED"
		}
		rows = append(rows, append([]string{suite.Name, result}, append(counts(o.results), report.Seconds(o.took))...))
	}
	p.table("", []string{"suite", "result", ">passed", ">failed", ">skipped", ">time"}, rows)
	fmt.Fprintln(p.out)
}

// counts are how many tests passed, failed and were skipped.
func counts(results junit.Results) []string {
	return []string{fmt.Sprint(results.Passed), fmt.Sprint(results.Failed), fmt.Sprint(results.Skipped)}
}
