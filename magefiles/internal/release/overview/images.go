package overview

import (
	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/report/page"
)

// furtherImages returns the images of the release besides the app's own, as they are in dist or as recorded when
// they were published.
func (s Source) furtherImages() []page.Image {
	record, err := publish.ParseState(s.dist().read(publish.StateFile))
	if err != nil || record.Tag != s.Plan.Tag || record.Commit != s.Plan.Commit {
		record = publish.State{}
	}
	var list []page.Image
	for _, each := range app.FurtherImages(s.App.Config) {
		shown := page.Image{Name: each.Image.Name}
		var platforms []image.Platform
		built, err := image.Inspect(s.dist().file(build.LayoutOf(each.Key)))
		if err == nil && built.Version == s.Plan.Version && built.Revision == s.Plan.Commit {
			shown.Digest, platforms = built.Digest, built.Platforms
		}
		for _, recorded := range record.Images {
			if recorded.Name == each.Image.Name {
				shown.Digest, platforms = recorded.Digest, recorded.Platforms
			}
		}
		for _, platform := range platforms {
			shown.Platforms = append(shown.Platforms, page.Platform{
				Name: platform.Name, Digest: platform.Digest, Size: platform.Size,
				Health: s.dist().health(each.Key, platform),
			})
		}
		if shown.Digest != "" {
			list = append(list, shown)
		}
	}
	return list
}
