package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/evidence"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// HotfixPrefix is the prefix of a hotfix branch. The tag to be released follows it:
// hotfix/v1.7.3.
const HotfixPrefix = "hotfix/"

// AllowTrailer is the commit trailer that allows a change in a hotfix although it is
// more than a fix. Its value is the name of an evidence.Finding.
const AllowTrailer = "Hotfix-Allow"

// Hotfix is the part of a plan about a hotfix: a patch that starts at the previous
// release and contains only fixes.
type Hotfix struct {
	Branch  string   `json:"branch"`  // hotfix/ and the tag
	Base    string   `json:"base"`    // tag that it starts at
	Refused []string `json:"refused"` // names of the changes that are more than a fix and not allowed
	Allowed []string `json:"allowed"` // names of the changes that are more than a fix and allowed
	Asked   []string `json:"asked"`   // those in Allowed that no commit allows yet
	Main    string   `json:"main"`    // branch that should have the fixes too, such as origin/main, or ""
	Absent  []Fix    `json:"absent"`  // commits that Main does not have, oldest first
}

// Fix is a commit of a hotfix.
type Fix struct {
	Commit  string `json:"commit"` // full hash
	Subject string `json:"subject"`
}

// evaluateHotfix reports which changes of a hotfix are more than a fix and
// whether each of them is allowed.
func (r Request) evaluateHotfix(
	ctx context.Context,
	c hotfixBranch,
	s state,
	found evidence.Evidence,
) (*Hotfix, error) {
	h := &Hotfix{Branch: c.branch, Base: c.base.Name, Refused: []string{}, Allowed: []string{}, Asked: []string{},
		Main: c.main, Absent: []Fix{}}
	recorded, err := r.Repo.History().Trailers(ctx, AllowTrailer, c.base.Name, s.head.Hash)
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
	absent, err := r.Repo.History().Absent(ctx, h.Main, c.base.Name, s.head.Hash)
	for _, commit := range absent {
		// Reverted commits and commits that only change the version are not fixes.
		if at := slices.IndexFunc(
			s.changes.Entries,
			func(e changelog.Entry) bool { return e.Hash == commit },
		); at >= 0 {
			h.Absent = append(h.Absent, Fix{commit, s.changes.Entries[at].Header()})
		}
	}
	return h, err
}

// allowed splits a comma-separated list of names. A name may contain commas itself, and
// a commit may be given by a longer hash. Only changes that are more than a fix can be
// allowed.
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
			case is && finding.Source == evidence.Commits && length == 0:
				name, length = finding.Name, len(first)
			}
		}
		if name == "" {
			return nil, fmt.Errorf(
				"-allow=%s names no change on %s that is more than a fix; %s",
				first,
				branch,
				namesOf(more),
			)
		}
		names = append(names, name)
		rest = strings.TrimLeft(rest[length:], ", ")
	}
	return names, nil
}

// namesOf lists the names of findings as the end of an error message.
func namesOf(findings []evidence.Finding) string {
	if len(findings) == 0 {
		return "there is none"
	}
	var list []string
	for _, finding := range findings {
		list = append(list, finding.Name)
	}
	return "those are: " + strings.Join(slices.Compact(list), ", ")
}

// refusal returns why a hotfix with these findings cannot be released, or nil.
func (h *Hotfix) refusal(found evidence.Evidence) error {
	if len(h.Refused) == 0 {
		return nil
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s may contain fixes only, and these changes are more than a fix:\n", h.Branch)
	for _, finding := range found.Beyond(version.Patch) {
		if slices.Contains(h.Refused, finding.Name) {
			fmt.Fprintf(&text, "  %s asks for a %s: %s\n", finding.Name, finding.Asks, finding.What)
		}
	}
	fmt.Fprintf(
		&text,
		"release them from %s as a minor or major version, or allow them by name: -allow=%s",
		mainName(h.Main),
		run.Quote(strings.Join(h.Refused, ",")),
	)
	return errors.New(text.String())
}

// mainName returns a branch's name without its remote.
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

// spread says whether the default branch has the fixes and, if not, how to get them
// there. lacking reports that it does not have them.
func (h *Hotfix) spread() (text string, lacking bool) {
	if h.Main == "" {
		return "the default branch, which should have the fix too, is unknown: git remote set-head origin --auto", true
	}
	if len(h.Absent) == 0 {
		return h.Main + " has the fix too", false
	}
	var commits, fixes []string
	for _, fix := range h.Absent {
		commits = append(commits, git.Short(fix.Commit))
		fixes = append(fixes, git.Short(fix.Commit)+" "+fix.Subject)
	}
	return fmt.Sprintf(
		"%s does not have %s; to fix that: git checkout %s; git pull; git cherry-pick -x %s; git push",
		h.Main,
		List(fixes, 3),
		mainName(h.Main),
		strings.Join(commits, " "),
	), true
}

// Warning says which fixes the default branch lacks, or returns "".
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

// decisions returns the lines of a plan about the hotfix.
func (h *Hotfix) decisions() []line {
	lines := []line{{"hotfix", "of " + h.Base + ", on " + h.Branch}}
	if len(h.Refused) > 0 {
		lines = append(lines, line{"", "REFUSED, more than a fix: " + List(h.Refused, 6)})
	}
	if len(h.Allowed) > 0 {
		lines = append(lines, line{"", "more than a fix, but allowed: " + List(h.Allowed, 6)})
	}
	text, lacking := h.spread()
	if lacking {
		text = "WARNING: " + text
	}
	return append(lines, line{"", text})
}
