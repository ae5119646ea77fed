// Package changelog turns commits into the description of a release: its notes, its
// section of CHANGELOG.md, and the same as JSON.
package changelog

import (
	"strings"
	"unicode/utf8"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// Change is a commit message parsed as Conventional Commits 1.0.0
// (https://www.conventionalcommits.org/en/v1.0.0/).
type Change struct {
	Type        string   // lower case; "" when the message is not conventional
	Scopes      []string // as written, split at commas
	Description string   // the text after the colon, or the whole subject
	Breaking    []string // the breaking changes: texts of footers, else the description
	Footers     []Footer
	Reverts     []string // what this commit reverts: hashes, and pull requests as #12
	Squashed    []Change // the squashed commits that the body lists
}

// Footer is one git trailer of a message.
type Footer struct {
	Token string // as written; BREAKING-CHANGE is BREAKING CHANGE
	Value string // lines joined by \n
}

var (
	// A breaking change is sometimes described in a plain paragraph of the body.
	breakingParagraph = pattern.Lazy(`^BREAKING(?:[ -]CHANGES?)?: +(.*)$`)
	revertedPull      = pattern.Lazy(`(?m)^Reverts (?:[\w.-]+/[\w.-]+)?(#[1-9][0-9]{0,8})\b`)
	reverted          = pattern.Lazy(`\bThis reverts commit ([0-9a-f]{7,64})\b`)
)

const breaking = "BREAKING CHANGE"

// Parse parses a commit message. Every message gives a Change; one that is not
// conventional has no type.
func Parse(message string) Change {
	message = strings.ReplaceAll(message, "\r\n", "\n")
	if !utf8.ValidString(message) {
		message = strings.ToValidUTF8(message, "\uFFFD")
	}
	subject, body, _ := strings.Cut(strings.TrimLeft(message, "\n"), "\n")
	subject = strings.TrimSpace(subject)
	change := Change{Description: subject}
	marked := false
	if head, ok := cutHeader(subject); ok {
		change.Type, change.Description = strings.ToLower(head.name), head.description
		change.Scopes = scopes(head.scopes)
		marked = head.marked
	} else if reverted, ok := cutRevert(subject); ok {
		change.Type, change.Description = "revert", reverted
	}
	paragraphs := split(body)
	if _, number := cutReference(change.Description); number != "" || change.Type == "" {
		paragraphs, change.Squashed = cutSquashed(paragraphs)
	}
	change.Footers = footers(paragraphs)
	change.Breaking = breakingNotes(change.Footers, paragraphs)
	for _, each := range change.Squashed {
		change.Breaking = append(change.Breaking, each.Breaking...)
		change.Footers = append(change.Footers, each.Footers...)
	}
	if marked && len(change.Breaking) == 0 {
		change.Breaking = []string{change.Description}
	}
	if change.Type == "revert" || strings.HasPrefix(subject, "Revert ") || strings.HasPrefix(subject, `Reapply "`) {
		change.Reverts = reverts(change, body)
	}
	return change
}

// cutRevert parses the subject of a revert by git or GitHub: Revert "subject", perhaps
// followed by the number of its own pull request.
func cutRevert(subject string) (reverted string, ok bool) {
	quoted, ok := strings.CutPrefix(subject, `Revert "`)
	if !ok {
		return "", false
	}
	if inner, ok := strings.CutSuffix(quoted, `"`); ok {
		return inner, true
	}
	rest, number := cutReference(quoted)
	inner, ok := strings.CutSuffix(rest, `"`)
	if number == "" || !ok {
		return "", false
	}
	return inner + " (#" + number + ")", true
}

// reverts finds what a commit says that it reverts: in git's form, in GitHub's, and in
// the footer Refs that Conventional Commits recommends.
func reverts(change Change, body string) []string {
	var list []string
	for _, match := range reverted().FindAllStringSubmatch(body, -1) {
		list = append(list, match[1])
	}
	for _, match := range revertedPull().FindAllStringSubmatch(body, -1) {
		list = append(list, match[1])
	}
	for _, footer := range change.Footers {
		if footer.Token != "Refs" {
			continue
		}
		for word := range strings.FieldsFuncSeq(footer.Value, func(r rune) bool { return r == ',' || r == ' ' }) {
			if len(word) >= 7 && strings.Trim(word, "0123456789abcdef") == "" {
				list = append(list, word)
			}
		}
	}
	return list
}

// cutSquashed takes the messages of squashed commits out of a body, each from
// "* type: description" on, as GitHub writes them when it merges
// (https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges/configuring-commit-squashing-for-pull-requests),
// up to the next one. Footers at the end of the body are the whole's.
func cutSquashed(paragraphs [][]string) (rest [][]string, squashed []Change) {
	first := len(paragraphs)
	for i := range paragraphs {
		if isSquashed(paragraphs[i][0]) {
			first = i
			break
		}
	}
	if first == len(paragraphs) {
		return paragraphs, nil
	}
	end := len(paragraphs)
	for end > first && isFooter(paragraphs[end-1][0]) && !startsBreaking(paragraphs[end-1][0]) {
		end--
	}
	var message []string
	flush := func() {
		if message != nil {
			squashed = append(squashed, Parse(strings.Join(message, "\n")))
		}
		message = nil
	}
	for _, paragraph := range paragraphs[first:end] {
		for n, line := range paragraph {
			if isSquashed(line) {
				flush()
				line = strings.TrimPrefix(line, "* ")
			} else if n == 0 {
				message = append(message, "")
			}
			message = append(message, line)
		}
	}
	flush()
	return append(paragraphs[:first:first], paragraphs[end:]...), squashed
}

func isSquashed(line string) bool {
	item, ok := strings.CutPrefix(line, "* ")
	if ok {
		_, ok = cutHeader(item)
	}
	return ok
}

func startsBreaking(line string) bool {
	if !strings.HasPrefix(line, "BREAKING") {
		return false
	}
	found, ok := cutFooter(line)
	return ok && found.Token == breaking
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
	if body == "" {
		return nil
	}
	var paragraphs [][]string
	lines := make([]string, 0, strings.Count(body, "\n")+1) // of all paragraphs
	first := 0                                              // line of the current one
	for line := range strings.SplitSeq(body, "\n") {
		if line = strings.TrimRight(line, " \t\r"); line != "" {
			if first < len(lines) && startsBreaking(line) { // it needs no empty line before
				paragraphs = append(paragraphs, lines[first:len(lines):len(lines)])
				first = len(lines)
			}
			lines = append(lines, line)
			continue
		}
		if first < len(lines) {
			paragraphs = append(paragraphs, lines[first:])
		}
		first = len(lines)
	}
	if first < len(lines) {
		paragraphs = append(paragraphs, lines[first:])
	}
	return paragraphs
}

// footers parses the trailers: they start at the first of the last paragraphs that
// starts with one. A value continues over lines and paragraphs until the next token.
func footers(paragraphs [][]string) []Footer {
	first := len(paragraphs)
	for i := len(paragraphs) - 1; i >= 0 && isFooter(paragraphs[i][0]); i-- {
		first = i
	}
	// The text of a breaking change may have several paragraphs.
	for i := range first {
		if found, ok := cutFooter(paragraphs[i][0]); ok && found.Token == breaking {
			first = i
			break
		}
	}
	var list []Footer
	for _, paragraph := range paragraphs[first:] {
		for n, line := range paragraph {
			if found, ok := cutFooter(line); ok {
				list = append(list, found)
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

// breakingNotes returns the texts of breaking footers, and of paragraphs of the body
// that say BREAKING: in the same way.
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
		if !strings.HasPrefix(paragraph[0], "BREAKING") {
			continue
		}
		if match := breakingParagraph().FindStringSubmatch(paragraph[0]); match != nil {
			notes = append(notes, strings.Join(append([]string{match[1]}, paragraph[1:]...), "\n"))
		}
	}
	return notes
}
