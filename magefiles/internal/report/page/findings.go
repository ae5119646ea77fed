package page

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/report"
)

// advised is the state of an advisory check with findings: it did not fail, but it did not pass cleanly either.
const advised = string(report.Advisory)

// withAdvice returns the steps with the states that are drawn.
func withAdvice(steps []report.Span) []report.Span {
	drawn := slices.Clone(steps)
	for i, step := range drawn {
		if step.Advisory > 0 && (step.State == report.Done || step.State == report.Reused) {
			drawn[i].State = advised
			drawn[i].Why = strings.TrimSuffix(report.AdvisoryCount(step.Advisory)+"; "+step.Why, "; ")
		}
	}
	return drawn
}

// findingsTile counts what fails checks, and what does not.
func (v view) findingsTile() tile {
	errs, warnings := 0, 0
	tolerated := map[report.Tolerance]int{}
	for _, check := range v.Checks {
		for _, finding := range check.Findings {
			switch {
			case finding.Tolerated != "":
				tolerated[finding.Tolerated]++
			case finding.Fails():
				errs++
			default:
				warnings++
			}
		}
	}
	t := tile{Name: "Findings", Value: plural(errs, "error"), Note: plural(warnings, "warning"), To: "findings"}
	for _, as := range []report.Tolerance{report.Advisory, report.Known} {
		if count := tolerated[as]; count > 0 {
			t.Note += fmt.Sprintf(", %d %s", count, as)
		}
	}
	if errs > 0 {
		t.State = report.Failed
	}
	return t
}
