package image

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/sync/errgroup"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
)

// Assemble joins the parts that Part exported, which together must have all platforms
// of the image, and writes the result to Options.Dest as Build does. It refuses a part
// of another commit or version.
func Assemble(parts []string, options Options) (Summary, error) {
	whole, layers := options.Dest+".tmp", options.Dest+".layers"
	if err := errors.Join(os.RemoveAll(whole), os.RemoveAll(layers), os.RemoveAll(options.Dest)); err != nil {
		return Summary{}, err
	}
	if err := os.Mkdir(layers, 0o755); err != nil {
		return Summary{}, err
	}
	defer os.RemoveAll(layers)
	if err := assemble(parts, whole, dates{options.Of.CommitTime, layers}, options); err != nil {
		return Summary{}, errors.Join(
			fmt.Errorf("%s: assemble the OCI layout: %w", options.step(), err),
			os.RemoveAll(whole),
		)
	}
	if err := os.Rename(whole, options.Dest); err != nil {
		return Summary{}, err
	}
	return Inspect(options.Dest)
}

// assemble writes the platforms that BuildKit exported into a new layout: first the
// images, in the order of the configured platforms, then their attestations with the
// SBOM added, under the image's annotations. Everything gets the commit's time.
func assemble(parts []string, dest string, dates dates, options Options) error {
	images, attestations := map[string]mutate.IndexAddendum{}, map[string]mutate.IndexAddendum{}
	annotations := options.annotations()
	for _, part := range parts {
		if err := options.take(part, dates, images, attestations); err != nil {
			return fmt.Errorf("%s: %w", part, err)
		}
	}
	built := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, platform := range options.Image.Platforms {
		image, ok := images[platform]
		if !ok {
			return fmt.Errorf("there is no image for %s", platform)
		}
		reason, err := reasonOf(image.Add.(v1.Image))
		if err != nil {
			return err
		}
		if reason != "" {
			annotations[notForRelease] = reason
		}
		built = mutate.AppendManifests(built, image)
	}
	for _, platform := range options.Image.Platforms {
		if beside, ok := attestations[platform]; ok {
			built = mutate.AppendManifests(built, beside)
		}
	}
	_, err := layout.Write(dest, mutate.Annotations(built, annotations).(v1.ImageIndex))
	return err
}

// take reads a layout that BuildKit exported: an index with an image and its
// attestations for each platform.
func (o Options) take(part string, dates dates, images, attestations map[string]mutate.IndexAddendum) error {
	index, err := exported(part)
	if err != nil {
		return err
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return err
	}
	platforms := map[string]string{} // by digest of the image that was exported
	var mu sync.Mutex
	var group errgroup.Group // most of the time is spent on a large layer of each platform
	for _, descriptor := range manifest.Manifests {
		if descriptor.Platform == nil || descriptor.Annotations[ReferenceType] == attestation {
			continue
		}
		platform := PlatformName(descriptor.Platform)
		platforms[descriptor.Digest.String()] = platform
		group.Go(func() error {
			image, err := o.takeImage(index, descriptor.Digest, dates)
			mu.Lock()
			defer mu.Unlock()
			images[platform] = mutate.IndexAddendum{
				Add:        described{image, ""},
				Descriptor: v1.Descriptor{Platform: descriptor.Platform},
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, descriptor := range manifest.Manifests {
		platform := platforms[descriptor.Annotations[referenceDigest]]
		if platform == "" {
			continue
		}
		attestations[platform], err = o.takeAttestations(index, descriptor, images[platform].Add.(v1.Image))
		if err != nil {
			return fmt.Errorf("%s: attestations: %w", platform, err)
		}
	}
	return nil
}

// takeImage returns a platform's image with the commit's time.
func (o Options) takeImage(index v1.ImageIndex, digest v1.Hash, dates dates) (v1.Image, error) {
	image, err := index.Image(digest)
	if err != nil {
		return nil, err
	}
	if err := o.fits(image); err != nil {
		return nil, err
	}
	return dates.image(image)
}

// takeAttestations returns BuildKit's attestations of a platform's image, which has
// been given the commit's time since, with the SBOM.
func (o Options) takeAttestations(
	index v1.ImageIndex,
	descriptor v1.Descriptor,
	subject v1.Image,
) (mutate.IndexAddendum, error) {
	exported, err := v1.NewHash(descriptor.Annotations[referenceDigest])
	if err != nil {
		return mutate.IndexAddendum{}, err
	}
	digest, err := subject.Digest()
	if err != nil {
		return mutate.IndexAddendum{}, err
	}
	image, err := index.Image(descriptor.Digest)
	if err != nil {
		return mutate.IndexAddendum{}, err
	}
	if image, err = attestationOf(image, exported, subject); err != nil {
		return mutate.IndexAddendum{}, err
	}
	if image, err = addSBOM(image, digest, o); err != nil {
		return mutate.IndexAddendum{}, err
	}
	annotations := maps.Clone(descriptor.Annotations)
	annotations[referenceDigest] = digest.String()
	return mutate.IndexAddendum{
		Add:        described{image, descriptor.ArtifactType},
		Descriptor: v1.Descriptor{Platform: descriptor.Platform, Annotations: annotations},
	}, nil
}

// exported returns the only index in a layout that BuildKit exported.
func exported(part string) (v1.ImageIndex, error) {
	top, err := layout.ImageIndexFromPath(part)
	if err != nil {
		return nil, err
	}
	manifest, err := top.IndexManifest()
	if err != nil {
		return nil, err
	}
	if len(manifest.Manifests) != 1 || !manifest.Manifests[0].MediaType.IsIndex() {
		return nil, fmt.Errorf("BuildKit exported %d manifests, expected one index", len(manifest.Manifests))
	}
	return top.ImageIndex(manifest.Manifests[0].Digest)
}

// fits checks by an image's labels that it is of the plan's version, commit and tree.
func (o Options) fits(image v1.Image) error {
	config, err := image.ConfigFile()
	if err != nil {
		return err
	}
	version, commit := config.Config.Labels[VersionKey], config.Config.Labels[revisionKey]
	if version != o.Of.Version || commit != o.Of.Commit {
		return fmt.Errorf(
			"its labels say %s of commit %s, expected %s of %s",
			version,
			git.Short(commit),
			o.Of.Version,
			git.Short(o.Of.Commit),
		)
	}
	if tree := config.Config.Labels[treeKey]; tree != o.Of.Tree {
		return fmt.Errorf(
			"it was built from the tree %s, expected %s: its files differ from this checkout; build it again from "+
				"the same commit without any change",
			git.Short(tree),
			git.Short(o.Of.Tree),
		)
	}
	return nil
}
