// Package report formats what users see: findings, tables and the log.
package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"
)

// Severity of a finding. Only errors make a check fail.
type Severity string

// The severities.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Tolerance is why a finding does not make its check fail, whatever its severity.
type Tolerance string

// The tolerances.
const (
	Advisory Tolerance = "advisory" // the check is advisory
	Known    Tolerance = "known"    // the baseline of the check has the finding
)

// Finding is a problem that a tool found, with its place in the app.
type Finding struct {
	File      string    `json:"file"` // relative to the app's root
	Line      int       `json:"line,omitempty"`
	Column    int       `json:"column,omitempty"`
	Severity  Severity  `json:"severity"`       // as reported by the tool
	Code      string    `json:"code,omitempty"` // the tool's rule
	Message   string    `json:"message"`
	Tolerated Tolerance `json:"tolerated,omitempty"` // "" for a finding that counts
}

// Fails reports whether the finding makes its check fail.
func (f Finding) Fails() bool { return f.Severity == Error && f.Tolerated == "" }

// Label returns the severity or, for a tolerated finding, its tolerance.
func (f Finding) Label() string { return cmp.Or(string(f.Tolerated), string(f.Severity)) }

// String formats the finding so that editors turn its place into a link.
func (f Finding) String() string {
	place := f.File
	if f.Line > 0 {
		place += fmt.Sprintf(":%d", f.Line)
	}
	if f.Column > 0 {
		place += fmt.Sprintf(":%d", f.Column)
	}
	if place != "" {
		place += ": "
	}
	text := fmt.Sprintf("%s%s: %s", place, f.Label(), f.Message)
	if f.Code != "" {
		text += " [" + f.Code + "]"
	}
	return text
}

// Errors counts the findings that make a check fail.
func Errors(findings []Finding) int {
	count := 0
	for _, finding := range findings {
		if finding.Fails() {
			count++
		}
	}
	return count
}

// OfSeverity counts the findings of a severity, including tolerated ones.
func OfSeverity(findings []Finding, severity Severity) int {
	count := 0
	for _, finding := range findings {
		if finding.Severity == severity {
			count++
		}
	}
	return count
}

// Tolerated counts the findings with this tolerance.
func Tolerated(findings []Finding, as Tolerance) int {
	count := 0
	for _, finding := range findings {
		if finding.Tolerated == as {
			count++
		}
	}
	return count
}

// AdvisoryCount formats the number of findings of advisory checks, for tables and summaries.
func AdvisoryCount(findings int) string {
	if findings == 1 {
		return "advisory, 1 finding"
	}
	return fmt.Sprintf("advisory, %d findings", findings)
}

// WriteFindings saves findings as JSON, sorted by file and line.
func WriteFindings(file string, findings []Finding) error {
	sorted := slices.Clone(findings)
	slices.SortStableFunc(sorted, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	if sorted == nil {
		sorted = []Finding{}
	}
	data, err := json.MarshalIndent(sorted, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(data, '\n'), 0o644)
}
