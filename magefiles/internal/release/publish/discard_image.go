package publish

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/registry"
)

// lookAtImages finds what the registry has of the release, image by image.
func (d *remains) lookAtImages(ctx context.Context) error {
	return d.eachImage(func(of *registry.Repository, image Image) error { return d.lookAtImage(ctx, of, image) })
}

// eachImage calls a function for each image of the release, with its repository.
func (d *remains) eachImage(call func(*registry.Repository, Image) error) error {
	if d.state == nil || d.release.Registry == nil {
		return nil
	}
	for _, name := range d.state.names() {
		of, err := repositoryOf(d.release, name)
		if err != nil {
			return err
		}
		if err := call(of, *d.state.image(name)); err != nil {
			return err
		}
	}
	return nil
}

// lookAtImage finds what the registry has of an image: the tag of the version, what is
// attached to the image, its index, and the images of the platforms.
func (d *remains) lookAtImage(ctx context.Context, of *registry.Repository, image Image) error {
	if err := d.ownImage(ctx, of, image); err != nil {
		return err
	}
	tag := d.state.ImageTag()
	d.add(&leftover{
		what:   fmt.Sprintf("the tag %s of %s", tag, of.Name()),
		there:  names(of, tag, image.Digest),
		remove: func(ctx context.Context) error { return of.Deletions().Tag(ctx, tag) },
	})
	for _, digest := range manifestsOf(image) {
		if err := d.lookAtAttached(ctx, of, digest); err != nil {
			return err
		}
	}
	children, err := of.Deletions().Children(ctx, image.Digest)
	if err != nil {
		return err
	}
	known := manifestsOf(image)
	for _, child := range children {
		if !slices.Contains(known, child) { // known from the index only, so that it goes first
			d.add(manifest(of, "a manifest of the image, "+child, child))
		}
	}
	d.add(manifest(of, "the image "+of.Name()+"@"+image.Digest, image.Digest))
	for _, platform := range image.Platforms {
		if platform.Digest != image.Digest {
			d.add(manifest(of, "the image of "+platform.Name+", "+platform.Digest, platform.Digest))
		}
	}
	return nil
}

// ownImage refuses to remove an image that says that it is another version: the record was
// changed by hand.
func (d *remains) ownImage(ctx context.Context, of *registry.Repository, image Image) error {
	has, err := of.Has(ctx, image.Digest)
	if err != nil || !has {
		return err
	}
	said, err := of.Version(ctx, image.Digest)
	if err != nil || said == "" || said == d.state.Version {
		return err
	}
	return fmt.Errorf("%s records %s@%s, which says that it is %s: it was changed by hand, and nothing is removed",
		RecordRef(d.state.Tag), of.Name(), image.Digest, said)
}

// lookAtAttached finds what is attached to a manifest, such as signatures, and the index of
// that where the registry keeps none itself.
func (d *remains) lookAtAttached(ctx context.Context, of *registry.Repository, subject string) error {
	attached, err := of.Referrers().List(ctx, subject)
	if err != nil {
		return err
	}
	slices.SortFunc(attached, func(a, b registry.Referrer) int { // a registry gives them in any order
		return cmp.Or(cmp.Compare(a.PredicateType, b.PredicateType), cmp.Compare(a.Digest, b.Digest))
	})
	for _, each := range attached {
		what := fmt.Sprintf("%s of %s, %s", purpose(each.PredicateType), subject, each.Digest)
		d.add(manifest(of, what, each.Digest))
	}
	tag := registry.ReferrersTag(subject)
	index, err := of.Digest(ctx, tag)
	if err != nil || index == "" {
		return err
	}
	d.add(&leftover{
		what:   fmt.Sprintf("the tag %s of %s", tag, of.Name()),
		there:  names(of, tag, index),
		remove: func(ctx context.Context) error { return of.Deletions().Tag(ctx, tag) },
	})
	d.add(manifest(of, "the list of what is attached to "+subject+", "+index, index))
	return nil
}

// purpose says in a few words what a bundle is for.
func purpose(predicateType string) string {
	if predicateType == signature.Signed {
		return "the signature"
	}
	return "the attestation (" + cmp.Or(predicateType, "of an unknown type") + ")"
}

// manifest returns a manifest in the registry that is to go.
func manifest(of *registry.Repository, what, digest string) *leftover {
	return &leftover{
		what:   what,
		there:  func(ctx context.Context) (bool, error) { return of.Has(ctx, digest) },
		remove: func(ctx context.Context) error { return of.Deletions().Manifest(ctx, digest) },
	}
}

// names reports whether a tag names a digest.
func names(of namer, tag, digest string) func(context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) {
		now, err := of.Digest(ctx, tag)
		return now == digest, err
	}
}
