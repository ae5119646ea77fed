package plan

import (
	"context"
	"errors"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// tagged is a release tag and its version.
type tagged struct {
	git.Tag
	version version.Version
}

// releases parses the release tags among tags and ignores all others. Old two-part
// tags, such as v0.1, count although none is made any more.
func releases(tags []git.Tag) []tagged {
	var list []tagged
	for _, tag := range tags {
		if v, err := version.ParseLegacyTag(tag.Name); err == nil {
			list = append(list, tagged{tag, v})
		}
	}
	return list
}

// highest returns the release with the highest version among those that count accepts,
// or nil.
func highest(list []tagged, counts func(tagged) bool) *tagged {
	var best *tagged
	for i := range list {
		if counts(list[i]) && (best == nil || list[i].version.Compare(best.version) > 0) {
			best = &list[i]
		}
	}
	return best
}

// before returns the release before a commit: the highest version in its history,
// excluding the commit itself.
func before(ancestors []tagged, commit string, prereleases bool) *tagged {
	return highest(ancestors, func(t tagged) bool { return t.Commit != commit && (prereleases || t.version.Stable()) })
}

// name returns a release's tag, or "".
func (t *tagged) name() string {
	if t == nil {
		return ""
	}
	return t.Name
}

// Previous returns the tag of the release before a revision: the highest stable version
// in its history, excluding the revision itself. For a prerelease, prereleases count
// too. It returns "" when there is none, and an error when a shallow clone cut off the
// history.
func Previous(ctx context.Context, repo git.Repo, revision string) (string, error) {
	if err := Whole(ctx, repo); err != nil {
		return "", err
	}
	commit, err := repo.Resolve(ctx, revision)
	if err != nil {
		return "", err
	}
	tags, err := repo.Tags(ctx, commit)
	if err != nil {
		return "", err
	}
	ancestors := releases(tags)
	itself, err := version.ParseTag(revision)
	if here := atHead(ancestors, commit); err != nil && here != nil {
		itself, err = here.version, nil
	}
	return before(ancestors, commit, err == nil && !itself.Stable()).name(), nil
}

// Whole returns an error in a shallow clone: it lacks older tags and commits, so the plan would be wrong.
func Whole(ctx context.Context, repo git.Repo) error {
	shallow, err := repo.History().Shallow(ctx)
	if err == nil && shallow {
		return errors.New("the clone is shallow, so the last release and the changes since cannot be found: " +
			"git fetch --unshallow --tags (in GitHub Actions, fetch-depth: 0 for actions/checkout)")
	}
	return err
}

// Highest returns the highest version in these places. Text that is not a version counts only if there is nothing
// else.
func Highest(places []app.VersionPlace) string {
	best, text := version.Version{}, ""
	for _, place := range places {
		v, err := version.ParseTag("v" + place.Version)
		switch {
		case err != nil && text == "":
			text = place.Version
		case err == nil && (best == version.Version{} || v.Compare(best) > 0):
			best, text = v, place.Version
		}
	}
	return text
}
