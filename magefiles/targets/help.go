package targets

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/spelling"
)

// Help shows what a target does: its flags, its steps, what it leaves in dist, and an example.
//
// The steps are those of the app in the current folder or, without one, of an app with the default layout.
//
// Example: help releaseCheck
func Help(
	ctx context.Context,
	target string, // the target, such as lint
) error {
	all, err := manuals()
	if err != nil {
		return err
	}
	page, err := find(all, target)
	if err != nil {
		return complained(err)
	}
	found, where := shared.find()
	if where != nil { // there is no app, or its release.yaml is wrong: help is needed all the more
		if found, err = app.Default("."); err != nil {
			return complained(err)
		}
	}
	return withApp(ctx, found, func(ctx context.Context, p *session) error {
		g := newGraph(ctx, p, options{lenient: true})
		program, _ := os.Executable() // unknown, it is shown as Mage
		return page.write(ctx, p.screen.Out, g, command(program), where == nil)
	})
}

// command returns how a person runs a target of a program: the one that scripts/pipeline compiles, the one
// that is attached to a release of this project, or one that Mage compiled for an app.
func command(program string) string {
	switch name := filepath.Base(program); name {
	case "pipeline":
		return "scripts/pipeline"
	case "odin-release":
		return name
	}
	return "go tool mage"
}

// find returns the manual of the target of a name.
func find(all []manual, name string) (manual, error) {
	names := make([]string, len(all))
	for i, each := range all {
		if strings.EqualFold(each.Name, name) {
			return each, nil
		}
		names[i] = each.Name
	}
	near := spelling.Near(name, names)
	for _, each := range names { // the name without its namespace, or the namespace alone
		space, own, is := strings.Cut(each, ":")
		if is && !slices.Contains(near, each) && len(spelling.Near(name, []string{space, own})) > 0 {
			near = append(near, each)
		}
	}
	if len(near) == 0 {
		return manual{}, fmt.Errorf("there is no target %q; the targets are %s", name, strings.Join(names, ", "))
	}
	return manual{}, fmt.Errorf("there is no target %q; did you mean %s?", name, strings.Join(near, ", "))
}

// write shows a manual, with the steps that a graph declares for the target. program is how a target is run.
func (m manual) write(ctx context.Context, out io.Writer, g *graph, program string, ownApp bool) error {
	fmt.Fprintf(out, "%s %s\n", m.Name, m.Summary)
	if m.Text != "" {
		fmt.Fprintf(out, "\n%s\n", m.Text)
	}
	m.writeFlags(out)
	if declare := g.catalog().declarations(ctx)[m.Name]; declare != nil {
		where := "in an app with the defaults"
		if ownApp {
			where = "in this app"
		}
		fmt.Fprintf(out, "\nSteps, %s:\n", where)
		if target, err := declare(); err != nil {
			fmt.Fprintf(out, "  none: %v\n", err)
		} else {
			step.Outline(out, target, "  ")
		}
	}
	fmt.Fprintf(out, "\nLeaves in dist:\n  %s\n", cmp.Or(strings.ReplaceAll(m.Leaves, "\n", "\n  "), "nothing"))
	_, err := fmt.Fprintf(out, "\nExample:\n  %s %s\n", program, m.Example)
	return err
}

func (m manual) writeFlags(out io.Writer) {
	title, width := "Flags", 0
	arguments := append(slices.Clone(m.Arguments), configArgument)
	for _, each := range arguments {
		width = max(width, len(each.Usage))
		if !strings.HasPrefix(each.Usage, "-") {
			title = "Arguments and flags"
		}
	}
	fmt.Fprintf(out, "\n%s:\n", title)
	for _, each := range arguments {
		fmt.Fprintf(out, "  %-*s  %s\n", width, each.Usage, each.Meaning)
	}
}
