package registry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// ErrKeeps means that a registry does not allow a deletion: it supports none, like ghcr.io and Docker Hub, or not
// with these credentials.
var ErrKeeps = errors.New("the registry does not delete it")

// Deletions deletes tags and manifests of a repository.
type Deletions struct{ repository *Repository }

// Deletions returns the Deletions of the repository. It makes no request.
func (r *Repository) Deletions() Deletions { return Deletions{r} }

// Tag deletes a tag, but not the manifest that it points to. It succeeds if there is no such tag. The error is
// ErrKeeps if the registry does not delete tags.
// https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#deleting-tags
func (d Deletions) Tag(ctx context.Context, tag string) error {
	r := d.repository
	return d.delete(ctx, r.repository.Tag(tag), r.repository.Name()+":"+tag)
}

// Manifest deletes a manifest. It succeeds if there is none with that digest. The error is ErrKeeps if the registry
// does not delete manifests. Tags that point to the manifest may be deleted with it.
// https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#deleting-manifests
func (d Deletions) Manifest(ctx context.Context, digest string) error {
	r := d.repository
	return d.delete(ctx, r.repository.Digest(digest), r.repository.Name()+"@"+digest)
}

func (d Deletions) delete(ctx context.Context, reference name.Reference, what string) error {
	err := remote.Delete(reference, append(slices.Clone(d.repository.options), remote.WithContext(ctx))...)
	if err == nil || missing(err) {
		return nil
	}
	err = d.repository.because("delete "+what, err)
	var refused *RefusedError
	if errors.As(err, &refused) && keeps(refused.Status) {
		return fmt.Errorf("%w: %w", ErrKeeps, err)
	}
	return err
}

// keeps reports whether a status means that a registry does not delete. The specification lists 405 and 400;
// registries that require other credentials answer 401 or 403.
func keeps(status int) bool {
	switch status {
	case http.StatusMethodNotAllowed, http.StatusBadRequest, http.StatusNotImplemented,
		http.StatusUnauthorized, http.StatusForbidden:
		return true
	}
	return false
}

// Children returns the digests of the manifests that an index lists, including attestations. It returns none for a
// manifest that is not an index, or that the registry does not have.
func (d Deletions) Children(ctx context.Context, digest string) ([]string, error) {
	r := d.repository
	has, err := r.Has(ctx, digest)
	if err != nil || !has {
		return nil, err
	}
	found, err := r.get(ctx, digest)
	if err != nil || !found.MediaType.IsIndex() {
		return nil, err
	}
	manifests, err := r.listed(found, digest)
	var list []string
	for _, each := range manifests {
		list = append(list, each.Digest.String())
	}
	return list, err
}
