package report

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// MarkdownTable writes what Table does as a table of GitHub Flavored Markdown.
// Cells are Markdown already.
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

// Span is when a part of a release took place.
type Span struct {
	Phase  string    `json:"phase"`
	Name   string    `json:"name"` // the phase's own, when it is the whole of it
	Start  time.Time `json:"start"`
	End    time.Time `json:"end"`
	Failed bool      `json:"failed,omitempty"`
}

// Phases are spans, which are in the order of their phases, by phase.
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

// Timeline writes spans, which are in the order of their phases, as a Gantt chart
// (https://mermaid.js.org/syntax/gantt.html), which GitHub draws: a section for
// each phase. A phase whose parts are known is shown by them.
func Timeline(out io.Writer, spans []Span) {
	fmt.Fprint(out, "```mermaid\ngantt\n    dateFormat x\n    axisFormat %H:%M:%S\n")
	for _, parts := range Phases(spans) {
		fmt.Fprintf(out, "    section %s\n", ganttName(parts[0].Phase))
		for _, span := range parts {
			if span.Name == span.Phase && len(parts) > 1 {
				continue
			}
			state := "done"
			if span.Failed {
				state = "crit"
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

// ganttName is a name without the signs that would end it, or begin a comment
// or the next line.
func ganttName(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(":;#%\n", r) {
			return ' '
		}
		return r
	}, name)
}
