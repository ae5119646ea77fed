package migration

import (
	"cmp"
	"strings"
)

// change is an operation of a migration, in Alembic's form or in SQL.
type change struct {
	Line        int
	Do          string // an entry of wordings
	Table       string
	Name        string // the second subject: a column, an index, an object
	Existing    string // a column's type so far; "" if unknown
	To          string // the new name or type
	Kind        string // of an object
	Columns     []string
	Sources     []string // tables that rows are taken from
	NotNull     bool     `json:"not_null"`
	Default     bool     // whether the column has a default
	Unique      bool
	IfNotExists bool `json:"if_not_exists"`
	Vague       bool // whether the table's name, or else the object's, is only the migration's alias for it
	Maybe       bool // whether it may not run at all
	SQL         string
	End         int      // line on which the SQL ends
	names       []string // of several objects that are changed alike
}

// describe fills the operands of a change into the text of a wording. $label, $of and $from may be absent, and $text is
// a name that may be longer.
func (c change) describe(what string) string {
	table, name, of, from := shown(c.Table), shown(c.Name), "", ""
	if c.Table != "" {
		of = "of " + table
	}
	if c.Existing != "" {
		from = "from " + shown(c.Existing)
	}
	operands := strings.NewReplacer("$table", table, "$name", name, "$column", table+"."+name, "$to", shown(c.To),
		"$kind", c.Kind, "$label", clean(c.Name, longestName), "$of", of, "$from", from,
		"$text", cmp.Or(c.Name, unknown))
	return operands.Replace(what)
}

// born returns the age of what a change creates.
func (c change) born() age {
	if c.IfNotExists || c.Maybe {
		return maybeNew
	}
	return brandNew
}

// key returns a name of a change for comparison, or "" if it is not the real one.
func (c change) key(name string) string {
	if c.Vague {
		return ""
	}
	return key(name)
}
