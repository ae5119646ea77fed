package changelog

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// zeroWidth splits what GitHub would otherwise read as a mention.
const zeroWidth = "\u200b"

// Escape writes a line of foreign text as Markdown (GitHub Flavored Markdown,
// https://github.github.com/gfm/) that shows the text literally. Inline code and web
// addresses are kept; nothing else is interpreted.
func Escape(text string) string { return string(appendEscaped(nil, text)) }

// appendEscaped appends the result of Escape to a buffer.
func appendEscaped(out []byte, text string) []byte {
	text = Plain(text)
	number := len(text) - len(strings.TrimLeft(text, "0123456789"))
	for i := 0; i < len(text); {
		if plain := plainLen(text[i:]); plain > 0 {
			out = append(out, text[i:i+plain]...)
			i += plain
			continue
		}
		var took int
		if out, took = appendSpecial(out, text, i); took > 0 {
			i += took
			continue
		}
		if text[i] == '$' { // GitHub sets $x$ as mathematics
			out = append(out, "<span>$</span>"...)
			i++
			continue
		}
		if i == number && number > 0 && startsList(text[i:]) {
			out = append(out, '\\')
		}
		out = appendByte(out, text, i)
		i++
	}
	return out
}

// Plain returns foreign text as one line for a terminal or a log: words are joined with
// single spaces, and invisible characters that affect other text (control characters,
// changes of direction) are replaced.
func Plain(text string) string {
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, string(unicode.ReplacementChar))
	}
	space := true // as if a space preceded the text
	for _, r := range text {
		if unseen(r) {
			return Plain(strings.Map(seen, text))
		}
		if !unicode.IsSpace(r) {
			space = false
			continue
		}
		if space || r != ' ' {
			space = true
			break
		}
		space = true
	}
	if !space {
		return text // most texts need no change
	}
	return strings.Join(strings.Fields(strings.Map(seen, text)), " ")
}

func unseen(r rune) bool {
	return r < ' ' && !unicode.IsSpace(r) ||
		r >= 0x7f && !unicode.IsSpace(r) && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r))
}

func seen(r rune) rune {
	if unseen(r) {
		return unicode.ReplacementChar
	}
	return r
}

// meaningful is the set of bytes that appendSpecial, startsList and appendByte handle.
var meaningful = func() (set [256]bool) {
	for _, c := range []byte("\\*_[]<>~|&#+-=!:.)@`h$") {
		set[c] = true
	}
	return set
}()

// plainLen returns how many bytes precede the next meaningful one.
func plainLen(text string) int {
	for i := range len(text) {
		if meaningful[text[i]] {
			return i
		}
	}
	return len(text)
}

// appendSpecial writes a construct of several characters at text[i]: inline code, a web
// address, or unmatched backticks. It returns its length, or 0.
func appendSpecial(out []byte, text string, i int) ([]byte, int) {
	rest := text[i:]
	switch {
	case rest[0] == '`':
		// Some renderers take a`b@c.d` for an email address.
		if span := codeSpan(rest); span > 0 && (i == 0 || text[i-1] == ' ' || !strings.Contains(rest[:span], "@")) {
			return append(out, rest[:span]...), span
		}
		run := leading(rest, '`')
		for range run { // it opens no code span, so none of it may
			out = append(out, "\\`"...)
		}
		return out, run
	case rest[0] == 'h' && (i == 0 || !isWord(text[i-1])):
		if link := webLink(rest); link > 0 {
			out = append(append(out, '<'), rest[:link]...)
			return append(out, '>'), link
		}
	}
	return out, 0
}

// startsList reports whether the text after a number makes it a list item.
func startsList(rest string) bool {
	return (rest[0] == '.' || rest[0] == ')') && (len(rest) == 1 || rest[1] == ' ')
}

func appendByte(out []byte, text string, i int) []byte {
	c := text[i]
	switch {
	case strings.IndexByte(`\*_[]<>~|&`, c) >= 0:
		out = append(out, '\\')
	case i == 0 && strings.IndexByte("#+-=!", c) >= 0:
		out = append(out, '\\')
	case c == ':' && strings.HasPrefix(text[i:], "://"), c == '.' && endsWith(text[:i], "www"):
		out = append(out, '\\') // an address that was not recognised as one
	}
	out = append(out, c)
	if c == '@' {
		out = append(out, zeroWidth...)
	}
	if (c == '#' || c == '-' && endsWith(text[:i], "gh")) && i+1 < len(text) && text[i+1] >= '0' && text[i+1] <= '9' {
		out = append(out, zeroWidth...) // #1 and GH-1 are references, which are linked elsewhere
	}
	return out
}

func endsWith(text, suffix string) bool {
	return len(text) >= len(suffix) && strings.EqualFold(text[len(text)-len(suffix):], suffix)
}

func isWord(c byte) bool {
	return c == '_' || isAlphanumeric(c) || c >= 0x80
}

// Cell is Escape for a table cell, where a bar needs a backslash even in code (GFM,
// 4.10).
func Cell(text string) string {
	escaped := Escape(text)
	return strings.ReplaceAll(strings.ReplaceAll(escaped, `\|`, "|"), "|", `\|`)
}
