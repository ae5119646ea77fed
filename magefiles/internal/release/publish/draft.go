package publish

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
)

// ours is the release of a tag: the published one, else the first draft that has
// a record, else the first draft. GitHub lets drafts share a tag.
func ours(releases []github.Release, tag string) *github.Release {
	var found *github.Release
	for i, release := range releases {
		if release.Tag != tag {
			continue
		}
		if found == nil || !release.Draft || found.Draft && precedes(release, *found) {
			found = &releases[i]
		}
	}
	return found
}

// precedes tells which of two drafts of a tag is the one to go on with: of two
// runs at once, both must find the same.
func precedes(a, b github.Release) bool {
	if recorded(a) != recorded(b) {
		return recorded(a)
	}
	return a.ID < b.ID
}

// recorded tells whether a record is stored with a release.
func recorded(release github.Release) bool {
	return slices.ContainsFunc(release.Files, func(name string) bool { return name == StateFile || isComing(name) })
}

// draft makes sure that there is one release of the tag, as a draft unless it
// is out already.
func (r Release) draft(ctx context.Context, record State) (github.Release, error) {
	wanted := github.Release{Tag: r.Plan.Tag, Name: r.Plan.Tag, Body: r.body(record), Prerelease: r.Plan.Prerelease}
	var release github.Release
	err := r.settle(ctx, step{
		name: "draft the release " + r.Plan.Tag,
		look: func(ctx context.Context) (bool, error) {
			if release.ID != 0 {
				return true, nil // GitHub gave it as the answer; its list may lag behind
			}
			releases, err := r.GitHub.Releases(ctx)
			if err != nil {
				return false, err
			}
			found := ours(releases, r.Plan.Tag)
			if found == nil {
				return false, nil
			}
			release = *found
			return true, r.deleteTwins(ctx, releases, release)
		},
		do: func(ctx context.Context) (err error) { release, err = r.GitHub.CreateDraft(ctx, wanted); return err },
	})
	return release, err
}

// deleteTwins deletes what a creation left that was taken for lost, or that
// another run made at the same time: drafts of the tag in which nothing is from
// a person, and no file but these.
func (r Release) deleteTwins(
	ctx context.Context,
	releases []github.Release,
	kept github.Release,
	files ...string,
) error {
	for _, release := range releases {
		if release.Tag != kept.Tag || release.ID == kept.ID || !release.Draft || release.Name != kept.Tag ||
			!untouched(release.Body) {
			continue
		}
		assets, err := r.GitHub.Assets(ctx, release.ID)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(assets, func(a github.Asset) bool { return !slices.Contains(files, a.Name) }) {
			continue
		}
		if err := r.GitHub.DeleteRelease(ctx, release.ID); err != nil {
			return fmt.Errorf("delete a second draft of %s: %w", kept.Tag, err)
		}
	}
	return nil
}

// What stands between these in a release's notes was written by us.
const (
	notesBegin = "<!-- odin-release: notes -->\n"
	notesEnd   = "<!-- odin-release: end of notes -->\n"
)

// untouched tells whether a release's notes are all ours.
func untouched(body string) bool {
	body = strings.ReplaceAll(body, "\r\n", "\n")
	inner, begins := strings.CutPrefix(body, notesBegin)
	_, after, ends := strings.Cut(inner, notesEnd)
	return begins && ends && after == ""
}

// refresh gives a draft the notes of this build, in the place of those of an
// earlier one. What else stands there is kept.
func (r Release) refresh(ctx context.Context, release, wanted github.Release) (github.Release, error) {
	if !release.Draft || release.Body == wanted.Body {
		return release, nil
	}
	// GitHub may give line ends back as browsers send them.
	before, rest, _ := strings.Cut(strings.ReplaceAll(release.Body, "\r\n", "\n"), notesBegin)
	_, after, ours := strings.Cut(rest, notesEnd)
	if release.Body != "" && !ours {
		r.Say("the draft of %s has notes of its own: they are kept", release.Tag)
		return release, nil
	}
	body := before + wanted.Body + after
	if body == release.Body {
		return release, nil
	}
	release.Body = body
	return release, r.edit(ctx, release, "write the notes of "+release.Tag, github.Edit{Body: &body},
		func(now github.Release) bool { return now.Body == body })
}

// edit changes a release until it is as wanted.
func (r Release) edit(
	ctx context.Context,
	release github.Release,
	name string,
	change github.Edit,
	wanted func(github.Release) bool,
) error {
	return r.settle(ctx, step{
		name: name,
		look: func(ctx context.Context) (bool, error) {
			now, err := r.GitHub.Release(ctx, release.ID)
			return err == nil && wanted(now), err
		},
		do: func(ctx context.Context) error { _, err := r.GitHub.Edit(ctx, release.ID, change); return err },
	})
}

// longestBody is the most that GitHub takes as a release's notes, in
// characters; a byte is one at most.
const longestBody = 125000

// body is the notes of the release with its image. What is too long ends with
// where the rest is.
func (r Release) body(record State) string {
	var image string
	if record.Image != nil {
		image = fmt.Sprintf(
			"\n## Image\n\n```sh\ndocker pull %s:%s\n```\n\n`%s`\n",
			record.Image.Name,
			record.Version,
			record.Image.Digest,
		)
	}
	notes := r.Notes
	if cut := longestBody - len(image) - 200; len(notes) > cut {
		notes = notes[:bytes.LastIndexByte(notes[:cut], '\n')+1]
		notes = fmt.Appendf(
			slices.Clone(notes),
			"\n… and more: these notes are longer than GitHub takes. All of it: `changelog -to=%s`\n",
			r.Plan.Tag,
		)
	}
	return notesBegin + string(notes) + image + notesEnd
}
