package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// span is the position of a version in a file: bytes [from, to).
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

// jsonStrings finds the contents of the strings at the given key paths.
func jsonStrings(data []byte, paths ...[]string) ([]span, error) {
	found := map[int]span{}
	mark := len(data) - len(bytes.TrimPrefix(data, []byte(byteOrderMark)))
	data = data[mark:]
	decoder := json.NewDecoder(bytes.NewReader(data))
	if err := walkJSON(decoder, nil, func(at []string, value json.Token) {
		for i, want := range paths {
			text, isString := value.(string)
			if !isString || !slices.Equal(at, want) {
				continue
			}
			delete(found, i) // of duplicate keys, the last one counts
			end := int(decoder.InputOffset()) - 1
			start := bytes.LastIndexByte(data[:end], '"') + 1
			if string(data[start:end]) == text { // a version contains no escapes
				found[i] = span{mark + start, mark + end}
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

// jsonToken returns the next token; the end of the input is an error.
func jsonToken(decoder *json.Decoder) (json.Token, error) {
	value, err := decoder.Token()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return value, err
}

var (
	tableHeader   = pattern.Lazy(`^\s*\[\[?([\w.'" -]+)\]\]?\s*(#.*)?$`)
	tomlVersion   = pattern.Lazy(`^\s*version\s*=\s*["']([^"'\\]+)["']\s*(?:#.*)?$`)
	versionTables = []string{"project", "tool.poetry"}
)

// pyprojectVersion finds version in [project] and in [tool.poetry].
func pyprojectVersion(data []byte) ([]span, error) {
	var spans []span
	table := ""
	for at, line := range tomlLines(data) {
		if header := tableHeader().FindSubmatch(line); header != nil {
			table = string(bytes.TrimSpace(header[1]))
		}
		if match := tomlVersion().FindSubmatchIndex(line); match != nil && slices.Contains(versionTables, table) {
			spans = append(spans, span{at + match[2], at + match[3]})
		}
	}
	if spans == nil {
		return nil, errors.New("no version in [project], as version = \"1.2.3\" on a line of its own")
	}
	return spans, nil
}

// tomlLines yields the lines of a TOML document with their offsets, without line
// endings, except for lines that start inside a multi-line string.
func tomlLines(data []byte) func(func(int, []byte) bool) {
	return func(yield func(int, []byte) bool) {
		offset, open := 0, ""
		for line := range bytes.Lines(data) {
			if open == "" && !yield(offset, bytes.TrimRight(line, "\r\n")) {
				return
			}
			open = openString(line, open)
			offset += len(line)
		}
	}
}

// openString returns the delimiter of the multi-line string that is open at the end of
// a line, given the one that was open at its start (https://toml.io/en/v1.0.0#string).
func openString(line []byte, open string) string {
	for i := 0; i < len(line); i++ {
		rest := string(line[i:min(len(line), i+3)])
		switch {
		case open == "" && line[i] == '#':
			return ""
		case open == "":
			open = opening(rest)
			i += max(len(open), 1) - 1
		case open[0] == '"' && line[i] == '\\':
			i++ // the next character is escaped
		case strings.HasPrefix(rest, open):
			i += len(open) - 1
			open = ""
		}
	}
	if len(open) == 1 {
		return "" // a single-line string that is not closed: invalid TOML
	}
	return open
}

// opening returns the delimiter of the string that text starts with, or "".
func opening(text string) string {
	for _, mark := range []string{`"""`, "'''", `"`, "'"} {
		if strings.HasPrefix(text, mark) {
			return mark
		}
	}
	return ""
}

var lockSource = pattern.Lazy(`^\s*source\s*=\s*\{\s*(?:editable|virtual)\s*=\s*"\."\s*\}`)

// uvLockVersion finds the version of the project itself in uv's lock
// (https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile): that of the
// package whose source is the lock's own folder.
func uvLockVersion(data []byte) ([]span, error) {
	inPackage, itself := false, false
	var place *span
	for at, line := range tomlLines(data) {
		if header := tableHeader().FindSubmatch(line); header != nil {
			if itself && place != nil {
				break
			}
			inPackage, itself, place = string(bytes.TrimSpace(header[1])) == "package", false, nil
		}
		if match := tomlVersion().FindSubmatchIndex(line); inPackage && match != nil {
			place = &span{at + match[2], at + match[3]}
		}
		itself = itself || inPackage && lockSource().Match(line)
	}
	if !itself || place == nil {
		return nil, errors.New("no version of the project itself, the package whose source is \".\"")
	}
	return []span{*place}, nil
}

// byteOrderMark starts the files of some editors.
const byteOrderMark = "\uFEFF"

// wholeLine takes the first line of a VERSION file without a leading v, a byte order
// mark and surrounding blanks.
func wholeLine(data []byte) ([]span, error) {
	line, _, _ := bytes.Cut(data, []byte("\n"))
	trimmed := bytes.TrimLeft(bytes.TrimPrefix(line, []byte(byteOrderMark)), " \t")
	trimmed = bytes.TrimPrefix(trimmed, []byte("v"))
	start := len(line) - len(trimmed)
	trimmed = bytes.TrimRight(trimmed, " \t\r")
	if len(trimmed) == 0 {
		return nil, errors.New("the first line is empty")
	}
	return []span{{start, start + len(trimmed)}}, nil
}
