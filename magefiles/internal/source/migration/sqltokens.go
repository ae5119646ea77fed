package migration

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// sqlKind is the kind of a token of SQL, and the group of lexer that matches it.
type sqlKind int

const (
	sqlSpace sqlKind = iota + 1
	sqlComment
	sqlString
	sqlQuoted
	sqlDollar // starts a string that ends with the same
	sqlBracket
	sqlWord
	sqlNumber
	sqlSign
	sqlUp   // a comment that starts the upgrade
	sqlDown // a comment that starts the downgrade
)

// lexer splits SQL by the rules of PostgreSQL
// (https://www.postgresql.org/docs/current/sql-syntax-lexical.html) with the additional
// quotes of SQLite (https://www.sqlite.org/lang_keywords.html). Placeholders of a
// template or of Python, such as {table}, ${table} or %s, are part of a word.
var lexer = regexp.MustCompile(`^(?s:(\s+)` +
	`|(--[^\r\n]*)` +
	`|([eE]'(?:\\.|''|[^'\\])*'|[bBnNxX]?'(?:[^']|'')*')` +
	"|(\"(?:[^\"]|\"\")*\"|`(?:[^`]|``)*`)" +
	`|(\$(?:[A-Za-z_\x80-\x{10FFFF}][A-Za-z0-9_\x80-\x{10FFFF}]*)?\$)` +
	`|(\[[A-Za-z_][^\[\]\n\r;'"]*\])` +
	`|(%s|%\(\w+\)s` +
	`|(?:[A-Za-z_\x80-\x{10FFFF}]|\$?\{[^}; \t\r\n]{0,200}\})(?:[\w\x80-\x{10FFFF}$]|\{[^}; \t\r\n]{0,200}\})*)` +
	`|([0-9][\w.\x80-\x{10FFFF}]*)` +
	`|(.))`)

type sqlToken struct {
	kind sqlKind
	text string // without quotes
	at   int
}

// is reports whether a token is a keyword, given in upper case, or a sign.
func (t sqlToken) is(text string) bool {
	return t.kind == sqlWord && strings.EqualFold(t.text, text) || t.kind == sqlSign && t.text == text
}

// sqlScanner splits SQL into tokens.
type sqlScanner struct {
	src    string
	at     int
	tokens []sqlToken
	title  string // the first comment with text, before any token
	broken int    // the start of something that is never closed, or -1
}

func scanSQL(src string) *sqlScanner {
	s := &sqlScanner{src: src, broken: -1}
	for s.at < len(s.src) {
		groups := lexer.FindStringSubmatchIndex(s.src[s.at:])
		kind := sqlSpace
		for groups[2*kind] < 0 {
			kind++
		}
		s.take(kind, s.src[s.at:s.at+groups[1]])
	}
	return s
}

// take takes the next text, of a kind.
func (s *sqlScanner) take(kind sqlKind, text string) {
	start := s.at
	s.at += len(text)
	switch {
	case kind == sqlSpace:
	case kind == sqlComment:
		s.comment(start)
	case kind == sqlQuoted:
		quote := text[:1]
		s.emit(sqlQuoted, strings.ReplaceAll(text[1:len(text)-1], quote+quote, quote), start)
	case kind == sqlString:
		s.emit(sqlString, strings.Trim(text[strings.IndexByte(text, '\''):], "'"), start)
	case kind == sqlDollar:
		s.dollar(start, text)
	case kind == sqlBracket && !s.isArray(start):
		s.emit(sqlQuoted, text[1:len(text)-1], start)
	case kind == sqlBracket:
		s.at = start + 1
		s.emit(sqlSign, "[", start)
	case text == "/" && strings.HasPrefix(s.src[start:], "/*"):
		s.blockComment(start)
	case kind == sqlSign && strings.IndexByte("'\"`", text[0]) >= 0:
		s.unclosed(start)
	default:
		s.emit(kind, strings.TrimPrefix(text, "$"), start)
	}
}

func (s *sqlScanner) emit(kind sqlKind, text string, at int) {
	s.tokens = append(s.tokens, sqlToken{kind, text, at})
}

func (s *sqlScanner) unclosed(start int) {
	s.at = len(s.src)
	if s.broken < 0 {
		s.broken = start
	}
}

// dollar reads a string in dollar quotes.
func (s *sqlScanner) dollar(start int, tag string) {
	text, _, closed := strings.Cut(s.src[s.at:], tag)
	if !closed {
		s.unclosed(start)
		return
	}
	s.emit(sqlString, text, start)
	s.at += len(text) + len(tag)
}

// isArray reports whether a bracket belongs to an array, and does not quote a name.
func (s *sqlScanner) isArray(at int) bool {
	before, _ := utf8.DecodeLastRuneInString(s.src[:at])
	afterWord := at > 0 && (strings.ContainsRune(`_)]"`, before) || unicode.IsLetter(before) || unicode.IsDigit(before))
	return afterWord || len(s.tokens) > 0 && s.tokens[len(s.tokens)-1].is("ARRAY")
}

var commentEdge = regexp.MustCompile(`/\*|\*/`)

// blockComment reads a comment, which may contain other comments.
func (s *sqlScanner) blockComment(start int) {
	s.at = start
	for depth := 0; depth > 0 || s.at == start; {
		edge := commentEdge.FindStringIndex(s.src[s.at:])
		if edge == nil {
			s.unclosed(start)
			return
		}
		if s.src[s.at+edge[0]] == '/' {
			depth++
		} else {
			depth--
		}
		s.at += edge[1]
	}
	s.comment(start)
}

// The comments of migrate, goose, dbmate and people before an upgrade and a downgrade.
var (
	upMarker   = marker("up|ups|upgrade")
	downMarker = marker("down|downs|downgrade|rollback|undo")
	pragma     = regexp.MustCompile(`(?i)^--\s*(?:\+(?:migrate|goose)\b|migrate:)`)
)

func marker(words string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)^--[\s=*#@!-]*(?:(?:\+(?:migrate|goose)\s+|migrate:)(?:` + words +
		`)\b.*|(?:` + words + `)(?:\s+migration)?[\s=*#:-]*)$`)
}

// comment evaluates a comment up to here: on its own line it may start the upgrade or
// downgrade, and before any statement it may be the title.
func (s *sqlScanner) comment(start int) {
	text := s.src[start:s.at]
	begun := len(s.tokens) > 0 && s.tokens[len(s.tokens)-1].kind != sqlUp
	switch {
	case downMarker.MatchString(text) && s.isAlone(start):
		s.emit(sqlDown, "", start)
	case upMarker.MatchString(text) && s.isAlone(start):
		s.emit(sqlUp, "", start)
	case s.title == "" && !begun && !pragma.MatchString(text):
		s.title = title(s.block(start, text))
	}
}

// isAlone reports whether nothing comes before it on the line.
func (s *sqlScanner) isAlone(start int) bool {
	before := s.src[:start]
	return strings.TrimSpace(before[strings.LastIndexByte(before, '\n')+1:]) == ""
}
