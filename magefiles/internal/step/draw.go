package step

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
)

// Draw writes a step and all that it needs as indented text, a Mermaid flowchart
// (https://mermaid.js.org/syntax/flowchart.html), or JSON.
func Draw(ctx context.Context, out io.Writer, target *Step, format string) error {
	switch format {
	case "text":
		drawText(out, target, "", map[*Step]bool{}, func(s *Step) []string { return parts(ctx, s) })
	case "mermaid":
		newChart(ctx, out).draw(target)
	case "json":
		return drawJSON(ctx, out, target)
	default:
		return fmt.Errorf("-format=%s is not one of text, mermaid, json", format)
	}
	return nil
}

// Outline writes a step and all that it needs as indented text. It reads only what is declared: the parts of a
// step, which depend on the release, are left out.
func Outline(out io.Writer, target *Step, indent string) {
	drawText(out, target, indent, map[*Step]bool{}, func(*Step) []string { return nil })
}

func drawText(out io.Writer, s *Step, indent string, seen map[*Step]bool, parts func(*Step) []string) {
	how := ""
	switch {
	case s.InOrder && len(s.Needs) > 1:
		how = " (in order)"
	case len(s.Needs) > 1 && s.Work == nil:
		how = " (side by side)"
	case seen[s] && len(s.Needs) > 0:
		how = " (see above)"
	}
	fmt.Fprintf(out, "%s%s%s\n", indent, s.Title, how)
	if seen[s] {
		return
	}
	seen[s] = true
	for _, need := range s.Needs {
		drawText(out, need, indent+"  ", seen, parts)
	}
	for _, title := range parts(s) {
		fmt.Fprintf(out, "%s  %s\n", indent, title)
	}
}

// parts returns the titles of the parts of a step's work, or nil where these are not known yet.
func parts(ctx context.Context, s *Step) []string {
	composed, is := s.Work.(Composed)
	if !is {
		return nil
	}
	list, err := composed.Parts(ctx)
	if err != nil {
		return nil
	}
	titles := make([]string, len(list))
	for i, part := range list {
		titles[i] = part.Title()
	}
	return titles
}

// node is a step in the JSON output.
type node struct {
	Step    string   `json:"step"`
	Phase   string   `json:"phase"`
	Group   bool     `json:"group,omitempty"`
	InOrder bool     `json:"inOrder,omitempty"`
	Needs   []string `json:"needs,omitempty"`
	Parts   []string `json:"parts,omitempty"`
}

func drawJSON(ctx context.Context, out io.Writer, target *Step) error {
	var nodes []node
	Walk(target, func(s *Step) {
		each := node{Step: s.Title, Phase: s.Phase, Group: s.Work == nil, InOrder: s.InOrder, Parts: parts(ctx, s)}
		for _, need := range s.Needs {
			each.Needs = append(each.Needs, need.Title)
		}
		nodes = append(nodes, each)
	})
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(nodes)
}
