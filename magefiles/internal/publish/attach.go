package publish

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/github"
)

// uploaded is the state of an asset whose upload came to its end.
const uploaded = "uploaded"

func assetNamed(assets []github.Asset, name string) *github.Asset {
	at := slices.IndexFunc(assets, func(a github.Asset) bool { return a.Name == name })
	if at < 0 {
		return nil
	}
	return &assets[at]
}

// same tells whether an asset is a file, by size and SHA-256. Where GitHub does
// not say the one of an asset, it is downloaded and measured.
func (r Release) same(ctx context.Context, asset github.Asset, file artifact.File) bool {
	if asset.State != uploaded || asset.Size != file.Size {
		return false
	}
	if asset.SHA256 == "" {
		sum := sha256.New()
		if err := r.GitHub.Download(ctx, asset.ID, sum); err != nil {
			return false
		}
		asset.SHA256 = fmt.Sprintf("%x", sum.Sum(nil))
	}
	return asset.SHA256 == file.SHA256
}

// attach uploads the files to the release and removes what is not of it. Only
// a draft loses something: what is out is not taken away.
func (r Release) attach(ctx context.Context, release github.Release, record Record, built Artifacts) error {
	for _, file := range record.Files {
		path := filepath.Join(built.Dir, file.Name)
		if err := r.upload(ctx, release, file, func() (io.ReadSeekCloser, error) { return os.Open(path) }); err != nil {
			return err
		}
	}
	if !release.Draft {
		return nil
	}
	assets, err := r.GitHub.Assets(ctx, release.ID)
	if err != nil {
		return err
	}
	for _, asset := range assets {
		known := slices.ContainsFunc(record.Files, func(f artifact.File) bool { return f.Name == asset.Name })
		if known || asset.Name == RecordName || asset.Name == recordOnItsWay {
			continue
		}
		if err := r.GitHub.DeleteAsset(ctx, asset.ID); err != nil {
			return fmt.Errorf("remove %s, which is not of this release: %w", asset.Name, err)
		}
		r.Say("remove %s, which is not of this release: done", asset.Name)
	}
	return nil
}

// upload makes sure that a file is with the release, whole. One that is there
// with other bytes, or only half, is replaced in a draft.
func (r Release) upload(ctx context.Context, release github.Release, file artifact.File, open func() (io.ReadSeekCloser, error)) error {
	var other *github.Asset // what has the name now
	return r.settle(ctx, step{
		name: "attach " + file.Name,
		look: func(ctx context.Context) (bool, error) {
			assets, err := r.GitHub.Assets(ctx, release.ID)
			if err != nil {
				return false, err
			}
			other = assetNamed(assets, file.Name)
			if other == nil || r.same(ctx, *other, file) {
				return other != nil, nil
			}
			if !release.Draft && other.State == uploaded {
				return false, errors.New("it is out already with other content, and is not replaced; release the next version")
			}
			return false, nil
		},
		do: func(ctx context.Context) error {
			if other != nil {
				if err := r.GitHub.DeleteAsset(ctx, other.ID); err != nil {
					return err
				}
			}
			content, err := open()
			if err != nil {
				return err
			}
			defer content.Close()
			_, err = r.GitHub.Upload(ctx, release, file.Name, mediaType(file.Name), content, file.Size)
			return err
		},
	})
}

// mediaType is what a file is called on GitHub (RFC 6838).
func mediaType(name string) string {
	for suffix, kind := range map[string]string{".json": "application/json", ".gz": "application/gzip", ".txt": "text/plain", ".lock": "text/plain"} {
		if strings.HasSuffix(name, suffix) {
			return kind
		}
	}
	return "application/octet-stream"
}
