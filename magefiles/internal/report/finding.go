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

// Finding is a problem that a tool found, with its place in the app.
type Finding struct {
	File     string   `json:"file"` // relative to the app's root
	Line     int      `json:"line,omitempty"`
	Column   int      `json:"column,omitempty"`
	Severity Severity `json:"severity"`
	Code     string   `json:"code,omitempty"` // the tool's rule
	Message  string   `json:"message"`
}

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
	text := fmt.Sprintf("%s%s: %s", place, f.Severity, f.Message)
	if f.Code != "" {
		text += " [" + f.Code + "]"
	}
	return text
}

// Errors counts the findings that fail a check.
func Errors(findings []Finding) int {
	count := 0
	for _, finding := range findings {
		if finding.Severity == Error {
			count++
		}
	}
	return count
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
