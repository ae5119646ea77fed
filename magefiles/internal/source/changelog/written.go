package changelog

import (
	"bytes"
	"context"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// How the text that a person wrote in CHANGELOG.md is combined with the list that is generated from the commits.
const (
	WrittenBefore  = "before"  // the text comes before the list
	WrittenInstead = "instead" // the text replaces the list, if there is a text
)

// GeneratedMark is a line in a section of CHANGELOG.md. Everything after it is generated from the commits; a person
// wrote what is before it.
const GeneratedMark = "<!-- odin-release: from the commits -->"

var (
	unreleasedHeading = pattern.Lazy(`(?i)^#{1,3} +\[?unreleased\]?[ \t]*(?:\([^)\n]*\))?[ \t]*(?:\r?\n|$)`)
	subheading        = pattern.Lazy(`^#{3,6} `)
	ownComment        = pattern.Lazy(`^\s*<!-- odin-release:`)
)

// part is a part of a file, by its offsets.
type part struct{ from, to int }

// Written returns the text that a person wrote in CHANGELOG.md about a version: in the version's section or, if
// there is none, in the section Unreleased. It returns "" if nothing was written. For no version, it returns the
// text in Unreleased.
func Written(file []byte, v version.Version) string {
	own, unreleased := written(file, v)
	if own != nil {
		return textOf(file[own.from:own.to])
	}
	if unreleased != nil {
		return textOf(file[unreleased.from:unreleased.to])
	}
	return ""
}

// written finds the text under the heading of a version, and under Unreleased.
func written(file []byte, v version.Version) (own, unreleased *part) {
	var open *part
	end := func(at int) {
		if open != nil {
			open.to = at
		}
		open = nil
	}
	known := v != version.Version{}
	if !known {
		v = version.First // any version, to recognise headings of releases
	}
	for at, line := range prose(file) {
		order, isRelease := orderOf(file[at:], v)
		switch {
		case unreleasedHeading().Match(line):
			end(at)
			if unreleased == nil {
				unreleased = &part{from: at + len(line)}
				open = unreleased
			}
		case isRelease:
			end(at)
			if known && order == 0 && own == nil {
				own = &part{from: at + len(line)}
				open = own
			}
		case startsAddresses(file[at:]):
			end(at)
		}
	}
	end(len(file))
	return own, unreleased
}

// textOf returns the text that a person wrote in a section: without the generated list, the underline of the
// heading, and the pipeline's own comments.
func textOf(section []byte) string {
	var kept []string
	for line := range strings.Lines(string(section)) {
		line = strings.TrimRight(line, "\r\n")
		if strings.TrimSpace(line) == GeneratedMark {
			break
		}
		underline := len(kept) == 0 && len(line) > 1 && strings.Trim(line, "=-") == ""
		if underline || ownComment().MatchString(line) {
			continue
		}
		kept = append(kept, line)
	}
	return strings.TrimSpace(strings.Join(kept, "\n"))
}

// raised raises the headings in a section by one level, as release notes need them.
func raised(text string) string {
	var out strings.Builder
	block := &codeBlock{}
	for line := range strings.Lines(text) {
		if !block.has([]byte(line)) && subheading().MatchString(line) {
			line = line[1:]
		}
		out.WriteString(line)
	}
	return out.String()
}

// InsertWritten is Insert for a changelog in which people write, too. The text in Unreleased moves to the section
// of the version, before the generated list, or replaces it. A file that has a section for this version does not
// change.
func InsertWritten(file []byte, versionText string, section []byte, compare, how string) ([]byte, error) {
	v, err := version.ParseTag("v" + versionText)
	if err != nil || placeOf(file, v) < 0 {
		return file, err
	}
	text := ""
	if _, unreleased := written(file, v); unreleased != nil {
		text = textOf(file[unreleased.from:unreleased.to])
		file = bytes.Join([][]byte{file[:unreleased.from], file[unreleased.to:]}, newline(file))
	}
	heading, generated, _ := bytes.Cut(section, []byte("\n"))
	joined := string(heading) + "\n\n"
	if text != "" {
		joined += text + "\n\n"
	}
	if text == "" || how != WrittenInstead {
		joined += GeneratedMark + "\n\n" + strings.TrimSpace(string(generated)) + "\n"
	}
	return Insert(file, versionText, []byte(joined), compare)
}

// newline returns the line ending of a file.
func newline(file []byte) []byte {
	if bytes.Contains(file, []byte("\r\n")) {
		return []byte("\r\n")
	}
	return []byte("\n")
}

// Describe adds to the notes of a commit the text that a person wrote in CHANGELOG.md about their version.
func (h History) Describe(ctx context.Context, notes *Notes, commit string) error {
	if h.Written == "" || h.File == "" {
		return nil
	}
	file, err := h.Repo.Content().File(ctx, commit, h.File)
	if err != nil {
		return err
	}
	if text := Written(file, notes.Version); text != "" {
		notes.Written, notes.Alone = text, h.Written == WrittenInstead
	}
	return nil
}
