package verify

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// localRepository is the repository name of images that were loaded from a layout.
const localRepository = "odin-release-local"

// load loads the image of a digest from the layout into the engine under a unique name.
// It uses the format of docker save, which every version of the engine reads.
func (f *fetcher) load(ctx context.Context, digest string) error {
	if _, done := f.loaded[digest]; done {
		return nil
	}
	tag, err := name.NewTag(localRepository + ":" + strings.ToLower(rand.Text()))
	if err != nil {
		return err
	}
	folder, err := f.scratch.Dir("load")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "image.tar")
	if err := save(f.Layout, digest, tag, file); err != nil {
		return fmt.Errorf("read %s from %s: %w", digest, f.Layout, err)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	name := localRepository + ":" + tag.TagStr()
	if err := f.scratch.Image(name); err != nil {
		return err
	}
	f.fetched = append(f.fetched, name)
	// The load is not interrupted: the engine would continue it, and the image would
	// appear after the clean-up.
	_, err = f.run.Output(context.WithoutCancel(ctx), run.Command{For: verifyTarget, Timeout: pullTimeout,
		Args: []string{"docker", "load", "--quiet", "--input", file}})
	if err = plain("load", err); err != nil {
		return err
	}
	f.loaded[digest] = name
	return nil
}

// save writes an image of a layout to a file.
func save(dir, digest string, tag name.Tag, file string) error {
	of, err := v1.NewHash(digest)
	if err != nil {
		return err
	}
	path, err := layout.FromPath(dir)
	if err != nil {
		return err
	}
	image, err := path.Image(of)
	if err != nil {
		return err
	}
	return tarball.WriteToFile(file, tag, image)
}
