package changelog

import (
	"fmt"
	"strings"
)

// Reasons why a commit is no entry.
const (
	OmittedMerge    = "merge"    // what it brought are commits of their own
	OmittedRelease  = "release"  // it carries a version, and nothing else
	OmittedReverted = "reverted" // taken back in the same release
	OmittedRevert   = "revert"   // it takes back what came in the same release
)

// Omitted counts, by reason, the commits of a release that are no entries.
type Omitted map[string]int

// reasons are all reasons in the order in which they are told, with what one
// commit of the kind is called, and several are.
var reasons = []struct{ reason, one, more string }{
	{OmittedMerge, "merge", "merges"},
	{OmittedRelease, "release commit", "release commits"},
	{OmittedReverted, "change that was reverted", "changes that were reverted"},
	{OmittedRevert, "revert", "reverts"},
}

// String tells in words what is left out, "" if nothing is.
func (o Omitted) String() string {
	var told []string
	for _, each := range reasons {
		switch n := o[each.reason]; n {
		case 0:
		case 1:
			told = append(told, "1 "+each.one)
		default:
			told = append(told, fmt.Sprintf("%d %s", n, each.more))
		}
	}
	return strings.Join(told, ", ")
}

func (r *Release) omit(reason string) {
	if r.Omitted == nil {
		r.Omitted = Omitted{}
	}
	r.Omitted[reason]++
}

// keep leaves those of the entries that filter keeps, and counts the commits
// of which none is left. filter may reuse the entries' memory.
func (r *Release) keep(filter func([]Entry) []Entry) {
	type commit struct {
		hash   string
		revert bool
	}
	var before []commit
	for _, entry := range r.Entries {
		if n := len(before); n == 0 || before[n-1].hash != entry.Hash { // those of one commit follow each other
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
