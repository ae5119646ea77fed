package migration

import (
	"strconv"
	"strings"
)

// pyLiteral is the string that a scanner is reading.
type pyLiteral struct {
	quote     string // one or three
	raw       bool
	formatted bool
	value     strings.Builder
	marks     []mark
}

// readString reads a string that starts at its prefix; the scanner stands at
// the quote.
func (s *pyScanner) readString(start int, prefix string) {
	line := s.number
	literal := &pyLiteral{
		quote:     s.src[s.at : s.at+1],
		raw:       strings.Contains(prefix, "r"),
		formatted: strings.ContainsAny(prefix, "ft"),
		marks:     []mark{{0, line}},
	}
	if triple := strings.Repeat(literal.quote, 3); strings.HasPrefix(s.src[s.at:], triple) {
		literal.quote = triple
	}
	s.at += len(literal.quote)
	s.readLiteral(literal, line)
	s.emit(pyString, start, line).literal = source{literal.value.String(), literal.marks}
}

func (s *pyScanner) readLiteral(literal *pyLiteral, line int) {
	for s.at < len(s.src) {
		rest := s.src[s.at:]
		switch {
		case strings.HasPrefix(rest, literal.quote):
			s.at += len(literal.quote)
			return
		case rest[0] == '\n' && len(literal.quote) == 1:
			s.brokenAt(line)
			return
		case rest[0] == '\\' && len(rest) > 1:
			s.escape(literal)
		case literal.formatted && (strings.HasPrefix(rest, "{{") || strings.HasPrefix(rest, "}}")):
			literal.value.WriteByte(rest[0])
			s.at += 2
		case literal.formatted && rest[0] == '{':
			s.replacement(literal, line)
		default:
			s.copyByte(literal)
		}
	}
	s.brokenAt(line)
}

func (s *pyScanner) brokenAt(line int) {
	if s.broken == 0 {
		s.broken = line
	}
}

// copyByte takes over a byte as it is.
func (s *pyScanner) copyByte(literal *pyLiteral) {
	literal.value.WriteByte(s.src[s.at])
	s.at++
	if s.src[s.at-1] == '\n' {
		s.number++
		literal.marks = append(literal.marks, mark{literal.value.Len(), s.number})
	}
}

// escape reads a backslash and what it stands for.
func (s *pyScanner) escape(literal *pyLiteral) {
	next := s.src[s.at+1]
	switch {
	case literal.raw || next >= 0x80:
		s.copyByte(literal)
		s.copyByte(literal)
	case next == '\n':
		s.at += 2
		s.number++
		literal.marks = append(literal.marks, mark{literal.value.Len(), s.number})
	case next == '\'' || next == '"':
		literal.value.WriteByte(next)
		s.at += 2
	default:
		r, _, rest, err := strconv.UnquoteChar(s.src[s.at:], 0)
		if err != nil { // stands for itself
			s.copyByte(literal)
			return
		}
		literal.value.WriteRune(r)
		s.at = len(s.src) - len(rest)
	}
}

// replacement reads a {field} of an f-string, which may hold strings and
// brackets of its own. It stays in the value as it is written.
func (s *pyScanner) replacement(literal *pyLiteral, line int) {
	depth := 0
	quote := byte(0)
	start := s.at
	for ; s.at < len(s.src); s.at++ {
		c := s.src[s.at]
		switch {
		case c == '\n' && len(literal.quote) == 1:
			s.fieldBroken(literal, start, line)
			return
		case c == '\n':
			s.number++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '{':
			depth++
		case c == '}':
			depth--
		}
		if depth == 0 {
			s.at++
			s.fieldEnds(literal, start)
			return
		}
	}
	s.brokenAt(line)
}

// fieldBroken gives up on a field that its line does not close: what it opens
// is taken as text.
func (s *pyScanner) fieldBroken(literal *pyLiteral, start, line int) {
	s.brokenAt(line)
	s.at = start
	s.copyByte(literal)
	literal.formatted = false
}

func (s *pyScanner) fieldEnds(literal *pyLiteral, start int) {
	literal.value.WriteString(strings.Join(strings.Fields(s.src[start:s.at]), ""))
	literal.marks = append(literal.marks, mark{literal.value.Len(), s.number})
}
