package migration

import "strings"

// alterTable reads the actions of ALTER TABLE
// (https://www.postgresql.org/docs/current/sql-altertable.html), which views
// share.
func (s *statement) alterTable(line int, kind string) {
	t := s.name()
	s.skip("*")
	if s.done() {
		s.unreadable(line, "runs "+s.excerpt())
		return
	}
	for _, part := range atCommas(s.rest()) {
		if len(part) == 0 {
			continue
		}
		action := &statement{ledger: s.ledger, text: s.text, cursor: cursor{tokens: part}}
		action.alterAction(kind, t)
	}
}

func (s *statement) alterAction(kind string, t name) {
	line := s.line()
	switch verb := s.keyword(); verb {
	case "ADD":
		s.addAction(line, t)
	case "DROP":
		s.dropAction(line, t)
	case "RENAME":
		s.renameAction(line, kind, t)
	case "ALTER":
		s.alterPart(line, t)
	case "SET":
		s.setAction(line, kind, t)
	case "VALIDATE":
		s.is("CONSTRAINT")
		s.add(line, s.on(t, Risky), "validates the constraint "+s.name().text+" of "+t.text, "rows that break it make it fail")
	case "ATTACH", "DETACH":
		s.partition(line, verb, t)
	case "ENABLE", "FORCE":
		if s.is("ROW", "LEVEL", "SECURITY") {
			s.add(line, s.on(t, Risky), "turns on row security of the table "+t.text, "the older version may no longer see its rows")
			return
		}
		s.changeTable(line, t)
	case "DISABLE", "NO", "OWNER", "RESET", "CLUSTER", "INHERIT", "OF", "NOT", "REPLICA":
		s.changeTable(line, t)
	default:
		s.unreadable(line, "changes the table "+t.text+" by "+s.excerpt())
	}
}

// constraints are the words that a constraint begins with.
var constraints = map[string]constraint{
	"UNIQUE": uniqueConstraint, "PRIMARY": primaryKey, "FOREIGN": foreignKey, "CHECK": checkConstraint, "EXCLUDE": exclusion,
}

func (s *statement) addAction(line int, t name) {
	called := ""
	if s.is("CONSTRAINT") {
		called = s.name().text
		if s.is("NOT", "NULL") {
			s.setNotNull(line, t, s.name(), false)
			return
		}
	}
	start := s.at
	if kind, isConstraint := constraints[s.keyword()]; isConstraint {
		s.skip("KEY")
		s.addConstraint(line, kind, called, t, s.constrained(kind))
		return
	}
	s.at = start
	s.is("COLUMN")
	unlessThere := s.is("IF", "NOT", "EXISTS")
	if s.done() || s.is("(") || called != "" {
		s.unreadable(line, "changes the table "+t.text+" by "+s.excerpt())
		return
	}
	c := s.name()
	s.addColumn(line, t, c, s.columnMade(), unlessThere)
}

// constrained are the columns of a constraint that are named in brackets.
func (s *statement) constrained(kind constraint) []name {
	if kind == checkConstraint || kind == exclusion {
		return nil
	}
	if inner := s.skipParens(); inner != nil {
		return firstNames(inner)
	}
	return nil
}

// columnMade reads what follows a column's name in its definition.
func (s *statement) columnMade() column {
	definition := outside(s.rest())
	made := column{
		notNull: contains(definition, "NOT", "NULL") || contains(definition, "PRIMARY", "KEY"),
	}
	for _, word := range []string{"GENERATED", "AS", "SERIAL", "BIGSERIAL", "SMALLSERIAL", "AUTO_INCREMENT"} {
		made.hasDefault = made.hasDefault || contains(definition, word)
	}
	for i, token := range definition {
		isAction := i > 0 && definition[i-1].is("SET") // ON DELETE SET DEFAULT
		isNull := i+1 < len(definition) && definition[i+1].is("NULL")
		made.hasDefault = made.hasDefault || token.is("DEFAULT") && !isAction && !isNull
	}
	return made
}

func (s *statement) dropAction(line int, t name) {
	if s.is("CONSTRAINT") {
		s.is("IF", "EXISTS")
		s.drops(line, "constraint", s.name().text, t)
		return
	}
	s.is("COLUMN")
	s.is("IF", "EXISTS")
	s.dropColumn(line, t, s.name())
}

func (s *statement) renameAction(line int, kind string, t name) {
	isView := strings.HasSuffix(kind, "view")
	switch isTable := s.is("TO"); {
	case isTable && isView:
		s.renameObject(line, kind, t, s.name().text)
	case isTable:
		s.renameTable(line, t, inSchemaOf(t, s.name()))
	case s.is("CONSTRAINT"):
		s.add(line, Harmless, "renames the constraint "+s.name().text+" of "+t.text, "")
	default:
		s.is("COLUMN")
		from := s.name()
		s.is("TO")
		s.renameColumn(line, t, from, s.name())
	}
}

// inSchemaOf is the new name of a table, which keeps its schema.
func inSchemaOf(t, to name) name {
	dot := strings.LastIndexByte(t.key, '.')
	if dot < 0 || to.key == "" {
		return to
	}
	return name{text: to.text, key: t.key[:dot+1] + to.key}
}

// alterPart reads ALTER [COLUMN] and ALTER CONSTRAINT.
func (s *statement) alterPart(line int, t name) {
	if s.is("CONSTRAINT") {
		s.changeTable(line, t)
		return
	}
	s.is("COLUMN")
	c := s.name()
	switch {
	case s.is("TYPE"), s.is("SET", "DATA", "TYPE"):
		to := sqlType(s.rest())
		grade, why := judgeUnknown(to)
		s.changeType(line, t, c, "to "+to.title, grade, why)
	case s.is("SET", "NOT", "NULL"):
		s.setNotNull(line, t, c, false)
	case s.is("DROP", "NOT", "NULL"):
		s.dropNotNull(line, t, c)
	case s.is("SET", "DEFAULT", "NULL"), s.is("DROP", "DEFAULT"), s.is("DROP", "IDENTITY"):
		s.dropDefault(line, t, c)
	case s.is("SET", "DEFAULT"), s.is("ADD", "GENERATED"):
		s.setDefault(line, t, c)
	default:
		s.changeColumn(line, t, c)
	}
}

// sqlType reads the type that a column changes to.
func sqlType(tokens []sqlToken) columnType {
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
	found := columnType{title: clean(title.String(), longestName)}
	if strings.EqualFold(found.title, "text") {
		found.family, found.certain = textType, true
	}
	return found
}

func (s *statement) setAction(line int, kind string, t name) {
	if !s.is("SCHEMA") {
		s.changeTable(line, t)
		return
	}
	to := s.name()
	if strings.HasSuffix(kind, "view") {
		s.renameObject(line, kind, t, to.text+"."+t.text)
		return
	}
	s.renameTable(line, t, to.dot(t))
}

func (s *statement) partition(line int, verb string, t name) {
	s.is("PARTITION")
	part := s.name()
	if verb == "ATTACH" {
		s.add(line, s.on(part, Risky), "makes the table "+part.text+" a partition of "+t.text, "rows that don't fit make it fail")
		return
	}
	s.add(line, s.on(part, Destructive), "takes the partition "+part.text+" out of the table "+t.text,
		"the older version no longer finds its rows there")
}
