package checks

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/work"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/junit"
)

// ResultsFile returns the path of a suite's results below dist.
func ResultsFile(suite app.Step) string { return "test/" + app.FileName(suite.Name) + ".xml" }

// Results are the results of a suite, and the places in the app of its failures.
type Results struct {
	junit.Results
	Findings []report.Finding
}

// Suite runs one suite in a place, with the services that it needs, and saves its results as JUnit in dist.
func (s Services) Suite(ctx context.Context, place work.Place, suite app.Step) (Results, error) {
	file, err := place.App.Dist(ResultsFile(suite))
	if err != nil {
		return Results{}, err
	}
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Results{}, err
	}
	env, release, err := s.start(ctx, suite)
	if err != nil {
		return Results{}, fmt.Errorf("%s: %w", suite.Name, err)
	}
	var findings []report.Finding
	ran := s.onImage(ctx, place, suite, func(ctx context.Context, more map[string]string) (err error) {
		suite.Env = merged(merged(suite.Env, env), more)
		findings, err = runSuite(ctx, place, suite, file)
		return err
	})
	results, err := evaluate(place.App, suite, file, errors.Join(ran, rename(place, file), release()))
	if suite.Kind != "contract" { // a contract suite finds them itself
		findings = failures(place.Source, suite, results)
	}
	if errors.Is(err, errFailed) {
		err = fmt.Errorf("%w:\n%s", err, listed(findings))
		if suite.Kind == "contract" {
			err = errors.Join(err, ran)
		}
	}
	return Results{results, findings}, err
}

// rename changes the paths in the results of a suite that ran on a copy to those in the app.
func rename(place work.Place, file string) error {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return os.WriteFile(file, []byte(place.Run.Shown(string(data))), 0o644)
}

func runSuite(ctx context.Context, place work.Place, suite app.Step, file string) ([]report.Finding, error) {
	switch suite.Kind {
	case "pytest":
		return nil, place.Backend.Pytest(ctx, suite, file)
	case "vitest":
		return nil, place.Frontend.Vitest(ctx, suite, file)
	case "playwright":
		return nil, place.Frontend.Playwright(ctx, suite, file)
	case "contract":
		return compareContract(ctx, place, suite, file)
	case "command":
		return nil, Command(ctx, place, suite, []string{"JUNIT_FILE=" + file})
	}
	return nil, fmt.Errorf("%s: unknown kind %q", suite.Name, suite.Kind)
}

// evaluate reads a suite's results. A suite passes if its tool succeeded, at least one test passed, and none
// failed.
func evaluate(of *app.App, suite app.Step, file string, ran error) (junit.Results, error) {
	results, err := junit.Read(file)
	missing := errors.Is(err, fs.ErrNotExist)
	var ended *run.Error
	switch {
	case errors.As(ran, &ended) && ended.Cause != nil:
		return results, ran // stopped, timed out or not started: the results say little
	case missing && ran != nil:
		return results, ran
	case missing:
		return results, fmt.Errorf("%s: wrote no results to %s", suite.Name, of.Rel(file))
	case err != nil:
		return results, fmt.Errorf("%s: %w", suite.Name, err)
	case results.Total() == 0:
		return results, fmt.Errorf("%s: collected no test in %s; a suite that this app does not have is declared with "+
			"absent in %s", suite.Name, whereTests(suite), app.ConfigFile)
	case results.Failed > 0:
		return results, fmt.Errorf("%s: %d of %d %w", suite.Name, results.Failed, results.Total(), errFailed)
	case ran != nil:
		return results, ran
	case results.Passed == 0:
		return results, fmt.Errorf("%s: all %d tests were skipped", suite.Name, results.Skipped)
	}
	return results, nil
}

// errFailed means that tests of a suite failed.
var errFailed = errors.New("tests failed")

func whereTests(suite app.Step) string {
	if len(suite.Paths) == 0 {
		return suite.Directory
	}
	return fmt.Sprintf("%s %v", suite.Directory, suite.Paths)
}

// merged returns an environment with the variables of another one added, which win.
func merged(base, over map[string]string) map[string]string {
	all := map[string]string{}
	maps.Copy(all, base)
	maps.Copy(all, over)
	return all
}

// failures returns the failed tests of a suite as findings.
func failures(of *app.App, suite app.Step, results junit.Results) []report.Finding {
	var findings []report.Finding
	for _, failure := range results.Failures {
		finding := report.Finding{
			File: suite.Directory, Severity: report.Error, Message: failure.Test + ": " + failure.Message,
		}
		for _, place := range failure.Places {
			if file := ownFile(of, suite.Directory, place.File); file != "" {
				finding.File, finding.Line, finding.Column = file, place.Line, place.Column
				break
			}
		}
		findings = append(findings, finding)
	}
	return findings
}

// ownFile returns the path in the app of a file that a tool names relative to its own folder or to the root. It
// returns "" for other files, such as those of a package.
func ownFile(of *app.App, directory, named string) string {
	for _, file := range []string{path.Join(directory, named), path.Clean(named)} {
		info, err := os.Stat(of.Path(file))
		if err == nil && info.Mode().IsRegular() && filepath.IsLocal(file) && !strings.Contains(file, "node_modules/") {
			return file
		}
	}
	return ""
}
