package publish

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// Outcome tells in a few lines what has become of a release, as rows of a table.
func (r Release) Outcome(found Found) [][]string {
	if found.Release == nil || found.State == nil {
		return [][]string{{"release", "not published"}}
	}
	record := found.State
	state := "published"
	switch {
	case record.RolledBack != "":
		state = "withdrawn: " + record.RolledBack
	case found.Release.Draft:
		state = "a draft"
	case record.Prerelease:
		state = "published, as a prerelease"
	}
	rows := [][]string{{"release", state}, {"", found.Release.URL}}
	if record.Image != nil {
		name := record.Image.Name + ":" + record.Version
		if !found.named() {
			name = record.Image.Name + ", not tagged: " + record.Version + " was not promoted"
		}
		rows = append(rows, []string{"image", name}, []string{"", record.Image.Digest})
	}
	for _, health := range record.Healthy {
		text := "healthy"
		switch {
		case health.Upgraded != "":
			text += ", also on the data of " + health.Upgraded
		case health.Unproven != "":
			text += "; NOT PROVEN on the data of " + health.Unproven + ", whose own image fails"
		}
		rows = append(rows, []string{health.Platform, text})
	}
	for _, move := range record.Moved {
		rows = append(rows, []string{move.Tag, was(move, record.Version)})
	}
	rows = append(rows, []string{"files", fmt.Sprintf("%d, and %s", len(record.Files), StateFile)})
	for _, each := range [][]string{{"docs", record.Docs}, {"version files", record.VersionFiles}, {"announced", strings.TrimSpace(record.Announced.State)}} {
		if each[1] == "" {
			each[1] = "not done yet"
		}
		rows = append(rows, each)
	}
	return rows
}

// was says what a moving tag named before the release and, if that is higher,
// still does.
func was(move Move, own string) string {
	if move.From == "" {
		return "was not there before"
	}
	before, err := version.ParseTag("v" + move.Was)
	released, err2 := version.ParseTag("v" + own)
	if err == nil && err2 == nil && before.Compare(released) > 0 {
		return "stays at " + move.Was
	}
	return "was " + cmp.Or(move.Was, move.From) + " before"
}
