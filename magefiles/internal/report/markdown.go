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

// Span is the time that something took.
type Span struct {
	Name   string
	Start  time.Time
	Took   time.Duration
	Failed bool
}

// Timeline writes spans as a Gantt chart
// (https://mermaid.js.org/syntax/gantt.html), which GitHub draws.
func Timeline(out io.Writer, spans []Span) {
	fmt.Fprint(out, "```mermaid\ngantt\n    dateFormat x\n    axisFormat %H:%M:%S\n")
	for _, span := range spans {
		state := "done"
		if span.Failed {
			state = "crit"
		}
		// A name ends at a colon, and some signs begin a comment or the next line.
		name := strings.Map(func(r rune) rune {
			if strings.ContainsRune(":;#%\n", r) {
				return ' '
			}
			return r
		}, span.Name)
		fmt.Fprintf(out, "    %s :%s, %d, %d\n", name, state, span.Start.UnixMilli(), span.Start.Add(max(span.Took, time.Second)).UnixMilli())
	}
	fmt.Fprint(out, "```\n")
}
