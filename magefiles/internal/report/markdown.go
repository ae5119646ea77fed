package report

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// MarkdownTable writes a table like Table does, in GitHub Flavored Markdown. Cells must already be Markdown.
func MarkdownTable(out io.Writer, header []string, rows [][]string) {
	titles, rules := make([]string, len(header)), make([]string, len(header))
	for i, title := range header {
		var right bool
		titles[i], right = strings.CutPrefix(title, ">")
		rules[i] = "---"
		if right {
			rules[i] = "---:"
		}
	}
	for _, row := range append([][]string{titles, rules}, rows...) {
		fmt.Fprintf(out, "| %s |\n", strings.Join(row, " | "))
	}
}

// Span is the result of a step of a release, or of a whole phase, with its times.
type Span struct {
	Phase string    `json:"phase"`
	Name  string    `json:"name"`
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
	State string    `json:"state,omitempty"` // one of the states
	Why   string    `json:"why,omitempty"`   // the reason for the state, or for the failure
	Needs []string  `json:"needs,omitempty"` // names of the steps that it waited for, in its phase or before
	Group bool      `json:"group,omitempty"` // whether it is a whole phase, rather than a step
	Run   string    `json:"run,omitempty"`   // identifies the run: a process, or all jobs of a workflow

	// Advisory is how many findings of advisory checks the step, or the steps of the phase, have.
	Advisory int `json:"advisory,omitempty"`
}

// The states of a span.
const (
	Done        = "done"
	Reused      = "reused"
	Absent      = "absent"
	Failed      = "failed"
	Interrupted = "interrupted"
	NotRun      = "not run"
)

// Worked reports whether the step did its work, whatever the result.
func (s Span) Worked() bool { return s.State == Done || s.State == Failed || s.State == Interrupted }

// Phases groups spans, which must be in the order of their phases.
func Phases(spans []Span) [][]Span {
	var phases [][]Span
	for i, span := range spans {
		if i == 0 || spans[i-1].Phase != span.Phase {
			phases = append(phases, nil)
		}
		last := len(phases) - 1
		phases[last] = append(phases[last], span)
	}
	return phases
}

// Timeline writes spans, which must be in the order of their phases, as a Gantt chart
// for GitHub (https://mermaid.js.org/syntax/gantt.html), with a section for each phase.
// A phase whose parts are known is shown by its parts.
func Timeline(out io.Writer, spans []Span) {
	fmt.Fprint(out, "```mermaid\ngantt\n    dateFormat x\n    axisFormat %H:%M:%S\n")
	for _, parts := range Phases(spans) {
		fmt.Fprintf(out, "    section %s\n", ganttName(parts[0].Phase))
		for _, span := range parts {
			if span.Name == span.Phase && len(parts) > 1 {
				continue
			}
			state := "done"
			switch {
			case span.State == Failed:
				state = "crit"
			case span.Advisory > 0:
				state = "active"
			}
			end := span.End
			if least := span.Start.Add(time.Second); end.Before(least) {
				end = least
			}
			fmt.Fprintf(
				out,
				"    %s :%s, %d, %d\n",
				ganttName(span.Name),
				state,
				span.Start.UnixMilli(),
				end.UnixMilli(),
			)
		}
	}
	fmt.Fprint(out, "```\n\n")
}

// ganttName removes the characters that would end a name or start a comment or a new
// line.
func ganttName(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(":;#%\n", r) {
			return ' '
		}
		return r
	}, name)
}
