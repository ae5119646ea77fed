package publish

import (
	"context"
	"net/http"

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

// look returns the finished release as it was last seen, or else what is there now.
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
		if found.others, err = namedImages(ctx, r); err != nil {
			return Found{}, err
		}
	}
	if err := found.lookUp(ctx, r, t, expected || known(found)); err != nil || found.State == nil {
		return found, err
	}
	if state := found.State; r.Registry != nil && state.Image != nil {
		found.Pushed = found.Named == state.Image.Digest
		if !found.Pushed {
			if found.Pushed, err = r.Registry.Has(ctx, state.Image.Digest); err != nil {
				return found, err
			}
		}
		if found.others, err = found.others.with(ctx, r, *state); err != nil {
			return found, err
		}
	}
	assets := found.Release.Assets
	if assets == nil {
		if assets, err = r.GitHub.Releases.Assets(ctx, found.Release.ID); err != nil {
			return found, err
		}
	}
	found.missing, err = lacking(ctx, t.files, assets, found.State.Files)
	return found, err
}

// lookUp finds the release of a tag, and its state. A release that is out is asked for by
// its tag, with its assets as they are now; a draft by the id that is recorded. A draft
// that is not recorded is known only from the list of all, and comes without assets, since
// the list lags behind at times. One that is known to be there is waited for.
func (f *Found) lookUp(ctx context.Context, r Release, t tools, there bool) error {
	tag := r.Plan.Tag
	var err error
	if f.Release, err = r.GitHub.Releases.ReleaseByTag(ctx, tag); err != nil {
		return err
	}
	stored, err := t.states.read(ctx, tag)
	if err != nil {
		return err
	}
	f.head = stored.head
	if f.Release == nil && stored.state != nil {
		if f.Release, err = recorded(ctx, r.GitHub.Releases, *stored.state); err != nil {
			return err
		}
	}
	if f.Release == nil {
		if f.Release, err = listed(ctx, r.GitHub.Releases, t.policy, tag, there); err != nil {
			return err
		}
	}
	f.State = stored.of(f.Release)
	return nil
}

// recorded returns the release of a state; nil when a person has deleted it, or gave it
// another tag.
func recorded(ctx context.Context, f finder, state State) (*github.Release, error) {
	found, err := f.Release(ctx, state.Release)
	if github.Status(err) == http.StatusNotFound || err == nil && found.Tag != state.Tag {
		return nil, nil
	}
	return &found, err
}

// lacking returns the names of the files that are not among the assets, whole.
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
	Release(ctx context.Context, id int64) (github.Release, error)
	Releases(ctx context.Context) ([]github.Release, error)
}

// listed returns the release of a tag in GitHub's list; nil when it is not there. One that is
// known to be there is waited for.
func listed(ctx context.Context, f finder, policy step.Policy, tag string, there bool) (*github.Release, error) {
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
