package targets

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// prover starts images and checks that they are healthy.
type prover struct{ *session }

func (s *session) prover() prover { return prover{s} }

// verification declares and does the phase that verifies the published images.
type verification struct{ publication }

// verify returns the phase that verifies the published images on every platform, and records that they
// are healthy. What an earlier run verified is not verified again.
func (p verification) verify() *step.Step {
	var platforms []*step.Step
	for _, of := range app.Images(p.app.Config) {
		for _, platform := range of.Image.Platforms {
			what := verified(of.Key, platform)
			platforms = append(platforms, p.step("verify", titleVerify+what, act(func(ctx context.Context) error {
				return p.prove(ctx, what)
			})))
		}
	}
	record := p.step("verify", "record that it is healthy", act(p.recordHealthy))
	phase := p.inOrder("verify", p.together("verify the image", platforms...), record)
	phase.Already = p.proven
	return phase
}

// proven reports whether nothing is left to verify.
func (p verification) proven(ctx context.Context) (step.State, error) {
	out, found, err := p.published(ctx)
	switch {
	case err != nil:
		return step.State{}, err
	case !found.FullyPublished(out.Plan):
		return step.State{}, fmt.Errorf("%s is not published yet: run publish", out.Plan.Tag)
	case found.State.RolledBack != "":
		return step.State{Status: step.Done, Why: "rolled back: nothing is left to verify"}, nil
	case found.State.Proven:
		return step.State{Status: step.Done, Why: "proven by an earlier run"}, nil
	}
	return step.State{Status: step.ToDo}, nil
}

// platformChecks returns the checks of the published images, by the names that verified returns.
func (p verification) platformChecks(ctx context.Context) (map[string]verify.Check, error) {
	out, found, err := p.published(ctx)
	if err != nil {
		return nil, err
	}
	if found.State == nil || found.State.Image == nil {
		return nil, fmt.Errorf("%s is not published with an image: run publish", out.Plan.Tag)
	}
	list, err := p.checklist().imageChecks(ctx, out, found.State.All())
	checks := map[string]verify.Check{}
	for _, check := range list {
		checks[evidence{p.app}.verified(check)] = check
	}
	return checks, err
}

// prove verifies one platform of an image or, with -verify=elsewhere, takes what another job has seen of it.
func (p verification) prove(ctx context.Context, what string) error {
	checks, err := p.what.checks()
	if err != nil {
		return err
	}
	prove := p.prover().provePlatform
	if p.options.verify == elsewhere {
		prove = p.prover().provenElsewhere
	}
	health, err := prove(ctx, checks[what])
	p.what.mu.Lock()
	defer p.what.mu.Unlock()
	p.what.healthy = append(p.what.healthy, health)
	return err
}

// recordHealthy records that all platforms were seen healthy.
func (p verification) recordHealthy(ctx context.Context) error {
	out, _, err := p.what.open()
	if err != nil {
		return err
	}
	slices.SortFunc(p.what.healthy, func(a, b verify.Health) int {
		platforms := p.app.Config.Build.Image.Platforms
		return cmp.Or(strings.Compare(a.Image, b.Image),
			slices.Index(platforms, a.Platform)-slices.Index(platforms, b.Platform))
	})
	state, err := out.Prove(ctx, p.what.healthy)
	if err != nil {
		return err
	}
	return p.save(state)
}

// ownChecks returns a check for each platform of the app's own published image.
func (c checklist) ownChecks(
	ctx context.Context,
	out publish.Release,
	published publish.Image,
) ([]verify.Check, error) {
	there, err := out.Registry.Platforms(ctx, published.Digest)
	if err != nil {
		return nil, err
	}
	previous, err := c.previousImage(ctx, out)
	if err != nil {
		return nil, err
	}
	credential, err := out.Registry.Credential()
	if err != nil {
		return nil, err
	}
	var checks []verify.Check
	for _, platform := range c.app.Config.Build.Image.Platforms {
		digest, ok := there[platform]
		if !ok {
			return nil, fmt.Errorf(
				"image:verify: %s@%s has no image for %s",
				out.Registry.Name(),
				published.Digest,
				platform,
			)
		}
		check := c.imageCheck(platform, digest, out.Plan.Version)
		check.Repository, check.Credential = out.Registry.Name(), credential
		previous.of(&check)
		checks = append(checks, check)
	}
	return checks, nil
}

// sideBySide verifies platforms side by side, since they mostly wait, as steps of a run.
func (p prover) sideBySide(
	ctx context.Context,
	run *standalone,
	checks []verify.Check,
	verify func(context.Context, verify.Check) (verify.Health, error),
) error {
	group, inner := errgroup.WithContext(ctx)
	for _, check := range checks {
		group.Go(func() error {
			return run.step(ctx, "verify", titleVerifyAlone+evidence{p.app}.verified(check), func() error {
				_, err := verify(inner, check)
				return err
			})
		})
	}
	return group.Wait()
}

// verifyPlatform leaves what was seen in dist/verify.
func (p prover) verifyPlatform(ctx context.Context, check verify.Check) (verify.Health, error) {
	health, err := p.see(ctx, check)
	if err != nil {
		return verify.Health{}, err
	}
	health.Back.Why = p.redactor.Text(health.Back.Why) // of the app's log; it will be public
	seen, err := json.MarshalIndent(health, "", "  ")
	if err != nil {
		return verify.Health{}, err
	}
	return health, p.app.Save(evidence{p.app}.file(check), append(seen, '\n'))
}

// verifyImage verifies the published image for no step of a graph, or with local that in dist.
func (p prover) verifyImage(ctx context.Context, run *standalone, platform *string, local bool) error {
	if local {
		return p.verifyLocal(ctx, run, platform)
	}
	out, _, err := p.delivery().heldByDist(ctx)
	if err != nil {
		return err
	}
	published, err := p.publishedImages(ctx, out)
	if err != nil {
		return err
	}
	checks, err := p.checklist().imageChecks(ctx, out, published)
	if err != nil {
		return err
	}
	return p.sideBySide(ctx, run, checks, p.verifyPlatform)
}

// Titles of the verification of a platform: as a step, and as a target of its own.
const (
	titleVerify      = "verify "
	titleVerifyAlone = "image:verify "
)

// publishedImages returns the images that are published as the version: what dist records or,
// without that, what the version's tag names in the registry. GitHub is not asked: it shows
// a draft only to who may write it.
func (p prover) publishedImages(ctx context.Context, out publish.Release) ([]publish.Image, error) {
	record, err := recorded(p.app)
	if err == nil && record.Commit == out.Plan.Commit && record.Tag == out.Plan.Tag && record.Image != nil {
		return record.All(), nil
	}
	own := publish.Repository{Name: out.Registry.Name(), Registry: out.Registry}
	tag := out.Config.Publish.Tag(out.Plan.Version)
	var list []publish.Image
	for _, each := range append([]publish.Repository{own}, out.Images...) {
		digest, err := each.Registry.Digest(ctx, tag)
		if err == nil && digest == "" {
			err = fmt.Errorf(
				"%s is not here, and %s:%s is not in the registry: run publish, or copy %s from where it has run",
				p.app.Path(app.DistDir, publish.StateFile),
				each.Registry.Name(),
				tag,
				publish.StateFile,
			)
		}
		if err != nil {
			return nil, err
		}
		list = append(list, publish.Image{Name: each.Name, Digest: digest})
	}
	return list, nil
}
