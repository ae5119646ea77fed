package publish

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/rank"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// Previous is what is stored with the release that users have.
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

// Earlier is the release that users have before this one, and its image.
type Earlier struct {
	Tag    string   // "" when there is none
	Names  []string // tags of its image that were looked for; the last one is the one that was found
	Digest string   // "" when the registry has the image by none of them

	version string
}

// Version returns the version of the image, as the app states it: 0.9 of v0.9.
func (e Earlier) Version() string { return cmp.Or(e.version, strings.TrimPrefix(e.Tag, "v")) }

// Earlier finds the release from which users upgrade: the highest stable one below this one
// that is out and was not rolled back. The release that is before it in git may never have come
// out. Of one from before this pipeline, GitHub may know nothing at all: the last one in git
// counts, too, if it is higher, GitHub has not even a draft of it, and the registry has its
// image.
func (r Release) Earlier(ctx context.Context) (Earlier, error) {
	own, err := version.ParseTag(r.Plan.Tag)
	if err != nil {
		return Earlier{}, err
	}
	releases, err := r.GitHub.Releases.Releases(ctx)
	if err != nil {
		return Earlier{}, err
	}
	out, err := toolsOf(r).ranking.find(ctx, releases, rank.Rule{Out: true, Below: &own}, nil)
	if err != nil {
		return Earlier{}, err
	}
	baseline, unknown := version.ParseLegacyTag(r.Plan.Baseline)
	if unknown == nil && ours(releases, r.Plan.Baseline) == nil && baseline.Compare(own) < 0 &&
		(out == nil || baseline.Compare(out.version) > 0) {
		found, err := imageOf(ctx, r, candidate{version: baseline, release: github.Release{Tag: r.Plan.Baseline}})
		if err != nil || found.Digest != "" || out == nil {
			return found, err
		}
	}
	if out == nil {
		return Earlier{}, nil
	}
	return imageOf(ctx, r, *out)
}

// imageOf looks for the image of a release: by the tag that is recorded or, without a
// record, by that of publish.versionTag. Other tools give it other tags.
func imageOf(ctx context.Context, r Release, of candidate) (Earlier, error) {
	tag, own := of.release.Tag, of.version.String()
	found := Earlier{Tag: tag}
	if r.Registry == nil {
		return found, nil
	}
	first := r.Config.Publish.Tag(own)
	if of.state.Image != nil {
		first = of.state.ImageTag()
	}
	for _, name := range []string{first, own, tag, strings.TrimPrefix(tag, "v")} {
		if slices.Contains(found.Names, name) {
			continue
		}
		found.Names = append(found.Names, name)
		if found.version = own; name != first {
			found.version = strings.TrimPrefix(name, "v")
		}
		var err error
		if found.Digest, err = r.Registry.Digest(ctx, name); err != nil || found.Digest != "" {
			return found, err
		}
	}
	return found, nil
}
