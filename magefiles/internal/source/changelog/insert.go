package changelog

import (
	"bytes"
	"fmt"
	"iter"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

var (
	// a heading such as "## [1.7.3] - 2026-05-04", "# v1.7.3" or "### Version 1.7.3"
	releaseHeading = pattern.Lazy(
		`^#{1,3} +(?:[Vv]ersion +|[Rr]elease +)?\[?v?([0-9]+\.[0-9][^\]\s()]*)\]?(?:\([^)\n]*\))?[ ` +
			`\t]*(?:\r?\n|$|[-–—(\[/])`,
	)
	// the line above an underline, which makes a heading of it
	underlined = pattern.Lazy(
		`^(?:[Vv]ersion +|[Rr]elease +)?\[?v?([0-9]+\.[0-9][^\]\s]*).*\r?\n(?:=+|-+)[ \t]*\r?(?:\n|$)`,
	)
	reference = pattern.Lazy(`^\[[^\]]+\]: `)
	// the address of a release's link, as [1.7.3]: https://…
	releaseReference = pattern.Lazy(`^\[v?([0-9][^\]\s]*)\]: `)
	// a fence of a code block, perhaps as the beginning of an item of a list
	fence   = pattern.Lazy("^\\s*(?:[-*+] +|[0-9]+[.)] +)?(```+|~~~+)([^\\r\\n]*)")
	comment = pattern.Lazy(`^ {0,3}<!--`)
)

// Insert puts a section, as WriteSection writes it, into a CHANGELOG.md in the
// form of Keep a Changelog: before the section of the next lower version,
// after what is unreleased. Where the releases' headings are links with their
// addresses at the end of the file, compare is added there, unless it is "".
// Nothing else changes; line ends are the file's. A file that has a section of
// this version stays as it is.
func Insert(file []byte, versionText string, section []byte, compare string) ([]byte, error) {
	v, err := version.ParseTag("v" + versionText)
	if err != nil {
		return nil, err
	}
	place := placeOf(file, v)
	if place < 0 {
		return file, nil
	}
	section = append(bytes.TrimSpace(section), '\n', '\n')
	before, after := file[:place], file[place:]
	if len(before) > 0 && !bytes.HasSuffix(before, []byte("\n")) {
		section = append([]byte("\n\n"), section...)
	} else if len(
		before,
	) > 0 && !bytes.HasSuffix(before, []byte("\n\n")) && !bytes.HasSuffix(before, []byte("\n\r\n")) {
		section = append([]byte("\n"), section...)
	}
	if place == len(file) {
		section = append(bytes.TrimRight(section, "\n"), '\n')
	}
	address := []byte(fmt.Sprintf("[%s]: %s\n", v, compare))
	if bytes.Contains(file, []byte("\r\n")) {
		section = bytes.ReplaceAll(section, []byte("\n"), []byte("\r\n"))
		address = bytes.ReplaceAll(address, []byte("\n"), []byte("\r\n"))
	}
	at := addressOf(after, v)
	if at < 0 || compare == "" {
		at, address = 0, nil
	}
	return bytes.Join([][]byte{before, section, after[:at], address, after[at:]}, nil), nil
}

// addressOf returns the position for the address of a version's link: before that of the next lower version, or -1
// if there is none.
func addressOf(text []byte, v version.Version) int {
	offset := 0
	for line := range bytes.Lines(text) {
		if match := releaseReference().FindSubmatch(line); match != nil {
			if there, err := version.ParseLegacyTag("v" + string(match[1])); err == nil && there.Compare(v) < 0 {
				return offset
			}
		}
		offset += len(line)
	}
	return -1
}

// placeOf returns the position for a version's section, or -1 if the file has that section already.
func placeOf(file []byte, v version.Version) int {
	place := -1
	for at := range prose(file) {
		order, isRelease := orderOf(file[at:], v)
		if isRelease && order == 0 {
			return -1
		}
		if place < 0 && (isRelease && order < 0 || startsAddresses(file[at:])) {
			place = at
		}
	}
	if place < 0 {
		place = len(file)
	}
	return place
}

// prose yields the lines that are neither in a code block nor in a comment, by their offsets. A code block that is
// never closed does not count as one.
func prose(file []byte) iter.Seq2[int, []byte] {
	return func(yield func(int, []byte) bool) {
		block := &codeBlock{}
		for line := range bytes.Lines(file) {
			block.has(line)
		}
		if block.mark != "" {
			block = nil
		}
		offset, commented := 0, false
		for line := range bytes.Lines(file) {
			if !block.has(line) && !inComment(&commented, line) && !yield(offset, line) {
				return
			}
			offset += len(line)
		}
	}
}

// inComment takes the next line and reports whether it is in an HTML comment or starts
// one (CommonMark 0.31.2, HTML blocks of type 2).
func inComment(open *bool, line []byte) bool {
	if !*open && !comment().Match(line) {
		return false
	}
	*open = !bytes.Contains(line, []byte("-->"))
	return true
}

// orderOf compares the version of the release heading at the start of a text with v.
func orderOf(text []byte, v version.Version) (order int, isRelease bool) {
	heading := releaseHeading().FindSubmatch(text)
	if heading == nil {
		heading = underlined().FindSubmatch(text)
	}
	if heading == nil {
		return 0, false
	}
	there, err := version.ParseLegacyTag("v" + string(heading[1]))
	if err != nil {
		return 0, false // looks like a version but is not one
	}
	return there.Compare(v), true
}

// startsAddresses reports whether a text starts with the addresses of links, which
// follow all sections.
func startsAddresses(text []byte) bool {
	return reference().Match(text) && !bytes.Contains(text, []byte("\n## "))
}

// codeBlock is the state of a scan for code blocks: mark is the opening fence of the block that a line is in, ""
// outside of one (CommonMark 0.31.2, fenced code blocks).
type codeBlock struct{ mark string }

// has takes the next line and reports whether it is in a code block.
func (b *codeBlock) has(line []byte) bool {
	if b == nil {
		return false
	}
	match := fence().FindSubmatch(line)
	switch {
	case match == nil:
	case b.mark == "" && (match[1][0] != '`' || !bytes.Contains(match[2], []byte("`"))):
		b.mark = string(match[1])
	case b.mark != "" && bytes.HasPrefix(match[1], []byte(b.mark)) && len(bytes.TrimSpace(match[2])) == 0:
		b.mark = ""
		return true
	}
	return b.mark != ""
}
