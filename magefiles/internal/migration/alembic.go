package migration

import "strings"

// readAlembic reads a migration of Alembic.
func readAlembic(text source) Migration {
	lines, broken := scanPython(text.value)
	w := &pyWalker{
		ledger:  newLedger(),
		module:  newModule(text.value, lines),
		ops:     map[string]bool{"op": true},
		batches: map[string]name{},
	}
	w.importedAs()
	w.walk()
	for _, line := range []int{broken, w.tooDeep} {
		if line > 0 {
			w.broken(line, "Python")
		}
	}
	return Migration{
		Revision:   w.revision(),
		Title:      w.docstring(),
		Operations: w.list(),
	}
}

// importedAs finds "from alembic import op as name".
func (w *pyWalker) importedAs() {
	for _, line := range w.module.lines {
		if line.word() != "from" || len(line.tokens) < 2 || line.tokens[1].text != "alembic" {
			continue
		}
		for i := 2; i+2 < len(line.tokens); i++ {
			if line.tokens[i].text == "op" && line.tokens[i+1].text == "as" {
				w.ops[line.tokens[i+2].text] = true
			}
		}
	}
}

func (w *pyWalker) revision() string {
	for _, value := range w.global["revision"] {
		if value.literal != nil {
			return clean(value.literal.value, longestName)
		}
	}
	return ""
}

func (w *pyWalker) docstring() string {
	if len(w.module.lines) == 0 {
		return ""
	}
	tokens := w.module.lines[0].tokens
	if len(tokens) != 1 || tokens[0].kind != pyString {
		return ""
	}
	return title(tokens[0].literal.value)
}

// opCall is a call of one of Alembic's operations.
type opCall struct {
	link
	line  int
	batch *name // the table of a batch, whose operations don't name it
	takes []string
}

// given is the argument for a parameter, or nil.
func (c opCall) given(parameter string) *expr {
	if value := c.keyword(parameter); value != nil {
		return value
	}
	place := 0
	for _, each := range c.takes {
		if c.batch != nil && (each == "table_name" || each == "source_table") {
			continue
		}
		if each == parameter {
			if values := c.positional(); place < len(values) {
				return &values[place]
			}
			return nil
		}
		place++
	}
	return nil
}

// operation notes what a chain of calls does to the database, if anything.
func (w *pyWalker) operation(e expr) {
	if len(e.links) == 0 {
		return
	}
	if call, ok := w.opCall(e); ok {
		w.alembic(call)
	}
	w.executes(e)
	w.session(e)
	w.metadata(e)
}

// opCall finds the call of an operation in a chain.
func (w *pyWalker) opCall(e expr) (opCall, bool) {
	links, line := e.links, e.line
	if len(links) > 2 && links[0].name == "alembic" && links[1].name == "op" {
		links = links[1:]
	}
	if len(links) < 2 || links[0].called || !links[1].called {
		return opCall{}, false
	}
	call := opCall{link: links[1], line: line}
	root := links[0].name
	if w.ops[root] {
		return call, true
	}
	if table, known := w.batches[root]; known {
		call.batch = &table
		return call, true
	}
	// A helper's parameter, by its usual name.
	unknown := unknownName("?")
	call.batch = &unknown
	return call, strings.Contains(root, "batch") && alembicOperations[call.name].run != nil
}

func (w *pyWalker) alembic(call opCall) {
	if notOperations[call.name] {
		return
	}
	known := alembicOperations[call.name]
	if known.run == nil {
		w.unreadable(call.line, "runs the operation "+call.name+"()")
		return
	}
	call.takes = known.takes
	known.run(w, call)
}

// tableOf is the table that a call is about, by the parameter that names it.
func (w *pyWalker) tableOf(call link, parameter string) name {
	given := call.keyword(parameter)
	if values := call.positional(); given == nil && len(values) > 0 {
		given = &values[0]
	}
	return w.inSchema(given, call.keyword("schema"))
}

// tableArgument is the same for an operation, which may be one of a batch.
func (w *pyWalker) tableArgument(call opCall, parameter string) name {
	if call.batch != nil {
		return *call.batch
	}
	schema := call.keyword("schema")
	if schema == nil {
		schema = call.keyword("source_schema")
	}
	return w.inSchema(call.given(parameter), schema)
}

func (w *pyWalker) inSchema(table, schema *expr) name {
	found := w.nameOf(table)
	if schema == nil || schema.text == "None" {
		return found
	}
	in := w.nameOf(schema)
	if in.key == "" || found.key == "" {
		return name{text: in.text + "." + found.text}
	}
	return newName(in.text + "." + found.text)
}

// nameOf is the name that an argument gives.
func (w *pyWalker) nameOf(e *expr) name {
	if e == nil {
		return unknownName("?")
	}
	if texts, certain := w.texts(*e); certain && len(texts) == 1 {
		return newName(texts[0].value)
	}
	return unknownName(e.text)
}

// label is the same where there may be no name: "" for None.
func (w *pyWalker) label(e *expr) string {
	if e == nil || w.one(*e).text == "None" {
		return ""
	}
	return w.nameOf(e).text
}

// names are those of a list of columns.
func (w *pyWalker) names(e *expr) []name {
	if e == nil {
		return nil
	}
	list := w.one(*e)
	if !list.isList {
		return []name{w.nameOf(&list)}
	}
	var found []name
	for i := range list.items {
		found = append(found, w.nameOf(&list.items[i]))
	}
	return found
}

// isTrue is whether an argument is given and not known to be False or None.
func (w *pyWalker) isTrue(e *expr) bool {
	if e == nil {
		return false
	}
	text := w.one(*e).text
	return text != "False" && text != "None"
}
