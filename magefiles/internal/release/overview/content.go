package overview

import (
	"encoding/json"
	"os"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/sbom"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
	"github.com/hughkantsime/odin-release/magefiles/internal/report/page"
)

// ContentFile is the file in dist that describes the content of the image, for a job of a workflow that does not
// have the image.
const ContentFile = "image.json"

// content is what a release consists of.
type content struct {
	Tag    string          `json:"tag"`
	Files  []artifact.File `json:"files"`
	Digest string          `json:"digest"` // of the image, or ""
	Images []platform      `json:"images"`

	packages []sbom.Package // nil if there is no SBOM
	source   string         // where this information comes from
}

// platform is the image for one platform, with its layers if they are known.
type platform struct {
	image.Platform
	Layers []image.Layer `json:"layers,omitempty"`
}

// built returns the content of dist if it matches the plan, or nil if nothing was built.
func (s Source) built() *content {
	now := &content{Tag: s.Plan.Tag}
	var said struct{ Tag, Commit string }
	err := json.Unmarshal(s.dist().read(build.RecordFile), &said)
	if err == nil && said.Tag == s.Plan.Tag && said.Commit == s.Plan.Commit {
		now.Files = s.dist().measured()
	}
	record, err := publish.ParseState(s.dist().read(publish.StateFile))
	if err == nil && record.Tag == s.Plan.Tag && record.Commit == s.Plan.Commit {
		now.Files = record.Files
		if record.Image != nil {
			now.Digest = record.Image.Digest
			for _, each := range record.Image.Platforms {
				now.Images = append(now.Images, platform{Platform: each})
			}
		}
	}
	s.addImage(now)
	if len(now.Files) == 0 && now.Digest == "" {
		return nil
	}
	now.packages = packagesIn(s.dist().read(build.SBOMFile))
	return now
}

// measured returns the files that checksums.txt lists, and checksums.txt itself.
func (d dist) measured() []artifact.File {
	var files []artifact.File
	sums := string(d.read(build.ChecksumsFile))
	for line := range strings.Lines(sums) {
		sum, name, found := strings.Cut(strings.TrimSpace(line), "  ")
		if info, err := os.Stat(d.file(name)); found && err == nil {
			files = append(files, artifact.File{Name: name, Size: info.Size(), SHA256: sum})
		}
	}
	if own, err := artifact.Measure(d.Path(app.DistDir), build.ChecksumsFile); err == nil {
		files = append([]artifact.File{own}, files...)
	}
	return files
}

// addImage adds the image in dist, or its description from an earlier job.
func (s Source) addImage(now *content) {
	found := s.inLayout()
	if found == nil {
		found = &content{}
		if json.Unmarshal(s.dist().read(ContentFile), found) != nil || found.Tag != s.Plan.Tag {
			return
		}
	} else if text, err := json.Marshal(found); err == nil {
		_ = s.App.Save(ContentFile, append(text, '\n')) // for jobs on other machines
	}
	if now.Digest == "" || now.Digest == found.Digest {
		now.Digest, now.Images = found.Digest, found.Images
	}
}

// inLayout describes the image in dist if it matches the plan, or returns nil.
func (s Source) inLayout() *content {
	dir := s.dist().file(build.ImageDir)
	built, err := image.Inspect(dir)
	if err != nil || built.Version != s.Plan.Version || built.Revision != s.Plan.Commit {
		return nil
	}
	layers, err := image.Layers(dir, built)
	if err != nil {
		return nil
	}
	found := &content{Tag: s.Plan.Tag, Digest: built.Digest}
	for _, each := range built.Platforms {
		found.Images = append(found.Images, platform{each, layers[each.Digest]})
	}
	return found
}

func packagesIn(document []byte) []sbom.Package {
	if document == nil {
		return nil
	}
	packages, err := sbom.Read(document)
	if err != nil {
		return nil
	}
	return packages
}

// image compares the image of the release with that of the previous one.
func (s Source) image(now, before *content) *page.Image {
	if now.Digest == "" {
		return nil
	}
	shown := &page.Image{Name: s.App.Config.Build.Image.Name, Digest: now.Digest}
	for _, each := range now.Images {
		drawn := page.Platform{
			Name:   each.Name,
			Digest: each.Digest,
			Size:   each.Size,
			Health: s.dist().health("", each.Platform),
		}
		var known []image.Layer
		if at := slices.IndexFunc(before.Images, func(p platform) bool { return p.Name == each.Name }); at >= 0 {
			drawn.Before, known = before.Images[at].Size, before.Images[at].Layers
		}
		drawn.LayersAreOfIt = known != nil
		for _, layer := range each.Layers {
			same := slices.ContainsFunc(known, func(l image.Layer) bool { return l.Digest == layer.Digest })
			drawn.Layers = append(drawn.Layers, page.Layer{
				Digest: layer.Digest, Command: layer.Command, Size: layer.Size, Same: same,
			})
		}
		shown.Platforms = append(shown.Platforms, drawn)
	}
	return shown
}

// health returns what the verification of an image's platform found, or "" if that is not known.
func (d dist) health(key string, of image.Platform) string {
	var seen verify.Health
	text := d.read("verify/" + app.FileName(strings.TrimSpace(key+" "+of.Name)) + ".json")
	if json.Unmarshal(text, &seen) != nil || seen.Digest != of.Digest {
		return ""
	}
	if seen.Seen != "" {
		return seen.Seen
	}
	shown := seen.Text()
	if back := seen.Back.Text(); back != "" {
		shown += "; way back: " + back
	}
	return shown
}

// packages compares the packages in the SBOM with those of the previous release. It returns nil if there is no
// SBOM.
func packages(now, before *content) *page.Packages {
	if now.packages == nil {
		return nil
	}
	shown := &page.Packages{Count: len(now.packages)}
	if before.packages == nil {
		return shown
	}
	shown.Compared, shown.Before = true, len(before.packages)
	found := sbom.Compare(before.packages, now.packages)
	for _, each := range found.Added {
		shown.Added = append(shown.Added, pageable(each))
	}
	for _, each := range found.Removed {
		shown.Removed = append(shown.Removed, pageable(each))
	}
	for _, each := range found.Changed {
		shown.Changed = append(shown.Changed, page.Change{
			Type: each.Now.Type, Name: each.Now.Name, From: each.Before.Version, To: each.Now.Version,
		})
	}
	return shown
}

func pageable(p sbom.Package) page.Package {
	return page.Package{Type: p.Type, Name: p.Name, Version: p.Version, License: p.License}
}

// filesOf compares the files of the release with those of the previous one.
func filesOf(now, before *content) []page.File {
	var list []page.File
	for _, file := range now.Files {
		shown := page.File{Name: file.Name, SHA256: file.SHA256, Size: file.Size}
		if at := slices.IndexFunc(before.Files, func(f artifact.File) bool { return f.Name == file.Name }); at >= 0 {
			shown.Before = before.Files[at].Size
		}
		list = append(list, shown)
	}
	return list
}
