package targets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
)

// buildRecord is the file of dist that says what was built, and of which tree.
const buildRecord = "build.json"

// builtFrom is what that file holds.
type builtFrom struct {
	Tag       string `json:"tag"`
	Commit    string `json:"commit"`
	Tree      string `json:"tree"`      // git tree hash
	Dirty     bool   `json:"dirty"`     // whether the checkout had changes that were not committed
	Checksums string `json:"checksums"` // SHA-256 of checksums.txt, which names the files
}

// saveBuild leaves in dist of which tree a build is.
func (p *pipeline) saveBuild(decided plan.Plan) error {
	sums, err := artifact.Measure(p.app.Path(app.DistDir), "checksums.txt")
	if err != nil {
		return err
	}
	of := builtFrom{decided.Tag, decided.Commit, decided.Tree, decided.Dirty, sums.SHA256}
	record, err := json.MarshalIndent(of, "", "  ")
	if err != nil {
		return err
	}
	return p.app.Save(buildRecord, append(record, '\n'))
}

// releasable makes sure that what dist holds was built from the tree of the plan's commit with the version in it, and
// from nothing else: here or on another machine.
func (p *pipeline) releasable(ctx context.Context, decided plan.Plan, imageTree string) error {
	record, err := p.buildOf(decided)
	if err != nil {
		return err
	}
	if decided.Dirty || record.Dirty {
		return fmt.Errorf("%s was built from a checkout with changes that were not committed: they would be released "+
			"under a commit that does not have them; commit them or git stash them, then run build", decided.Tag)
	}
	trees, err := p.trees(ctx)
	if err != nil {
		return err
	}
	tagged := decided
	tagged.Tagged = true // what is released is the tag's, whenever it was built
	wanted, err := p.tree(ctx, trees, tagged, decided.CommitTime)
	if err != nil {
		return err
	}
	said := []struct{ in, tree string }{{buildRecord, record.Tree}, {"plan.json", decided.Tree}}
	if p.app.Config.Build.Image.Absent == "" {
		said = append(said, struct{ in, tree string }{"image.oci", imageTree})
	}
	for _, says := range said {
		if says.tree != wanted.Hash {
			return fmt.Errorf("%s was built from the tree %s, but %s is the tree %s: check out %s and run build",
				says.in, shortTree(says.tree), decided.Tag, git.Short(wanted.Hash), decided.Tag)
		}
	}
	return nil
}

// buildOf is what dist says of its build, which must be that of a plan.
func (p *pipeline) buildOf(decided plan.Plan) (record builtFrom, err error) {
	data, err := os.ReadFile(p.app.Path(app.DistDir, buildRecord))
	if err != nil {
		return record, fmt.Errorf("nothing says from which files dist was built: run build (%w)", err)
	}
	if err := json.Unmarshal(data, &record); err != nil {
		return record, fmt.Errorf("read %s: %w; run build", buildRecord, err)
	}
	sums, err := artifact.Measure(p.app.Path(app.DistDir), "checksums.txt")
	if err != nil {
		return record, err
	}
	if record.Checksums != sums.SHA256 || record.Tag != decided.Tag || record.Commit != decided.Commit {
		return record, errors.New(buildRecord + " is of another build than checksums.txt and plan.json: run build")
	}
	return record, nil
}

// shortTree is a tree's hash as people read it.
func shortTree(hash string) string {
	if hash == "" {
		return "(unknown)"
	}
	return git.Short(hash)
}
