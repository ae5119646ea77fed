package publish

import (
	"context"
	"slices"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/announce"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// What a release consists of, as tables of contents. The order is the protocol.
// The effects of a list share one look at what is there, which the first of them
// takes: make a list when it is its turn, and a new one for each use.

// Publishing returns the effects of Publish, in order.
func (r Release) Publishing(built Artifacts) []Effect {
	return (&publishing{release: r, tools: toolsOf(r), built: built}).effects()
}

func (p *publishing) effects() []Effect {
	list := append(pushing(p.release, p.built, p), p.signing()...)
	list = append(list, &createDraft{shared: p, forge: p.release.GitHub.Releases})
	inDraft := []Effect{
		// The state comes first: of two builds at once, one is refused here, before it
		// replaces notes or a file of the other, which may be public by now.
		&publishState{shared: p},
		&publishNotes{p, p.tools.notes(&p.draft, p.body)},
	}
	for _, file := range p.files() {
		inDraft = append(inDraft, &attach{shared: p, forge: p.release.GitHub.Releases, file: file})
	}
	inDraft = append(inDraft, &removeLeftovers{shared: p, forge: p.release.GitHub.Releases})
	return append(list, inTurn(p.inDraft, inDraft...)...)
}

// Proving returns the effect of Prove: the release is recorded as healthy.
func (r Release) Proving(healthy []verify.Health) []Effect {
	shared := &published{release: r, tools: toolsOf(r)}
	return inTurn(shared.waits, &prove{shared, healthy})
}

// Promoting returns the effects of Promote, in order.
func (r Release) Promoting() []Effect { return promoting(&published{release: r, tools: toolsOf(r)}) }

func promoting(p *published) []Effect {
	r := p.release
	list := append(p.attachingState(), p.signed()...)
	repositories := repositoriesOf(r)
	// The app's own image is named last: who finds it finds the others, too.
	for _, each := range slices.Backward(repositories) {
		list = append(list, &nameVersion{shared: p, registry: each.Registry, image: each.Name})
	}
	for _, each := range repositories {
		for _, line := range linesOf(r.Plan.Version, r.Config.Publish) {
			list = append(list, &moveTag{shared: p, registry: each.Registry, image: each.Name, line: line})
		}
	}
	list = append(list,
		&draftNotes{p, p.tools.notes(&p.draft, p.body)},
		&removeDrafts{shared: p, forge: r.GitHub.Releases},
		&makePublic{shared: p, forge: r.GitHub.Releases},
		&badge{shared: p, forge: r.GitHub.Releases},
		// A rollback may have come meanwhile, and have found nothing to move back yet.
		&standsStill{shared: p},
	)
	return inTurn(p.proven, list...)
}

// Notifying returns the effects of Notify. None keeps another from being done.
func (r Release) Notifying(override Override) []Effect {
	return (&notifying{published: published{release: r, tools: toolsOf(r)}}).effects(override)
}

func (n *notifying) effects(override Override) []Effect {
	r := n.release
	list := []Effect{&rebuildDocs{n, r.GitHub.Dispatches}, &writeVersion{shared: n, forge: r.GitHub.Code}}
	for _, channel := range r.Channels {
		list = append(list, &postAnnouncement{
			shared: n, kind: channel.Kind, channel: channel.Channel, override: override,
		})
	}
	if len(r.Channels) == 0 {
		list = append(list, &postAnnouncement{shared: n, kind: announce.KindDiscord})
	}
	return inTurn(
		func(ctx context.Context) (step.State, error) { return n.out(ctx, nil) }, append(list, &recordNotified{n})...,
	)
}

// rollingBack makes what follows a rolled-back release follow one that stands. That
// it is rolled back is recorded first, so that no other run promotes it meanwhile.
func rollingBack(r Release, t tools, release github.Release, state *State) ([]Effect, error) {
	list := []Effect{t.states.effect(release, state)}
	for _, move := range state.Moved {
		if r.Registry == nil || state.image(move.Image) == nil {
			continue
		}
		to, err := repositoryOf(r, move.Image)
		if err != nil {
			return nil, err
		}
		list = append(list, &moveBack{tools: t.about(move.Image, to), registry: to, move: move, state: *state})
	}
	return append(list,
		&markRolledBack{forge: r.GitHub.Releases, release: release, state: *state},
		&badgeBack{tools: t, forge: r.GitHub.Releases, state: *state},
	), nil
}

// rollBack does it.
func rollBack(ctx context.Context, r Release, t tools, release github.Release, state *State) error {
	list, err := rollingBack(r, t, release, state)
	if err != nil {
		return err
	}
	return ensure(ctx, t.policy, list...)
}
