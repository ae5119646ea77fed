package tagging

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/version"
)

// standing is how the remote compares.
type standing struct {
	done    bool // the tag is there, on this commit
	resumed bool // the branch lacks just the commit that an earlier run made
}

// compare looks at the remote. The branch must be there as it is here, but for
// the commit that an earlier run made, and both must know the same releases.
func (c *Cut) compare(ctx context.Context) (standing, error) {
	branch, tag, head := "refs/heads/"+c.branch, "refs/tags/"+c.Plan.Tag, c.Plan.Commit
	there, err := c.Repo.RemoteRefs(ctx, c.remote, branch, "refs/tags/v*")
	if err != nil {
		return standing{}, err
	}
	subject, parent, err := c.tip(ctx)
	if err != nil {
		return standing{}, err
	}
	on := there[branch]
	ours := subject == c.subject()
	if on == "" && c.Plan.Hotfix != nil { // it was begun here, and is pushed with its tag
		on = head
		if ours {
			on = parent
		}
	}
	c.base = on
	if at, exists := there[tag]; exists && at != head {
		return standing{}, fmt.Errorf("%s has a tag %s already, on %s: git fetch --tags, and choose another version", c.remote, c.Plan.Tag, git.Short(at))
	} else if exists {
		return standing{done: on == head || !ours || on != parent, resumed: true}, c.sameReleases(there)
	}
	if err := c.sameReleases(there); err != nil {
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

// tip is the first line of HEAD's message, and HEAD's first parent, "" for a
// root.
func (c *Cut) tip(ctx context.Context) (subject, parent string, err error) {
	subject, parents, err := c.Repo.Subject(ctx, "HEAD")
	if len(parents) > 0 {
		parent = parents[0]
	}
	return subject, parent, err
}

// apart says why the branch is not what the remote has, on, and the way out.
func (c *Cut) apart(ctx context.Context, on, parent, subject string) error {
	ours := subject == c.subject()
	switch {
	case on == "":
		return fmt.Errorf("%s has no branch %s: git push -u %s %s", c.remote, c.branch, c.remote, c.branch)
	case on == parent && strings.HasPrefix(subject, changelog.ReleaseSubject):
		return fmt.Errorf("the commit %q was never pushed; take it back: %s", subject, c.undo())
	case ours && c.Repo.Contains(ctx, "HEAD", on):
		return fmt.Errorf("%s has commits that %s does not have, the last one for %s; take them back: %s", c.branch, c.remote, c.Plan.Tag, c.undo())
	case ours:
		return c.overtaken()
	}
	return fmt.Errorf("%s is not what %s has (%s there, %s here): git pull or git push first", c.branch, c.remote, git.Short(on), git.Short(c.Plan.Commit))
}

// undo takes back what was never pushed.
func (c *Cut) undo() string {
	undo := "git reset --keep " + git.Short(c.base)
	if c.Plan.Tagged {
		undo = "git tag -d " + c.Plan.Tag + "; " + undo
	}
	return undo
}

// sameReleases fails when the remote knows other releases than this clone:
// what was proposed would be wrong.
func (c *Cut) sameReleases(there map[string]string) error {
	here := map[string]string{}
	for _, tag := range c.tags {
		here["refs/tags/"+tag.Name] = tag.Commit
	}
	missing := lacks(there, here)
	moved := differs(there, here)
	private := lacks(here, there)
	private = slices.DeleteFunc(private, func(name string) bool { return name == c.Plan.Tag })
	switch {
	case len(moved) > 0:
		return fmt.Errorf("%s has release tags on other commits than they are here (%s): git fetch --tags --force %s", c.remote, plan.List(moved, 3), c.remote)
	case len(missing) > 0:
		return fmt.Errorf("%s has release tags that are not here (%s): git fetch --tags %s", c.remote, plan.List(missing, 3), c.remote)
	case len(private) > 0:
		return fmt.Errorf("%s does not have release tags that are here (%s): git push %s %s, or git tag -d %s", c.remote, plan.List(private, 3), c.remote, private[0], private[0])
	}
	return nil
}

// lacks lists the release tags of one side that the other does not have.
func lacks(one, other map[string]string) []string {
	return releases(one, func(ref, _ string) bool { return other[ref] == "" })
}

// differs lists the release tags that are on different commits.
func differs(one, other map[string]string) []string {
	return releases(one, func(ref, on string) bool { return other[ref] != "" && other[ref] != on })
}

// releases lists the release tags among refs that are picked, in order.
func releases(refs map[string]string, picked func(ref, on string) bool) []string {
	var names []string
	for ref, on := range refs {
		name, isTag := strings.CutPrefix(ref, "refs/tags/")
		if _, err := version.ParseLegacyTag(name); isTag && err == nil && picked(ref, on) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// overtaken says how to start over when others pushed before us.
func (c *Cut) overtaken() error {
	return fmt.Errorf("%s of %s has moved on, and the commit of %s is only here; to start over: git tag -d %s; git reset --keep HEAD~1; git pull",
		c.branch, c.remote, c.Plan.Tag, c.Plan.Tag)
}

// annotated fails when the tag is here already and is not an annotated one.
func (c *Cut) annotated() error {
	for _, tag := range c.tags {
		if tag.Name == c.Plan.Tag && !tag.Annotated {
			return fmt.Errorf("%s is here already as a lightweight tag, which says not who made it, and when: git tag -d %s, and again", tag.Name, tag.Name)
		}
	}
	return nil
}
