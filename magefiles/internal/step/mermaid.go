package step

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// chart draws a Mermaid flowchart (https://mermaid.js.org/syntax/flowchart.html):
// a box for each phase, with its steps and the arrows between them.
type chart struct {
	ctx context.Context
	out io.Writer
	ids map[*Step]string
}

func newChart(ctx context.Context, out io.Writer) *chart {
	return &chart{ctx, out, map[*Step]string{}}
}

func (c *chart) draw(target *Step) {
	fmt.Fprint(c.out, "%%{init: {\"flowchart\": {\"wrappingWidth\": 400}}}%%\nflowchart TB\n")
	boxes := []*Step{target}
	if !slices.ContainsFunc(target.Needs, func(s *Step) bool { return s.Work != nil }) {
		boxes = target.Needs // these are phases
	}
	for i, phase := range boxes {
		c.box(phase)
		if i > 0 && target.InOrder {
			fmt.Fprintf(c.out, "  %s --> %s\n", identifier(boxes[i-1].Title), identifier(phase.Title))
		}
	}
}

// box draws a phase and those of its steps that no earlier phase has: from left to right if they run in order, else
// one below the other.
func (c *chart) box(phase *Step) {
	direction := "TB"
	if phase.InOrder {
		direction = "LR"
	}
	fmt.Fprintf(c.out, "  subgraph %s[%s]\n", identifier(phase.Title), quoted(phase.Title))
	fmt.Fprintf(c.out, "    direction %s\n", direction)
	Walk(phase, func(s *Step) {
		if s.Work != nil && c.ids[s] == "" {
			c.ids[s] = identifier(s.Phase + " " + s.Title)
			fmt.Fprintf(c.out, "    %s[%s]\n", c.ids[s], c.label(s))
		}
	})
	Walk(phase, func(s *Step) {
		if s.Work != nil {
			for _, need := range direct(s) {
				c.arrows(last(need), []*Step{s})
			}
		} else if s.InOrder {
			for i := 1; i < len(s.Needs); i++ {
				c.arrows(last(s.Needs[i-1]), first(s.Needs[i]))
			}
		}
	})
	fmt.Fprint(c.out, "  end\n")
}

func (c *chart) arrows(from, to []*Step) {
	for _, before := range from {
		for _, after := range to {
			fmt.Fprintf(c.out, "    %s --> %s\n", c.ids[before], c.ids[after])
		}
	}
}

// label returns a step's title and, each on a line of its own, the parts of its work.
func (c *chart) label(s *Step) string {
	list := parts(c.ctx, s)
	if len(list) == 0 {
		return quoted(s.Title)
	}
	return quoted(strings.Join(append([]string{s.Title + ":"}, list...), "\n      "))
}

// direct returns the needs of a step, without those that another need already implies.
func direct(s *Step) []*Step {
	return slices.DeleteFunc(slices.Clone(s.Needs), func(need *Step) bool {
		return slices.ContainsFunc(s.Needs, func(other *Step) bool {
			reached := false
			Walk(other, func(each *Step) { reached = reached || each == need })
			return reached && other != need
		})
	})
}

// first returns the steps of a group that nothing else in it precedes.
func first(s *Step) []*Step { return ends(s, func(needs []*Step) *Step { return needs[0] }) }

// last returns the steps of a group that nothing else in it follows.
func last(s *Step) []*Step { return ends(s, func(needs []*Step) *Step { return needs[len(needs)-1] }) }

func ends(s *Step, end func([]*Step) *Step) []*Step {
	switch {
	case s.Work != nil:
		return []*Step{s}
	case len(s.Needs) == 0:
		return nil
	case s.InOrder:
		return ends(end(s.Needs), end)
	}
	var all []*Step
	for _, need := range s.Needs {
		all = append(all, ends(need, end)...)
	}
	return all
}

var notInIdentifiers = pattern.Lazy(`[^a-zA-Z0-9]+`)

// identifier returns an identifier for Mermaid. It depends only on the title, so that a new step changes one line
// of a drawing.
func identifier(title string) string { return notInIdentifiers().ReplaceAllString(title, "_") }

// quoted returns a text as a quoted label. Mermaid decodes no entities in a label of several lines.
func quoted(text string) string { return `"` + strings.ReplaceAll(text, `"`, "'") + `"` }
