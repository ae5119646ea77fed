package plan

import (
	"context"
	"fmt"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/evidence"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// Asked holds what the caller asked for.
type Asked struct {
	Tag    string // set by -tag; "" otherwise
	Pushed string // the pushed tag in CI; "" otherwise
	Allow  string // comma-separated names of the changes that are more than a fix and allowed in a hotfix anyway
	Main   string // the name of the default branch, as CI reports it; "" otherwise
}

// Version returns the version that was asked for, or nil.
func (a Asked) Version() (*version.Version, error) {
	for _, tag := range []string{a.Tag, a.Pushed} {
		if tag != "" {
			v, err := version.ParseTag(tag)
			return &v, err
		}
	}
	return nil, nil
}

// chosen is the version of a release and why it is that one.
type chosen struct {
	version version.Version
	source  string
	reasons []string
}

// given returns the version that was asked for or that a tag at HEAD names; nil when a
// version has to be proposed.
func given(asked Asked, state state) (*chosen, error) {
	v, err := asked.Version()
	if err != nil {
		return nil, err
	}
	if v != nil {
		source := "asked for by -tag"
		if asked.Tag == "" {
			source = "the pushed tag"
		}
		return &chosen{version: *v, source: source}, state.fits(*v, v.Tag() == asked.Pushed)
	}
	if here := atHead(state.ancestors, state.head.Hash); here != nil {
		return &chosen{
				version: here.version,
				source:  "the tag at HEAD; nothing has changed since",
			}, state.fits(
				here.version,
				true,
			)
	}
	return nil, nil
}

// atHead returns the highest release tag on a commit, ignoring two-part tags.
func atHead(tags []tagged, commit string) *tagged {
	return highest(tags, func(t tagged) bool { return t.Commit == commit && t.Name == t.version.Tag() })
}

// AtHead returns the version of the release tag at HEAD, or nil. It does not need the
// history.
func AtHead(ctx context.Context, repo git.Repo) (*version.Version, error) {
	head, err := repo.Head(ctx)
	if err != nil {
		return nil, err
	}
	tags, err := repo.Tags(ctx, "")
	if here := atHead(releases(tags), head.Hash); here != nil {
		return &here.version, nil
	}
	return nil, err
}

// fits checks that a version can be released from HEAD: its tag is on no other commit,
// it is higher than the releases in HEAD's history and, unless it is tagged already,
// something has changed since the last one.
func (s state) fits(v version.Version, pushed bool) error {
	for _, tag := range s.tags {
		if tag.Name != v.Tag() {
			continue
		}
		if tag.Commit != s.head.Hash {
			return fmt.Errorf(
				"%s is the tag of another commit, %s; to release that commit: git checkout %s",
				v.Tag(),
				git.Short(tag.Commit),
				v.Tag(),
			)
		}
		pushed = true
	}
	if last := before(s.ancestors, s.head.Hash, true); last != nil && v.Compare(last.version) <= 0 {
		return fmt.Errorf("%s is not higher than %s, which is in its history", v.Tag(), last.Name)
	}
	if pushed {
		return nil
	}
	if here := atHead(s.ancestors, s.head.Hash); here != nil && v.Compare(here.version) <= 0 {
		return fmt.Errorf("%s is not higher than %s, which is this commit", v.Tag(), here.Name)
	}
	return s.changed(v)
}

// changed checks that there is something to release as a new version: HEAD has no
// release tag of the same kind yet.
func (s state) changed(v version.Version) error {
	here := highest(s.ancestors, func(t tagged) bool {
		return t.Commit == s.head.Hash && (t.version.Stable() || !v.Stable())
	})
	if here == nil {
		return nil
	}
	return fmt.Errorf(
		"nothing has changed since %s, which is this commit (%s): there is nothing to release",
		here.Name,
		git.Short(here.Commit),
	)
}

// propose returns the version that the evidence asks for after the last stable release.
// It is higher than every release in HEAD's history and not taken on another branch.
// newer reports whether a release has HEAD in its history.
func propose(s state, found evidence.Evidence, newer func(tagged) bool) (*chosen, error) {
	last := s.baseline()
	if last == nil {
		first := &chosen{version: version.First, source: "proposed", reasons: []string{"there is no release yet"}}
		if stated, err := version.ParseTag("v" + s.stated); err == nil && stated.Compare(version.First) > 0 {
			first.version = stated
			first.reasons = append(first.reasons, "the version files say "+s.stated)
		}
		return first, s.fits(first.version, false)
	}
	if err := s.changed(last.version); err != nil {
		return nil, err
	}
	if err := s.left(*last); err != nil {
		return nil, err
	}
	asks := last.version.Asks(found.Asks())
	next := &chosen{version: last.version.Next(asks), source: "proposed"}
	next.reasons = append(
		next.reasons,
		fmt.Sprintf("a %s after %s: %s", asks, last.Name, because(found, s.changes.Commits)),
	)
	if candidate := before(s.ancestors, "", true); candidate != nil && next.version.Compare(candidate.version) < 0 {
		next.version = candidate.version.Release()
		next.reasons = append(
			next.reasons,
			fmt.Sprintf("%s is in its history and leads to %s", candidate.Name, next.version.Tag()),
		)
	}
	var taken []string
	for s.taken(next.version) {
		if by := s.tagged(next.version); newer(*by) {
			return nil, fmt.Errorf(
				"HEAD (%s) is older than %s, which has it in its history: check out the newest commit first",
				git.Short(s.head.Hash),
				by.Name,
			)
		}
		taken = append(taken, next.version.Tag())
		next.version = next.version.Next(max(asks, version.Patch))
	}
	if taken != nil {
		next.reasons = append(next.reasons, strings.Join(taken, ", ")+" already taken on another branch")
	}
	_, err := version.ParseTag(next.version.Tag()) // version numbers are bounded
	return next, err
}

// left returns an error if everything that changed since the previous release was reverted.
func (s state) left(since tagged) error {
	if s.changes.Commits == 0 {
		return fmt.Errorf(
			"nothing has changed since %s that was not reverted: there is nothing to release",
			since.Name,
		)
	}
	return nil
}

func (s state) taken(v version.Version) bool { return s.tagged(v) != nil }

// tagged returns the release of a version, or nil.
func (s state) tagged(v version.Version) *tagged {
	return highest(s.tags, func(t tagged) bool { return t.Name == v.Tag() })
}

// because summarizes why the changes ask for a bump.
func because(found evidence.Evidence, commits int) string {
	asks := found.Asks()
	if asks == version.Patch {
		return fmt.Sprintf("%s, no feature and no breaking change", count(commits, "commit"))
	}
	var reasons []string
	for _, finding := range found.Findings {
		if finding.Asks == asks {
			reasons = append(reasons, finding.What)
		}
	}
	if len(reasons) > 1 {
		return fmt.Sprintf("%s, and %d more", reasons[0], len(reasons)-1)
	}
	return reasons[0]
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
