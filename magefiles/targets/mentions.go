package targets

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/work"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/mention"
)

// released returns the versions that have a tag, nil without git.
func released(ctx context.Context, repo git.Repo) []string {
	tags, err := repo.Tags(ctx, "")
	if err != nil {
		return nil
	}
	versions := make([]string, len(tags))
	for i, tag := range tags {
		versions[i] = strings.TrimPrefix(tag.Name, "v")
	}
	return versions
}

// imageMentions checks that files of the release that name one of its images name tags that are
// published.
func imageMentions(
	ctx context.Context, config app.Config, repo git.Repo, release func() (*work.Release, error),
) publish.Check {
	check := publish.Check{Name: "tags of the image in files"}
	if config.Build.Image.Absent != "" {
		return check
	}
	r, err := release()
	if err != nil {
		return publish.Check{Name: check.Name, Problem: err}
	}
	versions := released(ctx, repo)
	versions = slices.DeleteFunc(versions, func(each string) bool { return each == r.Plan.Version })
	tags := app.NewTags(config, append(versions, r.Plan.Version))
	var problems []error
	for _, each := range app.Images(config) {
		finder := mention.New(each.Image.Name)
		lines, err := r.Trees.Search(ctx, r.Tree, finder.Text())
		if err != nil {
			return publish.Check{Name: check.Name, Problem: err}
		}
		for _, line := range lines {
			for _, found := range finder.In(line.Text) {
				found.File, found.Line = line.Path, line.Line
				if reason := tags.Problem(found); reason != "" {
					problems = append(problems, errors.New(reason+"; "+tags.Advice(found)))
				}
			}
		}
	}
	check.Problem = errors.Join(problems...)
	return check
}
