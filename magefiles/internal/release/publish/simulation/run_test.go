package simulation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/announce"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/registry"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/web"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
)

// run is one process that releases a version, from its start to its end.
type run struct {
	id    int
	name  string // such as v1.8.0, run 2
	tag   string
	calm  bool // nothing goes wrong with its requests
	still bool // it must not change anything
	dead  atomic.Bool
	seen  int // files that persons had deleted when it last looked at a release
	kill  context.CancelCauseFunc

	heldUntil time.Time // the network holds its requests up
	trouble   *fault    // goes on for
	more      int       // further requests
}

// errUnhealthy is what a person sees of an image that does not work.
var errUnhealthy = errors.New("the image is not healthy")

// open returns the release of a version, as a run of it has it.
func (s *sim) open(r *run, which released, edition int) (publish.Release, publish.Artifacts, error) {
	shop := workshop
	built := shop.built[which.version][edition]
	commit := s.git.refs["refs/tags/v"+which.version]
	transport := web.New(
		web.Policy{},
		web.Through(wire{s, r}, func(most time.Duration) time.Duration { return most / 2 }),
	)
	out := publish.Release{
		Plan:   planOf(which.version, commit, which.docs),
		Notes:  []byte("## Features\n\n- everything about " + which.version + "\n"),
		Config: shop.config,
		Say:    func(string, ...any) {},
		Warn:   func(string, ...any) {},
		Run:    r.name,

		Snapshot: &publish.Snapshot{},
	}
	if s.script.signed {
		out.Key = shop.key
	}
	var err, registryErr error
	out.Repository, _ = github.ParseRepository(repository)
	out.GitHub, err = github.New(s.world.GitHub(), token, out.Repository, transport)
	hook, hookErr := announce.New(s.world.Webhook(), transport)
	out.Channels = []publish.Channel{{Kind: announce.KindDiscord, Channel: hook}}
	if s.script.elsewhere {
		to := app.Destination{Kind: announce.KindWebhook, Body: "{tag}"}
		second, err := announce.Open(to, s.world.Channel(to.Kind), transport)
		hookErr = errors.Join(hookErr, err)
		out.Config.Announce.To = append(slices.Clone(out.Config.Announce.To), to)
		out.Channels = append(out.Channels, publish.Channel{Kind: to.Kind, Channel: second})
	}
	out.Registry, registryErr = registry.Open(s.world.Registry()+"/"+repository,
		registry.Access{Transport: transport, Token: token, TokenHost: s.world.Registry(), Alone: true})
	return out, built, errors.Join(err, hookErr, registryErr)
}

// release does what the targets do for a whole release of what is built.
func (s *sim) release(ctx context.Context, r *run, which released, t try, override publish.Override) error {
	out, built, err := s.open(r, which, t.edition)
	if err != nil {
		return err
	}
	for _, check := range out.Preflight(ctx) {
		if check.Problem != nil {
			return fmt.Errorf("preflight: %s: %w", check.Name, check.Problem)
		}
	}
	found, err := out.Observe(ctx)
	if err != nil {
		return err
	}
	if !found.FullyPublished(out.Plan) {
		if _, err := out.Publish(ctx, built); err != nil {
			return err
		}
	}
	if err := s.verify(ctx, r, out, which, t.look); err != nil {
		return err
	}
	if _, err := out.Promote(ctx); err != nil {
		return err
	}
	_, err = out.Notify(ctx, override)
	return err
}

// verify looks whether the published image is healthy, which only the seed
// knows, and has that recorded.
func (s *sim) verify(ctx context.Context, r *run, out publish.Release, which released, look time.Duration) error {
	found, err := out.ObservePublished(ctx)
	switch {
	case err != nil:
		return err
	case !found.FullyPublished(out.Plan):
		return fmt.Errorf("%s is not published yet: run publish", out.Plan.Tag)
	case found.State.RolledBack != "" || found.State.Proven:
		return nil
	}
	before, err := out.Earlier(ctx)
	if err != nil {
		return err
	}
	digest := found.State.Image.Digest
	there, err := out.Registry.Platforms(ctx, digest)
	if err != nil {
		return err
	}
	select {
	case <-time.After(look):
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	healthy := false
	s.inTurn(r, "looks whether the image is healthy", func() { healthy = s.truth.look(s, r, which, digest) })
	if !healthy {
		return errUnhealthy
	}
	var seen []verify.Health
	for _, platform := range platforms {
		seen = append(seen, verify.Health{
			Platform: platform, Digest: there[platform], Upgraded: before.Version(), Back: wayBack(digest, before),
		})
	}
	_, err = out.Prove(ctx, seen)
	return err
}

// wayBack returns the verdict on going back from an image: every other one has no way back.
func wayBack(digest string, to publish.Earlier) verify.Back {
	switch {
	case to.Tag == "":
		return verify.Back{Verdict: verify.NoVerdict, Why: "it is the first release"}
	case digest[len(digest)-1]%2 == 0:
		return verify.Back{Verdict: verify.Irreversible, To: to.Version(), Why: "it exits"}
	}
	return verify.Back{Verdict: verify.Reversible, To: to.Version()}
}
