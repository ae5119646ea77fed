// Package tagging makes a release's tag: it writes the version into the
// version files, commits that, tags it, and pushes both. It looks at what is there
// and does what is missing, so that a run that was cut off can be run again.
package tagging

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
)

// Step is one thing to be done.
type Step struct {
	Text string // what a person is asked about
	do   func(context.Context) error
}

// Do does it.
func (s Step) Do(ctx context.Context) error { return s.do(ctx) }

// Cut is a version on its way to be tagged.
type Cut struct {
	App     *app.App
	Repo    git.Repo
	Plan    plan.Plan
	Section []byte // for CHANGELOG.md; none is inserted without
	Compare string // address of the comparison with the release before, for CHANGELOG.md

	// Others judges files that the commit changes besides those that the version
	// does: a hook did that. An error keeps it from being tagged; nil takes all.
	Others func(files []string) error

	branch, remote string
	files          []file
	tags           []git.Tag // all that are here
	base           string    // the commit that is on the remote, where all was before us
}

// subject is that of the commit that carries the version.
func (c *Cut) subject() string { return changelog.ReleaseSubject + c.Plan.Version }

// asked is what a hotfix is to have although no commit allows it yet.
func (c *Cut) asked() []string {
	if c.Plan.Hotfix == nil {
		return nil
	}
	return c.Plan.Hotfix.Asked
}

// message is the message of that commit: with what a hotfix may have although
// it is more than a fix, so that whoever releases the tag knows.
func (c *Cut) message() string {
	message := c.subject()
	for i, name := range c.asked() {
		if i == 0 {
			message += "\n"
		}
		message += "\n" + plan.AllowTrailer + ": " + name
	}
	return message
}

// Steps looks at the repository and its remote and lists what is to be done;
// nothing when all is done already. What stands in the way is an error.
func (c *Cut) Steps(ctx context.Context) ([]Step, error) {
	if err := c.where(ctx); err != nil {
		return nil, err
	}
	var err error
	if c.files, err = c.versionFiles(); err != nil {
		return nil, err
	}
	there, err := c.compare(ctx)
	if err != nil || there.done {
		return nil, err
	}
	changed, err := c.changes(ctx)
	if err != nil {
		return nil, err
	}
	if there.resumed && len(changed) > 0 {
		return nil, fmt.Errorf(
			"the commit of %s is here already and does not carry it (%s); did a hook change it? Take it back: %s",
			c.Plan.Tag,
			plan.List(changed, 3),
			c.undo(),
		)
	}
	if c.Plan.Tagged && len(changed) > 0 {
		return nil, fmt.Errorf(
			"%s is on this commit already, which does not carry that version (%s): git tag -d %s, and again",
			c.Plan.Tag,
			strings.Join(changed, ", "),
			c.Plan.Tag,
		)
	}
	if c.Plan.Tagged && len(c.asked()) > 0 {
		return nil, fmt.Errorf(
			"%s is on this commit already, and nothing in it says that it may have %s: git tag -d %s, and again",
			c.Plan.Tag,
			strings.Join(c.asked(), ", "),
			c.Plan.Tag,
		)
	}
	if err := c.annotated(); err != nil {
		return nil, err
	}
	return c.list(changed, there.resumed), nil
}

// Local writes the version, commits that and tags it, and pushes nothing: for a clone that is thrown away.
func (c *Cut) Local(ctx context.Context) error {
	var err error
	if c.files, err = c.versionFiles(); err != nil {
		return err
	}
	changed, err := c.changes(ctx)
	if err != nil {
		return err
	}
	if err := c.write(ctx); err != nil {
		return err
	}
	if len(changed)+len(c.asked()) > 0 {
		if err := c.commit(ctx, changed); err != nil {
			return err
		}
	}
	return c.tag(ctx)
}

// where finds the branch, the remote and the tags, and whether git would commit
// at all.
func (c *Cut) where(ctx context.Context) error {
	var err error
	if c.branch, err = c.Repo.Branch(ctx); err != nil {
		return err
	}
	if c.branch == "" {
		return errors.New("HEAD is detached, so there is no branch to push: git checkout a branch first")
	}
	if follows, err := c.Repo.Upstream(ctx, c.branch); err != nil || follows != "" && follows != c.branch {
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
	if err := c.Repo.Identity(ctx); err != nil {
		return err
	}
	if c.remote, err = c.Repo.Remote(ctx, c.branch); err != nil {
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
	if len(files)+len(c.asked()) > 0 {
		text := fmt.Sprintf("commit that as %q", c.subject())
		if len(c.asked()) > 0 {
			text = fmt.Sprintf("commit as %q that it may have %s", c.subject(), strings.Join(c.asked(), ", "))
		}
		steps = append(steps, Step{text, func(ctx context.Context) error { return c.commit(ctx, files) }})
	}
	if !c.Plan.Tagged {
		steps = append(steps, Step{fmt.Sprintf("tag it %s (annotated)", c.Plan.Tag), c.tag})
	}
	text := fmt.Sprintf("push %s and %s to %s, both or neither", c.branch, c.Plan.Tag, c.remote)
	if resumed {
		text += ", which an earlier run did not come to"
	}
	return append(steps, Step{text, c.push})
}

func (c *Cut) write(context.Context) error {
	wanted := map[string]func([]byte) ([]byte, error){}
	for _, file := range c.files {
		wanted[file.path] = file.apply
	}
	return c.App.Rewrite(wanted)
}

// Insert adds the section to CHANGELOG.md, if there is one.
func (c *Cut) Insert() error {
	return c.App.Rewrite(map[string]func([]byte) ([]byte, error){c.App.Config.Changelog.File: c.insert})
}

func (c *Cut) commit(ctx context.Context, files []string) error {
	if err := c.Repo.Commit(ctx, c.message(), files); err != nil {
		return fmt.Errorf(
			"%w; the version is written and not committed: run tag again when that is mended, or take it back: git checkout HEAD -- %s",
			err,
			strings.Join(files, " "),
		)
	}
	return nil
}

// tag tags HEAD once it is sure that HEAD carries the version.
func (c *Cut) tag(ctx context.Context) error {
	for _, file := range c.files {
		committed, err := c.Repo.File(ctx, "HEAD", file.path)
		if err != nil {
			return err
		}
		if wanted, err := file.apply(committed); err != nil || !bytes.Equal(wanted, committed) {
			return fmt.Errorf(
				"%s at HEAD does not carry %s, so it is not tagged; did a hook change it? Take it back: %s",
				file.path,
				c.Plan.Version,
				c.undo(),
			)
		}
	}
	if err := c.judge(ctx); err != nil {
		return err
	}
	return c.Repo.Tag(ctx, c.Plan.Tag, c.Plan.Tag)
}

// judge has Others judge what the commit has that nobody asked for.
func (c *Cut) judge(ctx context.Context) error {
	changes, err := c.Repo.Changes(ctx, c.Plan.Commit, "HEAD")
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
		return fmt.Errorf("%w; it is not tagged. Take it back: %s", err, c.undo())
	}
	return nil
}

func (c *Cut) push(ctx context.Context) error {
	err := c.Repo.Push(ctx, c.remote, c.branch, c.Plan.Tag)
	if err == nil {
		return nil
	}
	if there, asked := c.Repo.RemoteRefs(ctx, c.remote, "refs/heads/"+c.branch); asked == nil {
		_, parent, _ := c.tip(ctx) // without it, the remote has moved
		if on := there["refs/heads/"+c.branch]; on != "" && on != parent && on != c.Plan.Commit {
			return fmt.Errorf("%w; %w", err, c.overtaken())
		}
	}
	return fmt.Errorf(
		"%w; nothing of it is on %s: run tag again to push it, or take it back: git tag -d %s; git reset --keep %s",
		err,
		c.remote,
		c.Plan.Tag,
		git.Short(c.base),
	)
}
