package publish

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// Outcome tells in a few lines what has become of a release, as rows of a table.
func (f Found) Outcome() [][]string {
	if f.Release == nil || f.State == nil {
		return [][]string{{"release", "not published"}}
	}
	state := f.State
	outcome := "published"
	switch {
	case state.RolledBack != "":
		outcome = "rolled back: " + state.RolledBack
	case f.Release.Draft:
		outcome = "a draft"
	case state.Prerelease:
		outcome = "published, as a prerelease"
	}
	rows := [][]string{{"release", outcome}, {"", f.Release.URL}}
	for _, key := range state.names() {
		image := state.image(key)
		name := image.Name + ":" + state.ImageTag()
		if f.namedAs(key) != image.Digest {
			name = image.Name + ", not tagged: " + state.Version + " was not promoted"
		}
		rows = append(rows, []string{"image", name}, []string{"", image.Digest})
	}
	for _, health := range state.Healthy {
		rows = append(rows, []string{health.Platform, seen(health)})
	}
	if back := state.Back().Text(); back != "" {
		rows = append(rows, []string{"way back", back})
	}
	if state.Approved != nil {
		rows = append(rows, []string{"approved", state.Approved.Text()})
	}
	for _, move := range state.Moved {
		rows = append(rows, []string{move.Tag + of(move.Image), was(move, state.Version)})
	}
	rows = append(rows, []string{"files", fmt.Sprintf("%d, and %s", len(state.Files), StateFile)})
	told := [][]string{
		{"docs", state.Docs},
		{"version files", state.VersionFiles},
		{"announced", strings.TrimSpace(state.Announced.State)},
	}
	for _, kind := range slices.Sorted(maps.Keys(state.Announcements)) {
		told = append(told, []string{"announced to " + kind, state.Announcements[kind].State})
	}
	for _, each := range told {
		if each[1] == "" {
			each[1] = "not done yet"
		}
		rows = append(rows, each)
	}
	return rows
}

// seen says what was seen of an image on a platform.
func seen(health verify.Health) string {
	if health.Image != "" {
		return health.Image + ": " + health.Seen
	}
	return health.Text()
}

// was says what a moving tag named before the release and, if that is higher,
// still does.
func was(move Move, own string) string {
	if move.From == "" {
		return "was not there before"
	}
	before, err := version.ParseStated(move.Was)
	released, err2 := version.ParseTag("v" + own)
	if err == nil && err2 == nil && before.Compare(released) > 0 {
		return "stays at " + move.Was
	}
	return "was " + cmp.Or(move.Was, move.From) + " before"
}
