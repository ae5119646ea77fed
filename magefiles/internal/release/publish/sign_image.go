package publish

import (
	"context"
	"fmt"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/registry"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// signatures returns the claim that says nothing but that the image was signed.
func signatures() []signature.Claim {
	return []signature.Claim{{Name: "signature", Type: signature.Signed}}
}

// attester attaches bundles to manifests.
type attester interface {
	Missing(ctx context.Context, subject string, contents []registry.Bundle) ([]registry.Bundle, error)
	Attach(ctx context.Context, subject string, contents []registry.Bundle, wait func(context.Context) error) error
}

// attest is the effect that claims of an image are attached to its index and to the image
// of each platform, signed by a key. The same claim and key give the same signature, so
// that a look tells whether it is there.
type attest struct {
	title string
	turn  func(context.Context) (step.State, error)
	image func() *Image
	tools tools
	to    attester
	about func(Image) []string                           // digests of manifests
	sign  func(digest string) ([]registry.Bundle, error) // what is attached to a manifest

	missing []unsigned
}

// unsigned is a manifest, and what is to be attached to it.
type unsigned struct {
	digest  string
	bundles []registry.Bundle
}

// Title implements Effect.
func (a *attest) Title() string { return a.title }

// Done implements step.Work.
func (a *attest) Done(ctx context.Context) (step.State, error) {
	if state, err := a.turn(ctx); err != nil || state.Status != "" {
		return state, err
	}
	image := a.image()
	if image == nil {
		return step.State{Status: step.Absent, Why: "the release has no image"}, nil
	}
	a.missing = nil
	for _, digest := range a.about(*image) {
		bundles, err := a.sign(digest)
		if err != nil {
			return step.State{}, err
		}
		if bundles, err = a.to.Missing(ctx, digest, bundles); err != nil {
			return step.State{}, err
		}
		if len(bundles) > 0 {
			a.missing = append(a.missing, unsigned{digest, bundles})
		}
	}
	return doneIf(len(a.missing) == 0, fmt.Sprintf("%d manifests do not have it", len(a.missing))), nil
}

// Do implements step.Work.
func (a *attest) Do(ctx context.Context) error {
	for _, each := range a.missing {
		wait := func(ctx context.Context) error { return a.tools.policy.Wait(ctx, 0) }
		if err := a.to.Attach(ctx, each.digest, each.bundles, wait); err != nil {
			return err
		}
	}
	return nil
}

// signedBy signs claims of a manifest with a key.
func signedBy(key *signature.Key, claims ...signature.Claim) func(digest string) ([]registry.Bundle, error) {
	return func(digest string) ([]registry.Bundle, error) {
		list := make([]registry.Bundle, len(claims))
		for i, claim := range claims {
			signed, err := key.Sign(signature.Of("", digest, claim.Type, claim.Predicate))
			if err != nil {
				return nil, err
			}
			list[i] = registry.Bundle{MediaType: signature.MediaType, PredicateType: claim.Type, Content: signed}
		}
		return list, nil
	}
}

// asIs returns a statement that somebody else has signed, such as GitHub, about one manifest.
func asIs(bundle []byte) func(digest string) ([]registry.Bundle, error) {
	return func(digest string) ([]registry.Bundle, error) {
		read, err := signature.Parse(bundle)
		if err != nil {
			return nil, fmt.Errorf("read the provenance of the image: %w", err)
		}
		if !read.Statement.About(digest) {
			return nil, nil // what is recorded is another image
		}
		return []registry.Bundle{
			{MediaType: signature.MediaType, PredicateType: read.Statement.PredicateType, Content: bundle},
		}, nil
	}
}

func indexOf(image Image) []string { return []string{image.Digest} }

// manifestsOf returns the digests of an image's index, and of the image of each platform.
func manifestsOf(image Image) []string {
	list := []string{image.Digest}
	for _, platform := range image.Platforms {
		if platform.Digest != image.Digest {
			list = append(list, platform.Digest)
		}
	}
	return list
}

// signing returns the effects of Publishing that sign the images, once they are pushed, or attach what
// others have signed.
func (p *publishing) signing() []Effect {
	var list []Effect
	for _, each := range repositoriesOf(p.release) {
		if p.built.image(each.Name).Digest == "" {
			continue
		}
		add := func(title string, about func(Image) []string, sign func(string) ([]registry.Bundle, error)) {
			list = append(list, &attest{
				title: title, turn: p.over, image: func() *Image { return p.state.image(each.Name) }, tools: p.tools,
				to: each.Registry.Referrers(), about: about, sign: sign,
			})
		}
		if key := p.release.Key; key != nil {
			add("sign "+nameOr(each.Name), manifestsOf, signedBy(key, signatures()...))
			for _, claim := range p.built.Claims {
				add("attest the "+claim.Name+" of "+nameOr(each.Name), manifestsOf, signedBy(key, claim))
			}
		}
		if p.built.Provenance != nil && each.Name == "" {
			add("attach the provenance of the image", indexOf, asIs(p.built.Provenance))
		}
	}
	return list
}

// signed returns the effects of Promoting that each image is signed when it gets its name: a
// registry may have lost what was attached, since others attached something meanwhile.
func (p *published) signed() []Effect {
	r := p.release
	if r.Key == nil {
		return nil
	}
	turn := func(ctx context.Context) (step.State, error) {
		state, err := p.proven(ctx)
		if err == nil && state.Status == "" && p.finished() {
			state = isDone("")
		}
		return state, err
	}
	var list []Effect
	for _, each := range repositoriesOf(r) {
		list = append(list, &attest{
			title: "see that " + nameOr(each.Name) + " is signed", turn: turn,
			image: func() *Image { return p.state.image(each.Name) },
			tools: p.tools, to: each.Registry.Referrers(), about: manifestsOf, sign: signedBy(r.Key, signatures()...),
		})
	}
	return list
}
