// Package tagging makes a release's tag: it writes the version into the version files, commits that, tags the
// commit and pushes both. It does only what is missing, so an interrupted run can be repeated.
package tagging

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
)

// Step is one action.
type Step struct {
	Text string // the question that the user confirms
	do   func(context.Context) error
}

// Do does the step's work.
func (s Step) Do(ctx context.Context) error { return s.do(ctx) }

// Cut is a version to be tagged.
type Cut struct {
	App     *app.App
	Repo    git.Repo
	Plan    plan.Plan
	Section []byte // for CHANGELOG.md; may be nil
	Compare string // address of the comparison with the previous release, for CHANGELOG.md

	// Others checks the files that the commit changes in addition to the version files, such as by a git hook. If
	// it fails, nothing is tagged. If Others is nil, every change is accepted.
	Others func(files []string) error

	branch, remote string
	files          []file
	tags           []git.Tag // all tags of this clone
	base           string    // the commit on the remote that everything started from
}

// Describe gives the version a section in CHANGELOG.md, dated to a day. A prerelease
// has none: its changes are in the section of the release that it leads to.
func (c *Cut) Describe(notes changelog.Notes, history changelog.History, day time.Time) {
	c.Compare = history.Links.Compare(c.Plan.Previous, c.Plan.Tag)
	if c.Plan.Prerelease {
		return
	}
	var section bytes.Buffer
	release := notes.Release
	release.Date = day
	_ = changelog.WriteSection(&section, release, history.Sections, history.Links) // writing to a buffer cannot fail
	c.Section = section.Bytes()
}

// commitSubject returns the subject of the commit that changes the version.
func commitSubject(p plan.Plan) string { return changelog.ReleaseSubject + p.Version }

// asked returns the changes that the user allows in a hotfix and that no commit allows yet.
func asked(p plan.Plan) []string {
	if p.Hotfix == nil {
		return nil
	}
	return p.Hotfix.Asked
}

// commitMessage returns the message of that commit. It records which changes the hotfix may contain although they
// are more than a fix, so the later release of the tag knows them.
func commitMessage(p plan.Plan) string {
	message := commitSubject(p)
	for i, name := range asked(p) {
		if i == 0 {
			message += "\n"
		}
		message += "\n" + plan.AllowTrailer + ": " + name
	}
	return message
}

// Steps compares the repository and its remote with the plan and returns the missing steps: none if everything is
// done. It is an error if something prevents tagging.
func (c *Cut) Steps(ctx context.Context) ([]Step, error) {
	if err := c.where(ctx); err != nil {
		return nil, err
	}
	var err error
	if c.files, err = c.versionFiles(); err != nil {
		return nil, err
	}
	there, err := remote{c}.compare(ctx)
	if err != nil || there.done {
		return nil, err
	}
	changed, err := clone{c}.changes(ctx)
	if err != nil {
		return nil, err
	}
	if there.resumed && len(changed) > 0 {
		return nil, fmt.Errorf(
			"the commit of %s exists but does not contain that version (%s); did a hook change it? Undo it: %s",
			c.Plan.Tag,
			plan.List(changed, 3),
			c.undo(),
		)
	}
	if c.Plan.Tagged && len(changed) > 0 {
		return nil, fmt.Errorf(
			"%s is on this commit, which does not contain that version (%s): git tag -d %s, then run tag again",
			c.Plan.Tag,
			strings.Join(changed, ", "),
			c.Plan.Tag,
		)
	}
	if c.Plan.Tagged && len(asked(c.Plan)) > 0 {
		return nil, fmt.Errorf(
			"%s is on this commit, and no commit allows %s: git tag -d %s, then run tag again",
			c.Plan.Tag,
			strings.Join(asked(c.Plan), ", "),
			c.Plan.Tag,
		)
	}
	if err := c.annotated(); err != nil {
		return nil, err
	}
	return c.list(changed, there.resumed), nil
}

// Local writes the version, commits and tags it, but does not push. It is for a temporary clone.
func (c *Cut) Local(ctx context.Context) error {
	var err error
	if c.files, err = c.versionFiles(); err != nil {
		return err
	}
	changed, err := clone{c}.changes(ctx)
	if err != nil {
		return err
	}
	if err := c.write(ctx); err != nil {
		return err
	}
	if len(changed)+len(asked(c.Plan)) > 0 {
		if err := c.commit(ctx, changed); err != nil {
			return err
		}
	}
	return c.tag(ctx)
}

// where finds the branch, the remote and the tags, and checks that git can commit.
func (c *Cut) where(ctx context.Context) error {
	var err error
	if c.branch, err = c.Repo.Branches().Current(ctx); err != nil {
		return err
	}
	if c.branch == "" {
		return errors.New("HEAD is detached, so there is no branch to push: check out a branch first")
	}
	if follows, err := c.Repo.Remotes().Upstream(ctx, c.branch); err != nil || follows != "" && follows != c.branch {
		return cmp.Or(
			err,
			fmt.Errorf(
				"%s follows the remote's branch %s: git checkout %s, or git branch --unset-upstream",
				c.branch,
				follows,
				follows,
			),
		)
	}
	if err := c.Repo.Committer().Identity(ctx); err != nil {
		return err
	}
	if c.remote, err = c.Repo.Remotes().Of(ctx, c.branch); err != nil {
		return err
	}
	c.tags, err = c.Repo.Tags(ctx, "")
	return err
}

func (c *Cut) list(files []string, resumed bool) []Step {
	var steps []Step
	if len(files) > 0 {
		steps = append(steps, Step{fmt.Sprintf("write %s into %s", c.Plan.Version, strings.Join(files, ", ")), c.write})
	}
	if len(files)+len(asked(c.Plan)) > 0 {
		text := fmt.Sprintf("commit that as %q", commitSubject(c.Plan))
		if len(asked(c.Plan)) > 0 {
			text = fmt.Sprintf("commit as %q, allowing %s", commitSubject(c.Plan), strings.Join(asked(c.Plan), ", "))
		}
		steps = append(steps, Step{text, func(ctx context.Context) error { return c.commit(ctx, files) }})
	}
	if !c.Plan.Tagged {
		steps = append(steps, Step{fmt.Sprintf("tag it %s (annotated)", c.Plan.Tag), c.tag})
	}
	text := fmt.Sprintf("push %s and %s to %s in one atomic push", c.branch, c.Plan.Tag, c.remote)
	if resumed {
		text += ", which an earlier run did not do"
	}
	return append(steps, Step{text, remote{c}.push})
}

func (c *Cut) write(context.Context) error {
	wanted := map[string]func([]byte) ([]byte, error){}
	for _, file := range c.files {
		wanted[file.path] = file.apply
	}
	return c.App.Rewrite(wanted)
}

// Insert adds the section to CHANGELOG.md, if that exists.
func (c *Cut) Insert() error {
	return c.App.Rewrite(map[string]func([]byte) ([]byte, error){c.App.Config.Changelog.File: c.insert})
}

func (c *Cut) commit(ctx context.Context, files []string) error {
	if err := c.Repo.Committer().Commit(ctx, commitMessage(c.Plan), files); err != nil {
		return fmt.Errorf(
			"%w; the version was written but not committed: fix that and run tag again, or undo it: git checkout "+
				"HEAD -- %s",
			err,
			strings.Join(files, " "),
		)
	}
	return nil
}

// tag tags HEAD after checking that HEAD contains the version.
func (c *Cut) tag(ctx context.Context) error {
	for _, file := range c.files {
		committed, err := c.Repo.Content().File(ctx, "HEAD", file.path)
		if err != nil {
			return err
		}
		if wanted, err := file.apply(committed); err != nil || !bytes.Equal(wanted, committed) {
			return fmt.Errorf(
				"%s at HEAD does not contain %s, so nothing was tagged; did a hook change it? Undo it: %s",
				file.path,
				c.Plan.Version,
				c.undo(),
			)
		}
	}
	if err := c.checkOthers(ctx); err != nil {
		return err
	}
	return c.Repo.Committer().Tag(ctx, c.Plan.Tag, c.Plan.Tag)
}

// checkOthers passes to Others the files that the commit changes unexpectedly.
func (c *Cut) checkOthers(ctx context.Context) error {
	changes, err := c.Repo.Content().Changes(ctx, c.Plan.Commit, "HEAD")
	if err != nil || c.Others == nil {
		return err
	}
	var others []string
	for _, change := range changes {
		if !slices.ContainsFunc(c.files, func(f file) bool { return f.path == change.Path }) {
			others = append(others, change.Path)
		}
	}
	if len(others) == 0 {
		return nil
	}
	if err := c.Others(others); err != nil {
		return fmt.Errorf("%w; nothing was tagged. Undo it: %s", err, c.undo())
	}
	return nil
}
