package migration

// sqlSplitter splits tokens into statements.
type sqlSplitter struct {
	statements [][]sqlToken
	current    []sqlToken
	down       bool
	depth      int   // the number of open brackets
	blocks     []int // the starts of the open BEGIN … END and CASE … END blocks
	broken     int   // the start of a block that is never closed, or -1
}

// splitSQL returns the statements of the upgrade, and the start of a block that is never closed, or -1.
func splitSQL(tokens []sqlToken) (statements [][]sqlToken, broken int) {
	s := &sqlSplitter{broken: -1}
	for i, token := range tokens {
		isMarker := token.kind == sqlDown || token.kind == sqlUp
		switch {
		case isMarker && s.depth == 0 && len(s.blocks) == 0:
			s.end()
			s.down = token.kind == sqlDown
		case isMarker: // within brackets it is only a comment
		case token.is(";") && len(s.blocks) == 0:
			s.end()
		default:
			s.take(tokens, i)
		}
	}
	s.end()
	return s.statements, s.broken
}

func (s *sqlSplitter) end() {
	if len(s.blocks) > 0 && !s.down && s.broken < 0 {
		s.broken = s.blocks[0]
	}
	if len(s.current) > 0 && !s.down {
		s.statements = append(s.statements, s.current)
	}
	s.current, s.depth, s.blocks = nil, 0, nil
}

func (s *sqlSplitter) take(tokens []sqlToken, i int) {
	token := tokens[i]
	if token.is(")") || token.is("]") {
		s.depth = max(s.depth-1, 0)
	}
	token.depth = s.depth
	s.current = append(s.current, token)
	after := cursor{tokens: tokens, at: i + 1}
	switch {
	case token.is("("), token.is("["):
		s.depth++
	case i > 0 && tokens[i-1].is(".") || !isRoutine(s.current):
	case token.is("BEGIN"), token.is("CASE") && len(s.blocks) > 0 && !tokens[i-1].is("END"):
		s.blocks = append(s.blocks, token.at)
	case token.is("END") && len(s.blocks) > 0 && !after.isAny("IF", "LOOP", "WHILE", "REPEAT", "FOR"):
		s.blocks = s.blocks[:len(s.blocks)-1]
	}
}

// isRoutine reports whether a statement creates an object with a body of statements.
func isRoutine(statement []sqlToken) bool {
	head := statement[:min(len(statement), 6)]
	return head[0].is("CREATE") &&
		(contains(head, "TRIGGER") || contains(head, "FUNCTION") || contains(head, "PROCEDURE"))
}
