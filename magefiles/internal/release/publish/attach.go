package publish

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// uploader looks at a release, adds files to it, and removes them.
type uploader interface {
	Release(ctx context.Context, id int64) (github.Release, error)
	Upload(ctx context.Context, release github.Release, name, mediaType string, content io.ReadSeeker, size int64) (
		github.Asset, error)
	DeleteAsset(ctx context.Context, id int64) error
}

// attach is the effect that a file is with the release, whole. One that is there
// with other bytes, or only half, is replaced in a draft. What others attached
// stays.
type attach struct {
	shared *publishing
	forge  uploader
	file   artifact.File

	other *github.Asset // what has the name now
}

// Title implements Effect.
func (a *attach) Title() string { return "attach " + a.file.Name }

// Done implements step.Work.
func (a *attach) Done(ctx context.Context) (step.State, error) {
	assets, state, err := a.shared.attached(ctx)
	if err != nil || state.Status != "" {
		return state, err
	}
	if a.other = assetNamed(assets, a.file.Name); a.other == nil {
		if a.shared.draft.Immutable {
			return step.State{}, errors.New(
				"the release went out without it, by hand, and is immutable; release the next version",
			)
		}
		return toDo("it is not with the release"), nil
	}
	if whole, err := a.shared.tools.files.same(ctx, *a.other, a.file); whole || err != nil {
		return isDone(""), err
	}
	if err := a.shared.lookAgain(ctx, a.forge); err != nil {
		return step.State{}, err
	}
	if !a.shared.draft.Draft && a.other.State == uploaded {
		return step.State{}, errors.New(
			"it is public already with different content, and is not replaced; release the next version",
		)
	}
	return toDo("what is with the release is another file"), nil
}

// Do implements step.Work.
func (a *attach) Do(ctx context.Context) error {
	a.shared.assets.forget()
	if err := removeAsset(ctx, a.forge, a.other); err != nil {
		return err
	}
	content, err := openFile(a.shared.built.Dir, a.file)
	if err != nil {
		return err
	}
	defer content.Close()
	_, err = a.forge.Upload(ctx, a.shared.draft, a.file.Name, mediaType(a.file.Name), content, a.file.Size)
	return err
}

// removeAsset removes what has the name of a file that is to be attached, if there is anything.
func removeAsset(ctx context.Context, forge uploader, other *github.Asset) error {
	if other == nil {
		return nil
	}
	return forge.DeleteAsset(ctx, other.ID)
}

// errOther says that a file was built otherwise than the one that is out.
var errOther = errors.New(
	"it is gone from the release, and what was built here is another file: " +
		"restore it by hand, or release the next version",
)

// openFile opens a file of the build, if it is the one of the state.
func openFile(dir string, file artifact.File) (io.ReadSeekCloser, error) {
	built, err := artifact.Measure(dir, file.Name)
	if err == nil && built.SHA256 != file.SHA256 {
		err = errOther
	}
	if err != nil {
		return nil, err
	}
	return os.Open(artifact.Path(dir, file.Name))
}
