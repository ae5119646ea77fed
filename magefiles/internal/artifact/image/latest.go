package image

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
)

// patience is how long to wait for a registry to say what latest is. A plan can be made
// without that.
const patience = 5 * time.Second

// versionKey is the annotation and label with an image's version
// (https://github.com/opencontainers/image-spec/blob/main/annotations.md).
const versionKey = "org.opencontainers.image.version"

// revisionKey is the annotation with the commit of an image.
const revisionKey = "org.opencontainers.image.revision"

// treeKey is the annotation and label with the git tree that an image was built from:
// that of a commit, with the version written into it.
const treeKey = "io.github.hughkantsime.odin-release.tree"

// Latest asks the registry which version latest of the repository is. A failure to ask
// is part of the result.
func (r *Registry) Latest(ctx context.Context) plan.Registry {
	tag := r.repository.Tag("latest")
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	found, err := r.puller.Get(ctx, tag)
	if err != nil {
		return silence(tag, err)
	}
	answer := plan.Registry{Asked: true, Digest: found.Digest.String()}
	answer.Version, err = versionOf(found)
	if err != nil {
		return silence(tag, err)
	}
	return answer
}

// silence returns why a registry did not answer. That there is no latest is an answer.
func silence(tag name.Tag, err error) plan.Registry {
	var refused *transport.Error
	host := tag.RegistryStr()
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return plan.Registry{Silence: fmt.Sprintf("%s did not answer within %s", host, patience)}
	case !errors.As(err, &refused):
		return plan.Registry{Silence: host + " was not reachable"}
	case refused.StatusCode == http.StatusNotFound:
		return plan.Registry{Asked: true}
	case refused.StatusCode == http.StatusUnauthorized, refused.StatusCode == http.StatusForbidden:
		return plan.Registry{Silence: host + " denies reading it"}
	}
	return plan.Registry{Silence: fmt.Sprintf("%s answered %d", host, refused.StatusCode)}
}

// versionOf returns an image's version from the annotation of its index, otherwise from
// a label of one of its platforms; "" without either.
func versionOf(found *remote.Descriptor) (string, error) {
	var image v1.Image
	if found.MediaType.IsIndex() {
		index, err := found.ImageIndex()
		if err != nil {
			return "", err
		}
		manifest, err := index.IndexManifest()
		if err != nil {
			return "", err
		}
		if said := manifest.Annotations[versionKey]; said != "" || len(manifest.Manifests) == 0 {
			return said, nil
		}
		if image, err = index.Image(manifest.Manifests[0].Digest); err != nil {
			return "", err
		}
	} else {
		var err error
		if image, err = found.Image(); err != nil {
			return "", err
		}
	}
	config, err := image.ConfigFile()
	if err != nil {
		return "", err
	}
	return config.Config.Labels[versionKey], nil
}
