package targets

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/checks"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/junit"
)

// writeSummary puts into the step summary what other jobs have written to theirs, as far
// as dist holds it: what the changes ask for, what was tested and what was built.
func (p timing) writeSummary(decided plan.Plan) {
	p.screen.Summary(func(out io.Writer) {
		summaryTable(out, "Phases of all jobs", []string{"phase", "result", ">time"}, phaseRows(worked(p.spans())))
		fmt.Fprintf(out, "%s\n\n", changelog.Escape(decided.Verdict.Text))
		decided.WriteEvidence(out)
		summaryTable(out, "Checks", []string{"check", "result", ">errors", ">warnings"}, p.checkRows())
		summaryTable(out, "Tests", []string{"suite", ">passed", ">failed", ">skipped"}, p.testRows())
		summaryTable(out, "What was built", []string{"artifact", ">size", "digest"}, p.builtRows())
	})
}

func summaryTable(out io.Writer, title string, header []string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(out, "### %s\n\n", title)
	report.MarkdownTable(out, header, rows)
	fmt.Fprintln(out)
}

// checkRows are of the checks whose findings are in dist.
func (p timing) checkRows() [][]string {
	var rows [][]string
	for _, check := range p.app.Config.Checks {
		var findings []report.Finding
		data, err := os.ReadFile(p.app.Path(app.DistDir, checks.FindingsFile(check)))
		if check.Absent != "" {
			rows = append(rows, []string{check.Name, "absent: " + changelog.Cell(check.Absent), "", ""})
		} else if err == nil && json.Unmarshal(data, &findings) == nil {
			result := "FAILED"
			if report.Errors(findings) == 0 {
				result = checks.Checked{Findings: findings}.Result("ok")
			}
			errs := report.OfSeverity(findings, report.Error)
			rows = append(rows, []string{check.Name, result, fmt.Sprint(errs), fmt.Sprint(len(findings) - errs)})
		}
	}
	return rows
}

// testRows are of the suites whose results are in dist.
func (p timing) testRows() [][]string {
	var rows [][]string
	for _, suite := range p.app.Config.Suites {
		if suite.Absent != "" {
			rows = append(rows, []string{suite.Name, "absent: " + changelog.Cell(suite.Absent), "", ""})
		} else if results, err := junit.Read(
			p.app.Path(app.DistDir, "test", app.FileName(suite.Name)+".xml"),
		); err == nil {
			rows = append(rows, append([]string{suite.Name}, counts(results)...))
		}
	}
	return rows
}

// builtRows are of the files and the image that the release records.
func (p timing) builtRows() [][]string {
	record, err := recorded(p.app)
	if err != nil {
		return nil
	}
	var rows [][]string
	for _, file := range record.Files {
		rows = append(rows, []string{file.Name, report.Size(file.Size), "sha256:" + file.SHA256})
	}
	if record.Image != nil {
		for _, platform := range record.Image.Platforms {
			rows = append(rows, []string{platform.Name, report.Size(platform.Size), platform.Digest})
		}
	}
	return rows
}

// counts returns how many tests passed, failed and were skipped.
func counts(results junit.Results) []string {
	return []string{fmt.Sprint(results.Passed), fmt.Sprint(results.Failed), fmt.Sprint(results.Skipped)}
}
