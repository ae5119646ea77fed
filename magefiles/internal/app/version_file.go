package app

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
)

func knownVersionFile(file string) bool { return locators[path.Base(file)] != nil }

// VersionPlace is a place in a version file and the version found there.
type VersionPlace struct {
	Path    string `json:"path"`
	Line    int    `json:"line"` // from 1
	Version string `json:"version"`
}

// VersionPlaces reads the version from every version file below root, which is the app
// itself or a copy of it. An optional file that is missing is left out.
func (a *App) VersionPlaces(root string) ([]VersionPlace, error) {
	var list []VersionPlace
	for _, versionFile := range a.Config.VersionFiles {
		_, data, err := versionFile.open(root)
		if err != nil {
			return nil, err
		}
		if data == nil {
			continue
		}
		here, err := versionFile.Read(data)
		if err != nil {
			return nil, err
		}
		list = append(list, here...)
	}
	return list, nil
}

// WriteVersion writes a version into every version file below root, changes nothing
// else, and returns the paths of the files that changed. It writes all of them or none:
// each file must have a place for the version and read it back. If writing fails
// half-way, the files are restored.
func (a *App) WriteVersion(root, version string) ([]string, error) {
	replaced := replacement{}
	var behind []string
	for _, versionFile := range a.Config.VersionFiles {
		file, data, err := versionFile.open(root)
		if err != nil {
			return nil, err
		}
		if data == nil {
			continue
		}
		data = replaced.current(file, data) // two entries may name the same file
		written, err := versionFile.Write(data, version)
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(written, data) {
			replaced.set(file, data, written)
			behind = append(behind, versionFile.Path)
		}
	}
	if err := replaced.write(a); err != nil {
		return nil, fmt.Errorf("write the version %s: %w", version, err)
	}
	return slices.Compact(behind), nil
}

// open reads the version file below root and returns its real path; the content is nil
// for an optional file that is missing.
func (c VersionFile) open(root string) (string, []byte, error) {
	fail := func(err error) (string, []byte, error) {
		return "", nil, fmt.Errorf("version file %s: %w", c.Path, err)
	}
	file, _, err := resolve(root, c.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil, c.Missing()
	}
	if err != nil {
		return fail(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return fail(err)
	}
	return file, data, nil
}

// Check returns why the version cannot be read from the file below root. It returns nil
// when it can be read, or when the file is optional and missing.
func (c VersionFile) Check(root string) error {
	_, data, err := c.open(root)
	if err == nil && data != nil {
		_, err = c.Read(data)
	}
	return err
}

// Missing returns the error for a missing version file; nil for an optional one.
func (c VersionFile) Missing() error {
	if c.Optional {
		return nil
	}
	return fmt.Errorf(
		"version file %s: there is no such file; if this app does not have it, list all version files of the app "+
			"in %s under versionFiles",
		c.Path,
		ConfigFile,
	)
}

// Read returns the versions in the file's content, place by place.
func (c VersionFile) Read(data []byte) ([]VersionPlace, error) {
	spans, err := c.locate(data)
	if err != nil {
		return nil, fmt.Errorf("version file %s: %w", c.Path, err)
	}
	list := make([]VersionPlace, len(spans))
	line, counted := 1, 0
	for i, at := range spans {
		line += bytes.Count(data[counted:at.from], []byte("\n"))
		counted = at.from
		list[i] = VersionPlace{Path: c.Path, Line: line, Version: string(data[at.from:at.to])}
	}
	return list, nil
}

// Write returns data with the version replaced and every other byte kept. The result
// reads back as that version, in as many places.
func (c VersionFile) Write(data []byte, version string) ([]byte, error) {
	spans, err := c.locate(data)
	if err != nil {
		return nil, fmt.Errorf("version file %s: %w", c.Path, err)
	}
	var written []byte
	end := 0
	for _, at := range spans {
		written = append(append(written, data[end:at.from]...), version...)
		end = at.to
	}
	written = append(written, data[end:]...)
	back, err := c.Read(written)
	if err != nil || len(back) != len(spans) ||
		slices.ContainsFunc(back, func(b VersionPlace) bool { return b.Version != version }) {
		return nil, fmt.Errorf(
			"version file %s: %s could be written but not read back; widen the pattern %s in %s",
			c.Path,
			version,
			c.Pattern,
			ConfigFile,
		)
	}
	return written, nil
}

// locate finds the version's places in ascending order.
func (c VersionFile) locate(data []byte) ([]span, error) {
	if c.Pattern == "" {
		return locators[path.Base(c.Path)](data)
	}
	pattern, err := regexp.Compile(c.Pattern)
	if err != nil {
		return nil, err
	}
	matches := pattern.FindAllSubmatchIndex(data, -1)
	switch {
	case len(matches) == 0:
		return nil, fmt.Errorf("the pattern %s matches nothing", c.Pattern)
	case len(matches) > 1 && !c.Every:
		return nil, fmt.Errorf(
			"the pattern %s matches %d times, expected once; set every: true if each match is a version",
			c.Pattern,
			len(matches),
		)
	}
	spans := make([]span, len(matches))
	for i, match := range matches {
		if match[2] < 0 {
			return nil, fmt.Errorf("the pattern %s matches without its group", c.Pattern)
		}
		spans[i] = span{match[2], match[3]}
	}
	return spans, nil
}
