package publish

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/announce"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// Override is what a person says of an announcement that was begun, but not seen
// to end.
type Override string

// What may be said of it.
const (
	NoOverride    Override = ""      // nothing: it is left alone
	PostAgain     Override = "again" // it is not in the channel: post it
	AlreadyPosted Override = "seen"  // it is in the channel
)

const inDoubt = "look into the channel, and say postRelease -announce=again if it is not there, " +
	"-announce=seen if it is (in GitHub Actions, run the workflow by hand for the tag, with that as the input announce)"

// notifier posts announcements.
type notifier interface {
	Post(ctx context.Context, p announce.Payload) (announce.Posted, error)
}

// postAnnouncement is the effect that the release is announced, once: it is
// recorded before it is posted and after. When an earlier run ended in between,
// nobody knows whether it was posted.
type postAnnouncement struct {
	shared   *notifying
	channel  notifier // nil when nothing is announced
	override Override
}

// Title implements Effect.
func (a *postAnnouncement) Title() string { return "post the announcement" }

// Done implements step.Work.
func (a *postAnnouncement) Done(ctx context.Context) (step.State, error) {
	if state, err := a.shared.out(ctx, nil); err != nil || state.Status != "" {
		return state, err
	}
	announced := &a.shared.state.Announced
	if announced.State == statePosting && !a.shared.failed && a.override != NoOverride {
		*announced = Announced{}
		if a.override == AlreadyPosted {
			announced.State = statePosted
		}
	}
	switch {
	case a.channel == nil:
		*announced = Announced{State: stateNone}
		return step.State{Status: step.Absent, Why: stateNone}, nil
	case a.shared.failed:
		return toDo("it could not be posted"), nil
	case announced.State == statePosting:
		a.shared.tools.warn(
			"the announcement of %s was begun by an earlier run, which did not see it end: it is not posted again; %s",
			a.shared.release.Plan.Tag,
			inDoubt,
		)
		return isDone("it was begun by an earlier run, which did not see it end"), nil
	case announced.State == statePosted:
		return isDone(fmt.Sprintf("it was posted already (message %s)", announced.Message)), nil
	}
	return toDo("nothing was posted yet"), nil
}

// Do implements step.Work.
func (a *postAnnouncement) Do(ctx context.Context) error {
	err := a.post(ctx)
	a.shared.failed = err != nil
	return final(err)
}

func (a *postAnnouncement) post(ctx context.Context) error {
	state := &a.shared.state
	states, release := a.shared.tools.states, a.shared.draft
	// Of two runs at once, one finds the other's name.
	state.Announced = Announced{State: statePosting, By: cmp.Or(a.shared.release.Run, rand.Text())}
	if err := states.store(ctx, release, state); err != nil {
		return err // nothing was posted that is not recorded
	}
	posted, err := a.channel.Post(ctx, announce.Message(announcementOf(a.shared.release, release.URL, *state)))
	switch {
	case errors.Is(err, announce.ErrUncertain):
		return fmt.Errorf("%w; it is not posted again; %s", err, inDoubt)
	case err != nil:
		state.Announced = Announced{}
		return errors.Join(err, states.store(ctx, release, state))
	}
	state.Announced = Announced{State: statePosted, Message: posted.Message}
	return states.store(ctx, release, state)
}

// announcementOf is what the announcement says.
func announcementOf(r Release, page string, state State) announce.Release {
	said := announce.Release{App: r.Config.Announce.Name, Version: r.Plan.Version, Tag: r.Plan.Tag, URL: page,
		Prerelease: r.Plan.Prerelease, Contributors: r.Plan.People}
	if state.Image != nil {
		said.Image, said.Digest = state.Image.Name+":"+state.Version, state.Image.Digest
	}
	for _, step := range r.Plan.Evidence.Steps {
		text := strings.ReplaceAll(step.Text, "`", "") // plain text
		if step.Breaking {
			text = "Breaking: " + text
		}
		said.Upgrading = append(said.Upgrading, text)
	}
	for _, section := range r.Plan.Changes {
		said.Sections = append(said.Sections, announce.Section{Title: section.Title, Entries: section.Entries})
	}
	return said
}
