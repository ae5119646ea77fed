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
	"VERSION":        wholeLine,
}

func knownCarrier(file string) bool { return locators[path.Base(file)] != nil }

// WriteVersion writes a version into every carrier below root (the app itself
// or a staged copy of it), changing nothing else in them. Nothing is written
// unless every carrier has a place for it.
func (a *App) WriteVersion(root, version string) error {
	type change struct {
		file string
		data []byte
	}
	var changes []change
	for _, carrier := range a.Config.Carriers {
		file := filepath.Join(root, filepath.FromSlash(carrier.Path))
		data, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) && carrier.Optional {
			continue
		}
		if err != nil {
			return fmt.Errorf("version carrier %s: %w", carrier.Path, err)
		}
		written, err := carrier.Write(data, version)
		if err != nil {
			return err
		}
		if !bytes.Equal(written, data) {
			changes = append(changes, change{file, written})
		}
	}
	for _, change := range changes {
		if err := os.WriteFile(change.file, change.data, 0o644); err != nil {
			return fmt.Errorf("write version: %w", err)
		}
	}
	return nil
}

// Write returns data with the carrier's version replaced, every other byte kept.
func (c Carrier) Write(data []byte, version string) ([]byte, error) {
	spans, err := c.locate(data)
	if err != nil {
		return nil, fmt.Errorf("version carrier %s: %w", c.Path, err)
	}
	for _, at := range slices.Backward(spans) {
		data = slices.Concat(data[:at.from], []byte(version), data[at.to:])
	}
	return data, nil
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
	if len(matches) != 1 {
		return nil, fmt.Errorf("the pattern %s matches %d times, expected once", c.Pattern, len(matches))
	}
	return []span{{matches[0][2], matches[0][3]}}, nil
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
