package publish

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// markRolledBack is the effect that the release, and its name, say that it was
// rolled back. Users of the app read "withdrawn", which says more to them.
type markRolledBack struct {
	forge   editor
	release github.Release
	state   State

	now github.Release
}

// Title implements Effect.
func (m *markRolledBack) Title() string { return "mark the release " + m.state.Tag + " as rolled back" }

// withdrawn is what the name of a release that was rolled back ends in. Releases that
// are marked already are known by it: it stays what it is.
const withdrawn = " (withdrawn)"

// Done implements step.Work.
func (m *markRolledBack) Done(ctx context.Context) (step.State, error) {
	var err error
	m.now, err = m.forge.Release(ctx, m.release.ID)
	return doneIf(strings.HasSuffix(m.now.Name, withdrawn), "its name does not say so"), err
}

// Do implements step.Work.
func (m *markRolledBack) Do(ctx context.Context) error {
	name := cmp.Or(m.now.Name, m.state.Tag) + withdrawn
	body := fmt.Sprintf(
		"> [!CAUTION]\n> This release was withdrawn: %s\n%s\n%s",
		changelog.Escape(m.state.RolledBack),
		forcedNotes(m.state),
		m.now.Body,
	)
	_, err := m.forge.Edit(ctx, m.release.ID, github.Edit{Name: &name, Body: &body})
	return err
}
