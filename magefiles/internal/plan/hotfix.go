package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/evidence"
	"github.com/hughkantsime/odin-release/magefiles/internal/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/version"
)

// HotfixPrefix begins the name of a hotfix's branch; the tag that it leads to
// follows: hotfix/v1.7.3.
const HotfixPrefix = "hotfix/"

// AllowTrailer is the trailer of a commit that allows a change in a hotfix that
// is more than a fix. Its value is the name of an evidence.Finding.
const AllowTrailer = "Hotfix-Allow"

// Hotfix is what a plan says of a hotfix: a patch that begins at the release
// before it and holds nothing but fixes.
type Hotfix struct {
	Branch  string   `json:"branch"`  // hotfix/ and the tag
	Base    string   `json:"base"`    // tag that it begins at
	Refused []string `json:"refused"` // names of the changes that are more than a fix
	Allowed []string `json:"allowed"` // names of those that may be in it all the same
	Asked   []string `json:"asked"`   // those of them that no commit allows yet
	Main    string   `json:"main"`    // branch that should have the fixes too, as origin/main, or ""
	Absent  []Fix    `json:"absent"`  // those that it does not have, oldest first
}

// Fix is a commit of a hotfix.
type Fix struct {
	Commit  string `json:"commit"` // full hash
	Subject string `json:"subject"`
}

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
		return git.Tag{}, next, fmt.Errorf("%s is out already, the newest of the line %s; begin there: hotfix -from=%s", newest.Name, next.Line(), newest.Name)
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
	main := r.Repo.Main(ctx, r.Asked.Main)
	if main == "" || r.Repo.Contains(ctx, main, s.head.Hash) { // all of it was merged back
		return nil
	}
	shared, err := r.Repo.Shared(ctx, main, c.base.Name, s.head.Hash)
	if err != nil || len(shared) == 0 {
		return err
	}
	return fmt.Errorf("%s begins at %s by its name, and has %s of %s that came after it (%s); %s",
		c.branch, c.base.Name, count(len(shared), "commit"), main, git.Short(shared[0]), c.anew())
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
		return nil, fmt.Errorf("the branch %s does not say what it leads to, as hotfix/v1.7.3 does: git branch -m hotfix/vX.Y.Z", branch)
	}
	from, ok := to.Base()
	if !ok {
		return nil, fmt.Errorf("%s is no patch of a release, and on a hotfix's branch only the patch number may move: git branch -m another name", branch)
	}
	base := highest(s.tags, func(t tagged) bool { return t.version.Compare(from) == 0 })
	if base == nil {
		return nil, fmt.Errorf("%s begins at %s by its name, and there is no such release%s", branch, from.Tag(), s.rename(to))
	}
	c := claim{branch, *base, to}
	has := func(t *tagged) bool {
		return highest(s.ancestors, func(a tagged) bool { return a.Name == t.Name }) != nil
	}
	out, newest := s.tagged(to), ofLine(s.tags, to)
	switch {
	case out != nil && has(out) && out.Commit != s.head.Hash:
		return nil, fmt.Errorf("%s is released: what came after it is another hotfix%s", out.Name, s.rename(to))
	case out == nil && newest.version.Compare(to) > 0:
		return nil, fmt.Errorf("%s is out already, the newest of the line %s; begin there: hotfix -from=%s", newest.Name, to.Line(), newest.Name)
	case !has(base):
		return nil, fmt.Errorf("%s begins at %s by its name, and does not have it in its history; %s", branch, base.Name, c.anew())
	case base.Commit == s.head.Hash:
		return nil, fmt.Errorf("%s begins at %s, and nothing has changed since: commit the fix first", branch, base.Name)
	case s.baseline().Name != base.Name:
		return nil, fmt.Errorf("%s begins at %s by its name, and has %s in its history, which is newer; %s", branch, base.Name, s.baseline().Name, c.anew())
	case decided != nil && decided.version.Release().Compare(to) != 0:
		return nil, fmt.Errorf("%s leads to %s, and only the patch number may move there: it can't be %s", branch, to.Tag(), decided.version.Tag())
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
	if s.changes.Commits == 0 {
		return nil, fmt.Errorf("nothing has changed since %s that was not taken back: there is nothing to release", c.base.Name)
	}
	return &chosen{version: c.to, source: "as its branch says"}, s.fits(c.to, false)
}

// weigh is what the plan says of the hotfix.
func (r Request) weigh(ctx context.Context, c claim, s state, found evidence.Evidence) (*Hotfix, error) {
	h := &Hotfix{Branch: c.branch, Base: c.base.Name, Refused: []string{}, Allowed: []string{}, Asked: []string{},
		Main: r.Repo.Main(ctx, r.Asked.Main), Absent: []Fix{}}
	recorded, err := r.Repo.Trailers(ctx, AllowTrailer, c.base.Name, s.head.Hash)
	if err != nil {
		return nil, err
	}
	more := found.Beyond(version.Patch)
	asked, err := allowed(r.Asked.Allow, c.branch, more)
	if err != nil {
		return nil, err
	}
	for _, finding := range more {
		switch name := finding.Name; {
		case slices.Contains(recorded, name):
			h.Allowed = append(h.Allowed, name)
		case slices.Contains(asked, name):
			h.Allowed, h.Asked = append(h.Allowed, name), append(h.Asked, name)
		default:
			h.Refused = append(h.Refused, name)
		}
	}
	for _, list := range []*[]string{&h.Refused, &h.Allowed, &h.Asked} {
		slices.Sort(*list) // an endpoint may be found more than once
		*list = slices.Compact(*list)
	}
	if h.Main == "" {
		return h, nil
	}
	absent, err := r.Repo.Absent(ctx, h.Main, c.base.Name, s.head.Hash)
	for _, commit := range absent {
		// What was taken back, and what only carries the version, is no fix.
		if at := slices.IndexFunc(s.changes.Entries, func(e changelog.Entry) bool { return e.Hash == commit }); at >= 0 {
			h.Absent = append(h.Absent, Fix{commit, s.changes.Entries[at].Header()})
		}
	}
	return h, err
}

// allowed are the names in a list with commas in between. Names may have commas
// themselves; a commit may be named at more length. Only names of changes that
// are more than a fix can be allowed.
func allowed(list, branch string, more []evidence.Finding) ([]string, error) {
	var names []string
	for rest := strings.TrimSpace(list); rest != ""; {
		name, length := "", 0
		first, _, _ := strings.Cut(rest, ",")
		for _, finding := range more {
			after, is := strings.CutPrefix(rest, finding.Name)
			switch {
			case is && (after == "" || after[0] == ',') && len(finding.Name) > length:
				name, length = finding.Name, len(finding.Name)
			case is && finding.Witness == evidence.Commits && length == 0:
				name, length = finding.Name, len(first)
			}
		}
		if name == "" {
			return nil, fmt.Errorf("-allow=%s: no change of %s that is more than a fix is called so%s", first, branch, namesOf(more))
		}
		names = append(names, name)
		rest = strings.TrimLeft(rest[length:], ", ")
	}
	return names, nil
}

// namesOf lists the names of findings, as the end of an error.
func namesOf(findings []evidence.Finding) string {
	if len(findings) == 0 {
		return "; there is none"
	}
	var list []string
	for _, finding := range findings {
		list = append(list, finding.Name)
	}
	return ", but: " + strings.Join(slices.Compact(list), ", ")
}

// refusal is why a hotfix with these findings can't be released, nil when it can.
func (h *Hotfix) refusal(found evidence.Evidence) error {
	if h == nil || len(h.Refused) == 0 {
		return nil
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s is for fixes only, and this is more than a fix:\n", h.Branch)
	for _, finding := range found.Beyond(version.Patch) {
		if slices.Contains(h.Refused, finding.Name) {
			fmt.Fprintf(&text, "  %s asks for a %s: %s\n", finding.Name, finding.Asks, finding.What)
		}
	}
	fmt.Fprintf(&text, "release it from %s, as more than a patch, or allow it by name: -allow=%s", mainName(h.Main), run.Quote(strings.Join(h.Refused, ",")))
	return errors.New(text.String())
}

// mainName is a branch without its remote.
func mainName(main string) string {
	if main == "" {
		return "the default branch"
	}
	_, name, remote := strings.Cut(main, "/")
	if !remote {
		return main
	}
	return name
}

// spread says whether the fixes are on the default branch too, and how they get
// there. lacking is whether they are not.
func (h *Hotfix) spread() (text string, lacking bool) {
	if h.Main == "" {
		return "it is not known which branch should have the fix too: git remote set-head origin --auto", true
	}
	if len(h.Absent) == 0 {
		return h.Main + " has the fix too", false
	}
	var commits, told []string
	for _, fix := range h.Absent {
		commits = append(commits, git.Short(fix.Commit))
		told = append(told, git.Short(fix.Commit)+" "+fix.Subject)
	}
	return fmt.Sprintf("%s does not have %s; to bring it there: git checkout %s; git pull; git cherry-pick -x %s; git push",
		h.Main, List(told, 3), mainName(h.Main), strings.Join(commits, " ")), true
}

// Warning says what the default branch lacks; "" when it lacks nothing.
func (h *Hotfix) Warning() string {
	if h == nil {
		return ""
	}
	text, lacking := h.spread()
	if !lacking {
		return ""
	}
	return text
}

// decisions are the hotfix's part of a plan.
func (h *Hotfix) decisions() []line {
	lines := []line{{"hotfix", "of " + h.Base + ", on " + h.Branch}}
	if len(h.Refused) > 0 {
		lines = append(lines, line{"", "REFUSED, being more than a fix: " + List(h.Refused, 6)})
	}
	if len(h.Allowed) > 0 {
		lines = append(lines, line{"", "more than a fix, and allowed: " + List(h.Allowed, 6)})
	}
	text, lacking := h.spread()
	if lacking {
		text = "WARNING: " + text
	}
	return append(lines, line{"", text})
}
