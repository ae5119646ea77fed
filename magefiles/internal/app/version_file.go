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

// VersionPlace is a place in a version file and the version it has.
type VersionPlace struct {
	Path    string `json:"path"`
	Line    int    `json:"line"` // from 1
	Version string `json:"version"`
}

// VersionPlaces reads the version in every version file below root (the app itself or a
// staged copy of it), place by place. An optional version file that is not there
// is left out.
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

// WriteVersion writes a version into every version file below root, changing
// nothing else in them, and returns the paths of those that were behind. All
// are written or none: unless every version file has a place for the version and
// reads it back, and when writing fails half-way, the files are as they were.
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
		data = replaced.current(file, data) // two version files may be in one file
		written, err := versionFile.Write(data, version)
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(written, data) {
			replaced.set(file, data, written)
			behind = append(behind, versionFile.Path)
		}
	}
	if err := a.replace(replaced); err != nil {
		return nil, fmt.Errorf("write the version %s: %w", version, err)
	}
	return slices.Compact(behind), nil
}

// open reads the version file below root and gives the file that it really is; an
// optional one that is missing is nil.
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

// Check tells why the version cannot be read from the version file below root; nil
// when it can, or when the version file is optional and not there.
func (c VersionFile) Check(root string) error {
	_, data, err := c.open(root)
	if err == nil && data != nil {
		_, err = c.Read(data)
	}
	return err
}

// Missing is the error of a version file that is not there; nil for an optional one.
func (c VersionFile) Missing() error {
	if c.Optional {
		return nil
	}
	return fmt.Errorf(
		"version file %s: there is no such file; if this app has none, say so in %s: versionFiles lists all that there are",
		c.Path,
		ConfigFile,
	)
}

// Read gives the version in the version file's content, place by place.
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

// Write returns data with the version file's version replaced, every other byte
// kept. What it returns reads back as that version, in as many places.
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
			"version file %s: %s could be written there, but would not be read back; widen the pattern %s in %s",
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
			"the pattern %s matches %d times, expected once; every: true says that the version stands at each match",
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
