package overview

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
)

// PreviousDir is the folder in dist with the files of the previous release, as it was published.
const PreviousDir = "previous"

// last returns the content of the release before that of the plan: as it was published, or else as an earlier build
// on this machine left it. It is empty if neither is known.
func (s Source) last() *content {
	kept := s.builds().kept(s.Plan.Baseline)
	record, err := publish.ParseState(s.dist().read(PreviousDir + "/" + publish.StateFile))
	if err != nil || record.Tag != s.Plan.Baseline && record.Tag != s.Plan.Previous {
		return kept
	}
	released := &content{Tag: record.Tag, Files: record.Files, source: "as it was released"}
	if record.Image != nil {
		released.Digest = record.Image.Digest
		for _, each := range record.Image.Platforms {
			released.Images = append(released.Images, platform{Platform: each})
		}
	}
	if kept.Digest != "" && kept.Digest == released.Digest { // its layers are known, too
		released.Images = kept.Images
	}
	released.packages = packagesIn(s.dist().read(PreviousDir + "/" + build.SBOMFile))
	return released
}

// builds is the folder in the user's cache with the content of an app's builds, by tag.
type builds string

func (s Source) builds() builds {
	name, image := s.Plan.Repository, s.App.Config.Build.Image
	if image.Absent == "" { // otherwise the name is a default, which may be that of another app
		name = image.Name
	}
	return builds(s.Cache.Path("built", cache.Key(cmp.Or(name, s.App.Root))))
}

// Names of the files that are stored for a build.
const (
	keptContent = "content.json"
	keptSBOM    = "sbom.spdx.json"
)

// keptBuilds is how many builds of an app are stored.
const keptBuilds = 5

// kept returns the stored content of a tag's build on this machine, or an empty one.
func (b builds) kept(tag string) *content {
	found := &content{}
	if tag == "" || strings.ContainsAny(tag, `/\`) {
		return found
	}
	text, err := os.ReadFile(filepath.Join(string(b), tag, keptContent))
	if err != nil || json.Unmarshal(text, found) != nil {
		return &content{}
	}
	found.source = "as it was built on this machine"
	if document, err := os.ReadFile(filepath.Join(string(b), tag, keptSBOM)); err == nil {
		found.packages = packagesIn(document)
	}
	return found
}

// Keep stores the content of dist, to be compared with a later release. Errors are ignored: there is then no
// comparison.
func (s Source) Keep() {
	if now := s.built(); now != nil {
		s.builds().keep(now, s.dist().read(build.SBOMFile))
	}
}

func (b builds) keep(now *content, document []byte) {
	dir := filepath.Join(string(b), now.Tag)
	text, err := json.Marshal(now)
	if err != nil || os.MkdirAll(dir, 0o755) != nil {
		return
	}
	_ = os.WriteFile(filepath.Join(dir, keptContent), text, 0o644)
	if document != nil {
		_ = os.WriteFile(filepath.Join(dir, keptSBOM), document, 0o644)
	}
	b.prune()
}

// prune removes the oldest stored builds.
func (b builds) prune() {
	entries, err := os.ReadDir(string(b))
	if err != nil || len(entries) <= keptBuilds {
		return
	}
	slices.SortFunc(entries, func(a, b os.DirEntry) int {
		one, errOne := a.Info()
		other, errOther := b.Info()
		if errOne != nil || errOther != nil {
			return 0
		}
		return other.ModTime().Compare(one.ModTime())
	})
	for _, entry := range entries[keptBuilds:] {
		_ = os.RemoveAll(filepath.Join(string(b), entry.Name()))
	}
}
