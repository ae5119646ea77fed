package migration

// create reads what follows CREATE.
func (s *statement) create() {
	s.skip("OR", "REPLACE", "TEMP", "TEMPORARY", "UNLOGGED", "GLOBAL", "LOCAL", "RECURSIVE", "CONSTRAINT", "TRUSTED",
		"PROCEDURAL")
	c := change{Unique: s.is("UNIQUE"), Kind: s.kind()}
	s.skip("CONCURRENTLY")
	c.IfNotExists = s.is("IF", "NOT", "EXISTS")
	switch c.Kind {
	case "":
		s.unreadable("runs")
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
func (s *statement) drop() {
	kind := s.kind()
	s.skip("CONCURRENTLY")
	s.is("IF", "EXISTS")
	if kind == "" || s.done() {
		s.unreadable("runs")
		return
	}
	for more := true; more; more = s.is(",") {
		if kind == "table" {
			s.do("drop_table", change{Table: s.name()})
		} else {
			s.do("drop_object", change{Kind: kind, Name: s.name()})
		}
		s.skipParens()
	}
}

// objectActions are those of ALTER for an object that is no table or view. The parts of a type are the values of an
// enumeration and the attributes of a composite.
var objectActions = []rule{
	{"RENAME TO %to", "rename_object"},
	{"SET SCHEMA %to", "set_schema"},
	{"RENAME VALUE %to", "rename_value"},
	{"RENAME ATTRIBUTE %to", "rename_attribute"},
	{"DROP VALUE %to", "drop_value"},
	{"DROP ATTRIBUTE [IF_EXISTS] %to", "drop_attribute"},
	{"ALTER ATTRIBUTE %to", "change_attribute"},
	{"", "change_object"},
}

// alter reads what follows ALTER.
func (s *statement) alter() {
	c := change{Kind: s.kind()}
	s.is("IF", "EXISTS")
	s.skip("ONLY")
	switch c.Kind {
	case "table", "foreign table", "view", "materialized view":
		s.alterTable(c.Kind)
	case "default privileges":
		if contains(s.rest(), "REVOKE") {
			s.do("revoke", change{Name: s.excerpt()})
		}
	case "":
		s.unreadable("runs")
	default:
		c.Name = s.name()
		s.skipParens()
		refuses := contains(s.rest(), "SET", "NOT", "NULL") || contains(s.rest(), "ADD")
		c.Do = s.match(objectActions, &c)
		switch {
		case c.Do == "set_schema":
			c.Do, c.To = "rename_object", c.To+"."+c.Name
		case c.Do == "change_object" && c.Kind == "domain" && refuses:
			c.Do = "change_domain"
		}
		s.do(c.Do, c)
	}
}
