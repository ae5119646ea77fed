package migration

import "strings"

// definition reads a statement that defines, changes or removes an object.
type definition struct{ *statement }

// kind skips the kind of object after CREATE, ALTER or DROP, and returns it in lower
// case.
func (s definition) kind() string {
	if s.is("OWNED", "BY") {
		return "property of"
	}
	for _, each := range []string{
		"MATERIALIZED VIEW", "FOREIGN TABLE", "FOREIGN DATA WRAPPER", "EVENT TRIGGER", "TEXT SEARCH", "ACCESS METHOD",
		"OPERATOR CLASS", "OPERATOR FAMILY", "USER MAPPING", "DEFAULT PRIVILEGES", "VIRTUAL TABLE",
	} {
		if s.is(strings.Split(each, " ")...) {
			return strings.ToLower(each)
		}
	}
	return strings.ToLower(s.keyword())
}

// create reads what follows CREATE.
func (s definition) create() {
	s.skip("OR", "REPLACE", "TEMP", "TEMPORARY", "UNLOGGED", "GLOBAL", "LOCAL", "RECURSIVE", "CONSTRAINT", "TRUSTED",
		"PROCEDURAL")
	c := change{Unique: s.is("UNIQUE"), Kind: s.kind()}
	s.skip("CONCURRENTLY")
	c.IfNotExists = s.is("IF", "NOT", "EXISTS")
	switch c.Kind {
	case "":
		s.unreadable("")
	case "index":
		s.do(s.match([]rule{
			{"ON [ONLY] %table USING %to %columns", "create_index"},
			{"ON [ONLY] %table %columns", "create_index"},
			{"%name [ON] [ONLY] %table USING %to %columns", "create_index"},
			{"%name [ON] [ONLY] %table %columns", "create_index"},
		}, &c), c)
	case "table", "virtual table":
		c.Table = s.name()
		s.skipParens()
		if s.is("AS") {
			c.from = s.sources()
		}
		s.do("create_table", c)
	default:
		c.Name = s.name()
		s.do("create_object", c)
	}
}

// drop reads what follows DROP, which may name several objects.
func (s definition) drop() {
	kind := s.kind()
	s.skip("CONCURRENTLY")
	s.is("IF", "EXISTS")
	if kind == "" || s.done() {
		s.unreadable("")
		return
	}
	for more := true; more; more = s.is(",") {
		switch n := s.name(); kind {
		case "table":
			s.do("drop_table", change{Table: n})
		case "index":
			s.do("drop_index", change{Name: n})
		default:
			s.do("drop_object", change{Kind: kind, Name: n})
		}
		s.skipParens()
	}
}

// alter reads what follows ALTER.
func (s definition) alter() {
	kind := s.kind()
	s.is("IF", "EXISTS")
	s.skip("ONLY")
	switch kind {
	case "table", "foreign table", "view", "materialized view":
		alteration(s).alterTable(kind)
	case "default privileges":
		if contains(s.rest(), "REVOKE") {
			s.do("revoke", change{Name: s.excerpt()})
		}
	case "":
		s.unreadable("")
	default:
		s.alterObject(change{Kind: kind, Name: s.name()})
	}
}

// alterObject reads the change of an object that is no table or view. Types may have
// parts: the values of an enumeration, the attributes of a composite.
func (s definition) alterObject(c change) {
	s.skipParens()
	refuses := contains(s.rest(), "SET", "NOT", "NULL") || contains(s.rest(), "ADD")
	action := s.cursor
	verb, what := action.keyword(), strings.ToLower(action.keyword())
	action.is("IF", "EXISTS")
	part := action.name()
	switch {
	case s.is("RENAME", "TO"):
		c.Do, c.To = "rename_object", s.name()
	case s.is("SET", "SCHEMA"):
		c.Do, c.To = "rename_object", s.name()+"."+c.Name
	case c.Kind == "domain" && refuses:
		c.Do = "change_domain"
	case c.Kind == "type" && (verb == "RENAME" && what != "to" || verb == "DROP"):
		c.Do, c.To = "change_part", strings.ToLower(verb)+"s the "+what+" "+part+" of the type "+c.Name
	case c.Kind == "type" && verb == "ALTER":
		c.Do, c.To = "change_part", "changes the type of "+c.Name+"."+part
	default:
		c.Do = "change_object"
	}
	s.do(c.Do, c)
}
