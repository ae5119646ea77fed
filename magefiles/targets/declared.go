package targets

import (
	"fmt"

	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// declared holds the steps that a graph has declared. Several steps may need the same one: it is
// declared once.
type declared struct {
	steps  *step.Graph
	scope  string                 // tells the steps from those of other graphs in this process
	known  map[string]*step.Step  // by title
	locals map[string]*step.Local // those whose results are kept, by title
	groups int                    // number of groups
}

// newDeclared returns a declared without steps; its graph of steps is for the caller to set.
func newDeclared(scope string) *declared {
	return &declared{scope: scope, known: map[string]*step.Step{}, locals: map[string]*step.Local{}}
}

// together returns a group of steps that run side by side.
func (d *declared) together(title string, needs ...*step.Step) *step.Step {
	d.groups++ // the title does not identify it: a phase may be the only one of a target with that title
	scope := fmt.Sprintf("group %d of %p", d.groups, d)
	return d.steps.Add(step.Step{Title: title, Phase: title, Scope: scope, Needs: needs})
}

// inOrder returns a group of steps that run one after the other.
func (d *declared) inOrder(title string, needs ...*step.Step) *step.Step {
	group := d.together(title, needs...)
	group.InOrder = true
	return group
}

// step returns the step with that title. If there is none yet, it declares one that does the work.
func (d *declared) step(phase, title string, work step.Work, needs ...*step.Step) *step.Step {
	if known := d.known[title]; known != nil {
		return known
	}
	d.known[title] = d.steps.Add(step.Step{Phase: phase, Title: title, Scope: d.scope, Needs: needs, Work: work})
	return d.known[title]
}

// absent returns a step that the app does not have, with the reason.
func (d *declared) absent(phase, title, why string) *step.Step {
	return d.step(phase, title, step.AbsentWork(why))
}
