package build

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/checks"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/work"
)

// Files runs the command of an entry of build.files and moves what it wrote to dist. The
// command must write exactly the outputs that the entry lists.
func Files(ctx context.Context, place work.Place, entry app.Files, decided plan.Plan) (err error) {
	dist, err := place.App.Dist()
	if err != nil {
		return err
	}
	dir, err := place.Scratch.DirIn(dist) // on the same file system as dist, so that files can be moved
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := checks.Command(ctx, place, entry.Step(), []string{
		"OUTPUT_DIR=" + dir, "VERSION=" + decided.Version,
		fmt.Sprintf("SOURCE_DATE_EPOCH=%d", decided.CommitTime.Unix()),
	}); err != nil {
		return err
	}
	if err := exactly(dir, entry); err != nil {
		return fmt.Errorf("%s: %w", entry.Name, err)
	}
	for _, name := range entry.Outputs {
		if err := os.Rename(filepath.Join(dir, name), filepath.Join(dist, name)); err != nil {
			return fmt.Errorf("%s: %w", entry.Name, err)
		}
	}
	return nil
}

// exactly checks that a folder contains the outputs of an entry, and nothing else.
func exactly(dir string, entry app.Files) error {
	written, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var others []string
	for _, file := range written {
		if !slices.Contains(entry.Outputs, file.Name()) {
			others = append(others, file.Name())
		}
	}
	if len(others) > 0 {
		return fmt.Errorf("%s wrote %s to $OUTPUT_DIR, which is not among its outputs in %s",
			entry.Command[0], strings.Join(others, ", "), app.ConfigFile)
	}
	for _, name := range entry.Outputs {
		info, err := os.Lstat(filepath.Join(dir, name))
		switch {
		case errors.Is(err, os.ErrNotExist):
			return fmt.Errorf("%s did not write its output %s to $OUTPUT_DIR", entry.Command[0], name)
		case err != nil:
			return err
		case !info.Mode().IsRegular() || info.Size() == 0:
			return fmt.Errorf("the output %s is empty, or is not a regular file", name)
		}
	}
	return nil
}
