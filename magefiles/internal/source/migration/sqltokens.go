package migration

import (
	"regexp"
	"strings"
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
var lexer = regexp.MustCompile(`^(?s:(\s+)` +
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
	depth   int // how many brackets of the statement it is in
}

// is reports whether a token is a keyword, given in upper case, or a sign.
func (t sqlToken) is(text string) bool { return t.kind != sqlQuoted && strings.EqualFold(t.text, text) }

// sqlScanner splits SQL into the statements of the upgrade.
type sqlScanner struct {
	src        string
	at         int
	statements [][]sqlToken
	current    []sqlToken
	depth      int   // how many brackets are open
	blocks     []int // the starts of the open BEGIN … END and CASE … END blocks
	open       []int // the starts of what is never closed
	down       bool  // whether the current statement belongs to the downgrade
}

func scanSQL(src string) *sqlScanner {
	s := &sqlScanner{src: src}
	for s.at < len(s.src) {
		groups := lexer.FindStringSubmatchIndex(s.src[s.at:])
		kind := sqlSpace
		for groups[2*kind] < 0 {
			kind++
		}
		s.take(kind, s.src[s.at:s.at+groups[1]])
	}
	if len(s.blocks) > 0 && !s.down {
		s.open = append(s.open, s.blocks[0])
	}
	s.end()
	return s
}

// take takes the next text, of a kind.
func (s *sqlScanner) take(kind sqlKind, text string) {
	start := s.at
	s.at += len(text)
	switch kind {
	case sqlSpace:
	case sqlComment:
		s.comment(start)
	case sqlBlock:
		s.blockComment(start)
	case sqlQuoted:
		quote := text[len(text)-1:]
		text = text[strings.IndexAny(text, "'\"`[")+1 : len(text)-1]
		s.emit(sqlQuoted, strings.ReplaceAll(text, quote+quote, quote), start)
	case sqlDollar:
		content, _, closed := strings.Cut(s.src[s.at:], text)
		if !closed {
			s.unclosed(start)
			return
		}
		s.at += len(content) + len(text)
		s.emit(sqlQuoted, content, start)
	case sqlOpen:
		s.unclosed(start)
	default:
		s.emit(kind, strings.TrimPrefix(text, "$"), start)
	}
}

func (s *sqlScanner) unclosed(start int) { s.open, s.at = append(s.open, start), len(s.src) }

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
}

// marker matches comments of migrate, goose, dbmate and people before an upgrade and a downgrade.
var marker = regexp.MustCompile(`(?i)^--[\s=*#@!-]*(?:(?:\+(?:migrate|goose)\s+|migrate:)(\w+)\b.*` +
	`|(\w+)(?:\s+migration)?[\s=*#:-]*)$`)

// comment evaluates a comment of one line up to here: on its own line and outside of brackets it may start the upgrade
// or downgrade.
func (s *sqlScanner) comment(start int) {
	before := s.src[:start]
	isAlone := strings.TrimSpace(before[strings.LastIndexByte(before, '\n')+1:]) == ""
	marked := marker.FindStringSubmatch(s.src[start:s.at])
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

// endsLoop matches what follows END of a part of a block.
var endsLoop = regexp.MustCompile(`(?i)^\s+(?:IF|LOOP|WHILE|REPEAT|FOR)\b`)

// emit adds a token that ends here to the current statement.
func (s *sqlScanner) emit(kind sqlKind, text string, start int) {
	token := sqlToken{kind: kind, text: text, at: start, end: s.at}
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
		s.blocks = append(s.blocks, token.at)
	case token.is("END") && len(s.blocks) > 0 && !endsLoop.MatchString(s.src[s.at:]):
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
