package changelog

import "strings"

// Commits are many and regular expressions slow, so the parsers of this file are
// written by hand. Tests compare them with the regular expressions.

// head is the first line of a conventional commit.
type head struct {
	name, scopes, description string
	marked                    bool // with ! as a breaking change
}

// cutHeader parses a subject like ^([A-Za-z][A-Za-z0-9_-]*)(\(([^()]*)\))?(!)?:
// +(\S.*)$: a type, an optional scope in parentheses, which may contain anything but
// parentheses, and a description.
func cutHeader(subject string) (head, bool) {
	var found head
	at := wordEnd(subject, '_')
	if at == 0 {
		return head{}, false
	}
	found.name = subject[:at]
	rest := subject[at:]
	if strings.HasPrefix(rest, "(") {
		end := strings.IndexAny(rest[1:], "()") + 1
		if end == 0 || rest[end] != ')' {
			return head{}, false
		}
		found.scopes, rest = rest[1:end], rest[end+1:]
	}
	rest, found.marked = strings.CutPrefix(rest, "!")
	rest, colon := strings.CutPrefix(rest, ": ")
	found.description = strings.TrimLeft(rest, " ")
	if !colon || found.description == "" || strings.IndexByte("\t\n\f\r", found.description[0]) >= 0 {
		return head{}, false
	}
	return found, true
}

// cutFooter parses a line like ^(BREAKING CHANGE|[A-Za-z][A-Za-z0-9-]*)(: +| +#)(.*)$:
// a token without spaces, except for BREAKING CHANGE, and a value.
func cutFooter(line string) (Footer, bool) {
	at := wordEnd(line, '-')
	if strings.HasPrefix(line, breaking) {
		at = len(breaking)
	}
	if at == 0 {
		return Footer{}, false
	}
	found := Footer{Token: line[:at]}
	if found.Token == "BREAKING-CHANGE" {
		found.Token = breaking
	}
	if value, ok := strings.CutPrefix(line[at:], ": "); ok {
		found.Value = strings.TrimLeft(value, " ")
		return found, true
	}
	if value, ok := strings.CutPrefix(strings.TrimLeft(line[at:], " "), "#"); ok && line[at] == ' ' {
		found.Value = value
		return found, true
	}
	return Footer{}, false
}

func isFooter(line string) bool {
	_, ok := cutFooter(line)
	return ok
}

// wordEnd returns the end of the word at the start of text: a letter, then letters,
// digits, hyphens and one more character.
func wordEnd(text string, sign byte) int {
	for i := range len(text) {
		switch c := text[i]; {
		case c|0x20 >= 'a' && c|0x20 <= 'z':
		case i > 0 && (c >= '0' && c <= '9' || c == '-' || c == sign):
		default:
			return i
		}
	}
	return len(text)
}

// codeSpan returns the length of the inline code at the start of text, ^(`+)([^`]+)(`+)
// with as many backticks at its end as at its start, or 0.
func codeSpan(text string) int {
	ticks := leading(text, '`')
	end := strings.IndexByte(text[ticks:], '`')
	if end < 0 || leading(text[ticks+end:], '`') != ticks {
		return 0
	}
	return ticks + end + ticks
}

func leading(text string, c byte) int {
	n := 0
	for n < len(text) && text[n] == c {
		n++
	}
	return n
}

// webLink returns the length of the web address at the start of text,
// ^https?://[A-Za-z0-9./?=&%_~+-]*[A-Za-z0-9/], or 0.
func webLink(text string) int {
	rest, ok := strings.CutPrefix(text, "http")
	rest, slashes := strings.CutPrefix(strings.TrimPrefix(rest, "s"), "://")
	if !ok || !slashes {
		return 0
	}
	n := 0
	for n < len(rest) && (isAlphanumeric(rest[n]) || strings.IndexByte(addressSigns, rest[n]) >= 0) {
		n++
	}
	for n > 0 && !isAlphanumeric(rest[n-1]) && rest[n-1] != '/' {
		n--
	}
	if n == 0 {
		return 0
	}
	return len(text) - len(rest) + n
}

const addressSigns = "./?=&%_~+-"

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}
