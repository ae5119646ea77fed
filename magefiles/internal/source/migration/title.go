package migration

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// title returns the first sentence, or heading, of a text that says more than where the
// file is. A sentence may continue on the next lines.
func title(text string) string {
	found := ""
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.Trim(line, " \t\r-=*#/")
		isPath := strings.HasSuffix(line, ".sql") || strings.HasSuffix(line, ".py")
		switch says := strings.ContainsFunc(line, unicode.IsLetter) && !isPath; {
		case found == "" && says:
			found = line
		case found == "":
		case says && len(found) < longestText && goesOn(found, line):
			found += " " + line
		default:
			return clean(firstSentence(found), longestText)
		}
	}
	return clean(firstSentence(found), longestText)
}

// connectives are words that do not end a sentence.
var connectives = strings.Fields(
	"a an and as at but by for from if in into is of on or so than that the to when which with",
)

// goesOn reports whether a sentence continues on the next line.
func goesOn(sentence, next string) bool {
	if strings.HasSuffix(firstSentence(sentence), ".") || strings.ContainsAny(sentence[len(sentence)-1:], "!?:") {
		return false
	}
	first, _ := utf8.DecodeRuneInString(next)
	last := sentence[strings.LastIndexByte(sentence, ' ')+1:]
	return unicode.IsLower(first) || first == '(' || strings.HasSuffix(last, ",") ||
		slices.Contains(connectives, strings.ToLower(last))
}

// sentenceEnd matches a full stop before another sentence, not one in a name, a number
// or an abbreviation such as "e.g.".
var sentenceEnd = regexp.MustCompile(`[^.\s]{2,}\.\s+\p{Lu}`)

// firstSentence returns the first sentence of a text.
func firstSentence(text string) string {
	if at := sentenceEnd.FindStringIndex(text); at != nil {
		return strings.TrimSpace(text[:at[0]+strings.IndexByte(text[at[0]:], '.')+1])
	}
	return text
}

// block returns a comment with the comment lines directly after it.
func (s *sqlScanner) block(start int, text string) string {
	if !strings.HasPrefix(text, "--") {
		return text
	}
	lines := []string{text}
	_, rest, _ := strings.Cut(s.src[start+len(text):], "\n")
	for line := range strings.Lines(rest) {
		line = strings.TrimSpace(line)
		isMarker := downMarker.MatchString(line) || upMarker.MatchString(line) || pragma.MatchString(line)
		if !strings.HasPrefix(line, "--") || isMarker {
			break
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}
