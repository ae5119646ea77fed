package publish

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/announce"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
)

// Notify tells of a release that is out: the docs site is rebuilt if the docs
// changed, the files that carry the version get it on the default branch, and
// the announcement is posted. One that fails does not keep the others from
// being done; the next run does just that one.
//
// override says what a person found out about an announcement of which nobody knew
// whether it was posted.
func (r Release) Notify(ctx context.Context, override Override) (State, error) {
	found, err := r.published(ctx)
	if err != nil {
		return State{}, err
	}
	record := *found.State
	switch {
	case record.RolledBack != "":
		return record, nil
	case found.Release.Draft:
		return State{}, fmt.Errorf("%s is not out yet: nothing is told", r.Plan.Tag)
	}
	var problems []error
	for _, each := range []struct {
		name  string
		state *string
		tell  func(context.Context) (string, error)
	}{
		{"rebuild the docs", &record.Docs, r.docs},
		{"write the version on the default branch", &record.VersionFiles, r.carriers},
	} {
		if *each.state != "" {
			r.Say("%s: it is so already (%s)", each.name, *each.state)
			continue
		}
		state, err := each.tell(ctx)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", each.name, err))
			continue
		}
		*each.state = state
		r.Say("%s: %s", each.name, state)
	}
	record, err = r.announce(ctx, *found.Release, record, override)
	return record, errors.Join(append(problems, err)...)
}

// docs has the docs site rebuilt. It may be asked for twice, if the first time
// was not recorded any more: the same site comes of it.
func (r Release) docs(ctx context.Context) (string, error) {
	rebuild := r.Config.Docs.Rebuild
	switch {
	case len(r.Plan.Evidence.Docs) == 0, rebuild.Absent != "":
		return stateNone, nil
	case len(rebuild.Command) > 0:
		return stateDone, r.Command(ctx, rebuild.Command)
	}
	repository, err := r.docsRepository()
	if err != nil {
		return "", err
	}
	if rebuild.Workflow == "" {
		payload := map[string]string{"version": r.Plan.Version, "tag": r.Plan.Tag}
		return stateDone, r.GitHub.Dispatch(ctx, repository, rebuild.Event, payload)
	}
	branch, err := r.GitHub.DefaultBranch(ctx)
	if err != nil {
		return "", err
	}
	return stateDone, r.GitHub.DispatchWorkflow(ctx, repository, rebuild.Workflow, branch)
}

// docsRepository is where the docs site is built.
func (r Release) docsRepository() (github.Repository, error) {
	if name := r.Config.Docs.Rebuild.Repository; name != "" {
		return github.ParseRepository(name)
	}
	return r.Repository, nil
}

// Override is what a person says of an announcement that was begun, but not seen
// to end.
type Override string

// What may be said of it.
const (
	NoOverride    Override = ""      // nothing: it is left alone
	PostAgain     Override = "again" // it is not in the channel: post it
	AlreadyPosted Override = "seen"  // it is in the channel
)

const inDoubt = "look into the channel, and say postRelease -announce=again if it is not there, -announce=seen if it is " +
	"(in GitHub Actions, run the workflow by hand for the tag, with that as the input announce)"

// announce posts the announcement, once: it is recorded before and after. When
// an earlier run ended in between, nobody knows whether it was posted.
func (r Release) announce(ctx context.Context, release github.Release, record State, override Override) (State, error) {
	if record.Announced.State == statePosting && override != NoOverride {
		record.Announced = Announced{}
		if override == AlreadyPosted {
			record.Announced.State = statePosted
		}
	}
	switch {
	case r.Webhook == nil:
		record.Announced = Announced{State: stateNone}
		return record, r.store(ctx, release, &record)
	case record.Announced.State == statePosting:
		r.Warn(
			"the announcement of %s was begun by an earlier run, which did not see it end: it is not posted again; %s",
			r.Plan.Tag,
			inDoubt,
		)
		return record, r.store(ctx, release, &record)
	case record.Announced.State == statePosted:
		r.Say("post the announcement: it was posted already (message %s)", record.Announced.Message)
		return record, r.store(ctx, release, &record)
	}
	record.Announced = Announced{
		State: statePosting,
		By:    cmp.Or(r.Run, rand.Text()),
	} // of two runs at once, one finds the other's name
	if err := r.store(ctx, release, &record); err != nil {
		return record, err // nothing was posted that is not recorded
	}
	posted, err := r.Webhook.Post(ctx, announce.Message(r.announcement(release, record)))
	switch {
	case errors.Is(err, announce.ErrUncertain):
		return record, fmt.Errorf("post the announcement: %w; it is not posted again; %s", err, inDoubt)
	case err != nil:
		record.Announced = Announced{}
		return record, errors.Join(fmt.Errorf("post the announcement: %w", err), r.store(ctx, release, &record))
	}
	record.Announced = Announced{State: statePosted, Message: posted.Message}
	r.Say("post the announcement: done (message %s)", posted.Message)
	return record, r.store(ctx, release, &record)
}

// announcement is what the announcement says.
func (r Release) announcement(release github.Release, record State) announce.Release {
	told := announce.Release{App: r.Config.Announce.Name, Version: r.Plan.Version, Tag: r.Plan.Tag, URL: release.URL,
		Prerelease: r.Plan.Prerelease, Contributors: r.Plan.People}
	if record.Image != nil {
		told.Image, told.Digest = record.Image.Name+":"+record.Version, record.Image.Digest
	}
	for _, step := range r.Plan.Evidence.Steps {
		text := strings.ReplaceAll(step.Text, "`", "") // plain text
		if step.Breaking {
			text = "Breaking: " + text
		}
		told.Upgrading = append(told.Upgrading, text)
	}
	for _, section := range r.Plan.Changes {
		told.Sections = append(told.Sections, announce.Section{Title: section.Title, Entries: section.Entries})
	}
	return told
}
