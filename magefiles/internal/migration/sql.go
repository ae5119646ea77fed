package migration

import (
	"slices"
	"strings"
)

// readSQL reads a file of SQL.
func readSQL(text source) Migration {
	l := newLedger()
	found := l.sql(text)
	return Migration{Title: found, Operations: l.list()}
}

// sql notes what the statements of a text do, and gives the text's title.
func (l *ledger) sql(text source) string {
	scanned := scanSQL(text.value)
	statements, open := splitSQL(scanned.tokens)
	for _, tokens := range statements {
		statement := &statement{ledger: l, text: text, cursor: cursor{tokens: tokens}}
		statement.read()
	}
	for _, at := range []int{scanned.broken, open} {
		if at >= 0 {
			l.broken(text.line(at), "SQL")
		}
	}
	return scanned.title
}

// statement is one statement of SQL, as far as it is read.
type statement struct {
	*ledger
	cursor
	text source
}

// line is the line of the file where the statement has come to.
func (s *statement) line() int {
	if s.done() {
		return s.text.line(s.tokens[len(s.tokens)-1].at)
	}
	return s.text.line(s.tokens[s.at].at)
}

// silent statements change nothing that a release would care for.
var silent = []string{
	"SELECT", "VALUES", "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE", "SET", "RESET",
	"SHOW", "PRAGMA", "ANALYZE", "VACUUM", "REINDEX", "LOCK", "EXPLAIN", "CHECKPOINT", "DISCARD", "LISTEN", "NOTIFY",
	"UNLISTEN", "CLUSTER", "COMMENT", "GRANT", "ATTACH", "DETACH",
}

func (s *statement) read() {
	line := s.line()
	switch first := s.keyword(); first {
	case "CREATE":
		s.create(line)
	case "DROP":
		s.drop(line)
	case "ALTER":
		s.alter(line)
	case "WITH":
		s.with()
	case "INSERT", "REPLACE", "UPDATE", "DELETE", "MERGE":
		s.rows(line, first)
	case "TRUNCATE":
		s.truncate(line)
	case "REFRESH":
		s.is("MATERIALIZED", "VIEW")
		s.skip("CONCURRENTLY")
		s.changeObject(line, "materialized view", s.name())
	case "REVOKE":
		s.add(line, Risky, "takes away a privilege: "+s.excerpt(), mayRely)
	case "DO":
		s.unreadable(line, "runs a block of code")
	default:
		if !slices.Contains(silent, first) {
			s.unreadable(line, "runs "+s.excerpt())
		}
	}
}

// excerpt is how the statement begins.
func (s *statement) excerpt() string {
	first, last := s.tokens[0], s.tokens[len(s.tokens)-1]
	end := min(last.at+len(last.text), first.at+4*longestName)
	if last.kind == sqlQuoted || last.kind == sqlString {
		end += 2
	}
	return clean(s.text.value[first.at:min(end, len(s.text.value))], longestName)
}

// with reads the statement that queries come before, and those of the queries
// that change rows.
func (s *statement) with() {
	for !s.done() {
		inner := s.skipParens()
		s.change(inner)
		if inner == nil {
			s.at++
		} else if s.change(s.rest()) {
			return
		}
	}
}

// change reads tokens if they are a statement that changes rows.
func (s *statement) change(tokens []sqlToken) bool {
	inner := &statement{ledger: s.ledger, text: s.text, cursor: cursor{tokens: tokens}}
	isChange := inner.is("INSERT") || inner.is("UPDATE") || inner.is("DELETE") || inner.is("MERGE")
	if isChange {
		inner.at = 0
		inner.read()
	}
	return isChange
}

// rows reads a statement that changes the rows of a table.
func (s *statement) rows(line int, verb string) {
	replaces := verb == "REPLACE" || verb == "MERGE"
	if s.is("OR") {
		replaces = s.keyword() == "REPLACE" || replaces
	}
	s.skip("INTO", "FROM", "ONLY")
	t := s.name()
	switch {
	case verb == "DELETE":
		s.deleteRows(line, t)
	case verb == "UPDATE":
		s.updateRows(line, t, s.assigned())
	case replaces || contains(s.rest(), "DO", "UPDATE"):
		s.replaceRows(line, t)
	default:
		s.copyRows(line, t, s.sources())
	}
}

// assigned are the columns that SET gives values to, or none if one is unclear.
func (s *statement) assigned() []name {
	for !s.done() && !s.is("SET") {
		s.at++
	}
	var columns []name
	for _, part := range atCommas(s.rest()) {
		c := cursor{tokens: part}
		if column := c.name(); c.is("=") {
			columns = append(columns, column)
		} else {
			return nil
		}
		if after := outside(c.rest()); contains(after, "WHERE") || contains(after, "FROM") || contains(after, "RETURNING") {
			break
		}
	}
	return columns
}

// sources are the tables that rows are taken from.
func (s *statement) sources() []name {
	var tables []name
	rest := s.rest()
	for i, token := range rest {
		if c := (cursor{tokens: rest, at: i + 1}); token.is("FROM") && !c.done() {
			c.skip("ONLY")
			tables = append(tables, c.name())
		}
	}
	return tables
}

func (s *statement) truncate(line int) {
	s.skip("TABLE", "ONLY")
	for {
		t := s.name()
		s.deleteRows(line, t)
		s.skip("*")
		if !s.is(",") {
			return
		}
		s.skip("ONLY")
	}
}

// kind goes past the kind of thing that CREATE, ALTER or DROP is about, in
// lower case.
func (s *statement) kind() string {
	if s.is("OWNED", "BY") {
		return "property of"
	}
	first := strings.ToLower(s.keyword())
	for _, pair := range []string{
		"materialized view", "foreign table", "foreign data wrapper", "event trigger", "text search", "access method",
		"operator class", "operator family", "user mapping", "default privileges", "virtual table",
	} {
		words := strings.Split(strings.ToUpper(pair), " ")
		if first == strings.ToLower(words[0]) && s.is(words[1:]...) {
			return pair
		}
	}
	return first
}
