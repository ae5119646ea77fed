package backend

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// A uv.lock contains the address of its index. On a machine whose index is a mirror, uv considers the lock
// outdated, although every file in it is the same.

// The parts of a uv.lock that depend on the index: its address, the address of each file up to the file's name, and
// data that not every index provides.
var (
	registryAddress = pattern.Lazy(`registry = "[^"]*"`)
	fileAddress     = pattern.Lazy(`url = "[^"]*/([^"/]*)"`)
	fileDetail      = pattern.Lazy(`, (?:size = \d+|upload-time = "[^"]*")`)
)

// withoutIndex returns a uv.lock without the parts that depend on the index.
func withoutIndex(lock []byte) string {
	text := registryAddress().ReplaceAllString(string(lock), `registry = ""`)
	return fileDetail().ReplaceAllString(fileAddress().ReplaceAllString(text, `url = "$1"`), "")
}

// checkUV fails if a uv.lock does not match its pyproject.toml. elsewhere means that it matches, but was made with
// an index at another address.
func (t projects) checkUV(ctx context.Context, target, uv, lock string) (elsewhere bool, err error) {
	project := path.Dir(lock)
	stale := t.uv(ctx, target, uv, "lock", "--check", "--quiet", "--project", t.App.Path(project))
	var failed *run.Error
	if stale == nil || !errors.As(stale, &failed) || failed.Cause != nil {
		return false, stale
	}
	stale = fmt.Errorf("%s does not fit its pyproject.toml: %w\nUpdate it: uv lock --project %s", lock, stale, project)
	before, err := os.ReadFile(t.App.Path(lock))
	if err != nil {
		return false, err
	}
	dir, err := t.Scratch.Dir("lock")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(dir)
	for _, name := range []string{"pyproject.toml", uvLockFile} {
		data, err := os.ReadFile(t.App.Path(project, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), data, 0o644)
		}
		if err != nil {
			return false, err
		}
	}
	if t.uv(ctx, target, uv, "lock", "--quiet", "--project", dir) != nil {
		return false, errors.Join(stale, ctx.Err())
	}
	after, err := os.ReadFile(filepath.Join(dir, uvLockFile))
	if err != nil || withoutIndex(after) != withoutIndex(before) {
		return false, errors.Join(stale, err)
	}
	return true, nil
}

// installUV installs a uv project and its default groups, as uv sync does, from an index at another address than
// the one in its lock. It checks the hashes in the lock.
func (t projects) installUV(ctx context.Context, target, uv, dir, lock string) error {
	requirements := filepath.Join(dir, "requirements.txt")
	if err := t.requirementsOfUV(ctx, target, uv, lock, requirements); err != nil {
		return err
	}
	if err := t.pip(ctx, target, uv, dir, "--require-hashes", "-r", requirements); err != nil {
		return err
	}
	data, err := os.ReadFile(t.App.Path(lock))
	if err != nil || !strings.Contains(string(data), `source = { editable = "." }`) { // otherwise it is no package
		return err
	}
	return t.pip(ctx, target, uv, dir, "--no-deps", "--editable", t.App.Path(path.Dir(lock)))
}

// requirementsOfUV writes what a uv.lock pins to a requirements file with hashes and
// without addresses.
func (t projects) requirementsOfUV(ctx context.Context, target, uv, lock, to string, selection ...string) error {
	return t.uv(ctx, target, append([]string{
		uv, "export", "--quiet", "--frozen", "--no-emit-workspace", "--no-header", "--no-annotate",
		"--format", "requirements.txt", "--project", t.App.Path(path.Dir(lock)), "--output-file", to,
	}, selection...)...)
}
