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

	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/snapshot"
)

// file is a file that the version changes.
type file struct {
	path      string // relative to the app's root, symbolic links resolved
	transform []func([]byte) ([]byte, error)
	required  error  // the error if the file is missing; nil means that it may be
	wanted    []byte // its content at HEAD, changed
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

// versionFiles returns the files that contain the version, and the changelog.
func (c *Cut) versionFiles() ([]file, error) {
	var files []file
	add := func(path string, required error, transform func([]byte) ([]byte, error)) error {
		resolved, err := c.App.Real(path)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		at := slices.IndexFunc(files, func(f file) bool { return f.path == resolved })
		if at < 0 {
			files, at = append(files, file{path: resolved}), len(files)
		}
		files[at].transform = append(files[at].transform, transform)
		files[at].required = cmp.Or(files[at].required, required)
		return nil
	}
	for _, versionFile := range c.App.Config.VersionFiles {
		if err := add(
			versionFile.Path,
			versionFile.Missing(),
			func(data []byte) ([]byte, error) { return versionFile.Write(data, c.Plan.Version) },
		); err != nil {
			return nil, err
		}
	}
	if name := c.App.Config.Changelog.File; name != "" && len(c.Section) > 0 {
		if err := add(name, nil, c.insert); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.path, b.path) })
	return files, nil
}

// Edits returns the changes that the version makes to a tree, as Steps commits them.
func (c *Cut) Edits() ([]snapshot.Edit, error) {
	files, err := c.versionFiles()
	edits := make([]snapshot.Edit, len(files))
	for i, file := range files {
		edits[i] = snapshot.Edit{Path: file.path, Required: file.required, Apply: file.apply}
	}
	return edits, err
}

func (c *Cut) insert(data []byte) ([]byte, error) {
	insert := changelog.Insert
	if how := c.App.Config.Changelog.Written; how != "" {
		insert = func(file []byte, version string, section []byte, compare string) ([]byte, error) {
			return changelog.InsertWritten(file, version, section, compare, how)
		}
	}
	inserted, err := insert(data, c.Plan.Version, c.Section, c.Compare)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.App.Config.Changelog.File, err)
	}
	return inserted, nil
}

// clone compares the files that the version changes with those of the checkout.
type clone struct{ *Cut }

// changes lists the files that the version changes compared with HEAD. The working tree
// may contain these changes already; any other change is an error.
func (c clone) changes(ctx context.Context) ([]string, error) {
	var changed []string
	tracked := c.files[:0]
	for _, file := range c.files {
		committed, err := c.Repo.Content().File(ctx, c.Plan.Commit, file.path)
		if err != nil {
			return nil, err
		}
		if committed == nil {
			continue // optional, or not tracked by git
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
	status, err := c.Repo.WorkTree().Status(ctx)
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
		return nil, fmt.Errorf("uncommitted changes: %s; commit them, or run git stash", plan.List(others, 3))
	}
	return changed, nil
}

// ours reports whether only the version differs between a file and HEAD.
func (c clone) ours(ctx context.Context, change git.Change) (bool, error) {
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
	sameMode, err := c.Repo.WorkTree().SameMode(ctx, change.Path)
	if err != nil || !sameMode {
		return false, err
	}
	// An earlier run may have been on another day, and git may check out files with
	// other line endings than it stores.
	return bytes.Equal(plain(c.Plan.Version, c.files[at].wanted), plain(c.Plan.Version, here)), nil
}

// plain returns content without the parts that may differ between runs.
func plain(version string, data []byte) []byte {
	return bytes.ReplaceAll(undated(data, version), []byte("\r\n"), []byte("\n"))
}

// undated returns a changelog without the date of a version's section.
func undated(data []byte, v string) []byte {
	return regexp.MustCompile(`(?m)^(## \[`+regexp.QuoteMeta(v)+`\]) - [0-9-]{10}`).ReplaceAll(data, []byte("$1"))
}
