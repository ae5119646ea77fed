package simulation

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/tinyapp"
)

var platforms = []string{"linux/amd64", "linux/arm64"}

// before is the version that another tool released.
const before = "1.7.2"

// versions are those that a seed chooses from: the next ones of the newest line
// and of an old one, with prereleases.
var versions = []string{"1.6.9", "1.7.3", "1.7.4", "1.8.0-rc.1", "1.8.0", "1.8.1", "2.0.0-beta.1", "2.0.0"}

// editions is how many builds there are of each version: a build on another
// machine may come out otherwise.
const editions = 2

// shop holds what was built, once for all seeds: nothing changes it.
type shop struct {
	dir     string
	config  app.Config
	built   map[string][editions]publish.Artifacts // by version
	version map[string]string                      // of an image, by its digest
	key     *signature.Key
}

var (
	workshop     *shop
	workshopOnce sync.Once
)

// builds fills the workshop.
func builds(t testing.TB) {
	t.Helper()
	workshopOnce.Do(func() {
		dir, err := os.MkdirTemp("", "odin-simulation-")
		mustNot(t, err)
		found, err := app.Default(dir)
		mustNot(t, err)
		w := &shop{dir, found.Config, map[string][editions]publish.Artifacts{}, map[string]string{}, nil}
		w.key, err = signature.Generate()
		mustNot(t, err)
		w.config.VersionFiles = []app.VersionFile{{Path: "VERSION"}}
		w.config.Publish.Tags = []string{"latest", "X.Y"}
		for _, version := range append([]string{before}, versions...) {
			var both [editions]publish.Artifacts
			for i := range both {
				both[i] = builtAs(t, filepath.Join(dir, version, fmt.Sprint(i)), version, i)
				w.version[both[i].Image.Digest] = version
			}
			w.built[version] = both
		}
		workshop = w
	})
}

func builtAs(t testing.TB, dir, version string, edition int) publish.Artifacts {
	t.Helper()
	mustNot(t, os.MkdirAll(dir, 0o755))
	var images []v1.Image
	for _, platform := range platforms {
		layer := static.NewLayer(
			fmt.Appendf(nil, "the app %s for %s, edition %d", version, platform, edition),
			types.OCIUncompressedLayer,
		)
		images = append(images, tinyapp.Image(t, platform, layer))
	}
	layout := filepath.Join(dir, "image.oci")
	tinyapp.WriteLayout(t, layout, version, strings.Repeat("ab", 20), images...)
	summary, err := image.Inspect(layout)
	mustNot(t, err)
	built := publish.Artifacts{Dir: dir, Image: summary}
	for name, content := range map[string]string{
		"checksums.txt": "none\n",
		"openapi.json":  fmt.Sprintf(`{"version":%q,"edition":%d}`, version, edition),
	} {
		mustNot(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644))
		file, err := artifact.Measure(dir, name)
		mustNot(t, err)
		built.Files = append(built.Files, file)
	}
	slices.SortFunc(built.Files, func(a, b artifact.File) int { return strings.Compare(a.Name, b.Name) })
	return built
}

// planOf returns the plan of a version whose tag is on a commit.
func planOf(version, commit string, docs bool) plan.Plan {
	p := plan.Plan{
		Version:    version,
		Tag:        "v" + version,
		Tagged:     true,
		Commit:     commit,
		Repository: "https://github.com/" + repository,
		Prerelease: strings.Contains(
			version,
			"-",
		),
		VersionFiles: []app.VersionPlace{{Path: "VERSION", Line: 1, Version: before}},
		People:       []string{"Ada Lovelace"},
		Changes: []changelog.PlainSection{
			{Title: "Features", Entries: []string{"api: everything about " + version}},
		},
	}
	if docs {
		p.Evidence.Docs = []string{"docs/index.md"}
	}
	return p
}
