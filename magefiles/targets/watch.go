package targets

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
)

// watching does work in the user's checkout, and tells which files it made or changed there that git sees.
func (p *pipeline) watching(ctx context.Context, what string, work func() error) error {
	before, err := p.repo.Files(ctx)
	if err != nil {
		return work() // it is in no repository
	}
	changed, err := p.repo.Status(ctx)
	if err != nil {
		return work()
	}
	failed := work()
	ctx = context.WithoutCancel(ctx)
	after, filesErr := p.repo.Files(ctx)
	now, statusErr := p.repo.Status(ctx)
	if err := errors.Join(filesErr, statusErr); err != nil {
		return errors.Join(failed, err)
	}
	made := slices.DeleteFunc(after, func(file string) bool { return slices.Contains(before, file) })
	if len(made) > 0 {
		p.warn(
			"new files",
			fmt.Sprintf("%s left new files in the checkout, which git does not ignore: %s. The app's own "+
				"code makes them; have git ignore them, or have the code write elsewhere", what, plan.List(made, 5)),
		)
	}
	var written []string
	for _, change := range now {
		if change.Status != '?' && !slices.Contains(changed, change) && !strings.HasPrefix(change.Path, "/") {
			written = append(written, change.Path)
		}
	}
	if len(written) > 0 {
		p.warn(
			"changed files",
			fmt.Sprintf("these tracked files were changed while %s ran: %s. The app's own code did "+
				"it, or somebody else; git diff shows what", what, plan.List(written, 5)),
		)
	}
	return failed
}
