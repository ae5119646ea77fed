package build

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/work"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
)

// RecordFile is the file in dist that says what was built, and from which tree.
const RecordFile = "build.json"

// record is the content of RecordFile.
type record struct {
	Tag       string `json:"tag"`
	Commit    string `json:"commit"`
	Tree      string `json:"tree"`      // git tree hash
	Dirty     bool   `json:"dirty"`     // whether the checkout had changes that were not committed
	Checksums string `json:"checksums"` // SHA-256 of checksums.txt, which names the files
}

// Finish measures what was built, and writes the checksums and the record of the build to dist.
func Finish(of *app.App, decided plan.Plan) ([]artifact.File, error) {
	names, err := attachedTo(of)
	if err != nil {
		return nil, err
	}
	files, err := artifact.Checksums(of.Path(app.DistDir), names)
	if err != nil {
		return nil, err
	}
	return files, saveRecord(of, decided)
}

func saveRecord(of *app.App, decided plan.Plan) error {
	sums, err := artifact.Measure(of.Path(app.DistDir), ChecksumsFile)
	if err != nil {
		return err
	}
	said, err := json.MarshalIndent(
		record{decided.Tag, decided.Commit, decided.Tree, decided.Dirty, sums.SHA256}, "", "  ")
	if err != nil {
		return err
	}
	return of.Save(RecordFile, append(said, '\n'))
}

// attachedTo returns the names of the files that are attached to the release, in order.
func attachedTo(of *app.App) ([]string, error) {
	more, err := moreAttached(of)
	names := append(Attached(of.Config), more...)
	slices.Sort(names)
	return names, err
}

// Begin removes the record of an earlier build, which does not describe the new one.
func Begin(of *app.App) error {
	for _, name := range []string{ChecksumsFile, RecordFile, ProvenanceFile, ImageProvenanceFile} {
		if err := os.RemoveAll(of.Path(app.DistDir, name)); err != nil {
			return err
		}
	}
	return nil
}

// Built is the output of a build in dist.
type Built struct {
	Files []artifact.File // to be attached to the release, including checksums.txt
	Image image.Summary   // of dist/image.oci; the zero value if the app has no image
	// Images are the further images in dist.
	Images []FurtherImage
}

// FurtherImage is an image that was built in addition to the app's own.
type FurtherImage struct {
	Name   string // of its repository
	Layout string // its folder in dist
	image.Summary
}

// Releasable returns what dist contains, after checking it against its checksums and the plan. It must have been
// built, here or on another machine, from the tree of the plan's commit with the version written into it, and for
// the given purpose.
func Releasable(ctx context.Context, trees work.Trees, decided plan.Plan, purpose image.Purpose) (Built, error) {
	of := trees.App
	files, err := measured(of)
	if err != nil {
		return Built{}, err
	}
	built := Built{Files: files}
	if of.Config.Build.Image.Absent != "" {
		return built, sameTree(ctx, trees, decided)
	}
	images := app.Images(of.Config)
	if built.Image, err = builtImage(of, decided, images[0]); err != nil {
		return Built{}, err
	}
	for _, each := range images[1:] {
		summary, err := builtImage(of, decided, each)
		if err != nil {
			return Built{}, err
		}
		built.Images = append(built.Images, FurtherImage{each.Image.Name, LayoutOf(each.Key), summary})
	}
	more, err := attestedImage(of, built.Image.Digest)
	if err != nil {
		return Built{}, err
	}
	built.Files = append(built.Files, more...)
	slices.SortFunc(built.Files, func(a, b artifact.File) int { return strings.Compare(a.Name, b.Name) })
	if err := purpose.Check(ImageDir, built.Image.NotForRelease); err != nil {
		return Built{}, err
	}
	from := []origin{{ImageDir, built.Image.Tree}}
	for _, each := range built.Images {
		if err := purpose.Check(each.Layout, each.NotForRelease); err != nil {
			return Built{}, err
		}
		from = append(from, origin{each.Layout, each.Tree})
	}
	return built, sameTree(ctx, trees, decided, from...)
}

// measured returns the attached files in dist, as listed in checksums.txt, and their attestation.
func measured(of *app.App) ([]artifact.File, error) {
	dist := of.Path(app.DistDir)
	sums, err := os.ReadFile(of.Path(app.DistDir, ChecksumsFile))
	if err != nil {
		return nil, fmt.Errorf("nothing is built yet: run build (%w)", err)
	}
	names, err := attachedTo(of)
	if err != nil {
		return nil, err
	}
	names = append(names, ChecksumsFile)
	slices.Sort(names)
	files := make([]artifact.File, 0, len(names))
	for _, name := range names {
		file, err := artifact.Measure(dist, name)
		if err != nil {
			return nil, fmt.Errorf("%w; run build", err)
		}
		line := file.SHA256 + "  " + name + "\n"
		if name != ChecksumsFile && !strings.Contains(string(sums), line) {
			return nil, fmt.Errorf(
				"%s is not what was built: its SHA-256 is not the one in checksums.txt; run build",
				name,
			)
		}
		files = append(files, file)
	}
	more, err := attested(of, files)
	files = append(files, more...)
	slices.SortFunc(files, func(a, b artifact.File) int { return strings.Compare(a.Name, b.Name) })
	return files, err
}

// builtImage returns an image in dist. It must be complete, and match the plan.
func builtImage(of *app.App, decided plan.Plan, which app.NamedImage) (image.Summary, error) {
	layout := LayoutOf(which.Key)
	built, err := image.Inspect(of.Path(app.DistDir, layout))
	if err != nil {
		return built, fmt.Errorf("%w; run build", err)
	}
	if built.Version != decided.Version || built.Revision != decided.Commit {
		return built, fmt.Errorf("%s is %s of commit %s, and what is released is %s of %s: run build", layout,
			built.Version, git.Short(built.Revision), decided.Version, git.Short(decided.Commit))
	}
	for _, platform := range which.Image.Platforms {
		if !slices.ContainsFunc(built.Platforms, func(b image.Platform) bool { return b.Name == platform }) {
			return built, fmt.Errorf("%s has no image for %s: run build", layout, platform)
		}
	}
	return built, nil
}

// origin is a part of dist, and the git tree that it was built from according to itself.
type origin struct{ in, tree string }

func sameTree(ctx context.Context, of work.Trees, decided plan.Plan, images ...origin) error {
	said, err := recordOf(of.App, decided)
	if err != nil {
		return err
	}
	if decided.Dirty || said.Dirty {
		return fmt.Errorf("%s was built from a checkout with changes that were not committed: they would be released "+
			"under a commit that does not have them; commit them or git stash them, then run build", decided.Tag)
	}
	trees, err := of.Open(ctx)
	if err != nil {
		return err
	}
	tagged := decided
	tagged.Tagged = true // the tag's tree is released, whenever it was built
	wanted, err := of.Of(ctx, trees, tagged, decided.CommitTime)
	if err != nil {
		return err
	}
	for _, says := range append([]origin{{RecordFile, said.Tree}, {"plan.json", decided.Tree}}, images...) {
		if says.tree != wanted.Hash {
			return fmt.Errorf("%s was built from the tree %s, but %s is the tree %s: check out %s and run build",
				says.in, work.ShortTree(says.tree), decided.Tag, git.Short(wanted.Hash), decided.Tag)
		}
	}
	return nil
}

// recordOf returns the record of the build in dist, which must match the plan.
func recordOf(of *app.App, decided plan.Plan) (said record, err error) {
	data, err := os.ReadFile(of.Path(app.DistDir, RecordFile))
	if err != nil {
		return said, fmt.Errorf("nothing says from which files dist was built: run build (%w)", err)
	}
	if err := json.Unmarshal(data, &said); err != nil {
		return said, fmt.Errorf("read %s: %w; run build", RecordFile, err)
	}
	sums, err := artifact.Measure(of.Path(app.DistDir), ChecksumsFile)
	if err != nil {
		return said, err
	}
	if said.Checksums != sums.SHA256 || said.Tag != decided.Tag || said.Commit != decided.Commit {
		return said, errors.New(RecordFile + " is of another build than checksums.txt and plan.json: run build")
	}
	return said, nil
}
