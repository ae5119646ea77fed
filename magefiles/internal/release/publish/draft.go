package publish

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// ours returns the release of a tag: the published one, else the first draft. GitHub lets
// drafts share a tag.
func ours(releases []github.Release, tag string) *github.Release {
	var found *github.Release
	for i, release := range releases {
		if release.Tag != tag {
			continue
		}
		if found == nil || !release.Draft || found.Draft && release.ID < found.ID {
			found = &releases[i]
		}
	}
	return found
}

// withID returns the release with an id; nil when it is not among these.
func withID(releases []github.Release, id int64) *github.Release {
	at := slices.IndexFunc(releases, func(r github.Release) bool { return r.ID == id })
	if at < 0 {
		return nil
	}
	return &releases[at]
}

// titleOf returns the title of a release.
func titleOf(r Release) string {
	return strings.NewReplacer("{version}", r.Plan.Version, "{tag}", r.Plan.Tag, "{app}", r.Config.Announce.Name).
		Replace(cmp.Or(r.Config.Publish.Title, r.Plan.Tag))
}

// drafter lists releases, and makes and deletes drafts.
type drafter interface {
	Releases(ctx context.Context) ([]github.Release, error)
	CreateDraft(ctx context.Context, r github.Release) (github.Release, error)
	DeleteRelease(ctx context.Context, id int64) error
}

// createDraft is the effect that there is one release of the tag, as a draft
// unless it is out already.
type createDraft struct {
	shared *publishing
	forge  drafter

	made       bool // GitHub gave the draft as the answer; its list may lag behind
	duplicates duplicates
}

// Title implements Effect.
func (d *createDraft) Title() string { return "draft the release " + d.shared.release.Plan.Tag }

// Done implements step.Work.
func (d *createDraft) Done(ctx context.Context) (step.State, error) {
	if state, err := d.shared.over(ctx); err != nil || state.Status != "" {
		return state, err
	}
	if d.made {
		return isDone(""), nil
	}
	releases, err := d.forge.Releases(ctx)
	if err != nil {
		return step.State{}, err
	}
	found := ours(releases, d.shared.release.Plan.Tag)
	if found == nil {
		return toDo("there is none"), nil
	}
	d.shared.draft = *found
	d.duplicates.title = titleOf(d.shared.release)
	n, err := d.duplicates.find(ctx, d.shared.tools.files.forge, releases, *found)
	return doneIf(n == 0, "there is another draft of it"), err
}

// Do implements step.Work.
func (d *createDraft) Do(ctx context.Context) (err error) {
	if d.duplicates.some() {
		return d.duplicates.remove(ctx, d.forge)
	}
	p := d.shared.release.Plan
	wanted := github.Release{
		Tag:        p.Tag,
		Name:       titleOf(d.shared.release),
		Body:       d.shared.body(),
		Prerelease: p.Prerelease,
	}
	d.shared.draft, err = d.forge.CreateDraft(ctx, wanted)
	d.made = err == nil
	return nextVersion(err)
}

// nextVersion adds the way out to an error that says that the tag can't be used any more.
func nextVersion(err error) error {
	if errors.Is(err, github.ErrBurned) {
		return fmt.Errorf("%w; release the next version", err)
	}
	return err
}

// duplicates are second drafts of a release.
type duplicates struct {
	title string // of the release, besides its tag
	left  []github.Release
	gone  []int64 // that were deleted; GitHub's list may lag behind
}

func (t *duplicates) some() bool { return len(t.left) > 0 }

// find finds what a creation left that was taken for lost, or that another run
// made at the same time: drafts of the tag in which nothing is from a person, and
// no file but these. It gives how many there are.
func (t *duplicates) find(
	ctx context.Context,
	forge assetReader,
	releases []github.Release,
	kept github.Release,
	files ...string,
) (int, error) {
	t.left = nil
	for _, release := range releases {
		if release.Tag != kept.Tag || release.ID == kept.ID || !release.Draft ||
			release.Name != kept.Tag &&
				release.Name != t.title || !untouched(release.Body) || slices.Contains(t.gone, release.ID) {
			continue
		}
		assets, err := forge.Assets(ctx, release.ID)
		if err != nil {
			return 0, err
		}
		if !slices.ContainsFunc(assets, func(a github.Asset) bool { return !slices.Contains(files, a.Name) }) {
			t.left = append(t.left, release)
		}
	}
	return len(t.left), nil
}

func (t *duplicates) remove(ctx context.Context, forge drafter) error {
	for _, release := range t.left {
		if err := forge.DeleteRelease(ctx, release.ID); err != nil {
			return fmt.Errorf("delete a second draft of %s: %w", release.Tag, err)
		}
		t.gone = append(t.gone, release.ID)
	}
	return nil
}
