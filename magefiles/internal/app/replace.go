package app

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// replacement is new content for existing files, written all at once or not at all.
type replacement map[string]*contents // by file

type contents struct{ before, after []byte }

// current returns the new content of a file if it is set, otherwise the current one.
func (r replacement) current(file string, has []byte) []byte {
	if set, ok := r[file]; ok {
		return set.after
	}
	return has
}

func (r replacement) set(file string, has, wanted []byte) {
	if set, ok := r[file]; ok {
		set.after = wanted
		return
	}
	r[file] = &contents{has, wanted}
}

// commit first writes all content to new files, using create, and then renames them
// over the originals, using rename. If that fails, files that were already replaced get
// their old content back.
func (r replacement) commit(
	create func(like string, data []byte) (string, error),
	rename func(from, to string) error,
) error {
	made := map[string]string{}
	defer func() {
		for _, temporary := range made {
			_ = os.Remove(temporary) // renamed ones no longer exist
		}
	}()
	files := slices.Sorted(maps.Keys(r))
	for _, file := range files {
		temporary, err := create(file, r[file].after)
		if err != nil {
			return err
		}
		made[file] = temporary
	}
	for i, file := range files {
		if err := rename(made[file], file); err != nil {
			return errors.Join(err, r.restore(files[:i], create))
		}
	}
	return nil
}

func (r replacement) restore(files []string, create func(string, []byte) (string, error)) error {
	var failed error
	for _, file := range files {
		temporary, err := create(file, r[file].before)
		if err == nil {
			err = move(temporary, file)
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s keeps the new version: %w", file, err))
		}
	}
	return failed
}

// write writes the new content to an app's files. The temporary files are created in
// dist/, on the same file system as the files that they replace.
func (r replacement) write(a *App) error {
	if len(r) == 0 {
		return nil
	}
	parent := os.TempDir()
	if !a.Foreign { // its dist may be on another file system
		path, err := a.Dist("new")
		if err != nil {
			return err
		}
		parent = filepath.Dir(path)
	}
	folder := a.Temporary
	if folder == nil {
		folder = func(parent string) (string, error) { return os.MkdirTemp(parent, "") }
	}
	dir, err := folder(parent)
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	return r.commit(func(like string, data []byte) (string, error) { return newLike(dir, like, data) }, move)
}

// newLike writes a new file in dir with the mode of another one.
func newLike(dir, like string, data []byte) (string, error) {
	info, err := os.Stat(like)
	if err != nil {
		return "", err
	}
	temporary, err := os.CreateTemp(dir, filepath.Base(like)+".*")
	if err != nil {
		return "", err
	}
	_, err = temporary.Write(data)
	err = errors.Join(err, temporary.Chmod(info.Mode().Perm()), temporary.Sync(), temporary.Close())
	if err != nil {
		_ = os.Remove(temporary.Name())
		return "", fmt.Errorf("write %s: %w", like, err)
	}
	return temporary.Name(), nil
}

// move renames a file over another one. If they are on different file systems, which is
// possible with dist/, it copies the content.
func move(from, to string) error {
	err := os.Rename(from, to)
	if !errors.Is(err, syscall.EXDEV) {
		return err
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o644)
}

// Rewrite changes the content of files of the app, given by path, with a function for
// each: all of them or none. Missing files are skipped.
func (a *App) Rewrite(files map[string]func([]byte) ([]byte, error)) error {
	replaced := replacement{}
	for file, transform := range files {
		path, _, err := resolve(a.Root, file)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		wanted, err := transform(data)
		if err != nil {
			return err
		}
		if !bytes.Equal(wanted, data) {
			replaced.set(path, data, wanted)
		}
	}
	return replaced.write(a)
}
