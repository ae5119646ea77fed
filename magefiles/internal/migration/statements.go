package migration

import (
	"slices"
	"strings"
)

// textWrappers make a text, or a statement of SQL, of their first argument.
var textWrappers = []string{"text", "f", "DDL", "quoted_name", "dedent", "cleandoc", "str", "literal_column"}

// texts are the strings that an expression may stand for, and whether those
// are all.
func (w *pyWalker) texts(e expr) (found []source, all bool) {
	budget := mostValues
	return w.textsWithin(e, &budget)
}

// textsWithin looks at no more values than the budget says: names may stand for
// several values that stand for several values.
func (w *pyWalker) textsWithin(e expr, budget *int) (found []source, all bool) {
	all = true
	for _, value := range w.resolve(e) {
		*budget--
		if *budget < 0 {
			return found, false
		}
		wrapper := value.call(textWrappers...)
		switch {
		case value.literal != nil:
			found = append(found, *value.literal)
		case wrapper != nil && len(wrapper.positional()) > 0:
			inner, certain := w.textsWithin(wrapper.positional()[0], budget)
			found, all = append(found, inner...), all && certain
		default:
			all = false
		}
	}
	return found, all
}

// executors are the methods that run a statement, of op, connections, cursors
// and sessions.
var executors = []string{"execute", "exec_driver_sql", "executemany", "executescript", "exec", "scalar", "scalars"}

// executes notes what the statements do that a chain runs.
func (w *pyWalker) executes(e expr) {
	for i, each := range e.links {
		if i == 0 || !each.called || !slices.Contains(executors, each.name) || len(each.args) == 0 {
			continue
		}
		w.run(each.args[0].value, e.line)
	}
}

func (w *pyWalker) run(statement expr, line int) {
	budget := mostValues
	for _, value := range w.resolve(statement) {
		if w.construct(value, line) {
			continue
		}
		texts, all := w.textsWithin(value, &budget)
		for _, each := range texts {
			w.sql(each)
		}
		if !all {
			w.unreadable(line, "runs SQL that the migration computes")
		}
	}
}

// construct notes a statement that is made of SQLAlchemy's functions or of a
// table's methods. It is false for another one.
func (w *pyWalker) construct(e expr, line int) bool {
	if e.literal != nil {
		return false
	}
	for i, each := range e.links {
		if !each.called {
			continue
		}
		t := w.tableObject(subject(e, i))
		switch each.name {
		case "select", "union", "union_all", "exists", "values":
			return true
		case "insert":
			if e.call("on_conflict_do_update", "on_duplicate_key_update") != nil {
				w.replaceRows(line, t)
			} else {
				w.insertRows(line, t)
			}
		case "update":
			w.updateRows(line, t, w.assigned(e))
		case "delete":
			w.deleteRows(line, t)
		default:
			if w.schemaElement(each, line) {
				return true
			}
			continue
		}
		return true
	}
	return false
}

// subject is the table of update(table) or table.update(), the call being a
// chain's link number i.
func subject(e expr, i int) *expr {
	if values := e.links[i].positional(); len(values) > 0 {
		return &values[0]
	}
	if i == 0 {
		return nil
	}
	return &expr{text: e.links[i-1].name, links: e.links[:i]}
}

// assigned are the columns of .values(name=…), if all are given so.
func (w *pyWalker) assigned(e expr) []name {
	values := e.call("values")
	if values == nil {
		return nil
	}
	var columns []name
	for _, each := range values.args {
		if each.name == "" {
			return nil
		}
		columns = append(columns, newName(each.name))
	}
	return columns
}

// tableObject is the name of a table that is given as one of SQLAlchemy's
// objects, or else how the migration calls it.
func (w *pyWalker) tableObject(e *expr) name {
	if e == nil {
		return unknownName("?")
	}
	value := w.one(*e)
	if value.literal != nil {
		return newName(value.literal.value)
	}
	if made := value.call("table", "Table", "create_table"); made != nil {
		return w.tableOf(*made, "table_name")
	}
	return name{text: clean(e.text, longestName)}
}

// schemaElement notes CreateSequence(…), DropTable(…) and the like
// (https://docs.sqlalchemy.org/en/20/core/ddl.html).
func (w *pyWalker) schemaElement(made link, line int) bool {
	values := made.positional()
	if len(values) == 0 {
		return false
	}
	thing := w.tableObject(&values[0])
	if inner := w.one(values[0]); inner.call("Sequence", "Index") != nil {
		thing = w.tableOf(*inner.call("Sequence", "Index"), "name")
	}
	if kind, isCreate := strings.CutPrefix(made.name, "Create"); isCreate && kind != "" {
		w.createObject(line, strings.ToLower(kind), thing, false)
		return true
	}
	kind, isDrop := strings.CutPrefix(made.name, "Drop")
	switch {
	case !isDrop || kind == "":
		return false
	case kind == "Table":
		w.dropTable(line, thing)
	case kind == "Constraint":
		w.drops(line, "constraint", thing.text, name{})
	default:
		w.dropObject(line, strings.ToLower(kind), thing)
	}
	return true
}

// session notes what is done through SQLAlchemy's sessions.
func (w *pyWalker) session(e expr) {
	last := e.links[len(e.links)-1]
	if !last.called || len(e.links) < 2 {
		return
	}
	if query := e.call("query"); query != nil && len(query.args) > 0 {
		t := w.tableObject(&query.args[0].value)
		switch last.name {
		case "delete":
			w.deleteRows(e.line, t)
		case "update":
			w.updateRows(e.line, t, nil)
		}
		return
	}
	if root := strings.ToLower(e.links[0].name); !strings.HasSuffix(root, "session") {
		return
	}
	switch last.name {
	case "delete":
		w.add(e.line, Destructive, "deletes rows through a session", "the rows are lost")
	case "commit", "flush", "merge", "bulk_update_mappings", "bulk_save_objects":
		w.unreadable(e.line, "changes rows through a session")
	}
}

// metadata notes tables and types that are created or dropped as objects:
// thing.create(bind), metadata.drop_all(bind).
func (w *pyWalker) metadata(e expr) {
	last := e.links[len(e.links)-1]
	if !last.called || len(e.links) < 2 || len(last.args) == 0 {
		return
	}
	thing := name{text: w.objectTitle(e)}
	switch {
	case last.name == "create_all":
		w.add(e.line, Harmless, "creates the tables of "+thing.text, "")
	case last.name == "drop_all":
		w.add(e.line, Destructive, "drops the tables of "+thing.text, lost)
	case !takesBind(last):
	case last.name == "create":
		w.add(e.line, Harmless, "creates "+thing.text, "")
	case last.name == "drop":
		w.add(e.line, Destructive, "drops "+thing.text, "what it holds, if anything, is lost, and the older version may still use it")
	}
}

// objectTitle is how to speak of what a method is called on.
func (w *pyWalker) objectTitle(e expr) string {
	of := expr{links: e.links[:len(e.links)-1], text: e.links[0].name}
	value := w.one(of)
	if made := value.call("Enum", "ENUM", "DOMAIN"); made != nil && made.keyword("name") != nil {
		return "the type " + w.nameOf(made.keyword("name")).text
	}
	if made := value.call("table", "Table"); made != nil {
		return "the table " + w.tableOf(*made, "name").text
	}
	return clean(of.text, longestName)
}

// takesBind is whether a call gets a connection.
func takesBind(call link) bool {
	if call.keyword("bind") != nil || call.keyword("checkfirst") != nil {
		return true
	}
	for _, value := range call.positional() {
		text := strings.ToLower(value.text)
		if strings.Contains(text, "bind") || strings.Contains(text, "conn") || strings.Contains(text, "engine") {
			return true
		}
	}
	return false
}
