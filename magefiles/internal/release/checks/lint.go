// Package checks runs an app's checks and suites: phases 2 and 3 of a release.
package checks

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/work"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// Lint runs one check of the app in a place and saves its findings as JSON in dist. Its error says why the tool
// could not run, or which findings make the check fail. With update, it removes fixed findings from the check's
// baseline.
func Lint(ctx context.Context, place work.Place, check app.Step, update bool) (Checked, error) {
	file, err := place.App.Dist(FindingsFile(check))
	if err != nil {
		return Checked{}, err
	}
	checked, ran := runCheck(ctx, place, check)
	for i, finding := range checked.Findings {
		checked.Findings[i].Message = place.Run.Shown(finding.Message)
	}
	failed := settle(place, check, &checked, ran, update)
	return checked, errors.Join(failed, report.WriteFindings(file, checked.Findings))
}

// FindingsFile returns the path of a check's findings below dist.
func FindingsFile(check app.Step) string { return "lint/" + app.FileName(check.Name) + ".json" }

func runCheck(ctx context.Context, place work.Place, check app.Step) (checked Checked, err error) {
	switch check.Kind {
	case "ruff":
		checked.Findings, err = place.Backend.Ruff(ctx, check)
	case "mypy":
		checked.Findings, err = place.Backend.Mypy(ctx, check)
	case "eslint":
		checked.Findings, checked.Coverage, err = place.Frontend.ESLint(ctx, check)
	case "tsc":
		checked.Findings, err = place.Frontend.TypeCheck(ctx, check)
	case "command":
		checked.Findings, err = failedCommand(check, Command(ctx, place, check, nil))
	default:
		err = fmt.Errorf("%s: unknown kind %q", check.Name, check.Kind)
	}
	return checked, err
}

// Verdict returns an error if the findings of a check make it fail.
func Verdict(check app.Step, findings []report.Finding) error {
	errs := slices.DeleteFunc(slices.Clone(findings), func(f report.Finding) bool { return !f.Fails() })
	switch len(errs) {
	case 0:
		return nil
	case 1:
		return fmt.Errorf("%s: %s", check.Name, errs[0])
	}
	return fmt.Errorf("%s: %d errors:\n%s", check.Name, len(errs), listed(errs))
}

// shownFindings is how many findings an error lists.
const shownFindings = 8

// listed formats the first findings, one per line, and says how many more there are.
func listed(findings []report.Finding) string {
	var lines []string
	for _, finding := range findings[:min(shownFindings, len(findings))] {
		text, _, _ := strings.Cut(finding.String(), "\n")
		lines = append(lines, "  "+text)
	}
	if more := len(findings) - shownFindings; more > 0 {
		lines = append(lines, fmt.Sprintf("  and %d more", more))
	}
	return strings.Join(lines, "\n")
}

// Command runs a step of kind command in a place, with env added to its environment. The tools of its Python
// environment come first in its PATH.
func Command(ctx context.Context, place work.Place, step app.Step, env []string) error {
	if step.Environment != "" {
		bin, err := place.Backend.Environment(ctx, step.Name, step.Environment)
		if err != nil {
			return err
		}
		env = append(place.Backend.Environ(bin), env...)
	}
	_, err := place.Run.Run(ctx, run.Command{
		For:  step.Name,
		Args: slices.Concat(step.Command, step.Args, step.Paths),
		Dir: place.Source.Path(
			step.Directory,
		),
		Env:     append(env, step.Environ()...),
		Timeout: time.Duration(step.Timeout),
	})
	return err
}
