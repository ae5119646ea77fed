// Package publish publishes a release, and rolls it back: phases 5 and 6 of the
// release process. It is a list of effects: see Publishing, Proving, Promoting and
// Notifying. Each looks at what is there, compares it with what should be, acts on
// the difference only, and confirms by looking again. So the same call is the
// first try, the retry, the resumption on another machine, and does nothing when
// there is nothing to do.
package publish

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/registry"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
)

// Release is one version that is to be released, and where to.
type Release struct {
	Plan   plan.Plan
	Notes  []byte // Markdown
	Config app.Config
	Say    func(format string, args ...any) // tells a person of a step
	Warn   func(format string, args ...any) // tells of what must not be overlooked
	Pause  time.Duration                    // before a second look; 0 means 2 s
	Run    string                           // tells this run from all others; "" for a random name

	GitHub     *github.Client
	Repository github.Repository
	Registry   *registry.Repository // nil when the app has no image
	Images     []Repository         // those of further images, in the order of their keys
	// Open opens the repository of an image that a record names, and the configuration does not.
	Open     func(name string) (*registry.Repository, error)
	Channels []Channel // where it is announced, each of another kind
	// Key signs the image; nil if nothing is signed with a key.
	Key *signature.Key
	// Command runs the command that rebuilds the docs, for an app that has one; nil if another
	// job does.
	Command func(ctx context.Context, args []string) error
	// Snapshot keeps a finished release between the calls of one process; nil to
	// look each time.
	Snapshot *Snapshot
}

// imageTag returns the image tag of the version.
func imageTag(r Release) string { return r.Config.Publish.Tag(r.Plan.Version) }

// Artifacts are what a build left in a folder.
type Artifacts struct {
	Dir    string
	Files  []artifact.File   // to be attached to the release
	Image  image.Summary     // of Dir/image.oci; zero when the app has no image
	Images []BuiltImage      // further ones
	Claims []signature.Claim // what is said of the image and signed
	// Provenance is a bundle that says where the image comes from, signed by somebody else; nil
	// if there is none.
	Provenance []byte
}

// Publish uploads the artifacts: the image to the registry by its digest, and
// the files with the state to a draft release on GitHub. The state says which
// bytes the version is. Nobody can pull them by a name yet: Promote names the
// image once it has been verified. Publish returns the state as it is stored.
func (r Release) Publish(ctx context.Context, built Artifacts) (State, error) {
	shared := &publishing{release: r, tools: toolsOf(r), built: built}
	if err := shared.begin(ctx); err != nil {
		return State{}, err
	}
	if shared.found.FullyPublished(r.Plan) {
		keep(r, shared.found, built)
		return shared.state, nil
	}
	if err := ensure(ctx, shared.tools.policy, shared.effects()...); err != nil {
		return State{}, err
	}
	return shared.state, nil
}

// Prove records that the image was seen healthy on these platforms: all of
// them, and by the digests that are recorded. Nothing gets a name, or is
// promoted, that was not proven. What the moving tags name now is recorded too,
// for a rollback.
//
// The order matters where two releases come at once: each is first recorded as
// healthy, then looks at the moving tags. Whoever moves a tag last looks at the
// states after that, and so sees every release that could have the tag.
func (r Release) Prove(ctx context.Context, healthy []verify.Health) (State, error) {
	shared := &published{release: r, tools: toolsOf(r)}
	if err := shared.require(ctx); err != nil {
		return State{}, err
	}
	if err := ensure(ctx, shared.tools.policy, &prove{shared, healthy}); err != nil {
		return State{}, err
	}
	return shared.state, nil
}

// Promote gives the image its version as a tag, and moves what follows the
// highest healthy stable release: the image's moving tags, then GitHub's badge,
// with the release itself going out in between. It needs a release that is
// proven.
func (r Release) Promote(ctx context.Context) (State, error) {
	shared := &published{release: r, tools: toolsOf(r)}
	if err := shared.require(ctx); err != nil {
		return State{}, err
	}
	switch state := shared.state; {
	case state.RolledBack != "":
		return state, shared.undo(ctx)
	case !state.Proven:
		return State{}, fmt.Errorf("%s was not seen healthy yet: nothing is promoted; run postRelease", r.Plan.Tag)
	}
	if err := ensure(ctx, shared.tools.policy, promoting(shared)...); err != nil {
		return State{}, err
	}
	return shared.state, nil
}

// Notify announces a release that is out: the docs site is rebuilt if the docs
// changed, the files that contain the version get it on the default branch, and
// the announcement is posted. One that fails does not keep the others from
// being done; the next run does just that one.
//
// override says what a person found out about an announcement of which nobody
// knew whether it was posted.
func (r Release) Notify(ctx context.Context, override Override) (State, error) {
	shared := &notifying{published: published{release: r, tools: toolsOf(r)}}
	if err := shared.require(ctx); err != nil {
		return State{}, err
	}
	switch {
	case shared.state.RolledBack != "":
		return shared.state, nil
	case shared.found.Release.Draft:
		return State{}, fmt.Errorf("%s is not public yet: nobody is notified", r.Plan.Tag)
	}
	var problems []error
	for _, effect := range shared.effects(override) {
		problems = append(problems, ensure(ctx, shared.tools.policy, effect))
	}
	return shared.state, errors.Join(problems...)
}

// Rollback rolls a release back: the moving tags that name it, and GitHub's
// badge, go to the highest release that stands, and the release is marked with
// the reason. The version itself stays what it is. What was rolled back is
// never promoted again. Where the tags would lead users to a version that does not work on
// the data that this one has migrated, that must be forced.
func (r Release) Rollback(ctx context.Context, why Rollback) (State, error) {
	tools := toolsOf(r)
	found, err := observe(ctx, r, tools, false)
	if err != nil {
		return State{}, err
	}
	if found.State == nil {
		return State{}, fmt.Errorf(
			"%s has no record (%s) of how it was released: there is nothing to go back to; move latest by hand",
			r.Plan.Tag,
			RecordRef(r.Plan.Tag),
		)
	}
	state := *found.State
	if state.RolledBack == "" {
		if strings.TrimSpace(why.Reason) == "" {
			return State{}, errors.New(`a rollback needs a reason, which users will read: -reason="…"`)
		}
		if err := (descending{r, tools}).permit(ctx, &state, why.Force); err != nil {
			return State{}, err
		}
		state.RolledBack = strings.Join(strings.Fields(why.Reason), " ")
	}
	return state, rollBack(ctx, r, tools, *found.Release, &state)
}
