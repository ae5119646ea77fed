package migration

import "slices"

// readSQL reads a file of SQL. Of a downgrade it reads only the title.
func readSQL(text string, down bool) Migration {
	l := newLedger()
	found := Migration{Title: l.sql(newSource(pieces(text)))}
	if !down {
		found.Operations = l.list()
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
			l.apply(change{Line: text.line(at), Do: "unclosed"})
		}
	}
	return scanned.title
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
	c.Do, c.Line = what, s.text.line(s.tokens[0].at)
	s.apply(c)
}

// unreadable records the statement itself, or the change of a table, since its effect
// is unknown.
func (s *statement) unreadable(table string) {
	what := "runs "
	if table != "" {
		what = "changes the table " + newName(table).text + " by "
	}
	s.do("unreadable", change{Name: what + s.excerpt()})
}

// excerpt returns the start of the statement.
func (s *statement) excerpt() string {
	first, last := s.tokens[0], s.tokens[len(s.tokens)-1]
	end := last.at + len(last.text)
	if last.kind == sqlQuoted || last.kind == sqlString {
		end += 2
	}
	return clean(s.text.value[first.at:min(end, first.at+4*longestName, len(s.text.value))], longestName)
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
		definition{s}.create()
	case "DROP":
		definition{s}.drop()
	case "ALTER":
		definition{s}.alter()
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
			s.unreadable("")
		}
	}
}

// with reads the queries of a WITH clause, those that change rows, and the statement
// after it.
func (s *statement) with() {
	for !s.done() {
		inner := s.skipParens()
		s.changesRows(inner)
		if inner == nil {
			s.at++
		} else if s.changesRows(s.rest()) {
			return
		}
	}
}

// changesRows reads tokens if they are a statement that changes rows.
func (s *statement) changesRows(tokens []sqlToken) bool {
	inner := s.part(tokens)
	isChange := inner.isAny("INSERT", "UPDATE", "DELETE", "MERGE")
	if isChange {
		inner.at = 0
		inner.read()
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
	t := s.name()
	switch {
	case verb == "DELETE":
		s.do("delete", change{Table: t})
	case verb == "UPDATE":
		s.do("update", change{Table: t, Columns: s.assigned()})
	case replaces || contains(s.rest(), "DO", "UPDATE"):
		s.do("replace", change{Table: t})
	default:
		s.do("copy_rows", change{Table: t, from: s.sources()})
	}
}

// assigned returns the columns that SET changes, or none if one is unclear.
func (s *statement) assigned() []string {
	for !s.done() && !s.is("SET") {
		s.at++
	}
	var columns []string
	for _, part := range atCommas(s.rest()) {
		c := cursor{tokens: part}
		column := c.name()
		if !c.is("=") {
			return nil
		}
		columns = append(columns, column)
		if after := outside(
			c.rest(),
		); contains(after, "WHERE") || contains(after, "FROM") ||
			contains(after, "RETURNING") {
			break
		}
	}
	return columns
}

// sources returns the tables that rows are read from.
func (s *statement) sources() []string {
	var tables []string
	for c := (cursor{tokens: s.rest()}); !c.done(); {
		if !c.is("FROM") {
			c.at++
		} else if c.skip("ONLY"); !c.done() {
			tables = append(tables, c.name())
		}
	}
	return tables
}
