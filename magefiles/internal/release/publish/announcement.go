package publish

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/announce"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// Override is what a person says of announcements that were begun, but not seen to
// end: one of the words below for all of them, or KIND:WORD for one kind of channel, with
// commas between several.
type Override string

// What may be said of it.
const (
	NoOverride    Override = ""      // nothing: it is left alone
	PostAgain     Override = "again" // it is not in the channel: post it
	AlreadyPosted Override = "seen"  // it is in the channel
)

// Valid fails for what means nothing.
func (o Override) Valid() error {
	for entry := range strings.SplitSeq(string(o), ",") {
		kind, word, named := strings.Cut(entry, ":")
		if !named {
			kind, word = "", entry
		}
		known := Override(word) == PostAgain || Override(word) == AlreadyPosted || o == NoOverride
		if !known || named && !slices.Contains(app.ChannelKinds, kind) {
			return fmt.Errorf("-announce=%s is not one of again, seen, or one of them for a kind of channel, as in "+
				"slack:again", entry)
		}
	}
	return nil
}

// of returns what is said of a kind of channel.
func (o Override) of(kind string) Override {
	said := NoOverride
	for entry := range strings.SplitSeq(string(o), ",") {
		if which, word, named := strings.Cut(entry, ":"); !named {
			said = Override(entry)
		} else if which == kind {
			return Override(word)
		}
	}
	return said
}

// inDoubt says what to do about an announcement of which nobody knows whether it was posted.
func inDoubt(kind string) string {
	of := ""
	if kind != announce.KindDiscord {
		of = kind + ":"
	}
	return fmt.Sprintf("look into the channel, and say postRelease -announce=%[1]sagain if it is not there, "+
		"-announce=%[1]sseen if it is (in GitHub Actions, run the workflow by hand for the tag, with that as the "+
		"input announce)", of)
}

// Channel is where a release is announced, with its kind.
type Channel struct {
	Kind string
	announce.Channel
}

// postAnnouncement is the effect that the release is announced in a channel, once: it is
// recorded before it is posted and after. When an earlier run ended in between,
// nobody knows whether it was posted.
type postAnnouncement struct {
	shared   *notifying
	kind     string
	channel  announce.Channel // nil when nothing is announced
	override Override

	failed bool // what it left is recorded
}

// Title implements Effect.
func (a *postAnnouncement) Title() string {
	if a.kind == announce.KindDiscord {
		return "post the announcement"
	}
	return "post the announcement to " + a.kind
}

// Done implements step.Work.
func (a *postAnnouncement) Done(ctx context.Context) (step.State, error) {
	if state, err := a.shared.out(ctx, nil); err != nil || state.Status != "" {
		return state, err
	}
	announced := a.shared.state.announced(a.kind)
	if said := a.override.of(a.kind); announced.State == statePosting && !a.failed && said != NoOverride {
		announced = Announced{}
		if said == AlreadyPosted {
			announced.State = statePosted
		}
		a.shared.state.announce(a.kind, announced)
	}
	switch {
	case a.channel == nil:
		a.shared.state.announce(a.kind, Announced{State: stateNone})
		return step.State{Status: step.Absent, Why: stateNone}, nil
	case a.failed:
		return toDo("it could not be posted"), nil
	case announced.State == statePosting:
		a.shared.tools.warn(
			"the announcement of %s was begun by an earlier run, which did not see it end: it is not posted again; %s",
			a.shared.release.Plan.Tag+a.where(),
			inDoubt(a.kind),
		)
		return isDone("it was begun by an earlier run, which did not see it end"), nil
	case announced.State == statePosted:
		if announced.Message == "" {
			return isDone("it was posted already"), nil
		}
		return isDone(fmt.Sprintf("it was posted already (message %s)", announced.Message)), nil
	}
	return toDo("nothing was posted yet"), nil
}

// where names the channel, unless it is the usual one.
func (a *postAnnouncement) where() string {
	if a.kind == announce.KindDiscord {
		return ""
	}
	return " to " + a.kind
}

// Do implements step.Work.
func (a *postAnnouncement) Do(ctx context.Context) error {
	err := a.post(ctx)
	a.failed = err != nil
	a.shared.failed = a.shared.failed || a.failed
	return final(err)
}

func (a *postAnnouncement) post(ctx context.Context) error {
	state := &a.shared.state
	states, release := a.shared.tools.states, a.shared.draft
	// Of two runs at once, one finds the other's name.
	state.announce(a.kind, Announced{State: statePosting, By: cmp.Or(a.shared.release.Run, rand.Text())})
	if err := states.store(ctx, release, state); err != nil {
		return err // nothing was posted that is not recorded
	}
	posted, err := a.channel.Announce(ctx, announcementOf(a.shared.release, release.URL, *state))
	switch {
	case errors.Is(err, announce.ErrUncertain):
		return fmt.Errorf("%w; it is not posted again; %s", err, inDoubt(a.kind))
	case err != nil:
		state.announce(a.kind, Announced{})
		return errors.Join(err, states.store(ctx, release, state))
	}
	state.announce(a.kind, Announced{State: statePosted, Message: posted.Message})
	return states.store(ctx, release, state)
}

// announcementOf returns what the announcement says.
func announcementOf(r Release, page string, state State) announce.Release {
	said := announce.Release{App: r.Config.Announce.Name, Version: r.Plan.Version, Tag: r.Plan.Tag, URL: page,
		Prerelease: r.Plan.Prerelease, Contributors: r.Plan.People, Commit: r.Plan.Commit}
	if state.Image != nil {
		said.Image, said.Digest = state.Named(), state.Image.Digest
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
