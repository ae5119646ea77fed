package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// NextPatch returns the release that a hotfix starts at (the stable release from or, if that is "", the highest
// one) and the version of the next patch. It is an error if that version is already released.
func NextPatch(ctx context.Context, repo git.Repo, from string) (base git.Tag, next version.Version, err error) {
	all, err := repo.Tags(ctx, "")
	if err != nil {
		return git.Tag{}, next, err
	}
	tags := releases(all)
	found := highest(tags, func(t tagged) bool { return t.version.Stable() && (from == "" || t.Name == from) })
	if from != "" && found == nil {
		return git.Tag{}, next, noBase(tags, from)
	}
	if found == nil {
		return git.Tag{}, next, errors.New("there is no stable release yet for a hotfix to start from")
	}
	next = found.version.Next(version.Patch)
	if newest := ofLine(tags, next); newest.version.Compare(next) >= 0 {
		return git.Tag{}, next, fmt.Errorf(
			"%s is already released and the newest of the line %s; start there: hotfix -from=%s",
			newest.Name,
			next.Line(),
			newest.Name,
		)
	}
	return found.Tag, next, nil
}

// noBase returns why a hotfix cannot start at a tag.
func noBase(tags []tagged, from string) error {
	asked, err := version.ParseLegacyTag(from)
	switch {
	case err != nil:
		return err
	case !asked.Stable():
		return fmt.Errorf("%s is a prerelease: a hotfix starts at a stable release", from)
	}
	if newest := ofLine(tags, asked); newest != nil {
		return fmt.Errorf("there is no release %s: the newest of the line %s is %s", from, asked.Line(), newest.Name)
	}
	return fmt.Errorf("there is no release %s, nor any other of the line %s", from, asked.Line())
}

// ofLine returns the newest stable release of a version's line, or nil.
func ofLine(tags []tagged, v version.Version) *tagged {
	return highest(tags, func(t tagged) bool { return t.version.Stable() && t.version.Line() == v.Line() })
}

// hotfixBranch is the information in the name of a hotfix branch: where it starts and which version it leads to.
type hotfixBranch struct {
	branch string
	base   tagged
	to     version.Version
	main   string // the default branch, or ""
}

// hotfixBranch returns the hotfix branch that HEAD is on, after checking it against its name, or nil if HEAD is on
// none. If CI checked out the tag, that is the branch that is named after the tag and contains the commit.
func (r Request) hotfixBranch(ctx context.Context, s state, decided *chosen) (*hotfixBranch, error) {
	branch, err := r.Repo.Branches().Current(ctx)
	if err == nil && branch == "" {
		branch, err = r.branchOf(ctx, s, decided)
	}
	if err != nil || !strings.HasPrefix(branch, HotfixPrefix) {
		return nil, err
	}
	found, err := s.hotfixBranch(branch, decided)
	if err != nil {
		return nil, err
	}
	found.main = r.Repo.Branches().Main(ctx, r.Asked.Main)
	return found, r.beginsAtBase(ctx, *found, s)
}

// branchOf returns the hotfix branch that a detached HEAD belongs to, or "".
func (r Request) branchOf(ctx context.Context, s state, decided *chosen) (string, error) {
	branches, err := r.Repo.Branches().Containing(ctx, s.head.Hash)
	at := slices.IndexFunc(branches, func(b git.Branch) bool {
		if decided != nil {
			return b.Name == HotfixPrefix+decided.version.Release().Tag()
		}
		tag, is := strings.CutPrefix(b.Name, HotfixPrefix)
		_, err := version.ParseTag(tag)
		return is && err == nil && b.Commit == s.head.Hash
	})
	if at < 0 {
		return "", err
	}
	return branches[at].Name, err
}

// beginsAtBase returns an error if the branch starts later than its name says: it would release the later commits
// of main.
func (r Request) beginsAtBase(ctx context.Context, b hotfixBranch, s state) error {
	if b.main == "" || r.Repo.History().Contains(ctx, b.main, s.head.Hash) { // all of it was merged back
		return nil
	}
	shared, err := r.Repo.History().Shared(ctx, b.main, b.base.Name, s.head.Hash)
	if err != nil || len(shared) == 0 {
		return err
	}
	return fmt.Errorf("%s must start at %s, but it has %s of %s that came later (%s); %s",
		b.branch, b.base.Name, count(len(shared), "commit"), b.main, git.Short(shared[0]), b.restart())
}

// restart explains how to start the branch again.
func (b hotfixBranch) restart() string {
	return fmt.Sprintf("start again: hotfix -from=%s, and git cherry-pick -x the fix", b.base.Name)
}

// hotfixBranch parses the name of a hotfix branch, and checks the branch against it.
func (s state) hotfixBranch(branch string, decided *chosen) (*hotfixBranch, error) {
	to, err := version.ParseTag(strings.TrimPrefix(branch, HotfixPrefix))
	if err != nil {
		return nil, fmt.Errorf(
			"the name of the branch %s does not contain the version, as hotfix/v1.7.3 does: git branch -m "+
				"hotfix/vX.Y.Z",
			branch,
		)
	}
	from, ok := to.Base()
	if !ok {
		return nil, fmt.Errorf(
			"%s does not name a patch of a release, and a hotfix may change only the patch number: rename it with "+
				"git branch -m",
			branch,
		)
	}
	base := highest(s.tags, func(t tagged) bool { return t.version.Compare(from) == 0 })
	if base == nil {
		return nil, fmt.Errorf(
			"%s must start at %s, but there is no such release%s",
			branch,
			from.Tag(),
			s.rename(to),
		)
	}
	b := hotfixBranch{branch: branch, base: *base, to: to}
	if err := s.follows(b); err != nil {
		return nil, err
	}
	if decided != nil && decided.version.Release().Compare(to) != 0 {
		return nil, fmt.Errorf(
			"%s leads to %s, so it cannot release %s: only the patch number may change",
			branch,
			to.Tag(),
			decided.version.Tag(),
		)
	}
	return &b, nil
}

// follows checks a hotfix branch against the history: it starts at the release before the one that it leads to, and
// contains a fix and no other release.
func (s state) follows(b hotfixBranch) error {
	has := func(t *tagged) bool {
		return highest(s.ancestors, func(a tagged) bool { return a.Name == t.Name }) != nil
	}
	out, newest := s.tagged(b.to), ofLine(s.tags, b.to)
	switch {
	case out != nil && has(out) && out.Commit != s.head.Hash:
		return fmt.Errorf("%s is already released, so the commits after it are another hotfix%s",
			out.Name, s.rename(b.to))
	case out == nil && newest.version.Compare(b.to) > 0:
		return fmt.Errorf("%s is already released and the newest of the line %s; start there: hotfix -from=%s",
			newest.Name, b.to.Line(), newest.Name)
	case !has(&b.base):
		return fmt.Errorf("%s must start at %s, but does not have it in its history; %s",
			b.branch, b.base.Name, b.restart())
	case b.base.Commit == s.head.Hash:
		return fmt.Errorf("%s starts at %s, and nothing has changed since: commit the fix first", b.branch, b.base.Name)
	case s.baseline().Name != b.base.Name:
		return fmt.Errorf("%s must start at %s, but has the newer %s in its history; %s",
			b.branch, b.base.Name, s.baseline().Name, b.restart())
	}
	return nil
}

// rename explains how to rename the branch to the next hotfix of its line.
func (s state) rename(v version.Version) string {
	newest := ofLine(s.ancestors, v)
	if newest == nil {
		return ""
	}
	return "; rename the branch: git branch -m " + HotfixPrefix + newest.version.Next(version.Patch).Tag()
}

// proposes returns the version that a hotfix branch leads to.
func (b hotfixBranch) proposes(s state) (*chosen, error) {
	if err := s.left(b.base); err != nil {
		return nil, err
	}
	return &chosen{version: b.to, source: "named by its branch"}, s.fits(b.to, false)
}
