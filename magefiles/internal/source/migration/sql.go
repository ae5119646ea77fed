package migration

import (
	"slices"
	"strings"
)

// readSQL reads a file of SQL. Of a downgrade it reads only the title.
func readSQL(text string, down bool) Migration {
	l := newLedger()
	var lines []piece
	for line := range strings.SplitAfterSeq(text, "\n") {
		lines = append(lines, piece{len(lines) + 1, line})
	}
	found := Migration{Title: l.sql(newSource(lines))}
	if !down {
		found.Operations = l.list(len(lines))
	}
	return found
}

// sql records what the statements of a text do, and returns the text's title.
func (l *ledger) sql(text source) string {
	scanned := scanSQL(text.value)
	statements, open := splitSQL(scanned.tokens)
	for _, tokens := range statements {
		(&statement{ledger: l, text: text, cursor: cursor{tokens: tokens}}).read()
	}
	for _, at := range []int{scanned.broken, open} {
		if at >= 0 {
			l.apply(change{Line: text.lines[at], Do: "unclosed"})
		}
	}
	return title(scanned.intro.String())
}

// statement is one statement of SQL, or a part of one, as far as it has been read.
type statement struct {
	*ledger
	cursor
	text source
}

// part returns a statement of some of the tokens.
func (s *statement) part(tokens []sqlToken) *statement {
	return &statement{ledger: s.ledger, text: s.text, cursor: cursor{tokens: tokens}}
}

// do records a change at the start of the statement.
func (s *statement) do(what string, c change) {
	c.Do, c.Line = what, s.text.lines[s.tokens[0].at]
	s.apply(c)
}

// unreadable records a statement, or an action of it, whose effect is unknown.
func (s *statement) unreadable(does string) {
	s.do("unreadable", change{Name: does + " " + s.excerpt()})
}

// excerpt returns the start of the statement.
func (s *statement) excerpt() string {
	return clean(s.text.value[s.tokens[0].at:s.tokens[len(s.tokens)-1].end], longestName)
}

// silent statements change nothing that matters for a release.
var silent = []string{
	"SELECT", "VALUES", "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE", "SET", "RESET",
	"SHOW", "PRAGMA", "ANALYZE", "VACUUM", "REINDEX", "LOCK", "EXPLAIN", "CHECKPOINT", "DISCARD", "LISTEN", "NOTIFY",
	"UNLISTEN", "CLUSTER", "COMMENT", "GRANT", "ATTACH", "DETACH",
}

func (s *statement) read() {
	switch first := s.keyword(); first {
	case "CREATE":
		s.create()
	case "DROP":
		s.drop()
	case "ALTER":
		s.alter()
	case "WITH":
		s.with()
	case "INSERT", "REPLACE", "UPDATE", "DELETE", "MERGE":
		s.rows(first)
	case "TRUNCATE":
		s.skip("TABLE", "ONLY")
		for more := true; more; more = s.is(",") {
			s.skip("ONLY")
			s.do("delete", change{Table: s.name()})
			s.skip("*")
		}
	case "REFRESH":
		s.skip("MATERIALIZED", "VIEW", "CONCURRENTLY")
		s.do("change_object", change{Kind: "materialized view", Name: s.name()})
	case "REVOKE":
		s.do("revoke", change{Name: s.excerpt()})
	case "DO":
		s.do("unreadable", change{Name: "runs a block of code"})
	default:
		if !slices.Contains(silent, first) {
			s.unreadable("runs")
		}
	}
}

// with reads the queries of a WITH clause, those that change rows, and the statement after it.
func (s *statement) with() {
	for !s.done() {
		inner := s.skipParens()
		if inner == nil {
			s.at++
			continue
		}
		s.changesRows(inner)
		if s.changesRows(s.rest()) {
			return
		}
	}
}

// changesRows reads tokens if they are a statement that changes rows.
func (s *statement) changesRows(tokens []sqlToken) bool {
	inner := s.part(tokens)
	verb := inner.keyword()
	isChange := slices.Contains([]string{"INSERT", "UPDATE", "DELETE", "MERGE"}, verb)
	if isChange {
		inner.rows(verb)
	}
	return isChange
}

// rows reads a statement that changes the rows of a table.
func (s *statement) rows(verb string) {
	replaces := verb == "REPLACE" || verb == "MERGE"
	if s.is("OR") {
		replaces = s.keyword() == "REPLACE" || replaces
	}
	s.skip("INTO", "FROM", "ONLY")
	c := change{Table: s.name()}
	switch {
	case verb == "DELETE":
		s.do("delete", c)
	case verb == "UPDATE":
		c.Columns = s.assigned()
		s.do("update", c)
	case replaces || contains(s.rest(), "DO", "UPDATE"):
		s.do("replace", c)
	default:
		c.from = s.sources()
		s.do("insert", c)
	}
}

// assigned returns the columns that SET changes, or none if one is unclear.
func (s *statement) assigned() []string {
	s.until("SET")
	s.at++
	var columns []string
	for _, part := range atCommas(s.until("WHERE", "FROM", "RETURNING")) {
		c := cursor{tokens: part}
		columns = append(columns, c.name())
		if !c.is("=") {
			return nil
		}
	}
	return columns
}

// sources returns the tables that rows are read from.
func (s *statement) sources() []string {
	var tables []string
	for ; !s.done(); s.at++ {
		if s.is("FROM") {
			s.skip("ONLY")
			tables = append(tables, s.name())
		}
	}
	return tables
}
