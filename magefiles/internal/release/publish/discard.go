package publish

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/registry"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// discarded is what the record of a release says that is being discarded: no other run
// promotes it any more.
const discarded = "it is being discarded"

// Discarding is a draft that is not to be released, and what is there of it. The record goes
// last, since it leads to everything else: a run after one that was interrupted finds what is
// left.
type Discarding struct{ remains }

// remains are what is there of a draft.
type remains struct {
	release Release
	tools   tools
	draft   *github.Release // nil if there is none
	state   *State          // nil if none is recorded
	left    []*leftover
}

// Discard looks what is there of a draft and of what was made for it, also if a person has
// deleted the draft. It changes nothing. The error says why a release is not discarded: it is
// public, users can get its image by a name, or it was made by something else.
func (r Release) Discard(ctx context.Context) (*Discarding, error) {
	d := &Discarding{remains{release: r, tools: toolsOf(r)}}
	releases, err := r.GitHub.Releases.Releases(ctx)
	if err != nil {
		return nil, err
	}
	if d.draft = ours(releases, r.Plan.Tag); d.draft != nil && !d.draft.Draft {
		return nil, fmt.Errorf("%s is public (%s): a release is not discarded; rollback %s rolls it back",
			r.Plan.Tag, d.draft.URL, r.Plan.Tag)
	}
	stored, err := d.tools.states.read(ctx, r.Plan.Tag)
	if err != nil {
		return nil, err
	}
	if d.state = stored.state; d.state != nil {
		of, err := recorded(ctx, r.GitHub.Releases, *d.state)
		if err != nil {
			return nil, err
		}
		if of != nil {
			d.draft = of
		}
	}
	if d.draft == nil && d.state == nil {
		return d, nil
	}
	if err := d.refusal(ctx, stored); err != nil {
		return nil, err
	}
	return d, d.look(ctx, releases)
}

// refusal returns why a draft is not discarded.
func (d *remains) refusal(ctx context.Context, stored kept) error {
	if d.draft != nil && stored.of(d.draft) == nil {
		if err := d.foreign(ctx); err != nil {
			return err
		}
	}
	return d.eachImage(func(of *registry.Repository, image Image) error { return d.inUse(ctx, of, image.Digest) })
}

// inUse returns an error if users get an image by a tag.
func (d *remains) inUse(ctx context.Context, of *registry.Repository, digest string) error {
	tags := d.followers()
	if d.draft == nil && d.state.RolledBack != discarded {
		tags = append(tags, d.state.ImageTag()) // what a person has deleted may have been public
	}
	for _, tag := range tags {
		now, err := of.Digest(ctx, tag)
		if err != nil {
			return err
		}
		if now == digest {
			return fmt.Errorf("%s:%s is the image of %s, which users get by that name: run release, which makes it "+
				"public, or roll it back with rollback %s, and then discard it",
				of.Name(), tag, d.state.Tag, d.state.Tag)
		}
	}
	return nil
}

// foreign refuses a draft that is not recorded, unless it is as publish makes it: publish
// records a draft before anything is attached to it.
func (d *remains) foreign(ctx context.Context) error {
	assets, err := d.release.GitHub.Releases.Assets(ctx, d.draft.ID)
	if err != nil || len(assets) == 0 && strings.Contains(d.draft.Body, strings.TrimSpace(notesBegin)) {
		return err
	}
	return fmt.Errorf("the draft %s has no record in %s, so that it was made by something else: delete it on "+
		"GitHub: %s", d.draft.Tag, RecordRef(d.draft.Tag), d.draft.URL)
}

// followers returns the tags of the image, besides that of the version, that the release may have.
func (d *remains) followers() []string {
	var tags []string
	for _, line := range linesOf(d.state.Version, d.release.Config.Publish) {
		tags = append(tags, line.tag)
	}
	for _, move := range d.state.Moved {
		tags = append(tags, move.Tag)
	}
	return append(tags, d.release.Config.Publish.OtherTags...)
}

// look finds all that is left, in the order in which it is removed.
func (d *remains) look(ctx context.Context, releases []github.Release) error {
	if err := d.lookAtImages(ctx); err != nil {
		return err
	}
	if err := d.lookAtProposal(ctx); err != nil {
		return err
	}
	if err := d.lookAtDrafts(ctx, releases); err != nil {
		return err
	}
	d.addRecord()
	var left []*leftover
	for _, each := range d.left {
		there, err := each.there(ctx)
		if err != nil {
			return err
		}
		if there {
			left = append(left, each)
		}
	}
	d.left = left
	return nil
}

func (d *remains) add(part *leftover) { d.left = append(d.left, part) }

// List says what Remove is going to remove, in its order.
func (d *Discarding) List() []string {
	list := make([]string, len(d.left))
	for i, each := range d.left {
		list[i] = each.what
	}
	return list
}

// Remove removes everything that was found, and tells of each part. What the registry keeps
// is told as a warning, and is no error. It can be interrupted anywhere, and run again.
func (d *Discarding) Remove(ctx context.Context) error {
	if err := d.mark(ctx); err != nil {
		return err
	}
	for _, each := range d.left {
		if err := ensure(ctx, d.quiet(), each); err != nil {
			return err
		}
		if each.removed && each.kept == nil {
			d.release.Say("removed %s", each.what)
		}
	}
	return d.tellKept(ctx)
}

// quiet returns the policy of effects that are told of in other words.
func (d *Discarding) quiet() step.Policy {
	policy := d.tools.policy
	policy.Say = func(string, ...any) {}
	return policy
}

// mark records that the release is being discarded, so that no other run promotes it, and
// makes sure that none has published it meanwhile.
func (d *Discarding) mark(ctx context.Context) error {
	if d.state == nil {
		return nil
	}
	if d.state.RolledBack == "" {
		next := *d.state
		next.RolledBack = discarded
		of := github.Release{ID: d.state.Release, Tag: d.state.Tag}
		if err := ensure(ctx, d.quiet(), d.tools.states.effect(of, &next)); err != nil {
			return err
		}
		d.state = &next
	}
	if d.draft == nil {
		return nil
	}
	now, err := d.release.GitHub.Releases.Release(ctx, d.draft.ID)
	if github.Status(err) == http.StatusNotFound || err == nil && now.Draft {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("another run has made %s public meanwhile (%s), and nothing was removed: rollback %s "+
		"-reason=… rolls it back", now.Tag, now.URL, now.Tag)
}

// tellKept warns of what the registry keeps. A tag may have gone with what it named.
func (d *Discarding) tellKept(ctx context.Context) error {
	var kept []*leftover
	for _, each := range d.left {
		if each.kept == nil {
			continue
		}
		there, err := each.there(ctx)
		if err != nil {
			return err
		}
		if there {
			kept = append(kept, each)
		} else {
			d.release.Say("removed %s", each.what)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	d.release.Warn(
		"%d parts stay in the registry, from %s to %s (%v): delete them where it shows its packages",
		len(kept), kept[0].what, kept[len(kept)-1].what, kept[0].kept,
	)
	if named, err := d.release.Registry.Digest(ctx, d.state.ImageTag()); err != nil || named != "" {
		d.release.Warn("the registry still has the tag %s: release the next version", d.state.ImageTag())
	}
	return nil
}

// leftover is the effect that a part of a draft is gone.
type leftover struct {
	what   string
	there  func(ctx context.Context) (bool, error)
	remove func(ctx context.Context) error

	removed bool
	kept    error // why the registry keeps it
}

// Title implements Effect.
func (l *leftover) Title() string { return "remove " + l.what }

// Done implements step.Work.
func (l *leftover) Done(ctx context.Context) (step.State, error) {
	if l.kept != nil { // which is told at the end
		return isDone("the registry keeps it"), nil //nolint:nilerr // it is no failure
	}
	there, err := l.there(ctx)
	return doneIf(!there, "it is there"), err
}

// Do implements step.Work.
func (l *leftover) Do(ctx context.Context) error {
	err := l.remove(ctx)
	if errors.Is(err, registry.ErrKeeps) {
		l.kept = err
		return nil
	}
	l.removed = true
	return err
}
