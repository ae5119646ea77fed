package migration

import (
	"strings"
	"unicode/utf8"
)

// pyKind is what a token of Python is.
type pyKind int

const (
	pyName pyKind = iota
	pyNumber
	pyString
	pyOperator
)

type pyToken struct {
	kind       pyKind
	text       string // as it stands in the file
	line       int
	start, end int
	literal    source // a string's value
}

func (t pyToken) opens() bool {
	return t.kind == pyOperator && (t.text == "(" || t.text == "[" || t.text == "{")
}

func (t pyToken) closes() bool {
	return t.kind == pyOperator && (t.text == ")" || t.text == "]" || t.text == "}")
}

// pyLine is a logical line: in a pyModule, a simple statement or the header of
// a block.
type pyLine struct {
	indent int
	tokens []pyToken
}

func (l pyLine) word() string {
	if len(l.tokens) == 0 || l.tokens[0].kind != pyName {
		return ""
	}
	if l.tokens[0].text == "async" && len(l.tokens) > 1 {
		return l.tokens[1].text
	}
	return l.tokens[0].text
}

// pyScanner cuts Python into logical lines, by its lexical rules
// (https://docs.python.org/3/reference/lexical_analysis.html).
type pyScanner struct {
	src    string
	at     int
	number int // of the line
	indent int // of the logical line
	depth  int // of open brackets
	tokens []pyToken
	lines  []pyLine
	broken int // the line where something begins that is not closed, or 0
}

// scanPython gives the logical lines, and the line where something begins that
// is never closed, or 0.
func scanPython(src string) ([]pyLine, int) {
	s := &pyScanner{src: src, number: 1}
	s.measure()
	for s.at < len(s.src) {
		s.next()
	}
	opened := 0
	if s.depth > 0 && len(s.tokens) > 0 {
		opened = s.tokens[0].line
	}
	s.end()
	if s.broken == 0 {
		s.broken = opened
	}
	return s.lines, s.broken
}

// measure reads the indentation at the start of a line.
func (s *pyScanner) measure() {
	s.indent = 0
	for ; s.at < len(s.src); s.at++ {
		switch s.src[s.at] {
		case ' ':
			s.indent++
		case '\t':
			s.indent += 8 - s.indent%8
		case '\f':
			s.indent = 0
		default:
			return
		}
	}
}

// end ends the logical line.
func (s *pyScanner) end() {
	if len(s.tokens) > 0 {
		s.lines = append(s.lines, pyLine{s.indent, s.tokens})
	}
	s.tokens = nil
}

func (s *pyScanner) next() {
	c := s.src[s.at]
	switch {
	case c == '\n':
		s.newline()
	case c == ' ' || c == '\t' || c == '\f':
		s.at++
	case c == '#':
		s.skipComment()
	case c == '\\' && strings.HasPrefix(s.src[s.at:], "\\\n"):
		s.at += 2
		s.number++
	case c == '"' || c == '\'':
		s.readString(s.at, "")
	case startsWord(c):
		s.word()
	case '0' <= c && c <= '9':
		s.readNumber()
	default:
		s.operator()
	}
}

func (s *pyScanner) newline() {
	s.at++
	s.number++
	if s.depth == 0 {
		s.end()
		s.measure()
	}
}

func (s *pyScanner) skipComment() {
	length := strings.IndexByte(s.src[s.at:], '\n')
	if length < 0 {
		length = len(s.src) - s.at
	}
	s.at += length
}

func (s *pyScanner) emit(kind pyKind, start, line int) *pyToken {
	s.tokens = append(s.tokens, pyToken{kind: kind, text: s.src[start:s.at], line: line, start: start, end: s.at})
	return &s.tokens[len(s.tokens)-1]
}

func startsWord(c byte) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= utf8.RuneSelf
}

func continuesWord(c byte) bool { return startsWord(c) || '0' <= c && c <= '9' }

func (s *pyScanner) word() {
	start := s.at
	for s.at < len(s.src) && continuesWord(s.src[s.at]) {
		s.at++
	}
	prefix := strings.ToLower(s.src[start:s.at])
	if len(prefix) <= 2 && strings.Trim(prefix, "rbuft") == "" && s.at < len(s.src) &&
		(s.src[s.at] == '"' || s.src[s.at] == '\'') {
		s.readString(start, prefix)
		return
	}
	s.emit(pyName, start, s.number)
}

func (s *pyScanner) readNumber() {
	start := s.at
	for s.at < len(s.src) && (continuesWord(s.src[s.at]) || s.src[s.at] == '.') {
		s.at++
	}
	s.emit(pyNumber, start, s.number)
}

// operators of more than one character, the longer ones first.
var operators = []string{
	"**=", "//=", ">>=", "<<=", "...", "==", "!=", "<=", ">=", ":=", "->", "**", "//", ">>", "<<",
	"+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "@=",
}

func (s *pyScanner) operator() {
	start, length := s.at, 1
	for _, each := range operators {
		if strings.HasPrefix(s.src[s.at:], each) {
			length = len(each)
			break
		}
	}
	switch s.src[s.at] {
	case '(', '[', '{':
		s.depth++
	case ')', ']', '}':
		s.depth = max(s.depth-1, 0)
	}
	s.at += length
	s.emit(pyOperator, start, s.number)
}
