package publish

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
)

// uploaded is the state of an asset whose upload came to its end.
const uploaded = "uploaded"

// assetReader lists and reads what is with a release.
type assetReader interface {
	Assets(ctx context.Context, release int64) ([]github.Asset, error)
	Download(ctx context.Context, id int64, into io.Writer) error
}

// files compares assets with files.
type files struct{ forge assetReader }

// same reports whether an asset is a file, by size and SHA-256.
func (f files) same(ctx context.Context, asset github.Asset, file artifact.File) (bool, error) {
	if asset.State != uploaded || asset.Size != file.Size {
		return false, nil
	}
	sum, err := f.sum(ctx, asset)
	return sum == file.SHA256, err
}

// sum returns the SHA-256 of an asset. Where GitHub does not say it, the asset is
// downloaded and measured.
func (f files) sum(ctx context.Context, asset github.Asset) (string, error) {
	if asset.SHA256 != "" || asset.State != uploaded {
		return asset.SHA256, nil
	}
	sum := sha256.New()
	if err := f.forge.Download(ctx, asset.ID, sum); err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", sum.Sum(nil)), nil
}

func assetNamed(assets []github.Asset, name string) *github.Asset {
	at := slices.IndexFunc(assets, func(a github.Asset) bool { return a.Name == name })
	if at < 0 {
		return nil
	}
	return &assets[at]
}

// listing is what is with a release, asked for again after each change.
type listing struct {
	forge  assetReader
	known  bool
	assets []github.Asset
}

func (l *listing) look(ctx context.Context, release int64) ([]github.Asset, error) {
	if l.known {
		return l.assets, nil
	}
	var err error
	l.assets, err = l.forge.Assets(ctx, release)
	l.known = err == nil
	return l.assets, err
}

func (l *listing) forget() { l.known = false }

// mediaType returns what a file is called on GitHub (RFC 6838).
func mediaType(name string) string {
	for suffix, kind := range map[string]string{
		".json": "application/json", ".gz": "application/gzip", ".txt": "text/plain", ".lock": "text/plain",
	} {
		if strings.HasSuffix(name, suffix) {
			return kind
		}
	}
	return "application/octet-stream"
}
