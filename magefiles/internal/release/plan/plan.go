// Package plan makes every decision of a release: the version and why, the previous release, what the changes
// require, and whether latest moves. It only reads git and makes no network requests itself: Request has functions
// that do.
package plan

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/evidence"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
)

// Plan holds every decision of a release, as in dist/plan.json.
type Plan struct {
	Version    string    `json:"version"`           // without v
	Tag        string    `json:"tag"`               // with v
	Tagged     bool      `json:"tagged"`            // whether the tag exists already
	Source     string    `json:"source"`            // where the version comes from
	Reasons    []string  `json:"reasons,omitempty"` // why this version is proposed
	Prerelease bool      `json:"prerelease"`
	Commit     string    `json:"commit"`     // full hash
	CommitTime time.Time `json:"commitTime"` // UTC
	Branch     string    `json:"branch"`     // "" when HEAD is detached
	Repository string    `json:"repository"` // web address of the source, or ""
	// Folder is the app's folder in its repository; "" means the root.
	Folder string `json:"folder,omitempty"`
	// Approval is the environment in which a person approves the release, or "".
	Approval string `json:"approval,omitempty"`
	// Configuration is the file that the configuration comes from, unless that is the
	// release.yaml of the commit.
	Configuration string                   `json:"configuration,omitempty"`
	Dirty         bool                     `json:"dirty"`          // whether the checkout differs from the commit
	Tree          string                   `json:"tree,omitempty"` // git tree hash of the files; "" when unknown
	Previous      string                   `json:"previous"`       // tag that the notes start after, or ""
	Baseline      string                   `json:"baseline"`       // last stable tag, the base of the evidence, or ""
	Commits       int                      `json:"commits"`        // since previous, without merges and reverts
	Verdict       Verdict                  `json:"verdict"`
	Hotfix        *Hotfix                  `json:"hotfix,omitempty"` // nil when this is no hotfix
	Evidence      evidence.Evidence        `json:"evidence"`
	Latest        Latest                   `json:"latest"`
	WayBack       WayBack                  `json:"wayBack,omitzero"`
	VersionFiles  []app.VersionPlace       `json:"versionFiles"` // as they are in the tree
	Changes       []changelog.PlainSection `json:"changes"`      // since previous
	People        []string                 `json:"people"`       // who contributed to them

	notes   changelog.Notes
	written string // the notes as Markdown, if the plan was reused; such a plan has no other notes
}

// Same reports whether both plans are for the same release: the same tag and commit.
func (p Plan) Same(other Plan) bool { return p.Tag == other.Tag && p.Commit == other.Commit }

// Request is the input of a plan.
type Request struct {
	App     *app.App
	Repo    git.Repo
	History changelog.History
	Asked   Asked
	// API generates the spec of the app's routes at a revision, for an app that does not commit one; may be nil.
	API func(ctx context.Context, revision string) ([]byte, error)
	// Registry asks the registry which version latest is; nil means that there is no registry.
	Registry func() Registry
	// Last asks GitHub what is recorded about the last release; may be nil.
	Last func() Last
}

// Make makes the plan for the commit at HEAD. The version is the one that was asked for, or else that of the pushed
// tag, or else that of the highest release tag at HEAD, or else the one that the changes require.
func Make(ctx context.Context, r Request) (Plan, error) {
	s, err := read(ctx, r.Repo)
	if err != nil {
		return Plan{}, err
	}
	places, broken := r.versionPlaces()
	s.stated = Highest(places)
	decided, err := given(r.Asked, s)
	if err != nil {
		return Plan{}, err
	}
	hotfix, err := r.hotfixBranch(ctx, s, decided)
	if err != nil {
		return Plan{}, err
	}
	found, err := r.gather(ctx, &s)
	if err != nil {
		return Plan{}, err
	}
	if decided == nil && hotfix != nil {
		if decided, err = hotfix.proposes(s); err != nil {
			return Plan{}, err
		}
	}
	if decided == nil {
		if decided, err = propose(
			s,
			found,
			func(t tagged) bool { return r.Repo.History().Contains(ctx, t.Commit, s.head.Hash) },
		); err != nil {
			return Plan{}, err
		}
	}
	p, err := r.complete(ctx, s, *decided, found)
	if err != nil {
		return Plan{}, err
	}
	switch {
	case hotfix != nil:
		p.Hotfix, err = r.evaluateHotfix(ctx, *hotfix, s, found)
		p.Verdict = p.Verdict.unless(p.Hotfix)
	case r.Asked.Allow != "":
		err = fmt.Errorf("-allow=%s applies to a hotfix branch, and this is not one", r.Asked.Allow)
	}
	p.VersionFiles = places
	if broken != nil {
		p.Evidence.Notices = append(p.Evidence.Notices, changelog.Plain(broken.Error()))
	}
	return p, err
}

// gather collects the evidence since the last stable release.
func (r Request) gather(ctx context.Context, s *state) (evidence.Evidence, error) {
	base := s.baseline()
	if base == nil {
		return evidence.None(), nil
	}
	var err error
	if s.changes, err = r.History.Between(ctx, base.Name, s.head.Hash); err != nil {
		return evidence.Evidence{}, err
	}
	return evidence.Gather(ctx, evidence.Range{Repo: r.Repo, Config: r.App.Config, From: base.Name, To: s.head.Hash,
		Entries: s.changes.Entries, API: r.API})
}

// complete makes the decisions that depend on the version.
func (r Request) complete(ctx context.Context, s state, decided chosen, found evidence.Evidence) (Plan, error) {
	p := Plan{
		Version:    decided.version.String(),
		Tag:        decided.version.Tag(),
		Tagged:     s.taken(decided.version),
		Source:     decided.source,
		Reasons:    decided.reasons,
		Prerelease: !decided.version.Stable(),
		Commit:     s.head.Hash,
		CommitTime: s.head.Time,
		Previous: before(
			s.ancestors,
			s.head.Hash,
			!decided.version.Stable(),
		).name(),
		Baseline: s.baseline().name(),
		Evidence: found.As(decided.version.String()),
		Approval: r.App.Config.Publish.Approval,
	}
	if err := r.checkout(ctx, &p); err != nil {
		return Plan{}, err
	}
	var err error
	p.notes = s.changes
	if p.Previous == "" || p.Previous != p.Baseline {
		if p.notes, err = r.History.Between(ctx, p.Previous, s.head.Hash); err != nil {
			return Plan{}, err
		}
	}
	p.notes.Tag, p.notes.Version, p.Commits = p.Tag, decided.version, p.notes.Commits
	if err := r.History.Describe(ctx, &p.notes, s.head.Hash); err != nil {
		return Plan{}, err
	}
	p.Changes, p.People = changelog.PlainSections(p.notes.Entries, r.History.Sections), []string{}
	for _, contributor := range p.notes.Contributors() {
		p.People = append(p.People, contributor.Name)
	}
	p.Verdict = evaluate(decided.version, s.baseline(), found, r.App.Config.Versioning.Policy)
	var registry Registry
	if r.Registry != nil {
		registry = r.Registry()
	}
	p.Latest = latest(decided.version, s, registry)
	p.WayBack = r.wayBack(p)
	if p.Latest.Skips != "" {
		return p, r.hasItAll(ctx, &p.Latest, s)
	}
	return p, nil
}

// checkout records what the release is made from, and whether the checkout has uncommitted changes.
func (r Request) checkout(ctx context.Context, p *Plan) error {
	var err error
	if p.Branch, err = r.Repo.Branches().Current(ctx); err != nil {
		return err
	}
	if p.Repository, err = Address(ctx, r.Repo); err != nil {
		return err
	}
	if p.Folder, err = r.folder(ctx); err != nil {
		return err
	}
	changed, err := r.Repo.WorkTree().Status(ctx)
	if err != nil {
		return err
	}
	p.Dirty = len(changed) > 0
	p.Configuration, err = r.configuration(ctx, changed)
	return err
}

// folder returns the app's folder in its repository, or "" for the root and for a folder without an app.
func (r Request) folder(ctx context.Context) (string, error) {
	if r.App.Foreign {
		return "", nil
	}
	prefix, err := r.Repo.WorkTree().Prefix(ctx)
	return strings.TrimSuffix(prefix, "/"), err
}

// hasItAll clears Skips if this release also contains every change of the skipped release: a hotfix is not in the
// history of main, but its fix is.
func (r Request) hasItAll(ctx context.Context, l *Latest, s state) error {
	absent, err := r.Repo.History().Absent(ctx, s.head.Hash, "", "refs/tags/"+l.Skips)
	if err != nil {
		return err
	}
	for _, commit := range absent {
		subject, _, err := r.Repo.History().Subject(ctx, commit)
		if err != nil || !strings.HasPrefix(subject, changelog.ReleaseSubject) {
			return err
		}
	}
	l.Skips = ""
	return nil
}

// versionPlaces reads the version files; a repository that is not an app has none. A
// file that cannot be read does not fail the plan, which reports it; it fails the
// build.
func (r Request) versionPlaces() ([]app.VersionPlace, error) {
	if r.App.Foreign {
		return []app.VersionPlace{}, nil
	}
	list, err := r.App.VersionPlaces(r.App.Root)
	if err != nil {
		return []app.VersionPlace{}, err
	}
	return list, nil
}

// Behind lists the places whose version differs from the plan's.
func (p Plan) Behind() []app.VersionPlace {
	var list []app.VersionPlace
	for _, place := range p.VersionFiles {
		if place.Version != p.Version {
			list = append(list, place)
		}
	}
	return list
}

// Refused returns why the release is forbidden, or nil. Either the policy forbids it, or it is a hotfix that
// contains more than fixes.
func (p Plan) Refused() error {
	if p.Hotfix != nil {
		return p.Hotfix.refusal(p.Evidence)
	}
	return p.Verdict.refused()
}

// Notes returns the content of the release notes.
func (p Plan) Notes() changelog.Notes { return p.notes }

// Address returns the web address of the repository's origin, or "".
func Address(ctx context.Context, repo git.Repo) (string, error) {
	remote, err := repo.Remotes().URL(ctx)
	return WebAddress(remote), err
}
