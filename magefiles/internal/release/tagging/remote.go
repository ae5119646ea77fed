package tagging

import (
	"context"
	"fmt"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
)

// standing describes how the remote compares with this clone.
type standing struct {
	done    bool // the tag is there, on this commit
	resumed bool // the branch lacks only the commit that an earlier run made
}

// remote compares the clone with the remote, and pushes to it.
type remote struct{ *Cut }

// compare compares with the remote. The branch must be the same there, except for the
// commit that an earlier run made, and both must have the same releases. A hotfix
// branch may be missing there: it is pushed together with its tag.
func (c remote) compare(ctx context.Context) (standing, error) {
	branch, tag, head := "refs/heads/"+c.branch, "refs/tags/"+c.Plan.Tag, c.Plan.Commit
	there, err := c.Repo.Remotes().Refs(ctx, c.remote, branch, plan.ReleaseRefs)
	if err != nil {
		return standing{}, err
	}
	subject, parent, err := c.tip(ctx)
	if err != nil {
		return standing{}, err
	}
	ours := subject == commitSubject(c.Plan)
	on, begun := there[branch], true
	if on == "" && c.Plan.Hotfix != nil {
		if on, begun = head, false; ours {
			on = parent
		}
	}
	c.base = on
	if at, exists := there[tag]; exists {
		if err := c.tagged(at, begun, ours); err != nil {
			return standing{}, err
		}
		return standing{
				done:    on == head || !begun || !ours || on != parent,
				resumed: true,
			}, plan.SameReleases(
				c.remote,
				c.tags,
				there,
				c.Plan.Tag,
			)
	}
	if err := plan.SameReleases(c.remote, c.tags, there, c.Plan.Tag); err != nil {
		return standing{}, err
	}
	if on == head {
		return standing{}, nil
	}
	if on == parent && ours {
		return standing{resumed: true}, nil
	}
	return standing{}, c.apart(ctx, on, parent, subject)
}

// tagged returns why the tag on the remote, at the commit at, is not this one as pushed
// by an earlier run. begun says whether the remote has the branch.
func (c remote) tagged(at string, begun, ours bool) error {
	switch {
	case at != c.Plan.Commit:
		return fmt.Errorf(
			"%s has a tag %s already, on %s: git fetch --tags, and choose another version",
			c.remote,
			c.Plan.Tag,
			git.Short(at),
		)
	case !begun && !ours:
		return fmt.Errorf(
			"%s has %s, but not its branch, which says that it is a hotfix: git push %s %s",
			c.remote,
			c.Plan.Tag,
			c.remote,
			c.branch,
		)
	case len(asked(c.Plan)) > 0:
		return fmt.Errorf(
			"%s is on %s already, and no commit allows %s: git push %s :%s; git tag -d %s, then run tag again",
			c.Plan.Tag,
			c.remote,
			strings.Join(asked(c.Plan), ", "),
			c.remote,
			c.Plan.Tag,
			c.Plan.Tag,
		)
	}
	return nil
}

// tip returns the first line of HEAD's message and HEAD's first parent, "" for a root
// commit.
func (c remote) tip(ctx context.Context) (subject, parent string, err error) {
	subject, parents, err := c.Repo.History().Subject(ctx, "HEAD")
	if len(parents) > 0 {
		parent = parents[0]
	}
	return subject, parent, err
}

// apart returns why the branch differs from the remote's, on, and how to fix that.
func (c remote) apart(ctx context.Context, on, parent, subject string) error {
	ours := subject == commitSubject(c.Plan)
	switch {
	case on == "":
		return fmt.Errorf("%s has no branch %s: git push -u %s %s", c.remote, c.branch, c.remote, c.branch)
	case on == parent && strings.HasPrefix(subject, changelog.ReleaseSubject):
		return fmt.Errorf("the commit %q was never pushed; undo it: %s", subject, c.undo())
	case ours && c.Repo.History().Contains(ctx, "HEAD", on):
		return fmt.Errorf(
			"%s has commits that %s does not have, the last one for %s; undo them: %s",
			c.branch,
			c.remote,
			c.Plan.Tag,
			c.undo(),
		)
	case ours:
		return c.overtaken()
	}
	return fmt.Errorf(
		"%s differs from that of %s (%s there, %s here): run git pull --rebase %s %s, or git push %s %s, "+
			"first",
		c.branch,
		c.remote,
		git.Short(on),
		git.Short(c.Plan.Commit),
		c.remote,
		c.branch,
		c.remote,
		c.branch,
	)
}

// undo returns the command that removes what was never pushed.
func (c *Cut) undo() string {
	undo := "git reset --keep " + git.Short(c.base)
	if c.Plan.Tagged {
		undo = "git tag -d " + c.Plan.Tag + "; " + undo
	}
	return undo
}

// restricted is part of GitHub's answer if a tag is pushed that nobody may create, such as one whose immutable
// release was deleted: https://docs.github.com/en/code-security/concepts/supply-chain-security/immutable-releases
const restricted = "creations being restricted"

func (c remote) push(ctx context.Context) error {
	err := c.Repo.Remotes().Push(ctx, c.remote, c.branch, c.Plan.Tag)
	if err == nil {
		return nil
	}
	if strings.Contains(err.Error(), restricted) {
		return fmt.Errorf(
			"%w; %s does not let %s be made: an immutable release had it and was deleted, or a rule set forbids it; "+
				"nothing was pushed: undo it, and choose the next version: git tag -d %s; git reset --keep %s",
			err,
			c.remote,
			c.Plan.Tag,
			c.Plan.Tag,
			git.Short(c.base),
		)
	}
	if there, asked := c.Repo.Remotes().Refs(ctx, c.remote, "refs/heads/"+c.branch); asked == nil {
		_, parent, _ := c.tip(ctx) // on failure, parent is empty and the remote counts as moved
		if on := there["refs/heads/"+c.branch]; on != "" && on != parent && on != c.Plan.Commit {
			return fmt.Errorf("%w; %w", err, c.overtaken())
		}
	}
	return fmt.Errorf(
		"%w; nothing was pushed to %s: run tag again to push, or undo it: git tag -d %s; git reset --keep %s",
		err,
		c.remote,
		c.Plan.Tag,
		git.Short(c.base),
	)
}

// overtaken explains how to start over if others pushed first.
func (c remote) overtaken() error {
	return fmt.Errorf(
		"%s of %s has moved on, and the commit of %s was not pushed; to start over: git tag -d %s; git reset "+
			"--keep HEAD~1; git pull",
		c.branch,
		c.remote,
		c.Plan.Tag,
		c.Plan.Tag,
	)
}

// annotated returns an error if the tag exists and is not an annotated tag.
func (c *Cut) annotated() error {
	for _, tag := range c.tags {
		if tag.Name == c.Plan.Tag && !tag.Annotated {
			return fmt.Errorf(
				"%s exists as a lightweight tag, which does not record who made it and when: git tag -d %s, then "+
					"run tag again",
				tag.Name,
				tag.Name,
			)
		}
	}
	return nil
}
