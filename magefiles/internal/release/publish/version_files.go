package publish

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// committer reads the default branch, and commits on top of it.
type committer interface {
	DefaultBranch(ctx context.Context) (string, error)
	Branch(ctx context.Context, name string) (sha string, err error)
	File(ctx context.Context, path, ref string) ([]byte, error)
	Commit(ctx context.Context, parent, message string, files map[string][]byte) (sha string, err error)
	Advance(ctx context.Context, branch, sha string) error
	proposer
}

// writeVersion is the effect that the files that contain the version have it on
// the default branch. They have it when the tag was made there by the target tag.
// A branch that is ahead of the release stays as it is.
type writeVersion struct {
	shared *notifying
	forge  committer
}

// Title implements Effect.
func (w *writeVersion) Title() string { return "write the version on the default branch" }

// Done implements step.Work.
func (w *writeVersion) Done(ctx context.Context) (step.State, error) {
	ended := &w.shared.state.VersionFiles
	if state, err := w.shared.out(ctx, ended); err != nil || state.Status != "" {
		return state, err
	}
	if p := w.shared.release.Plan; p.Prerelease || len(p.VersionFiles) == 0 {
		*ended = stateNone
		return step.State{Status: step.Absent, Why: stateNone}, nil
	}
	return toDo("it is not known to be there"), nil
}

// Do implements step.Work.
func (w *writeVersion) Do(ctx context.Context) error {
	state, err := w.write(ctx)
	if err != nil {
		return final(err)
	}
	w.shared.state.VersionFiles = state
	return nil
}

func (w *writeVersion) write(ctx context.Context) (string, error) {
	branch, err := w.forge.DefaultBranch(ctx)
	if err != nil {
		return "", err
	}
	for range step.Attempts {
		state, err := w.push(ctx, branch)
		if !errors.Is(err, github.ErrMoved) {
			return state, err
		}
	}
	return "", fmt.Errorf("%s kept moving; run this again", branch)
}

// push commits the version on top of a branch.
func (w *writeVersion) push(ctx context.Context, branch string) (string, error) {
	head, err := w.forge.Branch(ctx, branch)
	if err != nil {
		return "", err
	}
	written, err := w.written(ctx, head)
	if err != nil || len(written) == 0 {
		return stateDone, err
	}
	proposal := &propose{forge: w.forge, tag: w.shared.release.Plan.Tag, to: branch}
	if state, err := proposal.Done(ctx); err != nil || state.Is() {
		return proposal.String(), err
	}
	proposal.message = "chore(release): " + w.shared.release.Plan.Version
	if proposal.commit, err = w.forge.Commit(ctx, head, proposal.message, written); err != nil {
		return "", err
	}
	err = w.forge.Advance(ctx, branch, proposal.commit)
	if !errors.Is(err, github.ErrProtected) {
		return stateDone, err
	}
	err = ensure(ctx, w.shared.tools.policy, proposal)
	return proposal.String(), err
}

// written returns the version files of a commit with the version in them: those that
// carry another, unless one of them carries a higher version.
func (w *writeVersion) written(ctx context.Context, commit string) (map[string][]byte, error) {
	own, err := version.ParseTag(w.shared.release.Plan.Tag)
	if err != nil {
		return nil, err
	}
	files, changed := map[string][]byte{}, map[string][]byte{}
	var missing error
	for _, file := range w.shared.release.Config.VersionFiles {
		content, err := w.content(ctx, files, file, commit)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			missing = errors.Join(missing, err)
			continue
		case err != nil:
			return nil, err
		case content == nil:
			continue
		}
		files[file.Path] = content
		// A branch that is ahead stays as it is, whatever it is like by now.
		if ahead, err := higher(file, content, own); err == nil && ahead != "" {
			w.shared.release.Say("%s has %s on the default branch, which is higher: it stays", file.Path, ahead)
			return nil, nil
		}
	}
	if missing != nil {
		return nil, missing
	}
	for _, file := range w.shared.release.Config.VersionFiles {
		before := files[file.Path]
		if before == nil {
			continue
		}
		after, err := file.Write(before, own.String())
		if err != nil {
			return nil, err
		}
		files[file.Path] = after // two version files may be in one file
		if !bytes.Equal(before, after) {
			changed[w.inRepository(file)] = after
		}
	}
	return changed, nil
}

// content returns a version file, from files if it is there; nil for an optional one that
// is not there.
func (w *writeVersion) content(
	ctx context.Context,
	files map[string][]byte,
	file app.VersionFile,
	commit string,
) ([]byte, error) {
	if known, ok := files[file.Path]; ok {
		return known, nil
	}
	content, err := w.forge.File(ctx, w.inRepository(file), commit)
	if errors.Is(err, fs.ErrNotExist) && file.Optional {
		return nil, nil
	}
	return content, err
}

// inRepository returns the path of a version file from the root of the repository.
func (w *writeVersion) inRepository(file app.VersionFile) string {
	return path.Join(w.shared.release.Plan.Folder, file.Path)
}

// higher returns the version of a place in a version file that is above another; "" when
// none is.
func higher(file app.VersionFile, content []byte, than version.Version) (string, error) {
	places, err := file.Read(content)
	if err != nil {
		return "", err
	}
	for _, place := range places {
		if v, err := version.ParseTag("v" + place.Version); err == nil && v.Compare(than) > 0 {
			return place.Version, nil
		}
	}
	return "", nil
}
