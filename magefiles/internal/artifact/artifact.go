// Package artifact makes the files that are attached to a release: reproducible
// archives, and checksums.
package artifact

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/klauspost/compress/gzip" // three times as fast as the standard library's
)

// Archive packs the regular files below dir into a gzipped tar. Entries are sorted by
// name and have no owner and the same time, so that equal content gives equal bytes. Of
// their modes only whether the owner may execute them is kept.
func Archive(dir, dest string, epoch time.Time) (err error) {
	file, err := os.Create(dest)
	if err != nil {
		return fmt.Errorf("archive %s: %w", filepath.Base(dir), err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	packed := gzip.NewWriter(file)
	archive := tar.NewWriter(packed)
	if err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		return add(archive, dir, path, epoch)
	}); err != nil {
		return fmt.Errorf("archive %s: %w", filepath.Base(dir), err)
	}
	return errors.Join(archive.Close(), packed.Close())
}

func add(archive *tar.Writer, dir, path string, epoch time.Time) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	mode := int64(0o644)
	if info.Mode()&0o100 != 0 {
		mode = 0o755
	}
	name, err := filepath.Rel(dir, path)
	if err != nil {
		return err
	}
	header := &tar.Header{
		Typeflag: tar.TypeReg,
		Name:     filepath.ToSlash(name),
		Size:     int64(len(data)),
		Mode:     mode,
		ModTime:  epoch,
	}
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	_, err = archive.Write(data)
	return err
}

// File is one artifact with its checksum.
type File struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`   // bytes
	SHA256 string `json:"sha256"` // hexadecimal
}

// Checksums measures the named files of dir and writes dir/checksums.txt in the format
// of sha256sum -c.
func Checksums(dir string, names []string) ([]File, error) {
	files := make([]File, 0, len(names))
	var list bytes.Buffer
	for _, name := range names {
		file, err := Measure(dir, name)
		if err != nil {
			return nil, fmt.Errorf("checksum %s: %w", name, err)
		}
		files = append(files, file)
		fmt.Fprintf(&list, "%s  %s\n", file.SHA256, name)
	}
	return files, os.WriteFile(filepath.Join(dir, "checksums.txt"), list.Bytes(), 0o644)
}

// AttachedDir is the folder in dist with the files that an app attaches to its release
// besides what the pipeline makes.
const AttachedDir = "attached"

// Path returns where a file of a release is: in dir or, if it is not there, in AttachedDir of it.
func Path(dir, name string) string {
	path := filepath.Join(dir, name)
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		if more := filepath.Join(dir, AttachedDir, name); exists(more) {
			return more
		}
	}
	return path
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// Measure returns the size and the checksum of a file of a release, which Path finds.
func Measure(dir, name string) (File, error) {
	file, err := os.Open(Path(dir, name))
	if err != nil {
		return File{}, err
	}
	defer file.Close()
	sum := sha256.New()
	size, err := io.Copy(sum, file)
	return File{Name: name, Size: size, SHA256: fmt.Sprintf("%x", sum.Sum(nil))}, err
}
