package step

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Output is a file that a step left in dist.
type Output struct {
	Path   string      `json:"path"` // relative to dist, with forward slashes
	Mode   fs.FileMode `json:"mode"`
	Size   int64       `json:"size"`
	SHA256 string      `json:"sha256"`
	Seen   stamp       `json:"seen"` // of the file when its content was last read
}

// stamp tells without reading a file whether it was written to since. The
// kernel sets the time of change: a program cannot set it back.
type stamp struct {
	Inode   uint64 `json:"inode"`
	Changed int64  `json:"changed"` // ns since 1970
}

// racy is how soon after a write another one may leave the same time
// (git's Documentation/technical/racy-git.txt), and coarse is the same on a file
// system that keeps whole seconds, or every other.
const (
	racy   = 20 * time.Millisecond
	coarse = 2 * time.Second
)

// stampNow is the stamp of a file whose content is about to be read. It is none
// where a later write could leave the same: then the next look reads it again.
func stampNow(info fs.FileInfo) stamp {
	seen := stampOf(info)
	tick := racy
	if seen.Changed%int64(time.Second) == 0 {
		tick = coarse
	}
	if time.Since(time.Unix(0, seen.Changed)) <= tick {
		return stamp{}
	}
	return seen
}

// list names the files at paths in dist, all of them where a path is a folder. A
// path that is not there has none.
func list(dist string, paths []string) ([]string, error) {
	var files []string
	for _, path := range paths {
		err := filepath.WalkDir(filepath.Join(dist, path), func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			rel, err := filepath.Rel(dist, file)
			files = append(files, filepath.ToSlash(rel))
			return err
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return files, nil
}

// measure reads the files at paths in dist.
func measure(dist string, paths []string) ([]Output, error) {
	files, err := list(dist, paths)
	if err != nil {
		return nil, fmt.Errorf("list what the step left: %w", err)
	}
	outputs := make([]Output, len(files))
	for i, file := range files {
		outputs[i].Path = file
		if err := outputs[i].read(filepath.Join(dist, filepath.FromSlash(file))); err != nil {
			return nil, fmt.Errorf("read what the step left: %w", err)
		}
	}
	return outputs, nil
}

// read reads a file, or where a symbolic link points.
func (o *Output) read(file string) error {
	info, err := os.Lstat(file)
	if err != nil {
		return err
	}
	o.Mode, o.Size, o.Seen = info.Mode(), info.Size(), stampNow(info)
	o.SHA256, err = sum(file, info)
	return err
}

func sum(file string, info fs.FileInfo) (string, error) {
	hash := sha256.New()
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		target, err := os.Readlink(file)
		if err != nil {
			return "", err
		}
		hash.Write([]byte(target))
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%s is neither a file nor a symbolic link", file)
	default:
		opened, err := os.Open(file)
		if err != nil {
			return "", err
		}
		defer opened.Close()
		if _, err := io.Copy(hash, opened); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// there reports whether the file in dist is as it was left, and whether its content was read for that.
func (o *Output) there(dist string) (same, checked bool) {
	file := filepath.Join(dist, filepath.FromSlash(o.Path))
	info, err := os.Lstat(file)
	if err != nil || info.Size() != o.Size || info.Mode() != o.Mode {
		return false, false
	}
	if o.Seen != (stamp{}) && stampOf(info) == o.Seen {
		return true, false
	}
	var now Output
	if now.read(file) != nil || now.SHA256 != o.SHA256 {
		return false, true
	}
	o.Seen = now.Seen
	return true, true
}

// is reports whether a copy of the file has its content.
func (o *Output) is(kept string) bool {
	var now Output
	return now.read(kept) == nil && now.SHA256 == o.SHA256
}

func (o *Output) copy(dist, to string) error {
	return copyFile(filepath.Join(dist, filepath.FromSlash(o.Path)), to, o.Mode)
}

// putBack writes the file to dist from the copy that was kept.
func (o *Output) putBack(kept, dist string) error {
	file := filepath.Join(dist, filepath.FromSlash(o.Path))
	if err := os.RemoveAll(file); err != nil {
		return err
	}
	if err := copyFile(kept, file, o.Mode); err != nil {
		return err
	}
	var now Output
	if err := now.read(file); err != nil {
		return err
	}
	if now.SHA256 != o.SHA256 {
		return errors.New("the copy in the cache was changed")
	}
	o.Seen = now.Seen
	return nil
}

func size(outputs []Output) (total int64) {
	for _, output := range outputs {
		total += output.Size
	}
	return total
}
