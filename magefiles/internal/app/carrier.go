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

func knownCarrier(file string) bool { return locators[path.Base(file)] != nil }

// Carried is a place in a carrier and the version it has.
type Carried struct {
	Path    string `json:"path"`
	Line    int    `json:"line"` // from 1
	Version string `json:"version"`
}

// Carried reads the version in every carrier below root (the app itself or a
// staged copy of it), place by place. An optional carrier that is not there
// is left out.
func (a *App) Carried(root string) ([]Carried, error) {
	var list []Carried
	for _, carrier := range a.Config.Carriers {
		_, data, err := carrier.open(root)
		if err != nil {
			return nil, err
		}
		if data == nil {
			continue
		}
		here, err := carrier.Read(data)
		if err != nil {
			return nil, err
		}
		list = append(list, here...)
	}
	return list, nil
}

// WriteVersion writes a version into every carrier below root, changing
// nothing else in them, and returns the paths of those that were behind. All
// are written or none: unless every carrier has a place for the version and
// reads it back, and when writing fails half-way, the files are as they were.
func (a *App) WriteVersion(root, version string) ([]string, error) {
	replaced := replacement{}
	var behind []string
	for _, carrier := range a.Config.Carriers {
		file, data, err := carrier.open(root)
		if err != nil {
			return nil, err
		}
		if data == nil {
			continue
		}
		data = replaced.current(file, data) // two carriers may be in one file
		written, err := carrier.Write(data, version)
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(written, data) {
			replaced.set(file, data, written)
			behind = append(behind, carrier.Path)
		}
	}
	if err := a.replace(replaced); err != nil {
		return nil, fmt.Errorf("write the version %s: %w", version, err)
	}
	return slices.Compact(behind), nil
}

// open reads the carrier below root and gives the file that it really is; an
// optional one that is missing is nil.
func (c Carrier) open(root string) (string, []byte, error) {
	fail := func(err error) (string, []byte, error) {
		return "", nil, fmt.Errorf("version carrier %s: %w", c.Path, err)
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

// Check tells why the version cannot be read from the carrier below root; nil
// when it can, or when the carrier is optional and not there.
func (c Carrier) Check(root string) error {
	_, data, err := c.open(root)
	if err == nil && data != nil {
		_, err = c.Read(data)
	}
	return err
}

// Missing is the error of a carrier that is not there; nil for an optional one.
func (c Carrier) Missing() error {
	if c.Optional {
		return nil
	}
	return fmt.Errorf(
		"version carrier %s: there is no such file; if this app has none, say so in %s: carriers lists all that there are",
		c.Path,
		ConfigFile,
	)
}

// Read gives the version in the carrier's content, place by place.
func (c Carrier) Read(data []byte) ([]Carried, error) {
	spans, err := c.locate(data)
	if err != nil {
		return nil, fmt.Errorf("version carrier %s: %w", c.Path, err)
	}
	list := make([]Carried, len(spans))
	line, counted := 1, 0
	for i, at := range spans {
		line += bytes.Count(data[counted:at.from], []byte("\n"))
		counted = at.from
		list[i] = Carried{Path: c.Path, Line: line, Version: string(data[at.from:at.to])}
	}
	return list, nil
}

// Write returns data with the carrier's version replaced, every other byte
// kept. What it returns reads back as that version, in as many places.
func (c Carrier) Write(data []byte, version string) ([]byte, error) {
	spans, err := c.locate(data)
	if err != nil {
		return nil, fmt.Errorf("version carrier %s: %w", c.Path, err)
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
		slices.ContainsFunc(back, func(b Carried) bool { return b.Version != version }) {
		return nil, fmt.Errorf(
			"version carrier %s: %s could be written there, but would not be read back; widen the pattern %s in %s",
			c.Path,
			version,
			c.Pattern,
			ConfigFile,
		)
	}
	return written, nil
}

// locate finds the version's places in ascending order.
func (c Carrier) locate(data []byte) ([]span, error) {
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
