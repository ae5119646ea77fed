package standin_test

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-github/v60/github"
)

func TestAssets(t *testing.T) {
	o := options(t)
	w := open(t, o)
	c := client(t, w, token)
	ctx := t.Context()
	release, _, err := c.Repositories.CreateRelease(
		ctx,
		owner,
		repo,
		&github.RepositoryRelease{TagName: github.String("v1.0.0"), Draft: github.Bool(true)},
	)
	ok(t, err)
	asset, err := upload(t, c, release.GetID(), "front end.tar.gz", "content of the file")
	ok(t, err)
	if asset.GetName() != "front.end.tar.gz" || asset.GetSize() != 19 {
		t.Errorf("%s of %d bytes", asset.GetName(), asset.GetSize())
	}
	_, err = upload(t, c, release.GetID(), "c.whl", "wheel")
	ok(t, err)

	content, _, err := c.Repositories.DownloadReleaseAsset(ctx, owner, repo, asset.GetID(), http.DefaultClient)
	ok(t, err)
	got, err := io.ReadAll(content)
	ok(t, err)
	if string(got) != "content of the file" {
		t.Errorf("%q", got)
	}
	path := here + "/releases/assets/" + github.Stringify(asset.GetID())
	status, header, _ := send(t, w, "GET", path, nil, "Authorization", signed, "Accept", "application/octet-stream")
	location := header.Get("Location")
	if status != http.StatusFound || strings.HasPrefix(location, w.GitHub()) {
		t.Errorf("%d, at %s", status, location)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, location, nil)
	ok(t, err)
	request.Header.Set("Authorization", signed)
	answer, err := http.DefaultClient.Do(request)
	ok(t, err)
	answer.Body.Close()
	if answer.StatusCode != http.StatusBadRequest {
		t.Errorf("a download that is shown the token is answered %d, expected 400", answer.StatusCode)
	}
	_, _, body := send(t, w, "GET", path, nil, "Authorization", signed)
	if want := fmt.Sprintf("sha256:%x", sha256.Sum256([]byte("content of the file"))); body["digest"] != want {
		t.Errorf("digest %v, expected %s", body["digest"], want)
	}

	w = survives(t, w, o)
	c = client(t, w, token)
	_, err = c.Repositories.DeleteReleaseAsset(ctx, owner, repo, asset.GetID())
	ok(t, err)
	_, err = c.Repositories.DeleteReleaseAsset(ctx, owner, repo, asset.GetID())
	refused(t, err, 404, "Not Found")
	left, _, err := c.Repositories.ListReleaseAssets(ctx, owner, repo, release.GetID(), nil)
	ok(t, err)
	if len(left) != 1 || left[0].GetName() != "c.whl" {
		t.Errorf("left: %v", left)
	}
}

// TestBrokenUpload sends less than it announces.
func TestBrokenUpload(t *testing.T) {
	o := options(t)
	w := open(t, o)
	c := client(t, w, token)
	release, _, err := c.Repositories.CreateRelease(
		t.Context(),
		owner,
		repo,
		&github.RepositoryRelease{TagName: github.String("v1.0.0"), Draft: github.Bool(true)},
	)
	ok(t, err)
	request, err := http.NewRequestWithContext(
		t.Context(),
		http.MethodPost,
		strings.Replace(release.GetUploadURL(), "{?name,label}", "?name=a.bin", 1),
		io.MultiReader(strings.NewReader("half"), broken{}),
	)
	ok(t, err)
	request.ContentLength = 8
	request.Header.Set("Authorization", signed)
	if answer, err := http.DefaultClient.Do(request); err == nil {
		answer.Body.Close()
		t.Fatalf("answered %s, expected no answer", answer.Status)
	}
	var assets []*github.ReleaseAsset
	for len(assets) == 0 { // until the server has seen the end
		assets, _, err = c.Repositories.ListReleaseAssets(t.Context(), owner, repo, release.GetID(), nil)
		ok(t, err)
	}
	if assets[0].GetState() != "starter" || assets[0].GetSize() != 0 {
		t.Errorf("%s with %d bytes, expected a starter with none", assets[0].GetState(), assets[0].GetSize())
	}
	_, err = upload(t, c, release.GetID(), "a.bin", "whole")
	refused(t, err, 422, "Validation Failed (name already_exists)")
	w = survives(t, w, o)
	c = client(t, w, token)
	_, err = c.Repositories.DeleteReleaseAsset(t.Context(), owner, repo, assets[0].GetID())
	ok(t, err)
	_, err = upload(t, c, release.GetID(), "a.bin", "whole")
	ok(t, err)
	left, err := filepath.Glob(filepath.Join(o.Dir, "github", "assets", "upload-*"))
	ok(t, err)
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }
