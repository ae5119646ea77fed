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
	Seen   stamp       `json:"seen"` // when the content was last read
}

// stamp shows without reading a file whether it was written to since. A program cannot set back Changed, the time
// of the last change (ctime).
type stamp struct {
	Inode   uint64 `json:"inode"`
	Changed int64  `json:"changed"` // ns since 1970
}

// racy is the time within which a second write may leave the same timestamp (git's
// Documentation/technical/racy-git.txt). coarse is the same for file systems whose timestamps are whole seconds, or
// even ones.
const (
	racy   = 20 * time.Millisecond
	coarse = 2 * time.Second
)

// stampNow returns the stamp of a file whose content is about to be read. It returns an empty stamp if a later
// write could leave the same one; the next check then reads the file again.
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

// list returns the files at paths in dist; for a folder, all files in it. A path that does not exist gives none.
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

// measure reads the files at paths in dist, and returns their modes, sizes and hashes.
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

// read hashes a file, or the target of a symbolic link.
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

// there reports whether the file in dist is unchanged, and whether its content had to be read to find out.
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

// is reports whether a stored copy of the file has the same content.
func (o *Output) is(kept string) bool {
	var now Output
	return now.read(kept) == nil && now.SHA256 == o.SHA256
}

func (o *Output) copy(dist, to string) error {
	return copyFile(filepath.Join(dist, filepath.FromSlash(o.Path)), to, o.Mode)
}

// putBack restores the file in dist from the stored copy.
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
