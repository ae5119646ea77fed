package announce

import (
	"strings"
	"unicode/utf16"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
)

// zeroWidth splits what Discord would otherwise read as a mention or an address.
const zeroWidth = "\u200b"

// special are the characters that start or end formatting in Discord's Markdown:
// emphasis, spoilers, code, quotes, headings, masked links, mentions (<@1>), emoji
// (:x:), times (<t:1>). After a backslash each of them is an ordinary character.
// https://support.discord.com/hc/en-us/articles/210298617
const special = "\\*_~|`<>[]()#@:"

// units returns the length of a text in UTF-16 code units.
func units(text string) int {
	count := 0
	for _, r := range text {
		count += utf16.RuneLen(r)
	}
	return count
}

// escape escapes foreign text, as one line, so that Discord shows it literally. The result has at most room units;
// an ellipsis replaces what is cut off.
func escape(text string, room int) string {
	runes := []rune(changelog.Plain(text))
	var pieces []string
	used := 0
	for i := range runes {
		piece := escaped(runes, i)
		pieces = append(pieces, piece)
		if used += units(piece); used > room {
			break
		}
	}
	if used <= room {
		return strings.Join(pieces, "")
	}
	for used > room-1 {
		used -= units(pieces[len(pieces)-1])
		pieces = pieces[:len(pieces)-1]
	}
	return strings.TrimRight(strings.Join(pieces, ""), " ") + "…"
}

// escaped returns the character at i in the form that Discord needs.
func escaped(text []rune, i int) string {
	r := text[i]
	after := string(text[i+1 : min(i+3, len(text))])
	switch {
	case r == '@':
		return `\@` + zeroWidth
	case r == ':' && strings.HasPrefix(after, "//"):
		return `\:` + zeroWidth // an address; a backslash alone may not break it
	case r == ':' && (after == "" || after[0] == ' '):
		return ":" // as after a scope: it neither starts nor ends an emoji
	case strings.ContainsRune(special, r), i == 0 && (r == '-' || r == '+'),
		r == '.' && numbers(text[:i]) && (after == "" || after[0] == ' '):
		return `\` + string(r)
	}
	return string(r)
}

// numbers reports whether a text could be the number of a list item.
func numbers(text []rune) bool {
	return len(text) > 0 && strings.Trim(string(text), "0123456789") == ""
}
