// Package tagging makes a release's tag: it writes the version into the
// carriers, commits that, tags it, and pushes both. It looks at what is there
// and does what is missing, so that a run that was cut off can be run again.
package tagging

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
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
	Section []byte // for CHANGELOG.md; none is inserted without
	Compare string // address of the comparison with the release before, for CHANGELOG.md

	branch, remote string
	files          []file
	tags           []git.Tag // all that are here
	base           string    // the commit that is on the remote, where all was before us
}

// file is a file that the version changes: where it really is, and what
// becomes of its content.
type file struct {
	path      string // relative to the app's root, symbolic links resolved
	transform []func([]byte) ([]byte, error)
	wanted    []byte // what becomes of it as it is at HEAD
}

func (f file) apply(data []byte) ([]byte, error) {
	var err error
	for _, transform := range f.transform {
		if data, err = transform(data); err != nil {
			return nil, err
		}
	}
	return data, nil
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
	if c.files, err = c.carriers(); err != nil {
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
		return nil, fmt.Errorf("the commit of %s is here already and does not carry it (%s); did a hook change it? Take it back: %s", c.Plan.Tag, plan.List(changed, 3), c.undo())
	}
	if c.Plan.Tagged && len(changed) > 0 {
		return nil, fmt.Errorf("%s is on this commit already, which does not carry that version (%s): git tag -d %s, and again",
			c.Plan.Tag, strings.Join(changed, ", "), c.Plan.Tag)
	}
	if c.Plan.Tagged && len(c.asked()) > 0 {
		return nil, fmt.Errorf("%s is on this commit already, and nothing in it says that it may have %s: git tag -d %s, and again",
			c.Plan.Tag, strings.Join(c.asked(), ", "), c.Plan.Tag)
	}
	if err := c.annotated(); err != nil {
		return nil, err
	}
	return c.list(changed, there.resumed), nil
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
		return cmp.Or(err, fmt.Errorf("%s follows the remote's branch %s: git checkout %s, or git branch --unset-upstream", c.branch, follows, follows))
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

// carriers are the files that carry the version, and the changelog.
func (c *Cut) carriers() ([]file, error) {
	var files []file
	add := func(path string, transform func([]byte) ([]byte, error)) error {
		resolved, err := c.App.Real(path)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		at := slices.IndexFunc(files, func(f file) bool { return f.path == resolved })
		if at < 0 {
			files, at = append(files, file{path: resolved}), len(files)
		}
		files[at].transform = append(files[at].transform, transform)
		return nil
	}
	for _, carrier := range c.App.Config.Carriers {
		if err := add(carrier.Path, func(data []byte) ([]byte, error) { return carrier.Write(data, c.Plan.Version) }); err != nil {
			return nil, err
		}
	}
	if name := c.App.Config.Changelog.File; name != "" && len(c.Section) > 0 {
		if err := add(name, c.insert); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.path, b.path) })
	return files, nil
}

func (c *Cut) insert(data []byte) ([]byte, error) {
	inserted, err := changelog.Insert(data, c.Plan.Version, c.Section, c.Compare)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.App.Config.Changelog.File, err)
	}
	return inserted, nil
}

// changes lists the files that the version changes, against HEAD. The tree may
// hold these changes already; any other makes it an error.
func (c *Cut) changes(ctx context.Context) ([]string, error) {
	var changed []string
	tracked := c.files[:0]
	for _, file := range c.files {
		committed, err := c.Repo.File(ctx, c.Plan.Commit, file.path)
		if err != nil {
			return nil, err
		}
		if committed == nil {
			continue // optional, or none of git's business
		}
		if file.wanted, err = file.apply(committed); err != nil {
			return nil, err
		}
		if !bytes.Equal(file.wanted, committed) {
			changed = append(changed, file.path)
		}
		tracked = append(tracked, file)
	}
	c.files = tracked
	status, err := c.Repo.Status(ctx)
	if err != nil {
		return nil, err
	}
	var others []string
	for _, change := range status {
		ours, err := c.ours(ctx, change)
		if err != nil {
			return nil, err
		}
		if !ours {
			others = append(others, change.Path)
		}
	}
	if len(others) > 0 {
		return nil, fmt.Errorf("the tree is not clean: %s; commit it, or git stash it", plan.List(others, 3))
	}
	return changed, nil
}

// ours tells whether a file differs from HEAD by the version only.
func (c *Cut) ours(ctx context.Context, change git.Change) (bool, error) {
	at := slices.IndexFunc(c.files, func(f file) bool { return f.path == change.Path })
	if at < 0 || change.Status == '?' {
		return false, nil
	}
	here, err := os.ReadFile(c.App.Path(change.Path))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	sameMode, err := c.Repo.SameMode(ctx, change.Path)
	if err != nil || !sameMode {
		return false, err
	}
	// An earlier run may have been on another day, and git may check files out
	// with other line ends than it stores.
	return bytes.Equal(c.plain(c.files[at].wanted), c.plain(here)), nil
}

// plain is content without what may differ from run to run.
func (c *Cut) plain(data []byte) []byte {
	return bytes.ReplaceAll(undated(data, c.Plan.Version), []byte("\r\n"), []byte("\n"))
}

// undated is a changelog without the date of a version's section.
func undated(data []byte, v string) []byte {
	return regexp.MustCompile(`(?m)^(## \[`+regexp.QuoteMeta(v)+`\]) - [0-9-]{10}`).ReplaceAll(data, []byte("$1"))
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
		return fmt.Errorf("%w; the version is written and not committed: run tag again when that is mended, or take it back: git checkout HEAD -- %s",
			err, strings.Join(files, " "))
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
			return fmt.Errorf("%s at HEAD does not carry %s, so it is not tagged; did a hook change it? Take it back: %s", file.path, c.Plan.Version, c.undo())
		}
	}
	return c.Repo.Tag(ctx, c.Plan.Tag, c.Plan.Tag)
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
	return fmt.Errorf("%w; nothing of it is on %s: run tag again to push it, or take it back: git tag -d %s; git reset --keep %s",
		err, c.remote, c.Plan.Tag, git.Short(c.base))
}
