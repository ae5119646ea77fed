// Package changelog turns commits into what people read of a release: its
// notes, its section of CHANGELOG.md, and the same as JSON.
package changelog

import (
	"regexp"
	"strings"
)

// Change is a commit message as Conventional Commits 1.0.0
// (https://www.conventionalcommits.org/en/v1.0.0/) reads it.
type Change struct {
	Type        string   // lower case; "" when the message is not conventional
	Scopes      []string // as written, split at commas
	Description string   // what follows the colon, or the whole subject
	Breaking    []string // what breaks: footers' texts, else the description
	Footers     []Footer
	Reverts     []string // hashes of the commits that this one reverts
}

// Footer is one git trailer of a message.
type Footer struct {
	Token string // as written; BREAKING-CHANGE is BREAKING CHANGE
	Value string // lines joined by \n
}

var (
	// The type is a word of letters; what comes between it and the colon is the
	// scope, in parentheses that may hold anything but parentheses.
	header = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9_-]*)(?:\(([^()]*)\))?(!)?: +(\S.*)$`)
	// A footer's token has no spaces, except for BREAKING CHANGE.
	footer = regexp.MustCompile(`^(BREAKING CHANGE|[A-Za-z][A-Za-z0-9-]*)(?:: +| +#)(.*)$`)
	// A breaking note is sometimes just a paragraph of the body.
	breakingParagraph = regexp.MustCompile(`^BREAKING(?:[ -]CHANGES?)?: +(.*)$`)
	reverted          = regexp.MustCompile(`\bThis reverts commit ([0-9a-f]{7,64})\b`)
	quotedRevert      = regexp.MustCompile(`^Revert "(.*)"$`)
)

const breaking = "BREAKING CHANGE"

// Parse reads a commit message. Every message gives a Change: one that is not
// conventional has no type.
func Parse(message string) Change {
	message = strings.ToValidUTF8(strings.ReplaceAll(message, "\r\n", "\n"), "\uFFFD")
	subject, body, _ := strings.Cut(strings.TrimLeft(message, "\n"), "\n")
	subject = strings.TrimSpace(subject)
	change := Change{Description: subject}
	marked := false
	if match := header.FindStringSubmatch(subject); match != nil {
		change.Type, change.Description = strings.ToLower(match[1]), match[4]
		change.Scopes = scopes(match[2])
		marked = match[3] != ""
	} else if match := quotedRevert.FindStringSubmatch(subject); match != nil {
		change.Type, change.Description = "revert", match[1]
	}
	paragraphs := split(body)
	change.Footers = footers(paragraphs)
	change.Breaking = breakingNotes(change.Footers, paragraphs)
	if marked && len(change.Breaking) == 0 {
		change.Breaking = []string{change.Description}
	}
	if change.Type == "revert" || strings.HasPrefix(subject, "Revert ") {
		for _, match := range reverted.FindAllStringSubmatch(body, -1) {
			change.Reverts = append(change.Reverts, match[1])
		}
	}
	return change
}

func scopes(text string) []string {
	var list []string
	for scope := range strings.SplitSeq(text, ",") {
		if scope = strings.TrimSpace(scope); scope != "" {
			list = append(list, scope)
		}
	}
	return list
}

// split cuts a body into paragraphs of lines.
func split(body string) [][]string {
	var paragraphs [][]string
	var current []string
	for line := range strings.SplitSeq(body, "\n") {
		line = strings.TrimRight(line, " \t\r")
		if line == "" {
			if current != nil {
				paragraphs = append(paragraphs, current)
			}
			current = nil
			continue
		}
		current = append(current, line)
	}
	if current != nil {
		paragraphs = append(paragraphs, current)
	}
	return paragraphs
}

// footers reads the trailers: from the first paragraph, of those at the end,
// that begins with one. A value goes on over lines and paragraphs until the
// next token.
func footers(paragraphs [][]string) []Footer {
	first := len(paragraphs)
	for i := len(paragraphs) - 1; i >= 0 && footer.MatchString(paragraphs[i][0]); i-- {
		first = i
	}
	// A breaking change's text may have paragraphs of its own after it.
	for i := range first {
		if match := footer.FindStringSubmatch(paragraphs[i][0]); match != nil && isBreaking(match[1]) {
			first = i
			break
		}
	}
	var list []Footer
	for _, paragraph := range paragraphs[first:] {
		for n, line := range paragraph {
			if match := footer.FindStringSubmatch(line); match != nil {
				list = append(list, Footer{Token: token(match[1]), Value: match[2]})
				continue
			}
			last := &list[len(list)-1]
			if n == 0 {
				last.Value += "\n"
			}
			last.Value += "\n" + strings.TrimSpace(line)
		}
	}
	return list
}

func isBreaking(name string) bool { return name == breaking || name == "BREAKING-CHANGE" }

func token(name string) string {
	if isBreaking(name) {
		return breaking
	}
	return name
}

// breakingNotes are the texts of breaking footers, and of paragraphs of the
// body that say BREAKING: in the same manner.
func breakingNotes(trailers []Footer, paragraphs [][]string) []string {
	var notes []string
	for _, trailer := range trailers {
		if trailer.Token == breaking {
			notes = append(notes, strings.TrimSpace(trailer.Value))
		}
	}
	if notes != nil {
		return notes
	}
	for _, paragraph := range paragraphs {
		if match := breakingParagraph.FindStringSubmatch(paragraph[0]); match != nil {
			notes = append(notes, strings.Join(append([]string{match[1]}, paragraph[1:]...), "\n"))
		}
	}
	return notes
}
