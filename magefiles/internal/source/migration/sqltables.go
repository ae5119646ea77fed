package migration

import "strings"

// tableActions are the actions of ALTER TABLE except ADD
// (https://www.postgresql.org/docs/current/sql-altertable.html), which views share, by
// their first words. The first match counts.
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

// alteration reads an ALTER TABLE, or one of its actions.
type alteration struct{ *statement }

func (s alteration) alterTable(kind string) {
	t := s.name()
	s.skip("*")
	if s.done() {
		s.unreadable("")
		return
	}
	for _, tokens := range atCommas(s.rest()) {
		if len(tokens) > 0 {
			alteration{s.part(tokens)}.action(kind, t)
		}
	}
}

// action reads one of the actions of ALTER TABLE or ALTER VIEW.
func (s alteration) action(kind, t string) {
	c := change{Kind: kind, Table: t, To: t}
	if s.is("ADD") {
		s.add(c)
		return
	}
	c.Do = s.match(tableActions, &c)
	switch {
	case c.Do == "change_type":
		c.Type = sqlType(s.rest())
	case c.Do == "set_schema":
		c.Do, c.To = "rename_table", c.To+"."+t
	case c.Do == "" && s.isAny(silentActions...):
		c.Do = "change_table"
	case c.Do == "":
		s.unreadable(t)
		return
	}
	if c.Do == "rename_table" && strings.HasSuffix(kind, "view") {
		c.Do, c.Name, c.Table = "rename_object", t, ""
	}
	s.do(c.Do, c)
}

// add reads what ADD adds: a constraint or a column.
func (s alteration) add(c change) {
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
		s.unreadable(c.Table)
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
	for _, word := range []string{"GENERATED", "AS", "SERIAL", "BIGSERIAL", "SMALLSERIAL", "AUTO_INCREMENT"} {
		if contains(definition, word) {
			return true
		}
	}
	for i, token := range definition {
		isAction := i > 0 && definition[i-1].is("SET") // ON DELETE SET DEFAULT
		isNull := i+1 < len(definition) && definition[i+1].is("NULL")
		if token.is("DEFAULT") && !isAction && !isNull {
			return true
		}
	}
	return false
}

// sqlType reads the new type of a column. Only whether it is text matters, since the
// old type is unknown.
func sqlType(tokens []sqlToken) *typeText {
	var title strings.Builder
	for i, token := range tokens {
		if token.is("USING") || token.is("COLLATE") {
			break
		}
		if i > 0 && token.kind != sqlSign && !tokens[i-1].is("(") {
			title.WriteByte(' ')
		}
		title.WriteString(token.text)
	}
	if strings.EqualFold(title.String(), "text") {
		return &typeText{Title: title.String(), Name: "TEXT"}
	}
	return &typeText{Title: title.String()}
}
