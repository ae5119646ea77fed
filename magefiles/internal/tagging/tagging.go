// Package tagging makes a release's tag: it writes the version into the
// carriers, commits that, tags it, and pushes both. It looks at what is there
// and does what is missing, so that a run that was cut off can be run again.
package tagging

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/plan"
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
	Section []byte // for CHANGELOG.md
	Compare string // address of the comparison with the release before, for CHANGELOG.md

	branch, remote string
	head           string
}

// message is the subject of the commit that carries the version.
func (c *Cut) message() string { return "chore(release): " + c.Plan.Version }

// Steps looks at the repository and its remote and lists what is to be done;
// nothing when all is done already. What stands in the way is an error.
func (c *Cut) Steps(ctx context.Context) ([]Step, error) {
	var err error
	if c.branch, err = c.Repo.Branch(ctx); err != nil {
		return nil, err
	}
	if c.branch == "" {
		return nil, errors.New("HEAD is detached, so there is no branch to push: git checkout a branch first")
	}
	if c.remote, err = c.Repo.Remote(ctx, c.branch); err != nil {
		return nil, err
	}
	c.head = c.Plan.Commit
	done, resumed, err := c.pushed(ctx)
	if err != nil || done {
		return nil, err
	}
	changed, err := c.changes(ctx)
	if err != nil {
		return nil, err
	}
	return c.list(changed, resumed), nil
}

// pushed compares with the remote: done when the tag is there, on this commit.
// The branch must be there as it is here, but for the commit that an earlier
// run made: resumed.
func (c *Cut) pushed(ctx context.Context) (done, resumed bool, err error) {
	branch, tag := "refs/heads/"+c.branch, "refs/tags/"+c.Plan.Tag
	there, err := c.Repo.RemoteRefs(ctx, c.remote, branch, tag)
	if err != nil {
		return false, false, err
	}
	if on, exists := there[tag]; exists {
		if on == c.head {
			return true, false, nil
		}
		return false, false, fmt.Errorf("%s has a tag %s already, on %s: git fetch --tags, and choose another version", c.remote, c.Plan.Tag, on[:7])
	}
	subject, parent, err := c.Repo.Subject(ctx)
	if err != nil {
		return false, false, err
	}
	switch there[branch] {
	case c.head:
		return false, false, nil
	case "":
		return false, false, fmt.Errorf("%s has no branch %s: git push -u %s %s", c.remote, c.branch, c.remote, c.branch)
	case parent:
		if subject == c.message() {
			return false, true, nil
		}
	}
	return false, false, fmt.Errorf("%s is not what %s has (%s there, %s here): git pull or git push first", c.branch, c.remote, there[branch][:7], c.head[:7])
}

// changes lists the files that the version changes, against HEAD. The tree may
// hold these changes already; any other makes it an error.
func (c *Cut) changes(ctx context.Context) ([]string, error) {
	var files []string
	for _, file := range c.files() {
		committed, err := c.Repo.File(ctx, c.head, file)
		if err != nil {
			return nil, err
		}
		if committed == nil {
			continue
		}
		wanted, err := c.transform(file, committed)
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(wanted, committed) {
			files = append(files, file)
		}
	}
	status, err := c.Repo.Status(ctx)
	if err != nil {
		return nil, err
	}
	for _, line := range status {
		file := strings.Trim(line[min(3, len(line)):], `"`)
		ours, err := c.ours(ctx, line, file)
		if err != nil {
			return nil, err
		}
		if !ours {
			return nil, fmt.Errorf("the tree is not clean: %s; commit it, or git stash it", strings.Join(status, ", "))
		}
	}
	return files, nil
}

// ours tells whether a file that differs from HEAD does so by the version only.
func (c *Cut) ours(ctx context.Context, status, file string) (bool, error) {
	if !slices.Contains(c.files(), file) || strings.HasPrefix(status, "??") {
		return false, nil
	}
	committed, err := c.Repo.File(ctx, c.head, file)
	if err != nil || committed == nil {
		return false, err
	}
	here, err := os.ReadFile(c.App.Path(file))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	wanted, err := c.transform(file, committed)
	if err != nil {
		return false, err
	}
	has, err := c.transform(file, here)
	return err == nil && bytes.Equal(wanted, has), nil
}

// files are the files that carry the version, and the changelog.
func (c *Cut) files() []string {
	var files []string
	for _, carrier := range c.App.Config.Carriers {
		files = append(files, carrier.Path)
	}
	if c.App.Config.Changelog.File != "" {
		files = append(files, c.App.Config.Changelog.File)
	}
	slices.Sort(files)
	return slices.Compact(files)
}

// transform is what a file's content becomes with the version.
func (c *Cut) transform(file string, data []byte) ([]byte, error) {
	var err error
	for _, carrier := range c.App.Config.Carriers {
		if carrier.Path == file {
			if data, err = carrier.Write(data, c.Plan.Version); err != nil {
				return nil, err
			}
		}
	}
	if file == c.App.Config.Changelog.File {
		data, err = changelog.Insert(data, c.Plan.Version, c.Section, c.Compare)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return data, nil
}

func (c *Cut) list(files []string, resumed bool) []Step {
	var steps []Step
	if len(files) > 0 {
		steps = append(steps,
			Step{fmt.Sprintf("write %s into %s", c.Plan.Version, strings.Join(files, ", ")), c.write},
			Step{fmt.Sprintf("commit that as %q", c.message()), func(ctx context.Context) error { return c.Repo.Commit(ctx, c.message(), files) }})
	}
	if !c.Plan.Tagged {
		steps = append(steps, Step{fmt.Sprintf("tag it %s (annotated)", c.Plan.Tag),
			func(ctx context.Context) error { return c.Repo.Tag(ctx, c.Plan.Tag, c.Plan.Tag) }})
	}
	text := fmt.Sprintf("push %s and %s to %s, both or neither", c.branch, c.Plan.Tag, c.remote)
	if resumed {
		text += ", which an earlier run did not come to"
	}
	return append(steps, Step{text, c.push})
}

func (c *Cut) write(context.Context) error {
	if _, err := c.App.WriteVersion(c.App.Root, c.Plan.Version); err != nil {
		return err
	}
	return c.Insert()
}

// Insert adds the section to CHANGELOG.md, if there is one.
func (c *Cut) Insert() error {
	return c.App.Rewrite(c.App.Config.Changelog.File, func(data []byte) ([]byte, error) {
		return changelog.Insert(data, c.Plan.Version, c.Section, c.Compare)
	})
}

func (c *Cut) push(ctx context.Context) error {
	if err := c.Repo.Push(ctx, c.remote, c.branch, c.Plan.Tag); err != nil {
		return fmt.Errorf("%w\nThe commit and the tag are here and nothing of them is on %s. Run this again to push them, or take them back: "+
			"git tag -d %s, and if HEAD is %q, git reset --keep HEAD~1", err, c.remote, c.Plan.Tag, c.message())
	}
	return nil
}
