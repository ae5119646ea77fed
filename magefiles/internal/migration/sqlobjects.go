package migration

import "strings"

// create reads what follows CREATE.
func (s *statement) create(line int) {
	s.skip("OR", "REPLACE", "TEMP", "TEMPORARY", "UNLOGGED", "GLOBAL", "LOCAL", "RECURSIVE", "CONSTRAINT", "TRUSTED", "PROCEDURAL")
	unique := s.is("UNIQUE")
	kind := s.kind()
	s.skip("CONCURRENTLY")
	unlessThere := s.is("IF", "NOT", "EXISTS")
	switch kind {
	case "":
		s.unreadable(line, "runs "+s.excerpt())
	case "index":
		s.createSQLIndex(line, unique)
	case "table", "virtual table":
		t := s.name()
		if from := s.copied(); from != nil {
			s.copyTable(line, t, unlessThere, from)
		} else {
			s.createTable(line, t, unlessThere)
		}
	default:
		s.createObject(line, kind, s.name(), unlessThere)
	}
}

// copied are the tables of CREATE TABLE … AS SELECT … FROM.
func (s *statement) copied() []name {
	c := s.cursor
	c.skipParens()
	if !c.is("AS") {
		return nil
	}
	return s.sources()
}

func (s *statement) createSQLIndex(line int, unique bool) {
	index := ""
	if !s.is("ON") {
		index = s.name().text
		s.is("ON")
	}
	s.skip("ONLY")
	t := s.name()
	if s.is("USING") {
		s.keyword()
	}
	var columns []name
	if inner := s.skipParens(); inner != nil {
		columns = firstNames(inner)
	}
	s.createIndex(line, index, unique, t, columns)
}

// drop reads what follows DROP. It may name several things.
func (s *statement) drop(line int) {
	kind := s.kind()
	s.skip("CONCURRENTLY")
	s.is("IF", "EXISTS")
	if kind == "" || s.done() {
		s.unreadable(line, "runs "+s.excerpt())
		return
	}
	for {
		n := s.name()
		switch kind {
		case "table":
			s.dropTable(line, n)
		case "index":
			s.drops(line, kind, n.text, name{})
		default:
			s.dropObject(line, kind, n)
		}
		s.skipParens()
		if !s.is(",") {
			return
		}
	}
}

// alter reads what follows ALTER.
func (s *statement) alter(line int) {
	kind := s.kind()
	s.is("IF", "EXISTS")
	s.skip("ONLY")
	switch kind {
	case "table", "foreign table", "view", "materialized view":
		s.alterTable(line, kind)
	case "type":
		s.alterType(line)
	case "default privileges":
		if contains(s.rest(), "REVOKE") {
			s.add(line, Risky, "takes away a privilege: "+s.excerpt(), mayRely)
		}
	case "":
		s.unreadable(line, "runs "+s.excerpt())
	default:
		s.alterObject(line, kind, s.name())
	}
}

// alterObject reads what is done to a thing of a kind that has no parts.
func (s *statement) alterObject(line int, kind string, n name) {
	s.skipParens()
	refuses := contains(s.rest(), "SET", "NOT", "NULL") || contains(s.rest(), "ADD")
	switch {
	case s.is("RENAME", "TO"):
		s.renameObject(line, kind, n, s.name().text)
	case s.is("SET", "SCHEMA"):
		s.renameObject(line, kind, n, s.name().text+"."+n.text)
	case kind == "domain" && refuses:
		s.add(line, Risky, "changes the domain "+n.text, checkConstraint.why)
	default:
		s.changeObject(line, kind, n)
	}
}

// alterType reads what is done to a type: an enumeration or a composite.
func (s *statement) alterType(line int) {
	n := s.name()
	action := s.cursor
	verb, what := action.keyword(), action.keyword()
	action.is("IF", "EXISTS")
	value := action.name().text
	grade := Destructive
	if s.object("type", n).isNew {
		grade = Harmless
	}
	switch {
	case verb == "RENAME" && what == "VALUE", verb == "RENAME" && what == "ATTRIBUTE":
		s.add(line, grade, "renames the "+strings.ToLower(what)+" "+value+" of the type "+n.text, oldName)
	case verb == "DROP":
		s.add(line, grade, "drops the "+strings.ToLower(what)+" "+value+" of the type "+n.text, lost)
	case verb == "ALTER":
		s.add(line, grade, "changes the type of "+n.dot(newName(value)).text, cannotTell)
	default:
		s.alterObject(line, "type", n)
	}
}
