package changelog

import (
	"regexp"
	"strings"
)

var (
	codeSpan = regexp.MustCompile("^(`+)([^`](?:[^`]*[^`])?)(`+)")
	webLink  = regexp.MustCompile(`^https?://[A-Za-z0-9./?=&%_~+-]*[A-Za-z0-9/]`)
)

// zeroWidth parts what GitHub would otherwise make a mention of.
const zeroWidth = "\u200b"

// Escape writes a line of foreign text as Markdown (GitHub Flavored Markdown,
// https://github.github.com/gfm/) that shows just that text: inline code and
// web addresses stay what they are, nothing else takes on a meaning.
func Escape(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	var out strings.Builder
	out.Grow(len(text) + 16)
	number := len(text) - len(strings.TrimLeft(text, "0123456789"))
	for i := 0; i < len(text); {
		if took := special(&out, text, i); took > 0 {
			i += took
			continue
		}
		if i == number && number > 0 && startsList(text[i:]) {
			out.WriteByte('\\')
		}
		escapeByte(&out, text, i)
		i++
	}
	return out.String()
}

// special writes what begins at text[i] and is more than a character: inline
// code, a web address, ticks that are neither. It returns its length, or 0.
func special(out *strings.Builder, text string, i int) int {
	rest := text[i:]
	switch {
	case rest[0] == '`':
		if span := codeSpan.FindStringSubmatch(rest); span != nil && span[1] == span[3] && !strings.HasPrefix(rest[len(span[0]):], "`") {
			out.WriteString(span[0])
			return len(span[0])
		}
		run := len(rest) - len(strings.TrimLeft(rest, "`"))
		out.WriteString(strings.Repeat("\\`", run)) // it opens nothing: none of it may
		return run
	case rest[0] == 'h' && strings.HasPrefix(rest, "http") && (i == 0 || !isWord(text[i-1])):
		if link := webLink.FindString(rest); link != "" {
			out.WriteString("<" + link + ">")
			return len(link)
		}
	}
	return 0
}

// startsList tells whether what follows a number makes it one of a list.
func startsList(rest string) bool {
	return (rest[0] == '.' || rest[0] == ')') && (len(rest) == 1 || rest[1] == ' ')
}

func escapeByte(out *strings.Builder, text string, i int) {
	c := text[i]
	switch {
	case strings.IndexByte(`\*_[]<>~|&`, c) >= 0:
		out.WriteByte('\\')
	case i == 0 && strings.IndexByte("#+-=!", c) >= 0:
		out.WriteByte('\\')
	case c == ':' && strings.HasPrefix(text[i:], "://"), c == '.' && endsWith(text[:i], "www"):
		out.WriteByte('\\') // an address that was not taken as one
	}
	out.WriteByte(c)
	if c == '@' {
		out.WriteString(zeroWidth)
	}
	if c == '#' && i+1 < len(text) && text[i+1] >= '0' && text[i+1] <= '9' {
		out.WriteString(zeroWidth) // references are linked by us, to where they belong
	}
}

func endsWith(text, suffix string) bool {
	return len(text) >= len(suffix) && strings.EqualFold(text[len(text)-len(suffix):], suffix)
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= 0x80
}
