package doctor

import (
	"bytes"
	"os"
	"slices"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/mention"
)

// longestText is the size, in bytes, from which a file is not considered text for people.
const longestText = 1 << 20

// mentions checks that files which name an image of the app use tags that get published.
func mentions(e *examination) {
	config := e.App.Config
	if config.Build.Image.Absent != "" {
		return
	}
	tags := app.NewTags(config, e.versions())
	var finders []mention.Finder
	for _, each := range app.Images(config) {
		finders = append(finders, mention.New(each.Image.Name))
	}
	for _, file := range e.Files {
		text := e.text(file)
		for _, finder := range finders {
			for _, found := range finder.Of(file, text) {
				if reason := tags.Problem(found); reason != "" {
					e.add("publish.versionTag", tags.Advice(found), "%s", reason)
				}
			}
		}
	}
}

// versions returns the released versions, and that of the tree. Whether the version files agree is checked
// elsewhere.
func (t Tree) versions() []string {
	versions := slices.Clone(t.Released)
	places, err := t.App.VersionPlaces(t.App.Root)
	if err != nil {
		return versions
	}
	for _, place := range places {
		versions = slices.DeleteFunc(versions, func(version string) bool { return version == place.Version })
		versions = append(versions, place.Version)
	}
	return versions
}

// text returns the content of a text file, nil for any other.
func (t Tree) text(file string) []byte {
	info, err := os.Lstat(t.App.Path(file))
	if err != nil || !info.Mode().IsRegular() || info.Size() > longestText {
		return nil
	}
	content := t.read(file)
	if bytes.IndexByte(content, 0) >= 0 {
		return nil
	}
	return content
}
