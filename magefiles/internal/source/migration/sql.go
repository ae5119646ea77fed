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
	found := Migration{Title: l.sql(newSource(lines), false)}
	if !down {
		found.Operations = l.list(len(lines))
	}
	return found
}

// sql records what the statements of a text do, which may not run at all, and returns the text's title.
func (l *ledger) sql(text source, maybe bool) string {
	scanned := scanSQL(text.value)
	statements, open := splitSQL(scanned.tokens)
	for _, tokens := range statements {
		(&statement{cursor{tokens: tokens}, l, text, maybe}).read()
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
	cursor
	ledger *ledger
	text   source
	maybe  bool // whether it may not run at all
}

// part returns a statement of some of the tokens.
func (s *statement) part(tokens []sqlToken) *statement {
	return &statement{cursor{tokens: tokens}, s.ledger, s.text, s.maybe}
}

// do records a change at the start of the statement.
func (s *statement) do(what string, c change) {
	c.Do, c.Line, c.Maybe = what, s.text.lines[s.tokens[0].at], s.maybe
	s.ledger.apply(c)
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
