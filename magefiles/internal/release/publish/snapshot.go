package publish

import (
	"context"
	"slices"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// Snapshot is a finished release as it was last seen. Only a rollback changes
// what is finished, and it looks after everything itself: so one look is enough
// for all phases of a process. What is not finished is looked at anew by each.
type Snapshot struct{ found *Found }

// Observe looks at what is there of the release. It changes nothing.
func (r Release) Observe(ctx context.Context) (Found, error) { return look(ctx, r, toolsOf(r), false) }

// ObservePublished is Observe for a release that was published a moment ago, here
// or on another machine: GitHub's list, which may lag behind, is asked again
// until it shows the release, up to four times.
func (r Release) ObservePublished(ctx context.Context) (Found, error) {
	return look(ctx, r, toolsOf(r), true)
}

// look is the finished release as it was last seen, or else what is there now.
func look(ctx context.Context, r Release, t tools, expected bool) (Found, error) {
	if r.Snapshot != nil && r.Snapshot.found != nil {
		return *r.Snapshot.found, nil
	}
	found, err := observe(ctx, r, t, expected)
	if err == nil && r.Snapshot != nil && found.Done(r.Plan) {
		r.Snapshot.found = &found
	}
	return found, err
}

// observe asks the outside what is there of a release. One that is expected is
// waited for. The name is looked up before the state: a version is named after its
// state is stored.
func observe(ctx context.Context, r Release, t tools, expected bool) (Found, error) {
	var found Found
	var err error
	if r.Registry != nil {
		if found.Named, err = r.Registry.Digest(ctx, imageTag(r)); err != nil {
			return Found{}, err
		}
	}
	found.Release, err = releaseOf(ctx, r.GitHub.Releases, t.policy, r.Plan.Tag, expected || found.Named != "")
	if err != nil || found.Release == nil {
		return found, err
	}
	assets, state, err := t.states.seen(ctx, *found.Release)
	if err != nil || state == nil {
		return found, err
	}
	found.State = state
	found.moving = slices.ContainsFunc(assets, func(a github.Asset) bool { return isPending(a.Name) })
	if r.Registry != nil && state.Image != nil {
		found.Pushed = found.Named == state.Image.Digest
		if !found.Pushed {
			if found.Pushed, err = r.Registry.Has(ctx, state.Image.Digest); err != nil {
				return found, err
			}
		}
	}
	found.missing, err = lacking(ctx, t.states.files, assets, state.Files)
	return found, err
}

// lacking are the names of the files that are not among the assets, whole.
func lacking(ctx context.Context, f files, assets []github.Asset, wanted []artifact.File) ([]string, error) {
	var names []string
	for _, file := range wanted {
		whole := false
		if at := assetNamed(assets, file.Name); at != nil {
			var err error
			if whole, err = f.same(ctx, *at, file); err != nil {
				return names, err
			}
		}
		if !whole {
			names = append(names, file.Name)
		}
	}
	return names, nil
}

// finder finds the release of a tag.
type finder interface {
	ReleaseByTag(ctx context.Context, tag string) (*github.Release, error)
	Releases(ctx context.Context) ([]github.Release, error)
}

// releaseOf is the release of a tag; nil when GitHub does not show one. One that
// is out is asked for by its tag, with its assets as they are now; a draft is
// known only from the list of all, and comes without assets, since the list lags
// behind at times. One that is known to be there is waited for.
func releaseOf(ctx context.Context, f finder, policy step.Policy, tag string, there bool) (*github.Release, error) {
	if found, err := f.ReleaseByTag(ctx, tag); err != nil || found != nil {
		return found, err
	}
	for attempt := range step.Attempts {
		if attempt > 0 {
			if err := policy.Wait(ctx, attempt-1); err != nil {
				return nil, err
			}
		}
		releases, err := f.Releases(ctx)
		if err != nil {
			return nil, err
		}
		found := ours(releases, tag)
		if found != nil {
			found.Assets = nil
		}
		if found != nil || !there {
			return found, nil
		}
	}
	return nil, nil
}
