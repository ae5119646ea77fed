package publish

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// carriersBranch is the branch of the pull request that brings the version to
// a default branch that can't be pushed to.
func (r Release) carriersBranch() string { return "odin-release/" + r.Plan.Tag }

// carriers writes the version into the files that carry it on the default
// branch. They have it when the tag was made there by the target tag. A branch
// that is ahead of the release stays as it is.
func (r Release) carriers(ctx context.Context) (string, error) {
	if r.Plan.Prerelease || len(r.Plan.VersionFiles) == 0 {
		return stateNone, nil
	}
	branch, err := r.GitHub.DefaultBranch(ctx)
	if err != nil {
		return "", err
	}
	for range attempts {
		state, err := r.push(ctx, branch)
		if !errors.Is(err, github.ErrMoved) {
			return state, err
		}
	}
	return "", fmt.Errorf("%s kept moving; run this again", branch)
}

// push commits the version on top of a branch.
func (r Release) push(ctx context.Context, branch string) (string, error) {
	head, err := r.GitHub.Branch(ctx, branch)
	if err != nil {
		return "", err
	}
	written, err := r.written(ctx, head)
	if err != nil || len(written) == 0 {
		return stateDone, err
	}
	open, err := r.GitHub.PullRequest(ctx, r.carriersBranch(), branch)
	if err != nil {
		return "", err
	}
	if open != nil {
		return fmt.Sprintf("pull request #%d", open.Number), nil
	}
	message := "chore(release): " + r.Plan.Version
	commit, err := r.GitHub.Commit(ctx, head, message, written)
	if err != nil {
		return "", err
	}
	err = r.GitHub.Advance(ctx, branch, commit)
	if !errors.Is(err, github.ErrProtected) {
		return stateDone, err
	}
	return r.ask(ctx, branch, commit, message)
}

// ask opens a pull request for the commit.
func (r Release) ask(ctx context.Context, branch, commit, message string) (string, error) {
	var opened *github.PullRequest
	err := r.settle(ctx, step{
		name: "propose the version to " + branch,
		look: func(ctx context.Context) (bool, error) {
			var err error
			opened, err = r.GitHub.PullRequest(ctx, r.carriersBranch(), branch)
			return opened != nil, err
		},
		do: func(ctx context.Context) error {
			there, err := r.GitHub.Branch(ctx, r.carriersBranch())
			if err != nil {
				return err
			}
			if there == "" {
				if err := r.GitHub.CreateBranch(ctx, r.carriersBranch(), commit); err != nil {
					return err
				}
			}
			_, err = r.GitHub.OpenPullRequest(
				ctx,
				r.carriersBranch(),
				branch,
				message,
				fmt.Sprintf(
					"%s is released. %s can't be pushed to, so this brings its version to the files that carry it.",
					r.Plan.Tag,
					branch,
				),
			)
			return err
		},
	})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("pull request #%d", opened.Number), nil
}

// written are the carriers of a commit with the version in them: those that
// carry another, unless one of them carries a higher version.
func (r Release) written(ctx context.Context, commit string) (map[string][]byte, error) {
	own, err := version.ParseTag(r.Plan.Tag)
	if err != nil {
		return nil, err
	}
	files, changed := map[string][]byte{}, map[string][]byte{}
	var missing error
	for _, carrier := range r.Config.VersionFiles {
		content, err := r.content(ctx, files, carrier, commit)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			missing = errors.Join(missing, err)
			continue
		case err != nil:
			return nil, err
		case content == nil:
			continue
		}
		files[carrier.Path] = content
		// A branch that is ahead stays as it is, whatever it is like by now.
		if ahead, err := higher(carrier, content, own); err == nil && ahead != "" {
			r.Say("%s has %s on the default branch, which is higher: it stays", carrier.Path, ahead)
			return nil, nil
		}
	}
	if missing != nil {
		return nil, missing
	}
	for _, carrier := range r.Config.VersionFiles {
		before := files[carrier.Path]
		if before == nil {
			continue
		}
		after, err := carrier.Write(before, own.String())
		if err != nil {
			return nil, err
		}
		files[carrier.Path] = after // two carriers may be in one file
		if !bytes.Equal(before, after) {
			changed[carrier.Path] = after
		}
	}
	return changed, nil
}

// content is a carrier's file, from files if it is there; nil for an optional one that
// is not there.
func (r Release) content(
	ctx context.Context,
	files map[string][]byte,
	carrier app.VersionFile,
	commit string,
) ([]byte, error) {
	if known, ok := files[carrier.Path]; ok {
		return known, nil
	}
	content, err := r.GitHub.File(ctx, carrier.Path, commit)
	if errors.Is(err, fs.ErrNotExist) && carrier.Optional {
		return nil, nil
	}
	return content, err
}

// higher is the version of a place in a carrier that is above another; "" when
// none is.
func higher(carrier app.VersionFile, content []byte, than version.Version) (string, error) {
	places, err := carrier.Read(content)
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
