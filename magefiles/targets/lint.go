package targets

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
)

// Lint runs all checks side by side: ruff, mypy, ESLint, tsc.
// It shows the findings of all of them before it fails. -only=NAME runs one,
// which release.yaml may have added. -release runs them on a copy of the tree
// that is released, as releaseCheck does, instead of the checkout.
func Lint(ctx context.Context, only *string, release *bool) error {
	return inApp(ctx, func(ctx context.Context, p *pipeline) error {
		checks := p.app.Config.Checks
		if only != nil {
			check, err := p.app.Check(*only)
			if err != nil {
				return err
			}
			checks = []app.Step{check}
		}
		return p.stepsOn(ctx, release != nil && *release, "lint", checks, lintIn)
	})
}

// oneCheck runs the check of that name.
func oneCheck(ctx context.Context, name string) error { return Lint(ctx, &name, nil) }

// stepsOn runs checks or suites on the tree that is released, or on the checkout.
func (p *pipeline) stepsOn(
	ctx context.Context, released bool, what string, steps []app.Step, work stepsWork,
) error {
	if !released {
		return p.watching(ctx, named(what, steps), func() error { return work(ctx, p, steps) })
	}
	r, err := p.releasing(ctx)
	if err != nil {
		return err
	}
	return p.stepsInCopy(ctx, r, steps, work)
}

// outcome is how one check ended.
type outcome struct {
	findings []report.Finding
	err      error
	took     time.Duration
}

func (p *pipeline) lint(ctx context.Context, checks []app.Step) error {
	end := p.group(named("lint", checks))
	outcomes := sideBySide(checks, func(check app.Step) outcome {
		start := time.Now()
		findings, err := p.check(ctx, check)
		came := outcome{findings, err, time.Since(start)}
		p.spent("lint", check.Name, start, verdict(check, came) != nil)
		return came
	})
	end()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	p.lintTable(checks, outcomes)
	var failed []error
	told := map[string]bool{}
	for i, check := range checks {
		// What two checks need for their work has failed once for both.
		if err := verdict(check, outcomes[i]); err != nil && !told[err.Error()] {
			told[err.Error()] = true
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// check runs one check, shows its findings and saves them as JSON.
func (p *pipeline) check(ctx context.Context, check app.Step) ([]report.Finding, error) {
	if check.Absent != "" {
		return nil, nil
	}
	file, err := p.app.Dist("lint", app.FileName(check.Name)+".json")
	if err != nil {
		return nil, err
	}
	findings, err := p.runCheck(ctx, check)
	for i, finding := range findings {
		finding.Message = p.run.Shown(finding.Message)
		findings[i] = finding
		fmt.Fprintf(p.out, "%s │ %s\n", check.Name, finding)
	}
	p.annotate(ctx, check.Name, findings)
	return findings, errors.Join(err, report.WriteFindings(file, findings))
}

func (p *pipeline) runCheck(ctx context.Context, check app.Step) ([]report.Finding, error) {
	switch check.Kind {
	case "ruff":
		return p.backend.Ruff(ctx, check)
	case "mypy":
		return p.backend.Mypy(ctx, check)
	case "eslint":
		return p.frontend.ESLint(ctx, check)
	case "tsc":
		return p.frontend.TypeCheck(ctx, check)
	case "command":
		return nil, p.command(ctx, check, nil)
	}
	return nil, fmt.Errorf("%s: unknown kind %q", check.Name, check.Kind)
}

// verdict is the error of a check that did not pass: its first finding, and
// how many more.
func verdict(check app.Step, o outcome) error {
	if o.err != nil {
		return o.err
	}
	count := report.Errors(o.findings)
	for _, finding := range o.findings {
		if finding.Severity != report.Error {
			continue
		}
		if count == 1 {
			return fmt.Errorf("%s: %s", check.Name, finding)
		}
		return fmt.Errorf("%s: %s (and %d more)", check.Name, finding, count-1)
	}
	return nil
}

func (p *pipeline) lintTable(checks []app.Step, outcomes []outcome) {
	rows := make([][]string, 0, len(checks))
	for i, check := range checks {
		if check.Absent != "" {
			rows = append(rows, []string{check.Name, "absent: " + check.Absent, "", "", ""})
			continue
		}
		o, result := outcomes[i], "ok"
		if verdict(check, o) != nil {
			result = "FAILED"
		}
		errs := report.Errors(o.findings)
		rows = append(
			rows,
			[]string{check.Name, result, fmt.Sprint(errs), fmt.Sprint(len(o.findings) - errs), report.Seconds(o.took)},
		)
	}
	p.table("", []string{"check", "result", ">errors", ">warnings", ">time"}, rows)
	fmt.Fprintln(p.out)
}
