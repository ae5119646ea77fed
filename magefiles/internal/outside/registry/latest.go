package registry

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

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
)

// patience is how long to wait for a registry's answer about latest. A plan can be made without it.
const patience = 5 * time.Second

// Answer is a registry's answer about latest.
type Answer struct {
	Asked   bool   // whether it answered
	Silence string // why it did not answer, in a few words
	Version string // version of latest; "" when there is no latest, or its image does not name one
	Digest  string // digest of latest; "" when there is none
}

// Latest asks the registry which version latest of the repository is. A failure to ask
// is part of the result.
func (r *Repository) Latest(ctx context.Context) Answer {
	tag := r.repository.Tag("latest")
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	found, err := r.puller.Get(ctx, tag)
	if err != nil {
		return silence(tag, err)
	}
	answer := Answer{Asked: true, Digest: found.Digest.String()}
	answer.Version, err = versionOf(found)
	if err != nil {
		return silence(tag, err)
	}
	return answer
}

// silence returns why a registry did not answer. That latest does not exist counts as an answer.
func silence(tag name.Tag, err error) Answer {
	var refused *transport.Error
	host := tag.RegistryStr()
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return Answer{Silence: fmt.Sprintf("%s did not answer within %s", host, patience)}
	case !errors.As(err, &refused):
		return Answer{Silence: host + " was not reachable"}
	case refused.StatusCode == http.StatusNotFound:
		return Answer{Asked: true}
	case refused.StatusCode == http.StatusUnauthorized, refused.StatusCode == http.StatusForbidden:
		return Answer{Silence: host + " denies reading it"}
	}
	return Answer{Silence: fmt.Sprintf("%s answered %d", host, refused.StatusCode)}
}

// versionOf returns an image's version from the annotation of its index, otherwise from
// a label of one of its platforms; "" without either.
func versionOf(found *remote.Descriptor) (string, error) {
	var platform v1.Image
	if found.MediaType.IsIndex() {
		index, err := found.ImageIndex()
		if err != nil {
			return "", err
		}
		manifest, err := index.IndexManifest()
		if err != nil {
			return "", err
		}
		if said := manifest.Annotations[image.VersionKey]; said != "" || len(manifest.Manifests) == 0 {
			return said, nil
		}
		if platform, err = index.Image(manifest.Manifests[0].Digest); err != nil {
			return "", err
		}
	} else {
		var err error
		if platform, err = found.Image(); err != nil {
			return "", err
		}
	}
	config, err := platform.ConfigFile()
	if err != nil {
		return "", err
	}
	return config.Config.Labels[image.VersionKey], nil
}
