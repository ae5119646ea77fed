package changelog

import (
	"slices"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// Entry is a commit as it is shown in a release.
type Entry struct {
	Change
	Hash   string
	Author string
	Email  string
}

// Release is a version with its changes.
type Release struct {
	Version version.Version
	Tag     string    // "" for unreleased changes
	Date    time.Time // of the tagged commit, or of the newest one
	Entries []Entry   // newest first, without reverted changes and their reverts
	Read    int       // number of commits in the release: entries and omitted commits
	Omitted Omitted   // commits that are not entries; may be nil
}

// Mark is a release tag with its commit.
type Mark struct {
	Version version.Version
	Tag     string
	Commit  string
}

// grouper sorts commits, which arrive children before parents, into releases: a commit
// belongs to the lowest version that contains it. It keeps only releases that may still
// grow and the parents that are still expected.
type grouper struct {
	releases []*Release        // 0 is unreleased; then versions, descending
	at       map[string]int    // release by tagged commit
	awaited  map[string]int    // release by commit that is still expected
	pending  []int             // how many expected commits each release has
	next     int               // the first release that was not passed on
	pulls    map[string]string // merges by pull request, as #12; if nil, reverted changes are kept
	spare    []Entry           // memory of an earlier release, for reuse
	emit     func(Release) error
}

// newGrouper starts with the releases and no commit. Entries passed to emit are valid
// until the next commit is added.
func newGrouper(marks []Mark, emit func(Release) error) *grouper {
	g := &grouper{at: map[string]int{}, awaited: map[string]int{}, emit: emit, releases: []*Release{{}}}
	for _, mark := range descending(marks) {
		g.at[mark.Commit] = len(g.releases) // of two on one commit, the lowest
		g.releases = append(g.releases, &Release{Version: mark.Version, Tag: mark.Tag})
	}
	g.pending = make([]int, len(g.releases))
	return g
}

// descending returns marks with the highest version first.
func descending(marks []Mark) []Mark {
	return slices.SortedStableFunc(slices.Values(marks), func(a, b Mark) int { return b.Version.Compare(a.Version) })
}

// add processes the next commit.
func (g *grouper) add(commit Commit) error {
	release, awaited := g.awaited[commit.Hash]
	if awaited {
		delete(g.awaited, commit.Hash)
		g.pending[release]--
	}
	if tagged, ok := g.at[commit.Hash]; ok {
		release = max(release, tagged)
	}
	if release < g.next {
		release = g.next // a branch tip below releases that are closed already
	}
	for _, parent := range commit.Parents {
		g.await(parent, release)
	}
	g.put(release, commit)
	return g.flush()
}

func (g *grouper) await(hash string, release int) {
	before, known := g.awaited[hash]
	if known && before >= release {
		return
	}
	if known {
		g.pending[before]--
	}
	g.awaited[hash] = release
	g.pending[release]++
}

func (g *grouper) put(at int, commit Commit) {
	release := g.releases[at]
	if release.Date.IsZero() || g.at[commit.Hash] == at {
		release.Date = commit.Time
	}
	release.Read++
	if len(commit.Parents) > 1 {
		g.merge(commit)
		if subject, _, _ := strings.Cut(commit.Message, "\n"); strings.HasPrefix(subject+" ", "Merge ") {
			release.omit(OmittedMerge)
			return
		}
	}
	if commit.Outside {
		release.omit(OmittedOutside)
		return
	}
	if release.Entries == nil {
		release.Entries, g.spare = g.spare, nil
	}
	entry := Entry{Change: Parse(commit.Message), Hash: commit.Hash, Author: commit.Author, Email: commit.Email}
	if entry.isRelease() {
		release.omit(OmittedRelease)
		return
	}
	release.Entries = entry.appendTo(release.Entries)
}

// merge records which pull request a merge belongs to.
func (g *grouper) merge(commit Commit) {
	if g.pulls == nil {
		return
	}
	subject, _, _ := strings.Cut(commit.Message, "\n")
	if rest, ok := strings.CutPrefix(subject, "Merge pull request #"); ok {
		number, _, _ := strings.Cut(rest, " ")
		g.pulls["#"+number] = commit.Hash
	} else if _, number := cutReference(subject); number != "" {
		g.pulls["#"+number] = commit.Hash
	}
}

// appendTo adds an entry. If its subject does not describe the squashed commits, they
// are listed one by one too.
func (e *Entry) appendTo(entries []Entry) []Entry {
	if e.Type != "" || e.Squashed == nil {
		return append(entries, *e)
	}
	squashed := e.Squashed
	e.Squashed = nil
	for _, each := range squashed {
		e.Breaking = e.Breaking[:len(e.Breaking)-len(each.Breaking)] // theirs come last
	}
	entries = append(entries, *e)
	_, number := cutReference(e.Description)
	for _, each := range squashed {
		if number != "" {
			each.Description += " (#" + number + ")"
		}
		entries = append(entries, Entry{Change: each, Hash: e.Hash, Author: e.Author, Email: e.Email})
	}
	return entries
}

// flush passes on the releases to which no further commit can belong.
func (g *grouper) flush() error {
	for g.next < len(g.releases) && g.pending[g.next] == 0 && len(g.awaited) > 0 {
		if err := g.close(); err != nil {
			return err
		}
	}
	return nil
}

// finish passes on the remaining releases.
func (g *grouper) finish() error {
	for g.next < len(g.releases) {
		if err := g.close(); err != nil {
			return err
		}
	}
	return nil
}

func (g *grouper) close() error {
	release := g.releases[g.next]
	g.releases[g.next] = nil
	g.next++
	if g.pulls == nil {
		release.keep(withoutReverted)
	}
	if release.Date.IsZero() {
		return nil // nothing unreleased, or a tag that was not reached
	}
	err := g.emit(*release)
	g.spare = release.Entries[:0]
	return err
}

// is reports whether an entry is what a revert names: a hash, or the number of the pull
// request that merged it.
func (e *Entry) is(name string) bool {
	if strings.HasPrefix(name, "#") {
		_, number := cutReference(e.Description)
		return number == name[1:]
	}
	return strings.HasPrefix(e.Hash, name)
}

// ReleaseSubject is the prefix of the subject of a commit that only changes the
// version; the version follows.
const ReleaseSubject = "chore(release): "

// isRelease reports whether a commit's subject is ReleaseSubject and a version.
func (e *Entry) isRelease() bool {
	if e.Type != "chore" || len(e.Scopes) != 1 || e.Scopes[0] != "release" {
		return false
	}
	_, err := version.ParseTag("v" + e.Description)
	return err == nil
}

// withoutReverted removes changes that were reverted within the same release, and their
// reverts, which come first.
func withoutReverted(entries []Entry) []Entry {
	kept := make([]bool, len(entries))
	by := make([]int, len(entries)) // the revert of this change
	for i := range entries {
		kept[i], by[i] = true, -1
	}
	for i, entry := range entries {
		if !kept[i] || len(entry.Reverts) == 0 {
			continue // a revert that was itself reverted has no effect
		}
		found := 0
		for _, revert := range entry.Reverts {
			reverted := false
			for j := i + 1; j < len(entries); j++ {
				if (kept[j] || by[j] == i) && entries[j].is(revert) {
					kept[j], by[j], reverted = false, i, true
				}
			}
			if reverted {
				found++
			}
		}
		kept[i] = found < len(entry.Reverts)
	}
	list := entries[:0]
	for i, entry := range entries {
		if kept[i] {
			list = append(list, entry)
		}
	}
	return list
}
