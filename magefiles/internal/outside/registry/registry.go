// Package registry is a client for the registry that holds the images of an app.
package registry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/web"
)

// GitHub is the registry that accepts a GitHub token as a password
// (https://docs.github.com/en/packages/working-with-a-github-packages-registry/working-with-the-container-registry).
const GitHub = "ghcr.io"

// Access says how to reach a registry.
type Access struct {
	Transport http.RoundTripper // nil for the default transport
	Token     string            // the password for TokenHost when Docker's configuration has none; or ""
	TokenHost string            // the only registry that gets the token; "" means GitHub
	Alone     bool              // ignore Docker's configuration
}

// Resolve finds the credentials for a registry: Docker's own, otherwise the token.
func (a Access) Resolve(target authn.Resource) (authn.Authenticator, error) {
	if !a.Alone {
		found, err := authn.DefaultKeychain.Resolve(target)
		if err != nil || found != authn.Anonymous {
			return found, err
		}
	}
	host := a.TokenHost
	if host == "" {
		host = GitHub
	}
	if a.Token == "" || target.RegistryStr() != host {
		return authn.Anonymous, nil
	}
	return &authn.Basic{Username: "odin-release", Password: a.Token}, nil // with a token, any name is accepted
}

// Repository is an image's repository in a registry of the OCI distribution specification
// (https://github.com/opencontainers/distribution-spec).
type Repository struct {
	repository name.Repository
	access     Access
	puller     *remote.Puller
	options    []remote.Option
	channel    channel
}

// Open returns the repository of that name, such as ghcr.io/owner/name. It
// makes no request.
func Open(repository string, access Access) (*Repository, error) {
	parsed, err := name.NewRepository(repository)
	if err != nil {
		return nil, fmt.Errorf("%s is not the name of an image: %w", repository, err)
	}
	// The transport and the caller decide what is retried. Attestations are found
	// through the index and need no tags.
	options := []remote.Option{
		remote.WithAuthFromKeychain(access),
		remote.WithReferrersTagFallback(false),
		remote.WithRetryBackoff(
			remote.Backoff{Duration: time.Millisecond, Factor: 1, Steps: 1},
		),
		remote.WithRetryStatusCodes(),
	}
	if access.Transport != nil {
		options = append(options, remote.WithTransport(access.Transport))
	}
	puller, err := remote.NewPuller(options...)
	return &Repository{repository: parsed, access: access, puller: puller, options: options}, err
}

// Name returns the repository's name, including the registry.
func (r *Repository) Name() string { return r.repository.Name() }

// MayPush checks that the credentials allow pushing: it starts an upload and cancels
// it.
func (r *Repository) MayPush(ctx context.Context) error {
	transport := r.access.Transport
	if transport == nil {
		transport = remote.DefaultTransport
	}
	err := remote.CheckPushPermission(r.repository.Tag("latest"), r.access, bound{ctx, transport})
	if err != nil {
		return r.because("push to "+r.repository.Name(), err)
	}
	return nil
}

// bound adds a context to requests that were made without one.
type bound struct {
	ctx  context.Context
	next http.RoundTripper
}

func (b bound) RoundTrip(request *http.Request) (*http.Response, error) {
	return b.next.RoundTrip(request.WithContext(b.ctx))
}

// Digest returns the digest that a tag names, "" when there is no such tag.
func (r *Repository) Digest(ctx context.Context, tag string) (string, error) {
	found, err := r.puller.Head(ctx, r.repository.Tag(tag))
	if missing(err) {
		return "", nil
	}
	if err != nil {
		return "", r.because("look up "+r.repository.Name()+":"+tag, err)
	}
	return found.Digest.String(), nil
}

// Has reports whether the registry has a manifest.
func (r *Repository) Has(ctx context.Context, digest string) (bool, error) {
	_, err := r.puller.Head(ctx, r.repository.Digest(digest))
	if missing(err) {
		return false, nil
	}
	if err != nil {
		return false, r.because("look up "+r.repository.Name()+"@"+digest, err)
	}
	return true, nil
}

// Push copies the index of an OCI layout to the registry, with everything that it
// refers to, and names it by its digest only. Content that the registry has already is
// not sent again.
func (r *Repository) Push(ctx context.Context, layoutDir string) error {
	index, err := layout.ImageIndexFromPath(layoutDir)
	if err != nil {
		return fmt.Errorf("read the OCI layout %s: %w", layoutDir, err)
	}
	digest, err := index.Digest()
	if err != nil {
		return err
	}
	pusher, err := remote.NewPusher(r.options...) // a new one each time, since it remembers failures
	if err != nil {
		return err
	}
	if err := pusher.Push(ctx, r.repository.Digest(digest.String()), index); err != nil {
		return r.because("push "+r.repository.Name()+"@"+digest.String(), err)
	}
	return nil
}

// Tag gives a tag to a manifest that the registry has.
func (r *Repository) Tag(ctx context.Context, tag, digest string) error {
	found, err := r.get(ctx, digest)
	if err != nil {
		return err
	}
	pusher, err := remote.NewPusher(r.options...)
	if err != nil {
		return err
	}
	if err := pusher.Put(ctx, r.repository.Tag(tag), found); err != nil {
		return r.because("name "+r.repository.Name()+":"+tag, err)
	}
	return nil
}

func (r *Repository) get(ctx context.Context, digest string) (*remote.Descriptor, error) {
	found, err := r.puller.Get(ctx, r.repository.Digest(digest))
	if err != nil {
		return nil, r.because("read "+r.repository.Name()+"@"+digest, err)
	}
	return found, nil
}

// Version returns the version in an image's metadata, "" without one.
func (r *Repository) Version(ctx context.Context, digest string) (string, error) {
	found, err := r.get(ctx, digest)
	if err != nil {
		return "", err
	}
	said, err := versionOf(found)
	if err != nil {
		return "", r.because("read "+r.repository.Name()+"@"+digest, err)
	}
	return said, nil
}

// Platforms lists the images of an index by platform, without attestations.
func (r *Repository) Platforms(ctx context.Context, digest string) (map[string]string, error) {
	found, err := r.get(ctx, digest)
	if err != nil {
		return nil, err
	}
	platforms := map[string]string{}
	if !found.MediaType.IsIndex() {
		platform, err := found.Image()
		if err != nil {
			return nil, err
		}
		config, err := platform.ConfigFile()
		if err != nil {
			return nil, r.because("read "+r.repository.Name()+"@"+digest, err)
		}
		platforms[image.PlatformName(config.Platform())] = digest
		return platforms, nil
	}
	manifests, err := r.listed(found, digest)
	for _, each := range manifests {
		if each.Platform != nil && each.Annotations[image.ReferenceType] == "" {
			platforms[image.PlatformName(each.Platform)] = each.Digest.String()
		}
	}
	return platforms, err
}

// listed returns the manifests that an index lists.
func (r *Repository) listed(index *remote.Descriptor, digest string) ([]v1.Descriptor, error) {
	read, err := index.ImageIndex()
	if err != nil {
		return nil, err
	}
	manifest, err := read.IndexManifest()
	if err != nil {
		return nil, r.because("read "+r.repository.Name()+"@"+digest, err)
	}
	return manifest.Manifests, nil
}

func missing(err error) bool {
	var refused *transport.Error
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

// because says in one line why a registry refused a request, and what would help.
func (r *Repository) because(what string, err error) error {
	var refused *transport.Error
	if !errors.As(err, &refused) {
		return fmt.Errorf("%s: %w", what, web.Bare(err))
	}
	text := fmt.Sprintf("the registry answered %d", refused.StatusCode)
	for _, each := range refused.Errors {
		text += ": " + each.Message
		break
	}
	if refused.StatusCode == http.StatusUnauthorized || refused.StatusCode == http.StatusForbidden {
		text += "; log in with docker login " + r.repository.RegistryStr()
		if r.repository.RegistryStr() == GitHub {
			text += ", or set GITHUB_TOKEN to a token with packages: write"
		}
	}
	return &RefusedError{Status: refused.StatusCode, text: what + ": " + text}
}

// RefusedError means that a registry refused a request.
type RefusedError struct {
	Status int // HTTP status
	text   string
}

func (r *RefusedError) Error() string { return r.text }

// Credential is a user's name and password for a registry.
type Credential struct{ User, Password string }

// Secrets returns the parts of the registry's credentials that must be redacted,
// wherever they come from. It is empty if there are no credentials, or if they cannot
// be read.
func (r *Repository) Secrets() []string {
	found, err := r.access.Resolve(r.repository)
	if err != nil {
		return nil // the caller that needs them gets the error
	}
	said, err := found.Authorization()
	if err != nil {
		return nil
	}
	return []string{said.Password, said.Auth, said.IdentityToken, said.RegistryToken}
}

// Credential returns the credential with which Docker can pull from the registry, or nil if Docker's own
// configuration has it, or none is needed.
func (r *Repository) Credential() (*Credential, error) {
	found, err := r.access.Resolve(r.repository)
	if err != nil || found == authn.Anonymous {
		return nil, err
	}
	basic, ours := found.(*authn.Basic)
	if !ours {
		return nil, nil // it came from Docker's own configuration
	}
	return &Credential{User: basic.Username, Password: basic.Password}, nil
}
