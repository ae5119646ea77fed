package overview

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"slices"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/checks"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/report/page"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/junit"
)

// ran reports whether a check or a suite was part of a run and left a result in dist.
func ran(steps []report.Span, name string) bool {
	return slices.ContainsFunc(steps, func(step report.Span) bool {
		return step.Name == name &&
			(step.State == report.Done || step.State == report.Reused || step.State == report.Failed)
	})
}

// checks returns what the checks of a run found.
func (s Source) checks(steps []report.Span) []page.Check {
	var list []page.Check
	for _, check := range s.App.Config.Checks {
		var found []report.Finding
		if !ran(steps, check.Name) || json.Unmarshal(s.dist().read(checks.FindingsFile(check)), &found) != nil {
			continue
		}
		shown := page.Check{Name: check.Name}
		for i, finding := range found {
			each := page.Finding{Finding: finding}
			if i < sourced {
				each.Source = s.dist().source(finding.File, finding.Line)
			}
			shown.Findings = append(shown.Findings, each)
		}
		list = append(list, shown)
	}
	return list
}

// untold returns the checks and suites that ran and of which a report has nothing.
func untold(s Source, r page.Report) page.Untold {
	var list page.Untold
	for _, check := range s.App.Config.Checks {
		told := slices.ContainsFunc(r.Checks, func(each page.Check) bool { return each.Name == check.Name })
		list.Checks = append(list.Checks, silent(r.Steps, check.Name, told)...)
	}
	for _, suite := range s.App.Config.Suites {
		told := slices.ContainsFunc(r.Suites, func(each page.Suite) bool { return each.Name == suite.Name })
		list.Suites = append(list.Suites, silent(r.Steps, suite.Name, told)...)
	}
	return list
}

// silent returns a check or a suite that was part of a run, unless the report has what it found.
func silent(steps []report.Span, name string, told bool) []page.Ran {
	at := slices.IndexFunc(steps, func(step report.Span) bool { return step.Name == name })
	if told || at < 0 || steps[at].State != report.Interrupted && !ran(steps, name) {
		return nil
	}
	return []page.Ran{{Name: name, State: steps[at].State}}
}

// sourced is the number of a check's findings for which the source is read.
const sourced = 60

// around is how many lines of source are shown before and after that of a finding.
const around = 2

// source returns the lines around a place in a file of the app, or none if there is no such line. It does not
// follow links that lead out of the app.
func (d dist) source(name string, line int) []page.Line {
	root, err := os.OpenRoot(d.Root)
	if err != nil || line <= 0 {
		return nil
	}
	defer root.Close()
	file, err := root.Open(name)
	if err != nil {
		return nil
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	var lines []page.Line
	scanner := bufio.NewScanner(io.LimitReader(file, 4<<20))
	for number := 1; number <= line+around && scanner.Scan(); number++ {
		if number >= line-around {
			lines = append(lines, page.Line{Number: number, Text: scanner.Text(), Here: number == line})
		}
	}
	if !slices.ContainsFunc(lines, func(l page.Line) bool { return l.Here }) {
		return nil
	}
	return lines
}

// suites returns the results of the suites of a run.
func (s Source) suites(steps []report.Span) []page.Suite {
	var list []page.Suite
	for _, suite := range s.App.Config.Suites {
		if !ran(steps, suite.Name) {
			continue
		}
		tests, err := junit.Tests(s.dist().file(checks.ResultsFile(suite)))
		if err != nil {
			continue
		}
		shown := page.Suite{Name: suite.Name}
		for _, test := range tests {
			shown.Cases = append(shown.Cases, page.Case{
				Name: test.Name, Time: test.Time, Failed: test.Failed, Skipped: test.Skipped, Message: test.Message,
				Output: test.Output,
			})
		}
		list = append(list, shown)
	}
	return list
}
