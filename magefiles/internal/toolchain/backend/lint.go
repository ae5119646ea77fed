package backend

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// Ruff runs ruff (https://docs.astral.sh/ruff/linter/) and returns its findings. An
// error means that ruff itself failed.
func (t Toolchain) Ruff(ctx context.Context, step app.Step) ([]report.Finding, error) {
	command, err := t.command(ctx, step, "ruff", "check", "--output-format=json", "--no-fix",
		"--cache-dir", t.Cache.Path("ruff"))
	if err != nil {
		return nil, err
	}
	command.Quiet = true
	result, err := t.Run.Run(ctx, command)
	if err != nil && result.Code != 1 { // 1: there are findings
		return nil, err
	}
	return ruffFindings(t.App, result.Stdout)
}

func ruffFindings(of *app.App, output []byte) ([]report.Finding, error) {
	var found []struct {
		Filename string
		Code     string
		Message  string
		Location struct{ Row, Column int }
	}
	if err := json.Unmarshal(output, &found); err != nil {
		return nil, fmt.Errorf("read ruff's findings: %w", err)
	}
	findings := make([]report.Finding, 0, len(found))
	for _, each := range found {
		findings = append(findings, report.Finding{File: of.Rel(each.Filename), Line: each.Location.Row,
			Column: each.Location.Column, Severity: report.Error, Code: each.Code, Message: each.Message})
	}
	return findings, nil
}

// Mypy runs mypy (https://mypy.readthedocs.io/) and returns its findings. An error means that mypy itself failed,
// or that it did not check all files. There may be findings in that case, too.
func (t Toolchain) Mypy(ctx context.Context, step app.Step) ([]report.Finding, error) {
	command, err := t.command(
		ctx,
		step,
		"mypy",
		"--show-column-numbers",
		"--no-pretty",
		"--no-error-summary",
		"--hide-error-context",
		"--no-color-output",
		"--cache-dir",
		t.Cache.Path("mypy", cache.Key(t.App.Root, step.Name)),
	)
	if err != nil {
		return nil, err
	}
	command.Quiet = true
	result, err := t.Run.Run(ctx, command)
	findings := mypyFindings(t.App, step, string(result.Stdout))
	if result.Code == 1 && report.Errors(findings) > 0 { // 2: it did not check all files
		return findings, nil
	}
	return findings, err
}

// mypyLine matches file:line:column: severity: message  [code]; a file that cannot be
// read at all has no line.
var mypyLine = pattern.Lazy(`^(.+?):(?:(\d+):)?(?:(\d+):)? (error|warning): (.*?)(?:  \[([a-z0-9-]+)\])?$`)

func mypyFindings(of *app.App, step app.Step, output string) []report.Finding {
	var findings []report.Finding
	for line := range strings.Lines(output) {
		match := mypyLine().FindStringSubmatch(strings.TrimRight(line, "\r\n"))
		if match == nil {
			continue // notes belong to the error before them
		}
		row, _ := strconv.Atoi(match[2])
		column, _ := strconv.Atoi(match[3])
		findings = append(findings, report.Finding{
			File: of.Rel(filepath.Join(of.Path(step.Directory), match[1])), Line: row, Column: column,
			Severity: report.Severity(match[4]), Code: match[6], Message: match[5]})
	}
	return findings
}
