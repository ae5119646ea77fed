package publish

import (
	"context"
	"fmt"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// markWithdrawn is the effect that the release, and its name, say that it was
// taken back.
type markWithdrawn struct {
	forge   editor
	release github.Release
	state   State

	now github.Release
}

// Title implements Effect.
func (m *markWithdrawn) Title() string { return "mark the release " + m.state.Tag + " as withdrawn" }

func (m *markWithdrawn) name() string { return m.state.Tag + " (withdrawn)" }

// Done implements step.Work.
func (m *markWithdrawn) Done(ctx context.Context) (step.State, error) {
	var err error
	m.now, err = m.forge.Release(ctx, m.release.ID)
	return doneIf(m.now.Name == m.name(), "its name does not say so"), err
}

// Do implements step.Work.
func (m *markWithdrawn) Do(ctx context.Context) error {
	name := m.name()
	body := fmt.Sprintf(
		"> [!CAUTION]\n> This release was withdrawn: %s\n\n%s",
		changelog.Escape(m.state.RolledBack),
		m.now.Body,
	)
	_, err := m.forge.Edit(ctx, m.release.ID, github.Edit{Name: &name, Body: &body})
	return err
}
