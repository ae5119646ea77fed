package registry

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Referrer is a manifest that refers to another one.
type Referrer struct {
	Digest        string
	PredicateType string // of an attached bundle, from its annotation; "" for other manifests
}

// Referrers accesses what is attached to the manifests of a repository
// (https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers). In a registry
// without the API for referrers, such as ghcr.io, each manifest has a tag that points to an index of its referrers.
// To attach something, a client replaces that index, and can remove what another client attached at the same time:
// no request prevents that.
type Referrers struct {
	repository *Repository
	channel    *channel
}

// Referrers returns the Referrers of the repository. It makes no request.
func (r *Repository) Referrers() Referrers { return Referrers{r, &r.channel} }

// List returns what refers to a manifest.
func (r Referrers) List(ctx context.Context, subject string) ([]Referrer, error) {
	found, err := r.look(ctx, subject)
	if err != nil {
		return nil, err
	}
	list := make([]Referrer, len(found.index.Manifests))
	for i, each := range found.index.Manifests {
		list[i] = Referrer{Digest: each.Digest.String(), PredicateType: each.Annotations[predicateKey]}
	}
	return list, nil
}

// rounds limits how often an index is written again because another client has replaced it.
const rounds = 100

// Missing returns the bundles that are not attached to a manifest: all of them if the registry does not have the
// manifest.
func (r Referrers) Missing(ctx context.Context, subject string, contents []Bundle) ([]Bundle, error) {
	artifacts, err := r.artifacts(ctx, subject, contents)
	if missing(err) {
		return contents, nil
	}
	if err != nil {
		return nil, r.because(subject, err)
	}
	found, err := r.look(ctx, subject)
	if err != nil {
		return nil, err
	}
	var left []Bundle
	for _, each := range found.without(artifacts) {
		left = append(left, each.content)
	}
	return left, nil
}

// Attach attaches bundles to a manifest. A bundle that is attached already stays as it is.
//
// If the registry stores referrers in an index, Attach waits after each time it has written the index, by calling
// wait, and then checks the index again. It keeps what others attached, and writes again what others removed by
// writing at the same time. This is reliable if wait takes longer than others take between reading the index and
// writing it.
func (r Referrers) Attach(
	ctx context.Context, subject string, contents []Bundle, wait func(context.Context) error,
) error {
	artifacts, err := r.artifacts(ctx, subject, contents)
	if err != nil {
		return r.because(subject, err)
	}
	for _, each := range artifacts {
		if err := r.upload(ctx, each); err != nil {
			return err
		}
	}
	for range rounds {
		found, err := r.look(ctx, subject)
		if err != nil {
			return err
		}
		left := found.without(artifacts)
		if len(left) == 0 {
			return nil
		}
		if !found.api {
			if err := r.write(ctx, subject, found.with(left)); err != nil {
				return err
			}
		}
		if err := wait(ctx); err != nil {
			return err
		}
	}
	return fmt.Errorf("attach to %s@%s: others keep replacing what is attached to it; run this again",
		r.repository.Name(), subject)
}

// Read returns the bundle in a referrer, and whether it contains one.
func (r Referrers) Read(ctx context.Context, referrer string) (Bundle, bool, error) {
	found, err := r.repository.get(ctx, referrer)
	if err != nil {
		return Bundle{}, false, err
	}
	manifest, err := v1.ParseManifest(bytes.NewReader(found.Manifest))
	if err != nil || len(manifest.Layers) != 1 || !strings.HasPrefix(
		string(manifest.Layers[0].MediaType), "application/vnd.dev.sigstore.bundle") {
		return Bundle{}, false, nil // a manifest that is no image is no bundle
	}
	what := "read what is attached to " + r.repository.Name() + ": " + referrer
	layer, err := r.repository.puller.Layer(ctx, r.repository.repository.Digest(manifest.Layers[0].Digest.String()))
	if err != nil {
		return Bundle{}, false, r.repository.because(what, err)
	}
	content, err := layer.Compressed()
	if err != nil {
		return Bundle{}, false, r.repository.because(what, err)
	}
	defer content.Close()
	data, err := io.ReadAll(io.LimitReader(content, most))
	if err != nil {
		return Bundle{}, false, r.repository.because(what, err)
	}
	return Bundle{string(manifest.Layers[0].MediaType), manifest.Annotations[predicateKey], data}, true, nil
}

// upload uploads a bundle with its manifest, unless the registry has it.
func (r Referrers) upload(ctx context.Context, a artifact) error {
	digest := a.descriptor.Digest.String()
	if has, err := r.repository.Has(ctx, digest); has || err != nil {
		return err
	}
	pusher, err := remote.NewPusher(r.repository.options...)
	if err != nil {
		return err
	}
	for _, each := range []v1.Layer{noConfig, a.content.layer()} {
		if err := pusher.Upload(ctx, r.repository.repository, each); err != nil {
			return r.because(digest, err)
		}
	}
	if err := r.channel.put(ctx, r.repository, digest, a.descriptor.MediaType, a.manifest); err != nil {
		return r.because(digest, err)
	}
	return nil
}

func (r Referrers) because(digest string, err error) error {
	return r.repository.because("attach to "+r.repository.Name()+"@"+digest, err)
}

// listed are the referrers of a manifest.
type listed struct {
	index v1.IndexManifest
	api   bool // whether the registry has the API for referrers
}

// without returns the artifacts that are not listed.
func (l listed) without(artifacts []artifact) []artifact {
	return slices.DeleteFunc(slices.Clone(artifacts), func(a artifact) bool {
		is := func(d v1.Descriptor) bool { return d.Digest == a.descriptor.Digest }
		return slices.ContainsFunc(l.index.Manifests, is)
	})
}

// with returns the index with more artifacts.
func (l listed) with(more []artifact) v1.IndexManifest {
	index := *l.index.DeepCopy()
	for _, each := range more {
		index.Manifests = append(index.Manifests, each.descriptor)
	}
	slices.SortFunc(index.Manifests, func(a, b v1.Descriptor) int {
		return cmp.Compare(a.Digest.String(), b.Digest.String())
	})
	return index
}

// tagOf returns the tag of the index with a manifest's referrers
// (https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#referrers-tag-schema).
func tagOf(subject string) string { return strings.Replace(subject, ":", "-", 1) }

// ReferrersTag returns the tag of the index with a manifest's referrers, in a registry without the API for
// referrers.
func ReferrersTag(subject string) string { return tagOf(subject) }

// IsReferrersTag reports whether a tag is the tag of such an index, rather than that of a version.
func IsReferrersTag(tag string) bool {
	_, err := v1.NewHash(strings.Replace(tag, "-", ":", 1))
	return err == nil && !strings.Contains(tag, ":")
}

// look reads the referrers of a manifest from the API, or else from the index. A registry without the API may
// answer with a web page, so the content type of the answer decides.
func (r Referrers) look(ctx context.Context, subject string) (listed, error) {
	what := "list what is attached to " + r.repository.Name() + "@" + subject
	data, is, err := r.channel.get(ctx, r.repository, "referrers/"+subject)
	found := listed{api: is}
	if err == nil && !is {
		data, is, err = r.channel.get(ctx, r.repository, "manifests/"+tagOf(subject))
	}
	if err != nil {
		return found, r.repository.because(what, err)
	}
	if !is {
		found.index = v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex}
		return found, nil
	}
	if err := json.Unmarshal(data, &found.index); err != nil {
		return found, fmt.Errorf("%s: %w", what, err)
	}
	if found.index.SchemaVersion != 2 || !found.index.MediaType.IsIndex() {
		return found, fmt.Errorf("%s: the answer is not an OCI index", what)
	}
	return found, nil
}

func (r Referrers) write(ctx context.Context, subject string, index v1.IndexManifest) error {
	raw, err := json.Marshal(index)
	if err == nil {
		err = r.channel.put(ctx, r.repository, tagOf(subject), index.MediaType, raw)
	}
	if err != nil {
		return r.because(subject, err)
	}
	return nil
}
