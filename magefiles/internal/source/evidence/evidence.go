// Package evidence determines what the changes between two releases require: which version bump, and which upgrade
// steps. It reads the commits, the API's specification, the database migrations, and the settings that users can
// change. It reads all of them from git and runs none of the app's code, unless no specification is committed: then
// Range.API generates it.
package evidence

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/contract"
)

// Source is where a finding comes from.
type Source string

// The sources.
const (
	Commits    Source = "commits"
	API        Source = "api"
	Migrations Source = "migrations"
)

// Finding is a change that asks for more than a patch. Its texts are plain, with code
// between backticks, and from any source: escape them before showing them.
type Finding struct {
	Source Source       `json:"source"`
	Asks   version.Bump `json:"asks"`
	What   string       `json:"what"`  // such as: the API lost `DELETE /x`
	Where  string       `json:"where"` // a commit, or a file with a line
	Name   string       `json:"name"`  // its name for users: a commit, an endpoint or rule of the API, a migration
}

// Step is a step of the upgrade, or something to know before it. Texts are like a
// Finding's.
type Step struct {
	Breaking bool     `json:"breaking"`
	Text     string   `json:"text"`
	Details  []string `json:"details,omitempty"`
	Command  string   `json:"command,omitempty"` // the command to run
}

// Evidence is everything known about the changes between two releases.
type Evidence struct {
	Findings []Finding `json:"findings"` // largest bump first
	Steps    []Step    `json:"steps"`    // upgrade instructions; empty when there is nothing to do
	Notices  []string  `json:"notices"`  // what could not be evaluated, and why
	Docs     []string  `json:"docs"`     // documentation files that changed
}

// None returns the evidence of a first release, which has nothing to compare with.
func None() Evidence {
	return Evidence{Findings: []Finding{}, Steps: []Step{}, Notices: []string{}, Docs: []string{}}
}

// As returns the evidence with the version of the release in its commands.
func (e Evidence) As(version string) Evidence {
	e.Steps = slices.Clone(e.Steps)
	for i := range e.Steps {
		e.Steps[i].Command = strings.ReplaceAll(e.Steps[i].Command, "{version}", version)
	}
	return e
}

// Beyond lists the findings that ask for more than a bump.
func (e Evidence) Beyond(bump version.Bump) []Finding {
	var list []Finding
	for _, finding := range e.Findings {
		if finding.Asks > bump {
			list = append(list, finding)
		}
	}
	return list
}

// Asks returns the largest bump that a finding asks for; changes without one ask for a
// patch.
func (e Evidence) Asks() version.Bump {
	asks := version.Patch
	for _, finding := range e.Findings {
		asks = max(asks, finding.Asks)
	}
	return asks
}

// Range is what to compare: an app's commits after one release up to the next.
type Range struct {
	Repo    git.Repo
	Config  app.Config
	From    string // tag of the release before
	To      string // commit
	Entries []changelog.Entry
	// API generates the specification of the app's own routes at a revision, for an app that does not commit one;
	// nil means that this is not possible.
	API func(ctx context.Context, revision string) ([]byte, error)
}

// Gather collects the evidence of all sources. What they cannot tell is a notice; an
// error means that git failed.
func Gather(ctx context.Context, r Range) (Evidence, error) {
	changes, err := r.Repo.Content().Changes(ctx, r.From, r.To)
	if err != nil {
		return Evidence{}, err
	}
	none := None()
	found := &none
	r.commits(found)
	for _, question := range []func(context.Context, []git.Change, *Evidence) error{r.api, r.migrations, r.settings} {
		if err := question(ctx, changes, found); err != nil {
			return Evidence{}, err
		}
	}
	for _, change := range changes {
		if app.Within(change.Path, r.Config.Docs.Paths) {
			found.Docs = append(found.Docs, change.Path)
		}
	}
	slices.SortStableFunc(found.Findings, func(a, b Finding) int { return int(b.Asks) - int(a.Asks) })
	return *found, nil
}

// commits collects what the commit messages say.
func (r Range) commits(found *Evidence) {
	for _, entry := range r.Entries {
		if asks := entry.Asks(); asks > version.Patch {
			found.Findings = append(
				found.Findings,
				Finding{Commits, asks, entry.Demanding().Header(), git.Short(entry.Hash), git.Short(entry.Hash)},
			)
		}
		for _, note := range entry.Breaking {
			found.Steps = append(
				found.Steps,
				Step{Breaking: true, Text: changelog.Plain(note) + " (" + git.Short(entry.Hash) + ")"},
			)
		}
	}
}

// api compares the committed specs.
func (r Range) api(ctx context.Context, _ []git.Change, found *Evidence) error {
	notice := func(format string, args ...any) error {
		found.Notices = append(found.Notices, "the API was not compared: "+fmt.Sprintf(format, args...))
		return nil
	}
	if absent := r.Config.Contract.Absent; absent != "" {
		return notice("%s", absent)
	}
	if absent := r.Config.Contract.Spec.Absent; absent != "" {
		return r.made(ctx, found, absent, notice)
	}
	spec := r.Config.Contract.Spec.Value
	before, err := r.Repo.Content().File(ctx, r.From, spec)
	if err != nil {
		return err
	}
	after, err := r.Repo.Content().File(ctx, r.To, spec)
	if err != nil {
		return err
	}
	// A spec that existed and cannot be compared any more counts as breaking.
	lost := func(format string, args ...any) error {
		found.Findings = append(
			found.Findings,
			Finding{
				API,
				version.Major,
				changelog.Plain("the API cannot be compared: " + fmt.Sprintf(format, args...)),
				spec,
				spec,
			},
		)
		return nil
	}
	switch {
	case before == nil && after == nil:
		return notice("no %s is committed", spec)
	case before == nil:
		return notice("%s has no %s", r.From, spec)
	case after == nil:
		return lost("%s, which %s had, was removed", spec, r.From)
	}
	changes, err := contract.Changes(before, after)
	switch {
	case errors.Is(err, contract.ErrEarlier):
		return notice("%s at %s: %s", spec, r.From, changelog.Plain(err.Error()))
	case err != nil:
		return lost("%s: %s", spec, err)
	}
	r.apiChanges(changes, spec, found)
	return nil
}

// made compares the app's own routes at both revisions.
func (r Range) made(
	ctx context.Context, found *Evidence, absent string, notice func(format string, args ...any) error,
) error {
	if r.API == nil {
		return notice("%s", absent)
	}
	before, err := r.API(ctx, r.From)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return notice("the routes of %s are unknown: %s", r.From, oneLine(err))
	}
	after, err := r.API(ctx, r.To)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return notice("the routes of %s are unknown: %s", git.Short(r.To), oneLine(err))
	}
	changes, err := contract.Changes(before, after)
	if err != nil {
		return notice("%s", oneLine(err))
	}
	r.apiChanges(changes, "the app's routes", found)
	return nil
}

// oneLine formats an error as plain text in one line.
func oneLine(err error) string {
	return changelog.Plain(strings.Join(strings.Fields(err.Error()), " "))
}

// apiChanges converts the changes that oasdiff found.
func (r Range) apiChanges(changes []contract.Change, where string, found *Evidence) {
	alike := map[string]int{} // index of the finding, by rule
	for _, change := range changes {
		name := changelog.Plain(cmp.Or(change.Endpoint, change.Rule))
		if change.Breaking {
			text := changelog.Plain("the API " + change.What)
			found.Steps = append(found.Steps, Step{Breaking: true, Text: text})
			found.Findings = append(found.Findings, Finding{API, version.Major, text, where, name})
			continue
		}
		// The same addition to many endpoints is listed once.
		if at, seen := alike[change.Rule]; seen && change.Endpoint != "" {
			joined := ", likewise "
			if strings.Contains(found.Findings[at].What, joined) {
				joined = ", "
			}
			found.Findings[at].What += joined + "`" + change.Endpoint + "`"
			continue
		}
		if change.Rule != contract.EndpointAdded {
			alike[change.Rule], name = len(found.Findings), change.Rule
		}
		found.Findings = append(
			found.Findings,
			Finding{API, version.Minor, changelog.Plain("the API " + change.What), where, name},
		)
	}
}
