package github

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/web"
)

// Asset is a file of a release
// (https://docs.github.com/en/rest/releases/assets).
type Asset struct {
	ID     int64
	Name   string
	State  string // "uploaded" when complete; "starter" when the upload was interrupted
	Size   int64  // bytes
	SHA256 string // hex, "" when GitHub does not report it

	Created time.Time
}

// assetAnswer is go-github's asset with the fields that GitHub has added since.
type assetAnswer struct {
	gh.ReleaseAsset
	Size   int64  `json:"size"`
	Digest string `json:"digest"`
}

func (a *assetAnswer) asset() Asset {
	sum, _ := strings.CutPrefix(a.Digest, "sha256:")
	if sum == a.Digest {
		sum = "" // another algorithm, or none
	}
	return Asset{
		ID: a.GetID(), Name: a.GetName(), State: a.GetState(), Size: a.Size, SHA256: sum,
		Created: a.GetCreatedAt().Time,
	}
}

// Assets lists all assets of the release with this id.
// https://docs.github.com/en/rest/releases/assets#list-release-assets
func (c Releases) Assets(ctx context.Context, release int64) ([]Asset, error) {
	answers, err := all[assetAnswer](ctx, c.connection, c.path("releases/%d/assets", release))
	if err != nil {
		return nil, c.fail(err, contentsRead, "list the assets of the release %d of %s", release, c.repository)
	}
	assets := make([]Asset, len(answers))
	for i := range answers {
		assets[i] = answers[i].asset()
	}
	return assets, nil
}

// Upload adds an asset of size bytes to a release. The name must not be in use. A
// partial upload may leave an asset in the state "starter".
// https://docs.github.com/en/rest/releases/assets#upload-a-release-asset
func (c Releases) Upload(
	ctx context.Context,
	release Release,
	name, mediaType string,
	content io.ReadSeeker,
	size int64,
) (Asset, error) {
	address, err := c.session.uploadAddress(release, name)
	if err != nil {
		return Asset{}, fmt.Errorf("upload %s: %w", name, err)
	}
	request, err := c.api.NewUploadRequest(address, http.NoBody, size, mediaType)
	if err != nil {
		return Asset{}, fmt.Errorf("upload %s: %w", name, web.Bare(err))
	}
	if err := attach(request, content, size); err != nil {
		return Asset{}, fmt.Errorf("upload %s: read it: %w", name, err)
	}
	var uploaded assetAnswer
	if _, err := c.api.Do(ctx, request, &uploaded); err != nil {
		return Asset{}, c.fail(err, contentsWrite, "upload %s to the release %s", name, release.Tag)
	}
	return uploaded.asset(), nil
}

// attach gives a request a body that can be read again. If the content supports reading
// at any offset, each attempt has its own reader, since the previous attempt may still
// be reading when the next one starts.
func attach(request *http.Request, content io.ReadSeeker, size int64) error {
	if size == 0 {
		return nil
	}
	if at, ok := content.(io.ReaderAt); ok {
		request.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(io.NewSectionReader(at, 0, size)), nil }
		request.Body, _ = request.GetBody()
		return nil
	}
	_, err := content.Seek(0, io.SeekStart)
	request.GetBody = nil
	request.Body = io.NopCloser(content)
	return err
}

// uploadAddress expands the template that GitHub gave the release, such as
// https://uploads.github.com/repos/o/r/releases/1/assets{?name,label}.
func (s *session) uploadAddress(release Release, name string) (string, error) {
	plain, _, _ := strings.Cut(release.UploadURL, "{")
	address, err := url.Parse(plain)
	switch {
	case err != nil || address.Host == "" || address.User != nil:
		return "", fmt.Errorf("the release %s has no usable upload_url", release.Tag)
	case !s.trusts(address):
		return "", fmt.Errorf(
			"the upload_url of the release %s points to %s, which does not belong to GitHub: the token is not "+
				"sent there",
			release.Tag,
			address.Host,
		)
	}
	address.RawQuery = url.Values{"name": {name}}.Encode()
	return address.String(), nil
}

// DeleteAsset deletes the asset with this id. It succeeds if there is none.
// https://docs.github.com/en/rest/releases/assets#delete-a-release-asset
func (c Releases) DeleteAsset(ctx context.Context, id int64) error {
	_, err := c.api.Repositories.DeleteReleaseAsset(ctx, c.repository.Owner, c.repository.Name, id)
	if err == nil || statusOf(err) == http.StatusNotFound {
		return nil
	}
	return c.fail(err, contentsWrite, "delete the asset %d", id)
}

// Download writes the asset with this id to into. A large download may be interrupted:
// the content is complete only if there is no error. The storage to which GitHub
// redirects does not get the token.
// https://docs.github.com/en/rest/releases/assets#get-a-release-asset
func (c Releases) Download(ctx context.Context, id int64, into io.Writer) error {
	response, err := c.open(ctx, id)
	if err != nil {
		return c.fail(err, contentsRead, "download the asset %d", id)
	}
	defer response.Body.Close()
	if _, err := io.Copy(into, response.Body); err != nil {
		return fmt.Errorf("download the asset %d: %w", id, web.Bare(err))
	}
	return nil
}

// open starts a download from the API or from the address to which it redirects.
func (c Releases) open(ctx context.Context, id int64) (*http.Response, error) {
	request, err := c.api.NewRequest(
		http.MethodGet,
		c.path("releases/assets/%d", id),
		nil,
		accept("application/octet-stream"),
	)
	if err != nil {
		return nil, err
	}
	response, err := c.api.BareDo(ctx, request)
	if statusOf(err) != http.StatusFound {
		if err != nil {
			return nil, err
		}
		return response.Response, nil
	}
	storage, err := response.Location()
	if err != nil {
		return nil, errors.New("GitHub redirects to a storage without an address")
	}
	request, err = http.NewRequestWithContext(ctx, http.MethodGet, storage.String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	request.Header.Set("User-Agent", agent)
	stored, err := c.plain.Do(request)
	if err != nil {
		return nil, err
	}
	if stored.StatusCode != http.StatusOK {
		_ = stored.Body.Close()
		return nil, c.say(stored.StatusCode, "the storage answered %d", stored.StatusCode)
	}
	return stored, nil
}
