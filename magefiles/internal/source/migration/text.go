package migration

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

const (
	longestName = 80
	longestText = 240
)

// clean turns any text into one line of printable characters, cut at limit.
func clean(text string, limit int) string {
	isGap := func(r rune) bool { return r == ' ' || !unicode.IsPrint(r) }
	words := strings.FieldsFunc(strings.ToValidUTF8(text, "\uFFFD"), isGap)
	runes := []rune(strings.Join(words, " "))
	if len(runes) >= limit {
		return strings.TrimRight(string(runes[:limit-2]), " ") + "…"
	}
	return string(runes)
}

// unknown is the name of an object whose name cannot be read.
const unknown = "{?}"

// shown returns a name for display.
func shown(name string) string { return cmp.Or(clean(name, longestName), unknown) }

// firstSentence matches the first of several sentences. A full stop in a name, a number or an abbreviation such as
// "e.g." does not end it.
var firstSentence = pattern.Lazy(`^(.*?[^.\s]{2,}\.)\s+\p{Lu}`)

// noTitle matches lines of comments that name a file, or that are for migrate, goose or dbmate.
var noTitle = pattern.Lazy(`(?i)\.(?:sql|py)$|^\+(?:migrate|goose)\b|^migrate:` +
	`|^(?:ups?|upgrade|downs?|downgrade|rollback|undo)$`)

// title returns the first sentence, or heading, of a text that says more than where the file is. A sentence may
// continue on the next lines.
func title(text string) string {
	found := ""
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.Trim(line, " \t\r-=*#/")
		says := strings.ContainsFunc(line, unicode.IsLetter) && !noTitle().MatchString(line)
		if found != "" && (!says || !goesOn(found, line)) {
			break
		}
		if says {
			found = strings.TrimSpace(found + " " + line)
		}
	}
	if first := firstSentence().FindStringSubmatch(found); first != nil {
		found = first[1]
	}
	return clean(found, longestText)
}

// connectives are words that do not end a sentence.
var connectives = strings.Fields(
	"a an and as at but by for from if in into is of on or so than that the to when which with",
)

// goesOn reports whether a text continues on the next line.
func goesOn(text, next string) bool {
	if len(text) >= longestText || strings.ContainsAny(text[len(text)-1:], ".!?:") {
		return false
	}
	first, _ := utf8.DecodeRuneInString(next)
	last := text[strings.LastIndexByte(text, ' ')+1:]
	return unicode.IsLower(first) || first == '(' || strings.HasSuffix(last, ",") ||
		slices.Contains(connectives, strings.ToLower(last))
}
