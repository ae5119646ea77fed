package migration

import (
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// sqlKind is the kind of a part of SQL, and the group of lexer that matches it.
type sqlKind int

const (
	sqlSpace sqlKind = iota + 1
	sqlComment
	sqlBlock  // starts a comment that may contain other comments
	sqlQuoted // a name or a string
	sqlDollar // starts a string that ends with the same
	sqlOpen   // starts a quote that never ends
	sqlWord
	sqlSign // or a number
)

// lexer splits SQL by the rules of PostgreSQL (https://www.postgresql.org/docs/current/sql-syntax-lexical.html) with
// the additional quotes of SQLite (https://www.sqlite.org/lang_keywords.html), which an array's index may be taken for.
// Placeholders of a template or of Python, such as {table}, ${table} or %s, are part of a word.
var lexer = pattern.Lazy(`^(?s:(\s+)` +
	`|(--[^\r\n]*)` +
	`|(/\*)` +
	`|([eE]'(?:\\.|''|[^'\\])*'|'(?:[^']|'')*'` +
	"|\"(?:[^\"]|\"\")*\"|`(?:[^`]|``)*`" + `|\[[A-Za-z_][^\[\]\n\r;'"]*\])` +
	`|(\$(?:[A-Za-z_\x80-\x{10FFFF}][A-Za-z0-9_\x80-\x{10FFFF}]*)?\$)` +
	"|(['\"`])" +
	`|(%s|%\(\w+\)s` +
	`|(?:[A-Za-z_\x80-\x{10FFFF}]|\$?\{[^}; \t\r\n]{0,200}\})(?:[\w\x80-\x{10FFFF}$]|\{[^}; \t\r\n]{0,200}\})*)` +
	`|([0-9][\w.\x80-\x{10FFFF}]*|.))`)

type sqlToken struct {
	kind    sqlKind // sqlQuoted, sqlWord or sqlSign
	text    string  // without quotes
	at, end int
	line    int // from 0
	depth   int // how many brackets of the statement it is in
}

// is reports whether a token is a keyword, given in upper case, or a sign.
func (t sqlToken) is(text string) bool { return t.kind != sqlQuoted && strings.EqualFold(t.text, text) }

// sqlScanner splits SQL into the statements of the upgrade.
type sqlScanner struct {
	src        string
	start, at  int // of the token that is read
	line       int // on which it starts, from 0
	statements [][]sqlToken
	current    []sqlToken
	depth      int   // how many brackets are open
	blocks     []int // the lines of the open BEGIN … END and CASE … END blocks
	open       []int // the lines of what is never closed
	down       bool  // whether the current statement belongs to the downgrade
}

func scanSQL(src string) *sqlScanner {
	s := &sqlScanner{src: src}
	for s.at < len(s.src) {
		groups := lexer().FindStringSubmatchIndex(s.src[s.at:])
		kind := sqlSpace
		for groups[2*kind] < 0 {
			kind++
		}
		s.start, s.at = s.at, s.at+groups[1]
		s.take(kind, s.src[s.start:s.at])
		s.line += strings.Count(s.src[s.start:s.at], "\n")
	}
	if len(s.blocks) > 0 && !s.down {
		s.open = append(s.open, s.blocks[0])
	}
	s.end()
	return s
}

// take takes the next token, of the given kind.
func (s *sqlScanner) take(kind sqlKind, text string) {
	switch kind {
	case sqlSpace:
	case sqlComment:
		s.comment(text)
	case sqlBlock:
		s.blockComment()
	case sqlQuoted:
		quote := text[len(text)-1:]
		text = text[strings.IndexAny(text, "'\"`[")+1 : len(text)-1]
		s.emit(sqlQuoted, strings.ReplaceAll(text, quote+quote, quote))
	case sqlDollar:
		content, _, closed := strings.Cut(s.src[s.at:], text)
		if !closed {
			s.unclosed()
			return
		}
		s.at += len(content) + len(text)
		s.emit(sqlQuoted, content)
	case sqlOpen:
		s.unclosed()
	default:
		s.emit(kind, strings.TrimPrefix(text, "$"))
	}
}

func (s *sqlScanner) unclosed() { s.open, s.at = append(s.open, s.line), len(s.src) }

var commentEdge = pattern.Lazy(`/\*|\*/`)

// blockComment reads a comment, which may contain other comments.
func (s *sqlScanner) blockComment() {
	for depth := 1; depth > 0; {
		edge := commentEdge().FindStringIndex(s.src[s.at:])
		if edge == nil {
			s.unclosed()
			return
		}
		if s.src[s.at+edge[0]] == '/' {
			depth++
		} else {
			depth--
		}
		s.at += edge[1]
	}
}

// marker matches comments of migrate, goose, dbmate and people before an upgrade and a downgrade.
var marker = pattern.Lazy(`(?i)^--[\s=*#@!-]*(?:(?:\+(?:migrate|goose)\s+|migrate:)(\w+)\b.*` +
	`|(\w+)(?:\s+migration)?[\s=*#:-]*)$`)

// comment evaluates a comment: on its own line and outside of brackets it may start the upgrade or downgrade.
func (s *sqlScanner) comment(text string) {
	before := s.src[:s.start]
	isAlone := strings.TrimSpace(before[strings.LastIndexByte(before, '\n')+1:]) == ""
	marked := marker().FindStringSubmatch(text)
	if !isAlone || marked == nil || s.depth > 0 || len(s.blocks) > 0 {
		return
	}
	switch strings.ToLower(marked[1] + marked[2]) {
	case "up", "ups", "upgrade":
		s.end()
		s.down = false
	case "down", "downs", "downgrade", "rollback", "undo":
		s.end()
		s.down = true
	}
}

// emit adds a token that ends here to the current statement.
func (s *sqlScanner) emit(kind sqlKind, text string) {
	token := sqlToken{kind: kind, text: text, at: s.start, end: s.at, line: s.line}
	if token.is(";") && len(s.blocks) == 0 {
		s.end()
		return
	}
	if token.is(")") || token.is("]") {
		s.depth = max(s.depth-1, 0)
	}
	token.depth = s.depth
	var last sqlToken
	if len(s.current) > 0 {
		last = s.current[len(s.current)-1]
	}
	s.current = append(s.current, token)
	switch {
	case token.is("("), token.is("["):
		s.depth++
	case last.is(".") || !isRoutine(s.current):
	case token.is("BEGIN"), token.is("CASE") && len(s.blocks) > 0 && !last.is("END"):
		s.blocks = append(s.blocks, s.line)
	case token.is("END") && len(s.blocks) > 0:
		s.blocks = s.blocks[:len(s.blocks)-1]
	}
}

// end ends the current statement.
func (s *sqlScanner) end() {
	if len(s.current) > 0 && !s.down {
		s.statements = append(s.statements, s.current)
	}
	s.current, s.depth, s.blocks = nil, 0, nil
}

// isRoutine reports whether a statement creates an object with a body of statements.
func isRoutine(tokens []sqlToken) bool {
	c := cursor{tokens: tokens}
	isNew := c.is("CREATE")
	c.skip("OR", "REPLACE", "TEMP", "TEMPORARY", "CONSTRAINT")
	return isNew && c.isAny("TRIGGER", "FUNCTION", "PROCEDURE")
}
