package git

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// Sides are the versions of a file with a conflict: of the common ancestor, of the commit that is checked out, and
// of the commit that is cherry-picked (gitrevisions(7), :<n>:<path>).
type Sides struct{ Base, Ours, Theirs []byte }

// Sides returns the versions of a file with a conflict. It is an error if one side does not have the file.
func (w WorkTree) Sides(ctx context.Context, file string) (Sides, error) {
	var sides Sides
	for stage, into := range map[string]*[]byte{"1": &sides.Base, "2": &sides.Ours, "3": &sides.Theirs} {
		object := ":" + stage + ":./" + file
		err := w.repo.Stream(ctx, []string{"cat-file", "blob", object}, func(from io.Reader) (err error) {
			*into, err = io.ReadAll(io.LimitReader(from, maxFile))
			return err
		})
		if err != nil {
			return Sides{}, err
		}
	}
	return sides, nil
}

// Merge merges the sides of a file, in an empty folder. ok reports whether there was no conflict
// (git-merge-file(1)).
func (w WorkTree) Merge(ctx context.Context, dir string, sides Sides) (merged []byte, ok bool, err error) {
	ours, base, theirs := filepath.Join(dir, "ours"), filepath.Join(dir, "base"), filepath.Join(dir, "theirs")
	if err := errors.Join(os.WriteFile(ours, sides.Ours, 0o600), os.WriteFile(base, sides.Base, 0o600),
		os.WriteFile(theirs, sides.Theirs, 0o600)); err != nil {
		return nil, false, err
	}
	_, err = w.repo.git(ctx, "merge-file", "--quiet", ours, base, theirs)
	var exited *run.Error
	if errors.As(err, &exited) && exited.Cause == nil && exited.Code > 0 && exited.Code < 128 { // how many conflicts
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	merged, err = os.ReadFile(ours)
	return merged, err == nil, err
}

// KeepOurs resolves the conflict in a file to what the commit that is checked out has.
func (w WorkTree) KeepOurs(ctx context.Context, file string) error {
	_, err := w.repo.git(ctx, "checkout", "--ours", "--", file)
	return errors.Join(err, w.Resolved(ctx, file))
}

// Resolved marks the conflict in a file as resolved.
func (w WorkTree) Resolved(ctx context.Context, file string) error {
	_, err := w.repo.git(ctx, "add", "--", file)
	return err
}

// Continue continues the cherry-pick that stopped at a conflict, including the commits that are still to be picked.
// It keeps their messages, except for lines that start with #, which git treats as comments.
func (c Committer) Continue(ctx context.Context) error {
	_, err := c.repo.ask(ctx, run.DefaultTimeout, "-c", "core.editor=true", "cherry-pick", "--continue")
	return err
}
