package migration

// sqlSplitter cuts tokens into statements.
type sqlSplitter struct {
	statements [][]sqlToken
	current    []sqlToken
	down       bool
	parens     int
	blocks     int // of BEGIN … END and CASE … END
	opened     int // where the outermost block begins
	broken     int // where a block begins that is not closed, or -1
}

// splitSQL gives the statements of the way up, and where a block begins that
// never ends, or -1.
func splitSQL(tokens []sqlToken) (statements [][]sqlToken, broken int) {
	s := &sqlSplitter{broken: -1}
	for i, token := range tokens {
		switch {
		case token.kind == sqlDown || token.kind == sqlUp:
			s.marker(token)
		case token.is(";") && s.blocks == 0:
			s.end()
		default:
			s.take(tokens, i)
		}
	}
	s.end()
	return s.statements, s.broken
}

// marker turns to another direction. Within parentheses a comment is only that.
func (s *sqlSplitter) marker(token sqlToken) {
	if s.parens > 0 || s.blocks > 0 {
		return
	}
	s.end()
	s.down = token.kind == sqlDown
}

func (s *sqlSplitter) end() {
	if s.blocks > 0 && !s.down && s.broken < 0 {
		s.broken = s.opened
	}
	if len(s.current) > 0 && !s.down {
		s.statements = append(s.statements, s.current)
	}
	s.current, s.parens, s.blocks = nil, 0, 0
}

func (s *sqlSplitter) take(tokens []sqlToken, i int) {
	token := tokens[i]
	s.current = append(s.current, token)
	isName := i > 0 && tokens[i-1].is(".")
	switch {
	case token.is("("):
		s.parens++
	case token.is(")"):
		s.parens = max(s.parens-1, 0)
	case isName || !isRoutine(s.current):
	case token.is("BEGIN"), token.is("CASE") && s.blocks > 0 && !tokens[i-1].is("END"):
		if s.blocks == 0 {
			s.opened = token.at
		}
		s.blocks++
	case token.is("END") && !endsStatement(tokens[i+1:]):
		s.blocks = max(s.blocks-1, 0)
	}
}

// endsStatement is whether what follows END says that it closes no block: END
// IF, END LOOP.
func endsStatement(following []sqlToken) bool {
	return len(following) > 0 && (following[0].is("IF") || following[0].is("LOOP") ||
		following[0].is("WHILE") || following[0].is("REPEAT") || following[0].is("FOR"))
}

// isRoutine is whether a statement creates what may have a body of statements.
func isRoutine(statement []sqlToken) bool {
	if !statement[0].is("CREATE") {
		return false
	}
	for _, token := range statement[1:min(len(statement), 6)] {
		if token.is("TRIGGER") || token.is("FUNCTION") || token.is("PROCEDURE") {
			return true
		}
	}
	return false
}
