package migration

import "strings"

// tableActions are the actions of ALTER TABLE except ADD (https://www.postgresql.org/docs/current/sql-altertable.html),
// which views share, by their first words. The first match counts.
var tableActions = []rule{
	{"DROP CONSTRAINT [IF_EXISTS] %name", "drop_constraint"},
	{"DROP [COLUMN] [IF_EXISTS] %name", "drop_column"},
	{"RENAME TO %to", "rename_table"},
	{"RENAME CONSTRAINT %name", "rename_constraint"},
	{"RENAME [COLUMN] %name TO %to", "rename_column"},
	{"ALTER CONSTRAINT", "change_table"},
	{"ALTER [COLUMN] %name TYPE", "change_type"},
	{"ALTER [COLUMN] %name SET DATA TYPE", "change_type"},
	{"ALTER [COLUMN] %name SET NOT NULL", "set_not_null"},
	{"ALTER [COLUMN] %name DROP NOT NULL", "drop_not_null"},
	{"ALTER [COLUMN] %name SET DEFAULT NULL", "drop_default"},
	{"ALTER [COLUMN] %name DROP DEFAULT", "drop_default"},
	{"ALTER [COLUMN] %name DROP IDENTITY", "drop_default"},
	{"ALTER [COLUMN] %name SET DEFAULT", "set_default"},
	{"ALTER [COLUMN] %name ADD GENERATED", "set_default"},
	{"ALTER [COLUMN] %name", "change_column"},
	{"SET SCHEMA %to", "set_schema"},
	{"VALIDATE [CONSTRAINT] %name", "validate_constraint"},
	{"ATTACH [PARTITION] %table", "attach"},
	{"DETACH [PARTITION] %table", "detach"},
	{"ENABLE ROW LEVEL SECURITY", "row_security"},
	{"FORCE ROW LEVEL SECURITY", "row_security"},
}

// silentActions change nothing that matters for a release.
var silentActions = []string{
	"SET", "ENABLE", "FORCE", "DISABLE", "NO", "OWNER", "RESET", "CLUSTER", "INHERIT", "OF", "NOT", "REPLICA",
}

var constraintRules = []rule{
	{"NOT NULL %name", "set_not_null"},
	{"UNIQUE %columns", "create_unique_constraint"},
	{"PRIMARY [KEY] %columns", "create_primary_key"},
	{"FOREIGN [KEY] %columns", "create_foreign_key"},
	{"CHECK", "create_check_constraint"},
	{"EXCLUDE", "create_exclude_constraint"},
}

// alterTable reads what follows ALTER TABLE or ALTER VIEW.
func (s *statement) alterTable(kind string) {
	t := s.name()
	s.skip("*")
	if s.done() {
		s.unreadable("runs")
		return
	}
	for _, tokens := range atCommas(s.rest()) {
		if len(tokens) > 0 {
			s.part(tokens).action(kind, t)
		}
	}
}

// action reads one of the actions of ALTER TABLE or ALTER VIEW.
func (s *statement) action(kind, t string) {
	c := change{Kind: kind, Table: t, To: t}
	if s.is("ADD") {
		s.addition(c)
		return
	}
	c.Do = s.match(tableActions, &c)
	switch {
	case c.Do == "change_type":
		c.Type = sqlType(s.until("USING", "COLLATE"))
	case c.Do == "set_schema":
		c.Do, c.To = "rename_table", c.To+"."+t
	case c.Do == "" && s.isAny(silentActions...):
		c.Do = "change_table"
	case c.Do == "":
		s.unreadable("changes the table " + shown(t) + " by")
		return
	}
	if c.Do == "rename_table" && strings.HasSuffix(kind, "view") {
		c.Do, c.Name, c.Table = "rename_object", t, ""
	}
	s.do(c.Do, c)
}

// addition reads what ADD adds: a constraint or a column.
func (s *statement) addition(c change) {
	named := s.is("CONSTRAINT")
	if named {
		c.Name = s.name()
	}
	if do := s.match(constraintRules, &c); do != "" {
		s.do(do, c)
		return
	}
	s.is("COLUMN")
	c.IfNotExists = s.is("IF", "NOT", "EXISTS")
	if s.done() || s.is("(") || named {
		s.unreadable("changes the table " + shown(c.Table) + " by")
		return
	}
	c.Name = s.name()
	rest := outside(s.rest())
	c.NotNull = contains(rest, "NOT", "NULL") || contains(rest, "PRIMARY", "KEY")
	c.Default = isFilled(rest)
	s.do("add_column", c)
}

// isFilled reports whether a column's definition gives it a value.
func isFilled(definition []sqlToken) bool {
	for c := (cursor{tokens: definition}); !c.done(); {
		switch {
		case c.is("SET", "DEFAULT"), c.is("DEFAULT", "NULL"): // as in ON DELETE SET DEFAULT
		case c.isAny("DEFAULT", "GENERATED", "AS", "SERIAL", "BIGSERIAL", "SMALLSERIAL", "AUTO_INCREMENT"):
			return true
		default:
			c.at++
		}
	}
	return false
}

// sqlType reads the new type of a column. Only whether it is text matters, since the old type is unknown.
func sqlType(tokens []sqlToken) *typeText {
	var words []string
	for _, token := range tokens {
		words = append(words, token.text)
	}
	compact := strings.NewReplacer(" ( ", "(", " )", ")", " ,", ",", " [ ", "[", " ]", "]")
	found := &typeText{Title: compact.Replace(strings.Join(words, " "))}
	if strings.EqualFold(found.Title, "text") {
		found.Name = "TEXT"
	}
	return found
}
