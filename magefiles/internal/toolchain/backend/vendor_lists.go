package backend

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Names of the lists that Vendor writes beside the wheels, for pip install --requirement. They are the lock of each
// platform in two parts: what is the same on every platform can be installed once for all of them.
const (
	portableList = "portable.txt" // in the vendor folder
	nativeList   = "native.txt"   // in the folder of each platform
)

// writeLists splits the locks of the platforms, whose folders are in dir.
func writeLists(dir string, folders []string) error {
	locks := make([][]string, len(folders))
	for i, folder := range folders {
		data, err := os.ReadFile(filepath.Join(dir, folder, "requirements.txt"))
		if err != nil {
			return err
		}
		for _, line := range logicalLines(data) {
			if line != "" {
				locks[i] = append(locks[i], strings.Join(strings.Fields(line), " "))
			}
		}
	}
	portable, err := portableWheels(dir, folders)
	if err != nil {
		return err
	}
	anywhere := func(line string) bool {
		name := requirement().FindStringSubmatch(line)
		return name != nil && portable[normalised(name[1])] &&
			!slices.ContainsFunc(locks, func(lock []string) bool { return !slices.Contains(lock, line) })
	}
	for i, folder := range folders {
		native := slices.DeleteFunc(slices.Clone(locks[i]), anywhere)
		if err := writeList(filepath.Join(dir, folder, nativeList), ".", native); err != nil {
			return err
		}
	}
	same := slices.DeleteFunc(locks[0], func(line string) bool { return !anywhere(line) })
	return writeList(filepath.Join(dir, portableList), folders[0], same)
}

// writeList writes a requirements file whose wheels are in a folder relative to it.
func writeList(file, folder string, lines []string) error {
	text := strings.Join(append([]string{"--find-links " + folder}, lines...), "\n") + "\n"
	return writeVendored(file, []byte(text))
}

// portableWheels returns the distributions whose wheel runs on any platform (PEP 425) and is the same in all folders.
func portableWheels(dir string, folders []string) (map[string]bool, error) {
	found := map[string]bool{}
	wheels, err := filepath.Glob(filepath.Join(dir, folders[0], "*"+portableSuffix))
	if err != nil {
		return nil, err
	}
	for _, wheel := range wheels {
		content, err := os.ReadFile(wheel)
		if err != nil {
			return nil, err
		}
		file := filepath.Base(wheel)
		everywhere := true
		for _, folder := range folders[1:] {
			other, err := os.ReadFile(filepath.Join(dir, folder, file))
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, err
			}
			everywhere = everywhere && bytes.Equal(content, other)
		}
		name, _, _ := strings.Cut(file, "-")
		found[normalised(name)] = everywhere
	}
	return found, nil
}
