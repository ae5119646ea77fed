package publish

import (
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
)

// While a state is replaced, it may be there under its temporary name alone. A first one
// that another run was late with is not taken for it, whichever is listed first.
func TestAFirstStateThatCameTooLate(t *testing.T) {
	late := github.Asset{ID: 8, Name: pendingName(""), State: uploaded}
	next := github.Asset{ID: 7, Name: pendingName("1ccb200c080d871a"), State: uploaded}
	for name, assets := range map[string][]github.Asset{"last": {next, late}, "first": {late, next}} {
		found, err := states{}.storedIn(t.Context(), assets)
		if err != nil || found.newest() == nil || found.newest().ID != next.ID {
			t.Errorf("listed %s: %+v, %v", name, found, err)
		}
		if len(found.stale) != 1 || found.stale[0].ID != late.ID {
			t.Errorf("listed %s: stale: %+v", name, found.stale)
		}
	}
	found, err := states{}.storedIn(t.Context(), []github.Asset{late})
	if err != nil || found.newest() == nil || found.newest().ID != late.ID {
		t.Errorf("alone: %+v, %v", found, err)
	}
}
