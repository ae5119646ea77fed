package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
)

// span is where a version stands in a file: bytes [from, to).
type span struct{ from, to int }

// locators find the version in the files whose format is known, by base name.
var locators = map[string]func([]byte) ([]span, error){
	"package.json": func(data []byte) ([]span, error) { return jsonStrings(data, []string{"version"}) },
	"package-lock.json": func(data []byte) ([]span, error) {
		return jsonStrings(data, []string{"version"}, []string{"packages", "", "version"})
	},
	"pyproject.toml": pyprojectVersion,
	"uv.lock":        uvLockVersion,
	"VERSION":        wholeLine,
}

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
		here, err := carrier.read(data)
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
	if err := replaced.commit(os.Rename); err != nil {
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
	file, err := filepath.EvalSymlinks(filepath.Join(root, filepath.FromSlash(c.Path)))
	if errors.Is(err, fs.ErrNotExist) {
		if c.Optional {
			return "", nil, nil
		}
		return fail(fmt.Errorf("there is no such file; if this app has none, say so in %s: carriers lists all that there are", ConfigFile))
	}
	if err != nil {
		return fail(err)
	}
	top, err := filepath.EvalSymlinks(root)
	if err != nil {
		return fail(err)
	}
	if rel, err := filepath.Rel(top, file); err != nil || !filepath.IsLocal(rel) {
		return fail(fmt.Errorf("it is a link that leads out of the app, to %s", file))
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return fail(err)
	}
	return file, append([]byte{}, data...), nil
}

// read gives the carrier's version, place by place.
func (c Carrier) read(data []byte) ([]Carried, error) {
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
	back, err := c.read(written)
	if err != nil || len(back) != len(spans) || slices.ContainsFunc(back, func(b Carried) bool { return b.Version != version }) {
		return nil, fmt.Errorf("version carrier %s: %s could be written there, but would not be read back; widen the pattern %s in %s",
			c.Path, version, c.Pattern, ConfigFile)
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
		return nil, fmt.Errorf("the pattern %s matches %d times, expected once; every: true says that the version stands at each match", c.Pattern, len(matches))
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

// jsonStrings finds the contents of the strings at the given key paths.
func jsonStrings(data []byte, paths ...[]string) ([]span, error) {
	found := map[int]span{}
	decoder := json.NewDecoder(bytes.NewReader(data))
	if err := walkJSON(decoder, nil, func(at []string, value json.Token) {
		for i, want := range paths {
			if _, isString := value.(string); isString && slices.Equal(at, want) {
				end := int(decoder.InputOffset())
				start := bytes.LastIndexByte(data[:end-1], '"') + 1
				found[i] = span{start, end - 1}
			}
		}
	}); err != nil {
		return nil, err
	}
	if len(found) != len(paths) {
		return nil, fmt.Errorf("%d of its %d version entries found", len(found), len(paths))
	}
	spans := make([]span, 0, len(found))
	for _, at := range found {
		spans = append(spans, at)
	}
	slices.SortFunc(spans, func(a, b span) int { return a.from - b.from })
	return spans, nil
}

// walkJSON visits every scalar of a JSON document with the keys that lead to
// it; array elements have no key.
func walkJSON(decoder *json.Decoder, at []string, visit func([]string, json.Token)) error {
	value, err := jsonToken(decoder)
	if err != nil {
		return err
	}
	open, ok := value.(json.Delim)
	if !ok {
		visit(at, value)
		return nil
	}
	for decoder.More() {
		inner := at
		if open == '{' {
			key, err := jsonToken(decoder)
			if err != nil {
				return err
			}
			inner = append(slices.Clone(at), key.(string))
		}
		if err := walkJSON(decoder, inner, visit); err != nil {
			return err
		}
	}
	_, err = jsonToken(decoder) // the closing bracket
	return err
}

// jsonToken is the next token of a document that has not come to its end.
func jsonToken(decoder *json.Decoder) (json.Token, error) {
	value, err := decoder.Token()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return value, err
}

var (
	tableHeader   = regexp.MustCompile(`^\s*\[([^\[\]]+)\]\s*(#.*)?$`)
	tomlVersion   = regexp.MustCompile(`^\s*version\s*=\s*["']([^"']*)["']`)
	versionTables = []string{"project", "tool.poetry"}
)

// pyprojectVersion finds version in [project] or [tool.poetry].
func pyprojectVersion(data []byte) ([]span, error) {
	table, offset := "", 0
	for line := range bytes.Lines(data) {
		if header := tableHeader.FindSubmatch(bytes.TrimRight(line, "\r\n")); header != nil {
			table = string(bytes.TrimSpace(header[1]))
		}
		if match := tomlVersion.FindSubmatchIndex(line); match != nil && slices.Contains(versionTables, table) {
			return []span{{offset + match[2], offset + match[3]}}, nil
		}
		offset += len(line)
	}
	return nil, errors.New("no version in [project]")
}

var (
	lockTable  = regexp.MustCompile(`^\s*\[\[?([^\[\]]+)\]\]?\s*(#.*)?$`)
	lockSource = regexp.MustCompile(`^\s*source\s*=\s*\{\s*(?:editable|virtual)\s*=\s*"\."\s*\}`)
)

// uvLockVersion finds the version of the project itself in uv's lock
// (https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile): of the
// package whose source is the lock's own folder.
func uvLockVersion(data []byte) ([]span, error) {
	inPackage, itself, offset := false, false, 0
	var at *span
	for line := range bytes.Lines(data) {
		plain := bytes.TrimRight(line, "\r\n")
		if header := lockTable.FindSubmatch(plain); header != nil {
			if itself && at != nil {
				break
			}
			inPackage, itself, at = string(bytes.TrimSpace(header[1])) == "package", false, nil
		}
		if match := tomlVersion.FindSubmatchIndex(plain); inPackage && match != nil {
			at = &span{offset + match[2], offset + match[3]}
		}
		itself = itself || inPackage && lockSource.Match(plain)
		offset += len(line)
	}
	if !itself || at == nil {
		return nil, errors.New("no version of the project itself, the package whose source is \".\"")
	}
	return []span{*at}, nil
}

// wholeLine takes the first line of a VERSION file, a leading v kept.
func wholeLine(data []byte) ([]span, error) {
	end := len(data)
	if i := bytes.IndexAny(data, "\r\n"); i >= 0 {
		end = i
	}
	start := 0
	if bytes.HasPrefix(data, []byte("v")) {
		start = 1
	}
	if start >= end {
		return nil, errors.New("the first line is empty")
	}
	return []span{{start, end}}, nil
}
