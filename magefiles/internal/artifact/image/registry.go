package image

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/web"
)

// GitHubRegistry is the registry that takes a GitHub token as a password
// (https://docs.github.com/en/packages/working-with-a-github-packages-registry/working-with-the-container-registry).
const GitHubRegistry = "ghcr.io"

// Access is how a registry is reached.
type Access struct {
	Transport http.RoundTripper // nil for the usual one
	Token     string            // a password for TokenHost, when Docker's configuration has none; or ""
	TokenHost string            // the only registry that gets the token; "" for GitHubRegistry
	Alone     bool              // Docker's configuration is not asked
}

// Resolve finds the credentials for a registry: Docker's own, else the token.
func (a Access) Resolve(target authn.Resource) (authn.Authenticator, error) {
	if !a.Alone {
		found, err := authn.DefaultKeychain.Resolve(target)
		if err != nil || found != authn.Anonymous {
			return found, err
		}
	}
	host := a.TokenHost
	if host == "" {
		host = GitHubRegistry
	}
	if a.Token == "" || target.RegistryStr() != host {
		return authn.Anonymous, nil
	}
	return &authn.Basic{Username: "odin-release", Password: a.Token}, nil // any name will do with a token
}

// Registry is the repository of an image in a registry, as the OCI distribution
// specification has it (https://github.com/opencontainers/distribution-spec).
type Registry struct {
	repository name.Repository
	access     Access
	puller     *remote.Puller
	options    []remote.Option
}

// OpenRegistry returns the repository of that name, such as ghcr.io/owner/name.
// Nothing is asked yet.
func OpenRegistry(repository string, access Access) (*Registry, error) {
	parsed, err := name.NewRepository(repository)
	if err != nil {
		return nil, fmt.Errorf("%s names no image: %w", repository, err)
	}
	// What may be repeated is the transport's and the caller's to know.
	// Attestations are found through the index: they need no tags of their own.
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
	return &Registry{parsed, access, puller, options}, err
}

// Name is the repository's name, its registry included.
func (r *Registry) Name() string { return r.repository.Name() }

// MayPush tells whether the credentials allow to push: it begins an upload, and
// gives it up.
func (r *Registry) MayPush(ctx context.Context) error {
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

// bound sends requests that know no context under one.
type bound struct {
	ctx  context.Context
	next http.RoundTripper
}

func (b bound) RoundTrip(request *http.Request) (*http.Response, error) {
	return b.next.RoundTrip(request.WithContext(b.ctx))
}

// Digest is what a tag names, "" when there is no such tag.
func (r *Registry) Digest(ctx context.Context, tag string) (string, error) {
	found, err := r.puller.Head(ctx, r.repository.Tag(tag))
	if missing(err) {
		return "", nil
	}
	if err != nil {
		return "", r.because("look up "+r.repository.Name()+":"+tag, err)
	}
	return found.Digest.String(), nil
}

// Has tells whether the registry has a manifest.
func (r *Registry) Has(ctx context.Context, digest string) (bool, error) {
	_, err := r.puller.Head(ctx, r.repository.Digest(digest))
	if missing(err) {
		return false, nil
	}
	if err != nil {
		return false, r.because("look up "+r.repository.Name()+"@"+digest, err)
	}
	return true, nil
}

// Push copies the index of an OCI layout to the registry, with all that it
// refers to, and names it by its digest only. What is there already is not
// sent again.
func (r *Registry) Push(ctx context.Context, layoutDir string) error {
	index, err := layout.ImageIndexFromPath(layoutDir)
	if err != nil {
		return fmt.Errorf("read the OCI layout %s: %w", layoutDir, err)
	}
	digest, err := index.Digest()
	if err != nil {
		return err
	}
	pusher, err := remote.NewPusher(r.options...) // a new one each time: it remembers what failed
	if err != nil {
		return err
	}
	if err := pusher.Push(ctx, r.repository.Digest(digest.String()), index); err != nil {
		return r.because("push "+r.repository.Name()+"@"+digest.String(), err)
	}
	return nil
}

// Tag names a manifest that the registry has.
func (r *Registry) Tag(ctx context.Context, tag, digest string) error {
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

func (r *Registry) get(ctx context.Context, digest string) (*remote.Descriptor, error) {
	found, err := r.puller.Get(ctx, r.repository.Digest(digest))
	if err != nil {
		return nil, r.because("read "+r.repository.Name()+"@"+digest, err)
	}
	return found, nil
}

// Version is the version that an image says it is, "" when it doesn't say.
func (r *Registry) Version(ctx context.Context, digest string) (string, error) {
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

// Platforms lists the images of an index by platform, attestations left out.
func (r *Registry) Platforms(ctx context.Context, digest string) (map[string]string, error) {
	found, err := r.get(ctx, digest)
	if err != nil {
		return nil, err
	}
	platforms := map[string]string{}
	if !found.MediaType.IsIndex() {
		image, err := found.Image()
		if err != nil {
			return nil, err
		}
		config, err := image.ConfigFile()
		if err != nil {
			return nil, r.because("read "+r.repository.Name()+"@"+digest, err)
		}
		platforms[platformName(config.Platform())] = digest
		return platforms, nil
	}
	index, err := found.ImageIndex()
	if err != nil {
		return nil, err
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, r.because("read "+r.repository.Name()+"@"+digest, err)
	}
	for _, each := range manifest.Manifests {
		if each.Platform != nil && each.Annotations[referenceType] == "" {
			platforms[platformName(each.Platform)] = each.Digest.String()
		}
	}
	return platforms, nil
}

func missing(err error) bool {
	var refused *transport.Error
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

// because says in one line why a registry did not do something, and what would
// help.
func (r *Registry) because(what string, err error) error {
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
		if r.repository.RegistryStr() == GitHubRegistry {
			text += ", or set GITHUB_TOKEN to a token with packages: write"
		}
	}
	return &RefusalError{Status: refused.StatusCode, text: what + ": " + text}
}

// RefusalError is a registry's answer that it will not do something.
type RefusalError struct {
	Status int // of HTTP
	text   string
}

func (r *RefusalError) Error() string { return r.text }

// Secrets are what nobody should read of the credentials for the registry,
// wherever they come from; none if there are none, or they can't be had.
func (r *Registry) Secrets() []string {
	found, err := r.access.Resolve(r.repository)
	if err != nil {
		return nil // whoever needs them is told
	}
	said, err := found.Authorization()
	if err != nil {
		return nil
	}
	return []string{said.Password, said.Auth, said.IdentityToken, said.RegistryToken}
}

// Credential is what Docker needs to be told to pull from the registry: nil
// when its own configuration knows, or nothing is needed.
func (r *Registry) Credential() (*Credential, error) {
	found, err := r.access.Resolve(r.repository)
	if err != nil || found == authn.Anonymous {
		return nil, err
	}
	basic, ours := found.(*authn.Basic)
	if !ours {
		return nil, nil // it came from Docker's own configuration
	}
	return &Credential{basic.Username, basic.Password}, nil
}
