package publish

import (
	"bytes"
	"context"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/rank"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// Previous is what is stored with the release that users have, as Before chooses it.
type Previous struct {
	State State
	File  []byte // the content of the file that was asked for; nil when it is not there
}

// Previous returns the state of the release that users have and one of its files, for a
// comparison; nil when there is no such release, or it was not made by us. It changes
// nothing.
func (r Release) Previous(ctx context.Context, file string) (*Previous, error) {
	t := toolsOf(r)
	own, err := version.ParseTag(r.Plan.Tag)
	if err != nil {
		return nil, err
	}
	releases, err := r.GitHub.Releases.Releases(ctx)
	if err != nil {
		return nil, err
	}
	found, err := t.ranking.find(ctx, releases, rank.Rule{Out: true, Below: &own}, nil)
	if err != nil || found == nil || found.state.Tag == "" {
		return nil, err
	}
	previous := &Previous{State: found.state}
	assets, err := r.GitHub.Releases.Assets(ctx, found.release.ID)
	if err != nil {
		return previous, err
	}
	if at := assetNamed(assets, file); at != nil && at.State == uploaded && at.Size <= maxCompared {
		var content bytes.Buffer
		if err := r.GitHub.Releases.Download(ctx, at.ID, &content); err != nil {
			return previous, err
		}
		previous.File = content.Bytes()
	}
	return previous, nil
}

// maxCompared is the largest file that is downloaded for a comparison, in bytes.
const maxCompared = 16 << 20
