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
// (git's Documentation/technical/racy-git.txt).
const racy = 20 * time.Millisecond

// measure lists the files at paths in dist, all of them where a path is a
// folder. A path that is not there has none.
func measure(dist string, paths []string) ([]Output, error) {
	var outputs []Output
	for _, path := range paths {
		err := filepath.WalkDir(filepath.Join(dist, path), func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			rel, err := filepath.Rel(dist, file)
			if err != nil {
				return err
			}
			output := Output{Path: filepath.ToSlash(rel)}
			if err := output.read(file); err != nil {
				return err
			}
			outputs = append(outputs, output)
			return nil
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("measure what the step left: %w", err)
		}
	}
	return outputs, nil
}

func (o *Output) read(file string) error {
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	sum := sha256.New()
	opened, err := os.Open(file)
	if err != nil {
		return err
	}
	defer opened.Close()
	if _, err := io.Copy(sum, opened); err != nil {
		return err
	}
	o.Mode, o.Size = info.Mode(), info.Size()
	if time.Since(info.ModTime()) > racy { // else the next look reads it again
		o.Seen = stampOf(info)
	}
	o.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return nil
}

// there tells whether the file in dist is as it was left, and whether its content was read for that.
func (o *Output) there(dist string) (same, checked bool) {
	file := filepath.Join(dist, filepath.FromSlash(o.Path))
	info, err := os.Lstat(file)
	if err != nil || !info.Mode().IsRegular() || info.Size() != o.Size || info.Mode() != o.Mode {
		return false, false
	}
	if o.Seen != (stamp{}) && stampOf(info) == o.Seen {
		return true, false
	}
	now := Output{Path: o.Path}
	if now.read(file) != nil || now.SHA256 != o.SHA256 {
		return false, true
	}
	o.Seen = now.Seen
	return true, true
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
	now := Output{}
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
