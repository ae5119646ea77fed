package migration

import (
	"regexp"
	"strings"
)

// sqlKind is what a token of SQL is.
type sqlKind int

const (
	sqlWord   sqlKind = iota
	sqlQuoted         // an identifier in quotes
	sqlString         // of any kind of quotes
	sqlNumber
	sqlSign
	sqlUp   // a comment that begins the way up
	sqlDown // a comment that begins the way down
)

type sqlToken struct {
	kind sqlKind
	text string // without quotes
	at   int
}

// is tells whether a token is a keyword, given in upper case, or a sign.
func (t sqlToken) is(text string) bool {
	switch t.kind {
	case sqlWord:
		return strings.EqualFold(t.text, text)
	case sqlSign:
		return t.text == text
	}
	return false
}

// sqlScanner cuts SQL into tokens, by the rules of PostgreSQL
// (https://www.postgresql.org/docs/current/sql-syntax-lexical.html) with the
// other quotes of SQLite (https://www.sqlite.org/lang_keywords.html).
type sqlScanner struct {
	src    string
	at     int
	tokens []sqlToken
	title  string // the first comment that says something, before any token
	broken int    // where something begins that is not closed, or -1
}

func scanSQL(src string) *sqlScanner {
	s := &sqlScanner{src: src, broken: -1}
	for s.at < len(s.src) {
		s.next()
	}
	return s
}

func (s *sqlScanner) has(prefix string) bool { return strings.HasPrefix(s.src[s.at:], prefix) }

func (s *sqlScanner) next() {
	c := s.src[s.at]
	switch {
	case strings.IndexByte(" \t\r\n\f\v", c) >= 0:
		s.at++
	case s.has("--"):
		s.lineComment()
	case s.has("/*"):
		s.blockComment()
	case c == '\'':
		s.quoted(sqlString, '\'', false)
	case c == '"':
		s.quoted(sqlQuoted, '"', false)
	case c == '`':
		s.quoted(sqlQuoted, '`', false)
	case c == '[':
		s.bracket()
	case c == '$':
		s.dollar()
	case startsWord(c) || s.field() > 0:
		s.word()
	case '0' <= c && c <= '9':
		s.number()
	case c == '%':
		s.percent()
	default:
		s.sign()
	}
}

func (s *sqlScanner) emit(kind sqlKind, text string, at int) {
	s.tokens = append(s.tokens, sqlToken{kind, text, at})
}

func (s *sqlScanner) sign() {
	s.emit(sqlSign, s.src[s.at:s.at+1], s.at)
	s.at++
}

// word also takes what a template puts in, as {table} or ${table}.
func (s *sqlScanner) word() {
	start := s.at
	for s.at < len(s.src) {
		switch c := s.src[s.at]; {
		case c == '{' && s.field() > 0:
			s.at += s.field()
		case continuesWord(c) || c == '$':
			s.at++
		case c == '\'' && isStringPrefix(s.src[start:s.at]):
			s.quoted(sqlString, '\'', strings.EqualFold(s.src[start:s.at], "e"))
			return
		default:
			s.emit(sqlWord, s.src[start:s.at], start)
			return
		}
	}
	s.emit(sqlWord, s.src[start:s.at], start)
}

// field is the length of a {field} that comes next, or 0.
func (s *sqlScanner) field() int {
	if s.src[s.at] != '{' {
		return 0
	}
	length := strings.IndexAny(s.src[s.at:min(len(s.src), s.at+longestText)], "}; \t\r\n")
	if length < 0 || s.src[s.at+length] != '}' {
		return 0
	}
	return length + 1
}

func isStringPrefix(text string) bool {
	switch strings.ToLower(text) {
	case "e", "b", "x", "n":
		return true
	}
	return false
}

func (s *sqlScanner) number() {
	start := s.at
	for s.at < len(s.src) && (continuesWord(s.src[s.at]) || s.src[s.at] == '.') {
		s.at++
	}
	s.emit(sqlNumber, s.src[start:s.at], start)
}

var placeholder = regexp.MustCompile(`^%(?:s|\(\w+\)s)`)

// percent reads a %s, which Python replaces, as a word.
func (s *sqlScanner) percent() {
	if found := placeholder.FindString(s.src[s.at:min(len(s.src), s.at+longestName)]); found != "" {
		s.emit(sqlWord, found, s.at)
		s.at += len(found)
		return
	}
	s.sign()
}

// quoted reads to the closing quote; a doubled one stands for itself.
func (s *sqlScanner) quoted(kind sqlKind, quote byte, escapes bool) {
	start := s.at
	var text strings.Builder
	for s.at++; s.at < len(s.src); s.at++ {
		c := s.src[s.at]
		switch {
		case escapes && c == '\\' && s.at+1 < len(s.src):
			s.at++
		case c == quote && s.at+1 < len(s.src) && s.src[s.at+1] == quote:
			s.at++
		case c == quote:
			s.at++
			s.emit(kind, text.String(), start)
			return
		}
		text.WriteByte(s.src[s.at])
	}
	s.unclosed(start)
}

func (s *sqlScanner) unclosed(start int) {
	s.at = len(s.src)
	if s.broken < 0 {
		s.broken = start
	}
}

var bracketed = regexp.MustCompile(`^\[([A-Za-z_][^\[\]\n\r;'"]*)\]`)

// bracket reads [name], but not the [ of an array.
func (s *sqlScanner) bracket() {
	isArray := len(s.tokens) > 0 && s.tokens[len(s.tokens)-1].is("ARRAY")
	if s.at > 0 {
		isArray = isArray || continuesWord(s.src[s.at-1]) || strings.IndexByte(`)]"`, s.src[s.at-1]) >= 0
	}
	found := bracketed.FindStringSubmatch(s.src[s.at:min(len(s.src), s.at+longestText)])
	if isArray || found == nil {
		s.sign()
		return
	}
	s.emit(sqlQuoted, found[1], s.at)
	s.at += len(found[0])
}

var dollarQuote = regexp.MustCompile(`^\$(?:[A-Za-z_\x80-\x{10FFFF}][A-Za-z0-9_\x80-\x{10FFFF}]*)?\$`)

// dollar reads a string in dollar quotes, or a parameter.
func (s *sqlScanner) dollar() {
	if s.has("${") {
		s.at++ // the next is a word, or another sign
		return
	}
	tag := dollarQuote.FindString(s.src[s.at:min(len(s.src), s.at+longestText)])
	if tag == "" {
		s.sign()
		return
	}
	start := s.at
	text, _, closed := strings.Cut(s.src[start+len(tag):], tag)
	if !closed {
		s.unclosed(start)
		return
	}
	s.emit(sqlString, text, start)
	s.at = start + len(text) + 2*len(tag)
}
