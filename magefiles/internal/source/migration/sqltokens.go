package migration

import (
	"regexp"
	"strings"
)

// sqlKind is the kind of a token of SQL, and the group of lexer that matches it.
type sqlKind int

const (
	sqlSpace sqlKind = iota + 1
	sqlComment
	sqlBlock // starts a comment that may contain other comments
	sqlString
	sqlQuoted
	sqlDollar // starts a string that ends with the same
	sqlOpen   // starts a quote that never ends
	sqlWord
	sqlNumber
	sqlSign
	sqlUp   // a comment that starts the upgrade
	sqlDown // a comment that starts the downgrade
)

// lexer splits SQL by the rules of PostgreSQL (https://www.postgresql.org/docs/current/sql-syntax-lexical.html) with
// the additional quotes of SQLite (https://www.sqlite.org/lang_keywords.html), which an array's index may be taken for.
// Placeholders of a template or of Python, such as {table}, ${table} or %s, are part of a word.
var lexer = regexp.MustCompile(`^(?s:(\s+)` +
	`|(--[^\r\n]*)` +
	`|(/\*)` +
	`|([eE]'(?:\\.|''|[^'\\])*'|'(?:[^']|'')*')` +
	"|(\"(?:[^\"]|\"\")*\"|`(?:[^`]|``)*`" + `|\[[A-Za-z_][^\[\]\n\r;'"]*\])` +
	`|(\$(?:[A-Za-z_\x80-\x{10FFFF}][A-Za-z0-9_\x80-\x{10FFFF}]*)?\$)` +
	"|(['\"`])" +
	`|(%s|%\(\w+\)s` +
	`|(?:[A-Za-z_\x80-\x{10FFFF}]|\$?\{[^}; \t\r\n]{0,200}\})(?:[\w\x80-\x{10FFFF}$]|\{[^}; \t\r\n]{0,200}\})*)` +
	`|([0-9][\w.\x80-\x{10FFFF}]*)` +
	`|(.))`)

type sqlToken struct {
	kind    sqlKind
	text    string // without quotes
	at, end int
	depth   int // how many brackets of the statement it is in
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
	intro  strings.Builder // the comments before any statement
	broken int             // the start of something that is never closed, or -1
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
	switch kind {
	case sqlSpace:
		s.introduce(start)
	case sqlComment:
		s.comment(start)
	case sqlBlock:
		s.blockComment(start)
	case sqlQuoted:
		quote := text[len(text)-1:]
		s.emit(sqlQuoted, strings.ReplaceAll(text[1:len(text)-1], quote+quote, quote), start)
	case sqlString:
		s.emit(sqlString, strings.Trim(text[strings.IndexByte(text, '\''):], "'"), start)
	case sqlDollar:
		s.dollar(start, text)
	case sqlOpen:
		s.unclosed(start)
	default:
		s.emit(kind, strings.TrimPrefix(text, "$"), start)
	}
}

// emit adds a token that ends here.
func (s *sqlScanner) emit(kind sqlKind, text string, start int) {
	s.tokens = append(s.tokens, sqlToken{kind: kind, text: text, at: start, end: s.at})
}

func (s *sqlScanner) unclosed(start int) { s.broken, s.at = start, len(s.src) }

// dollar reads a string in dollar quotes.
func (s *sqlScanner) dollar(start int, tag string) {
	text, _, closed := strings.Cut(s.src[s.at:], tag)
	if !closed {
		s.unclosed(start)
		return
	}
	s.at += len(text) + len(tag)
	s.emit(sqlString, text, start)
}

var commentEdge = regexp.MustCompile(`/\*|\*/`)

// blockComment reads a comment, which may contain other comments.
func (s *sqlScanner) blockComment(start int) {
	for depth := 1; depth > 0; {
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
	s.introduce(start)
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

// comment evaluates a comment of one line up to here: on its own line it may start the upgrade or downgrade.
func (s *sqlScanner) comment(start int) {
	text := s.src[start:s.at]
	before := s.src[:start]
	isAlone := strings.TrimSpace(before[strings.LastIndexByte(before, '\n')+1:]) == ""
	switch {
	case isAlone && downMarker.MatchString(text):
		s.emit(sqlDown, "", start)
	case isAlone && upMarker.MatchString(text):
		s.emit(sqlUp, "", start)
	case !pragma.MatchString(text):
		s.introduce(start)
	}
}

// introduce adds the text up to here to the introduction, unless a statement has begun.
func (s *sqlScanner) introduce(start int) {
	if len(s.tokens) == 0 || s.tokens[len(s.tokens)-1].kind == sqlUp {
		s.intro.WriteString(s.src[start:s.at])
	}
}
