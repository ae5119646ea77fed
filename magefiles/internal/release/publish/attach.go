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
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
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

// same tells whether an asset is a file, by size and SHA-256.
func (r Release) same(ctx context.Context, asset github.Asset, file artifact.File) (bool, error) {
	if asset.State != uploaded || asset.Size != file.Size {
		return false, nil
	}
	sum, err := r.sum(ctx, asset)
	return sum == file.SHA256, err
}

// sum is the SHA-256 of an asset. Where GitHub does not say it, the asset is
// downloaded and measured.
func (r Release) sum(ctx context.Context, asset github.Asset) (string, error) {
	if asset.SHA256 != "" || asset.State != uploaded {
		return asset.SHA256, nil
	}
	sum := sha256.New()
	if err := r.GitHub.Download(ctx, asset.ID, sum); err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", sum.Sum(nil)), nil
}

// attach uploads the files to the release, and removes from a draft what an
// earlier build attached that this one does not have. What others attached
// stays.
func (r Release) attach(
	ctx context.Context,
	release github.Release,
	earlier *State,
	record State,
	built Artifacts,
) error {
	for _, file := range record.Files {
		if err := r.upload(
			ctx,
			release,
			file,
			func() (io.ReadSeekCloser, error) { return r.open(built.Dir, file) },
		); err != nil {
			return err
		}
	}
	if !release.Draft || earlier == nil {
		return nil
	}
	assets, err := r.GitHub.Assets(ctx, release.ID)
	if err != nil {
		return err
	}
	for _, asset := range assets {
		named := func(f artifact.File) bool { return f.Name == asset.Name }
		if !slices.ContainsFunc(earlier.Files, named) || slices.ContainsFunc(record.Files, named) {
			continue
		}
		if err := r.GitHub.DeleteAsset(ctx, asset.ID); err != nil {
			return fmt.Errorf("remove %s, which an earlier build attached: %w", asset.Name, err)
		}
		r.Say("remove %s, which an earlier build attached: done", asset.Name)
	}
	return nil
}

// errOther says that a file was built otherwise than the one that is out.
var errOther = errors.New(
	"it is gone from the release, and what was built here is another file: restore it by hand, or release the next version",
)

// open opens a file of the build, if it is the one of the record.
func (r Release) open(dir string, file artifact.File) (io.ReadSeekCloser, error) {
	built, err := artifact.Measure(dir, file.Name)
	if err == nil && built.SHA256 != file.SHA256 {
		err = errOther
	}
	if err != nil {
		return nil, err
	}
	return os.Open(filepath.Join(dir, file.Name))
}

// upload makes sure that a file is with the release, whole. One that is there
// with other bytes, or only half, is replaced in a draft.
func (r Release) upload(
	ctx context.Context,
	release github.Release,
	file artifact.File,
	open func() (io.ReadSeekCloser, error),
) error {
	var other *github.Asset // what has the name now
	return r.settle(ctx, step{
		name: "attach " + file.Name,
		look: func(ctx context.Context) (bool, error) {
			assets, err := r.GitHub.Assets(ctx, release.ID)
			if err != nil {
				return false, err
			}
			other = assetNamed(assets, file.Name)
			if other == nil {
				return false, nil
			}
			if whole, err := r.same(ctx, *other, file); whole || err != nil {
				return whole, err
			}
			if !release.Draft && other.State == uploaded {
				return false, errors.New(
					"it is out already with other content, and is not replaced; release the next version",
				)
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
