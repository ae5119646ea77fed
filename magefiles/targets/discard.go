package targets

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
)

// Discard removes a draft that is not to be released, with everything that was made for it.
//
// It needs GITHUB_TOKEN and a login at the registry. It shows what it will remove, and asks: the image, its tag and
// signatures, as far as the registry deletes them, the branch and pull request with the version, the files, the record
// and the draft. A release that is public is refused. The tag in git stays. It can be run again at any time.
//
// Example: discard v1.8.0
func Discard(
	ctx context.Context,
	tag string, // the draft to remove, such as v1.8.0
	yes *bool, // do it without a question
) error {
	return inApp(ctx, func(ctx context.Context, p *session) error {
		out, err := releaseNamed(ctx, p, tag)
		if err != nil {
			return err
		}
		return p.delivery().discard(ctx, out, is(yes))
	})
}

// discard removes the draft of a release, after a question unless that was answered.
func (p delivery) discard(ctx context.Context, out publish.Release, yes bool) error {
	tag := out.Plan.Tag
	found, err := out.Discard(ctx)
	if err != nil {
		return err
	}
	list := found.List()
	if len(list) == 0 {
		p.screen.Log.Infof("there is no draft of %s: nothing to remove", tag)
		return p.forgetRecord(tag)
	}
	fmt.Fprintf(p.screen.Out, "%s is a draft. What will be removed\n", tag)
	for _, each := range list {
		fmt.Fprintf(p.screen.Out, "  %s\n", each)
	}
	switch {
	case yes:
	case !term.IsTerminal(int(os.Stdin.Fd())):
		return fmt.Errorf(
			"nothing was removed: there is no terminal to ask for a confirmation; to confirm: discard %s -yes", tag)
	case !p.agrees(ctx, "Remove all of it?"):
		return errors.New("nothing was removed")
	}
	if err := found.Remove(ctx); err != nil {
		return err
	}
	p.screen.Log.Infof("%s is discarded; its tag stays in git", tag)
	return p.forgetRecord(tag)
}

// forgetRecord removes the record of a release from dist.
func (p delivery) forgetRecord(tag string) error {
	if record, err := recorded(p.app); err != nil || record.Tag != tag {
		return nil //nolint:nilerr // there is none, or none of this release
	}
	return os.Remove(p.app.Path(app.DistDir, publish.StateFile))
}

// draftRows lists the drafts that were never made public, with the command that removes each.
func draftRows(ctx context.Context, out publish.Release, now time.Time) ([][]string, error) {
	drafts, err := publish.Drafts(ctx, out)
	if err != nil {
		return nil, err
	}
	rows := make([][]string, len(drafts))
	for i, draft := range drafts {
		state := "not verified"
		switch {
		case draft.Over != "":
			state = "rolled back: " + draft.Over
		case draft.Healthy && out.Config.Publish.Approval != "":
			state = "healthy, not approved"
		case draft.Healthy:
			state = "healthy, not released"
		}
		rows[i] = []string{draft.Tag, age(now.Sub(draft.Since)), state, draft.Digest, "discard " + draft.Tag}
	}
	return rows, nil
}

// showDrafts writes the drafts that were never made public.
func showDrafts(screen *report.Screen, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprint(screen.Out, "\nDrafts that were never made public\n\n")
	screen.Wrapped([]string{"draft", ">age", "state", "image", "to remove it"}, rows)
	fmt.Fprintln(screen.Out)
}

// age is about how long something is there.
func age(d time.Duration) string {
	for _, each := range []struct {
		unit time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		switch count := int(d / each.unit); {
		case count == 1:
			return "1 " + each.name
		case count > 1:
			return fmt.Sprintf("%d %ss", count, each.name)
		}
	}
	return "new"
}
