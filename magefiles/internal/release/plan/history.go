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

// releases reads the release tags among tags; others are none of its business.
// History has two-part tags as well, v0.1, though none is made any more.
func releases(tags []git.Tag) []tagged {
	var list []tagged
	for _, tag := range tags {
		if v, err := version.ParseLegacyTag(tag.Name); err == nil {
			list = append(list, tagged{tag, v})
		}
	}
	return list
}

// highest is the release with the highest version of those that may count, nil
// if there is none.
func highest(list []tagged, counts func(tagged) bool) *tagged {
	var best *tagged
	for i := range list {
		if counts(list[i]) && (best == nil || list[i].version.Compare(best.version) > 0) {
			best = &list[i]
		}
	}
	return best
}

// before is the release before a commit: the highest version in its history
// that is not the commit itself.
func before(ancestors []tagged, commit string, prereleases bool) *tagged {
	return highest(ancestors, func(t tagged) bool { return t.Commit != commit && (prereleases || t.version.Stable()) })
}

// name is a release's tag, or "".
func (t *tagged) name() string {
	if t == nil {
		return ""
	}
	return t.Name
}

// Previous is the tag of the release before a revision: the highest stable
// version in its history that is not the revision itself; for a prerelease,
// prereleases count too. Without one it is "". History that was cut off by a
// shallow clone is an error.
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

// Whole fails when a shallow clone cut history off: older tags and commits
// cannot be seen then, and what is said of them would be wrong.
func Whole(ctx context.Context, repo git.Repo) error {
	shallow, err := repo.Shallow(ctx)
	if err == nil && shallow {
		return errors.New("the clone is shallow, so the last release and what came since cannot be found: " +
			"git fetch --unshallow --tags (in GitHub Actions, fetch-depth: 0 for actions/checkout)")
	}
	return err
}

// Highest is the highest version of these places; text that is no version
// counts only when there is no other.
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
