package app

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// replacement is new content for files that exist, put in place all at once or
// not at all.
type replacement map[string]*contents // by file

type contents struct{ before, after []byte }

// current is what a file will hold: what was set, else what it has.
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

// commit writes all content beside the files first and renames it over them
// then, by rename, which is os.Rename. When that fails, files that were
// replaced already get their old content back.
func (r replacement) commit(rename func(from, to string) error) error {
	beside := map[string]string{}
	defer func() {
		for _, temporary := range beside {
			_ = os.Remove(temporary) // those that were renamed are gone
		}
	}()
	files := slices.Sorted(maps.Keys(r))
	for _, file := range files {
		temporary, err := writeBeside(file, r[file].after)
		if err != nil {
			return err
		}
		beside[file] = temporary
	}
	for i, file := range files {
		if err := rename(beside[file], file); err != nil {
			return errors.Join(err, r.restore(files[:i]))
		}
	}
	return nil
}

func (r replacement) restore(files []string) error {
	var failed error
	for _, file := range files {
		temporary, err := writeBeside(file, r[file].before)
		if err == nil {
			err = os.Rename(temporary, file)
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s keeps the new version: %w", file, err))
		}
	}
	return failed
}

// writeBeside writes a new file in the folder of another, with its mode.
func writeBeside(file string, data []byte) (string, error) {
	info, err := os.Stat(file)
	if err != nil {
		return "", err
	}
	temporary, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+".*")
	if err != nil {
		return "", err
	}
	_, err = temporary.Write(data)
	err = errors.Join(err, temporary.Chmod(info.Mode().Perm()), temporary.Sync(), temporary.Close())
	if err != nil {
		_ = os.Remove(temporary.Name())
		return "", fmt.Errorf("write %s: %w", file, err)
	}
	return temporary.Name(), nil
}

// Rewrite replaces the content of a file of the app by what transform makes of
// it, all at once. A file that is not there stays away.
func (a *App) Rewrite(file string, transform func([]byte) ([]byte, error)) error {
	path := a.Path(file)
	data, err := os.ReadFile(path)
	if file == "" || errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	wanted, err := transform(data)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	replaced := replacement{}
	if !bytes.Equal(wanted, data) {
		replaced.set(path, data, wanted)
	}
	return replaced.commit(os.Rename)
}
