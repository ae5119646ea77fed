package changelog

import (
	"fmt"
	"strings"
)

// Reasons why a commit is not an entry.
const (
	OmittedMerge    = "merge"    // its commits are listed themselves
	OmittedRelease  = "release"  // it only changes the version
	OmittedReverted = "reverted" // reverted in the same release
	OmittedRevert   = "revert"   // it reverts a change of the same release
	OmittedOutside  = "outside"  // it changes nothing in the app's folder
)

// Omitted counts, by reason, the commits of a release that are not entries.
type Omitted map[string]int

// reasons are all reasons in the order in which they are listed, with the singular and
// plural of the kind of commit.
var reasons = []struct{ reason, one, more string }{
	{OmittedMerge, "merge", "merges"},
	{OmittedRelease, "release commit", "release commits"},
	{OmittedReverted, "change that was reverted", "changes that were reverted"},
	{OmittedRevert, "revert", "reverts"},
	{OmittedOutside, "change outside of the app", "changes outside of the app"},
}

// sentence says how many of the given number of commits are not listed, and why. At least one must be omitted.
func (o Omitted) sentence(commits int) string {
	var counted []string
	total := 0
	for _, each := range reasons {
		if n := o[each.reason]; n > 0 {
			counted = append(counted, count(n, each.one, each.more))
			total += n
		}
	}
	text := counted[len(counted)-1]
	if rest := counted[:len(counted)-1]; len(rest) > 0 {
		text = strings.Join(rest, ", ") + " and " + text
	}
	verb := "are"
	if total == 1 {
		verb = "is"
	}
	return fmt.Sprintf("%s of %s %s not listed", text, count(commits, "commit", "commits"), verb)
}

func count(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

func (r *Release) omit(reason string) {
	if r.Omitted == nil {
		r.Omitted = Omitted{}
	}
	r.Omitted[reason]++
}

// keep filters the entries and counts the commits that lost all of theirs. filter may
// reuse the entries' memory.
func (r *Release) keep(filter func([]Entry) []Entry) {
	type commit struct {
		hash   string
		revert bool
	}
	var before []commit
	for _, entry := range r.Entries {
		if n := len(before); n == 0 || before[n-1].hash != entry.Hash { // the entries of one commit are adjacent
			before = append(before, commit{hash: entry.Hash})
		}
		if len(entry.Reverts) > 0 {
			before[len(before)-1].revert = true
		}
	}
	total := len(r.Entries)
	r.Entries = filter(r.Entries)
	if len(r.Entries) == total {
		return
	}
	next := 0
	for _, each := range before {
		kept := false
		for ; next < len(r.Entries) && r.Entries[next].Hash == each.hash; next++ {
			kept = true
		}
		switch {
		case kept:
		case each.revert:
			r.omit(OmittedRevert)
		default:
			r.omit(OmittedReverted)
		}
	}
}
