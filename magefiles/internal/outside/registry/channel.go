package registry

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"sync"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// most is the largest manifest that is read.
const most = 8 << 20

// channel makes requests for which go-containerregistry has no function. When that library pushes a manifest with a
// subject, it writes the index of referrers itself, and does not check it afterwards.
type channel struct {
	mu     sync.Mutex
	client *http.Client // nil until it has logged in
}

// open logs in, once.
func (c *channel) open(ctx context.Context, to *Repository) (*http.Client, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.client != nil {
		return c.client, nil
	}
	credentials, err := to.access.Resolve(to.repository)
	if err != nil {
		return nil, err
	}
	through := to.access.Transport
	if through == nil {
		through = remote.DefaultTransport
	}
	scopes := []string{to.repository.Scope(transport.PushScope)}
	if credentials == authn.Anonymous {
		scopes = []string{to.repository.Scope(transport.PullScope)}
	}
	logged, err := transport.NewWithContext(ctx, to.repository.Registry, credentials, through, scopes)
	if err != nil {
		return nil, err
	}
	c.client = &http.Client{Transport: logged}
	return c.client, nil
}

func address(of name.Repository, path string) string {
	at := url.URL{Scheme: of.Scheme(), Host: of.RegistryStr(), Path: "/v2/" + of.RepositoryStr() + "/" + path}
	return at.String()
}

// get returns an index, and whether there is one.
func (c *channel) get(ctx context.Context, from *Repository, path string) (data []byte, is bool, err error) {
	client, err := c.open(ctx, from)
	if err != nil {
		return nil, false, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address(from.repository, path), nil)
	if err != nil {
		return nil, false, err
	}
	request.Header.Set("Accept", string(types.OCIImageIndex))
	response, err := client.Do(request)
	if err != nil {
		return nil, false, err
	}
	defer response.Body.Close()
	if err := transport.CheckError(response, http.StatusOK, http.StatusNotFound, http.StatusBadRequest,
		http.StatusNotAcceptable, http.StatusMethodNotAllowed); err != nil {
		return nil, false, err
	}
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")) // "" if it is not valid
	if response.StatusCode != http.StatusOK || kind != string(types.OCIImageIndex) {
		return nil, false, nil
	}
	data, err = io.ReadAll(io.LimitReader(response.Body, most+1))
	if err == nil && len(data) > most {
		err = fmt.Errorf("the answer is larger than %d MiB", most>>20)
	}
	return data, err == nil, err
}

// put writes a manifest under a tag or its digest.
func (c *channel) put(
	ctx context.Context, to *Repository, reference string, mediaType types.MediaType, raw []byte,
) error {
	client, err := c.open(ctx, to)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(
		ctx, http.MethodPut, address(to.repository, "manifests/"+reference), bytes.NewReader(raw))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", string(mediaType))
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	return transport.CheckError(response, http.StatusOK, http.StatusCreated, http.StatusAccepted)
}
