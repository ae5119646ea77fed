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

// NextPatch is where a hotfix begins and what it leads to: the stable release
// that is asked for, the highest one for "", and the version after it. A next
// version that is out already is an error.
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
		return git.Tag{}, next, errors.New("there is no stable release yet, and a hotfix begins at one")
	}
	next = found.version.Next(version.Patch)
	if newest := ofLine(tags, next); newest.version.Compare(next) >= 0 {
		return git.Tag{}, next, fmt.Errorf(
			"%s is out already, the newest of the line %s; begin there: hotfix -from=%s",
			newest.Name,
			next.Line(),
			newest.Name,
		)
	}
	return found.Tag, next, nil
}

// noBase says why a hotfix can't begin at a tag.
func noBase(tags []tagged, from string) error {
	asked, err := version.ParseLegacyTag(from)
	switch {
	case err != nil:
		return err
	case !asked.Stable():
		return fmt.Errorf("%s is a prerelease: a hotfix begins at a stable release", from)
	}
	if newest := ofLine(tags, asked); newest != nil {
		return fmt.Errorf("there is no release %s: the newest of the line %s is %s", from, asked.Line(), newest.Name)
	}
	return fmt.Errorf("there is no release %s, nor any other of the line %s", from, asked.Line())
}

// ofLine is the newest stable release of a version's line, nil if there is
// none.
func ofLine(tags []tagged, v version.Version) *tagged {
	return highest(tags, func(t tagged) bool { return t.version.Stable() && t.version.Line() == v.Line() })
}

// claim is what a hotfix's branch says by its name: where it begins and what it
// leads to.
type claim struct {
	branch string
	base   tagged
	to     version.Version
	main   string // the branch that everybody works on, "" when it is not known
}

// claim finds out whether HEAD is on a hotfix's branch, nil if not, and holds
// the branch against its name. CI may have checked the tag out: then it is the
// branch that is called like the tag and has the commit.
func (r Request) claim(ctx context.Context, s state, decided *chosen) (*claim, error) {
	branch, err := r.Repo.Branch(ctx)
	if err == nil && branch == "" {
		branch, err = r.behind(ctx, s, decided)
	}
	if err != nil || !strings.HasPrefix(branch, HotfixPrefix) {
		return nil, err
	}
	claimed, err := s.claim(branch, decided)
	if err != nil {
		return nil, err
	}
	claimed.main = r.Repo.Main(ctx, r.Asked.Main)
	return claimed, r.begunThere(ctx, *claimed, s)
}

// behind is the hotfix's branch that a detached HEAD is from, or "".
func (r Request) behind(ctx context.Context, s state, decided *chosen) (string, error) {
	branches, err := r.Repo.BranchesWith(ctx, s.head.Hash)
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

// begunThere fails when the branch begins later than its name says: on main,
// whose commits since the release would come with it.
func (r Request) begunThere(ctx context.Context, c claim, s state) error {
	if c.main == "" || r.Repo.Contains(ctx, c.main, s.head.Hash) { // all of it was merged back
		return nil
	}
	shared, err := r.Repo.Shared(ctx, c.main, c.base.Name, s.head.Hash)
	if err != nil || len(shared) == 0 {
		return err
	}
	return fmt.Errorf("%s begins at %s by its name, and has %s of %s that came after it (%s); %s",
		c.branch, c.base.Name, count(len(shared), "commit"), c.main, git.Short(shared[0]), c.anew())
}

// anew is how to begin a branch again.
func (c claim) anew() string {
	return fmt.Sprintf("begin anew: hotfix -from=%s, and git cherry-pick -x the fix", c.base.Name)
}

// claim holds a hotfix's branch against its name: it begins at the release
// before the one that it leads to, and only the patch number moves.
func (s state) claim(branch string, decided *chosen) (*claim, error) {
	to, err := version.ParseTag(strings.TrimPrefix(branch, HotfixPrefix))
	if err != nil {
		return nil, fmt.Errorf(
			"the branch %s does not say what it leads to, as hotfix/v1.7.3 does: git branch -m hotfix/vX.Y.Z",
			branch,
		)
	}
	from, ok := to.Base()
	if !ok {
		return nil, fmt.Errorf(
			"%s is no patch of a release, and on a hotfix's branch only the patch number may move: git branch -m another name",
			branch,
		)
	}
	base := highest(s.tags, func(t tagged) bool { return t.version.Compare(from) == 0 })
	if base == nil {
		return nil, fmt.Errorf(
			"%s begins at %s by its name, and there is no such release%s",
			branch,
			from.Tag(),
			s.rename(to),
		)
	}
	c := claim{branch: branch, base: *base, to: to}
	has := func(t *tagged) bool {
		return highest(s.ancestors, func(a tagged) bool { return a.Name == t.Name }) != nil
	}
	out, newest := s.tagged(to), ofLine(s.tags, to)
	switch {
	case out != nil && has(out) && out.Commit != s.head.Hash:
		return nil, fmt.Errorf("%s is released: what came after it is another hotfix%s", out.Name, s.rename(to))
	case out == nil && newest.version.Compare(to) > 0:
		return nil, fmt.Errorf(
			"%s is out already, the newest of the line %s; begin there: hotfix -from=%s",
			newest.Name,
			to.Line(),
			newest.Name,
		)
	case !has(base):
		return nil, fmt.Errorf(
			"%s begins at %s by its name, and does not have it in its history; %s",
			branch,
			base.Name,
			c.anew(),
		)
	case base.Commit == s.head.Hash:
		return nil, fmt.Errorf(
			"%s begins at %s, and nothing has changed since: commit the fix first",
			branch,
			base.Name,
		)
	case s.baseline().Name != base.Name:
		return nil, fmt.Errorf(
			"%s begins at %s by its name, and has %s in its history, which is newer; %s",
			branch,
			base.Name,
			s.baseline().Name,
			c.anew(),
		)
	case decided != nil && decided.version.Release().Compare(to) != 0:
		return nil, fmt.Errorf(
			"%s leads to %s, and only the patch number may move there: it can't be %s",
			branch,
			to.Tag(),
			decided.version.Tag(),
		)
	}
	return &c, nil
}

// rename is how a branch gets the name of the next hotfix of its line.
func (s state) rename(v version.Version) string {
	newest := ofLine(s.ancestors, v)
	if newest == nil {
		return ""
	}
	return ": git branch -m " + HotfixPrefix + newest.version.Next(version.Patch).Tag()
}

// proposes is the version that a hotfix's branch leads to.
func (c claim) proposes(s state) (*chosen, error) {
	if err := s.left(c.base); err != nil {
		return nil, err
	}
	return &chosen{version: c.to, source: "as its branch says"}, s.fits(c.to, false)
}
