package frontend

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// ESLint runs ESLint with the app's own configuration and returns its findings, and which files it checked. An
// error means that ESLint itself failed.
func (t Toolchain) ESLint(ctx context.Context, step app.Step) ([]report.Finding, Coverage, error) {
	command, err := t.command(ctx, step, "eslint", "--format=json")
	if err != nil {
		return nil, Coverage{}, err
	}
	command.Quiet = true
	result, err := t.Run.Run(ctx, command)
	if err != nil && result.Code != 1 { // 1: there are errors
		return nil, Coverage{}, err
	}
	files, parseErr := eslintResults(result.Stdout)
	if parseErr != nil {
		return nil, Coverage{}, parseErr
	}
	covered, walkErr := t.coverage(step.Directory, files)
	if walkErr != nil {
		return nil, Coverage{}, walkErr
	}
	findings := t.eslintFindings(files)
	if err != nil && report.Errors(findings) == 0 {
		return findings, covered, err // such as --max-warnings in the step's args
	}
	return findings, covered, nil
}

// eslintFile is ESLint's result for a file (https://eslint.org/docs/latest/use/formatters/#json).
type eslintFile struct {
	FilePath string
	Messages []struct {
		RuleID       string
		Severity     int
		Message      string
		Line, Column int
	}
}

func eslintResults(output []byte) ([]eslintFile, error) {
	var files []eslintFile
	if err := json.Unmarshal(output, &files); err != nil {
		return nil, fmt.Errorf("read ESLint's findings: %w", err)
	}
	return files, nil
}

func (t Toolchain) eslintFindings(files []eslintFile) []report.Finding {
	var findings []report.Finding
	for _, file := range files {
		for _, each := range file.Messages {
			severity := report.Warning
			if each.Severity == 2 {
				severity = report.Error
			}
			findings = append(findings, report.Finding{File: t.App.Rel(file.FilePath), Line: each.Line,
				Column: each.Column, Severity: severity, Code: each.RuleID, Message: each.Message})
		}
	}
	return findings
}

// TypeCheck runs tsc --noEmit and returns its findings. An error means that tsc itself
// failed.
func (t Toolchain) TypeCheck(ctx context.Context, step app.Step) ([]report.Finding, error) {
	command, err := t.command(ctx, step, "tsc", "--noEmit", "--pretty", "false")
	if err != nil {
		return nil, err
	}
	command.Quiet = true
	result, err := t.Run.Run(ctx, command)
	findings := t.tscFindings(step, string(result.Stdout))
	var failed *run.Error
	if errors.As(err, &failed) && failed.Cause == nil && report.Errors(findings) > 0 {
		return findings, nil
	}
	return findings, err
}

// tscLine matches file(line,column): error TS2322: message; an error of the
// configuration itself has no place.
var tscLine = pattern.Lazy(`^(?:(.+?)\((\d+),(\d+)\): )?(error|warning) (TS\d+): (.*)$`)

func (t Toolchain) tscFindings(step app.Step, output string) []report.Finding {
	var findings []report.Finding
	for line := range strings.Lines(output) {
		line = strings.TrimRight(line, "\r\n")
		match := tscLine().FindStringSubmatch(line)
		if match == nil {
			if len(findings) > 0 && strings.HasPrefix(line, " ") {
				findings[len(findings)-1].Message += " " + strings.TrimSpace(line)
			}
			continue
		}
		file := match[1]
		if file == "" {
			file = "tsconfig.json"
		}
		row, _ := strconv.Atoi(match[2])
		column, _ := strconv.Atoi(match[3])
		findings = append(findings, report.Finding{File: t.App.Rel(filepath.Join(t.App.Path(step.Directory), file)),
			Line: row, Column: column, Severity: report.Severity(match[4]), Code: match[5], Message: match[6]})
	}
	return findings
}
