package migration

import (
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// comments matches those before the first statement.
var comments = pattern.Lazy(`^(?s:\s+|--[^\n]*|/\*.*?\*/)*`)

// readSQL reads a file of SQL. Of a downgrade it reads only the title.
func readSQL(text string, down bool) Migration {
	found := Migration{Title: title(comments().FindString(text))}
	if down {
		return found
	}
	l := &ledger{schema: schema{}}
	lines := strings.Count(text, "\n") + 1
	l.sql(change{Line: 1, SQL: text, End: lines})
	found.Operations = l.list(lines)
	return found
}

// sql records what the statements of a change do.
func (l *ledger) sql(c change) {
	scanned := scanSQL(c.SQL)
	for _, tokens := range scanned.statements {
		(&statement{cursor{tokens: tokens}, l, c}).read()
	}
	for _, line := range scanned.open {
		l.apply(change{Line: c.lineOf(line), Do: "unclosed"})
	}
}

// lineOf returns the line in the file of a line of the SQL, which has more of them if some are escapes.
func (c change) lineOf(line int) int { return min(c.Line+line, c.End) }

// statement is one statement of SQL, or a part of one, as far as it has been read.
type statement struct {
	cursor
	ledger *ledger
	text   change // that it is part of
}

// part returns a statement of some of the tokens.
func (s *statement) part(tokens []sqlToken) *statement {
	return &statement{cursor{tokens: tokens}, s.ledger, s.text}
}

// do records a change at the start of the statement, for each of its names if it has several.
func (s *statement) do(what string, c change) {
	c.Do, c.Line, c.Maybe = what, s.text.lineOf(s.tokens[0].line), s.text.Maybe
	if c.names == nil {
		s.ledger.apply(c)
	}
	for _, name := range c.names {
		c.Table, c.Name = name, name
		s.ledger.apply(c)
	}
}

// unreadable records a statement, or an action of it, whose effect is unknown.
func (s *statement) unreadable(does string) {
	s.do("unreadable", change{Name: does + " " + s.excerpt()})
}

// excerpt returns the start of the statement as it is written.
func (s *statement) excerpt() string {
	if len(s.tokens) == 0 {
		return ""
	}
	return clean(s.text.SQL[s.tokens[0].at:s.tokens[len(s.tokens)-1].end], longestName)
}

func (s *statement) read() {
	var c change
	do := s.match(statementRules, &c)
	switch {
	case do == "revoke":
		s.do(do, change{Name: s.excerpt()})
	case do != "":
		s.do(do, c)
	case s.is("ALTER"):
		s.alter()
	case s.is("WITH"):
		s.with()
	case !s.isAny(silent...):
		s.unreadable("runs")
	}
}

// with reads the statements of a WITH clause that change rows. Each comes after a bracket.
func (s *statement) with() {
	for ; !s.done(); s.at++ {
		before, next := s.tokens[s.at-1], s.cursor
		if (before.is("(") || before.is(")")) && next.isAny("INSERT", "UPDATE", "DELETE", "MERGE") {
			s.part(s.until()).read()
		}
	}
}

// alter reads what follows ALTER.
func (s *statement) alter() {
	c := change{Kind: s.kind()}
	s.skip("IF", "EXISTS", "ONLY")
	name := s.name()
	s.skip("*")
	switch c.Kind {
	case "default privileges": // it only grants
	case "table", "foreign table", "view", "materialized view":
		if s.done() {
			s.unreadable("runs")
		}
		c.Table, c.To = name, name
		for _, tokens := range atCommas(s.rest()) {
			if len(tokens) > 0 {
				s.part(tokens).action(c)
			}
		}
	case "":
		s.unreadable("runs")
	default:
		c.Name = name
		s.skipParens()
		s.do(s.match(objectActions, &c), c)
	}
}

// action reads one of the actions of ALTER TABLE or ALTER VIEW.
func (s *statement) action(c change) {
	table := c.Table
	do := ""
	if s.is("ADD") {
		do = s.addition(&c)
	} else if do = s.match(tableActions, &c); do == "" && s.isAny(silentActions...) {
		do = "change_table"
	}
	switch {
	case do == "":
		s.unreadable("changes the table " + shown(table) + " by")
		return
	case do == "change_type":
		c.To = s.part(s.until("USING", "COLLATE")).excerpt()
		if strings.EqualFold(c.To, "text") {
			do = "change_to_text" // only this matters, since the old type is unknown
		}
	case do == "rename_table" && strings.HasSuffix(c.Kind, "view"):
		do, c.Name, c.Table = "rename_object", table, ""
	}
	s.do(do, c)
}

var (
	isRequired = pattern.Lazy(`\b(?:NOT NULL|PRIMARY KEY)\b`)
	noFilling  = pattern.Lazy(`\b(?:SET DEFAULT|DEFAULT NULL)\b`) // as in ON DELETE SET DEFAULT
	isFilled   = pattern.Lazy(`\b(?:DEFAULT|GENERATED|AS|(?:BIG|SMALL)?SERIAL|AUTO_INCREMENT)\b`)
)

// addition reads a constraint or a column that is added to a table, and returns what that does, or "".
func (s *statement) addition(c *change) string {
	named := s.is("CONSTRAINT")
	if named {
		c.Name = s.name()
	}
	do := s.match(additions, c)
	if do == "add_column" {
		if named || c.Name == unknown {
			return ""
		}
		definition := s.outline()
		c.NotNull = isRequired().MatchString(definition)
		c.Default = isFilled().MatchString(noFilling().ReplaceAllString(definition, ""))
	}
	return do
}
