package migration

// alembicOperation is what one of Alembic's operations takes by position, and
// how it is noted.
type alembicOperation struct {
	takes []string
	run   func(*pyWalker, opCall)
}

// alembicOperations are those of https://alembic.sqlalchemy.org/en/latest/ops.html.
// execute() is read elsewhere, as connections have it too.
var alembicOperations = map[string]alembicOperation{
	"create_table": {[]string{"table_name"}, func(w *pyWalker, c opCall) {
		w.createTable(c.line, w.tableArgument(c, "table_name"), w.isTrue(c.keyword("if_not_exists")))
	}},
	"drop_table": {[]string{"table_name"}, func(w *pyWalker, c opCall) {
		w.dropTable(c.line, w.tableArgument(c, "table_name"))
	}},
	"rename_table": {[]string{"old_table_name", "new_table_name"}, func(w *pyWalker, c opCall) {
		w.renameTable(c.line, w.tableArgument(c, "old_table_name"), w.tableArgument(c, "new_table_name"))
	}},
	"add_column":   {[]string{"table_name", "column"}, (*pyWalker).opAddColumn},
	"alter_column": {[]string{"table_name", "column_name"}, (*pyWalker).opAlterColumn},
	"drop_column": {[]string{"table_name", "column_name"}, func(w *pyWalker, c opCall) {
		w.dropColumn(c.line, w.tableArgument(c, "table_name"), w.nameOf(c.given("column_name")))
	}},
	"create_index": {[]string{"index_name", "table_name", "columns"}, (*pyWalker).opCreateIndex},
	"drop_index": {[]string{"index_name", "table_name"}, func(w *pyWalker, c opCall) {
		w.drops(c.line, "index", w.label(c.given("index_name")), w.optionalTable(c))
	}},
	"create_unique_constraint":  {[]string{"constraint_name", "table_name", "columns"}, constrains(uniqueConstraint, "table_name", "columns")},
	"create_primary_key":        {[]string{"constraint_name", "table_name", "columns"}, constrains(primaryKey, "table_name", "columns")},
	"create_check_constraint":   {[]string{"constraint_name", "table_name", "condition"}, constrains(checkConstraint, "table_name", "")},
	"create_exclude_constraint": {[]string{"constraint_name", "table_name"}, constrains(exclusion, "table_name", "")},
	"create_foreign_key": {
		[]string{"constraint_name", "source_table", "referent_table", "local_cols", "remote_cols"},
		constrains(foreignKey, "source_table", "local_cols"),
	},
	"drop_constraint": {[]string{"constraint_name", "table_name"}, func(w *pyWalker, c opCall) {
		w.drops(c.line, "constraint", w.label(c.given("constraint_name")), w.optionalTable(c))
	}},
	"bulk_insert": {[]string{"table"}, func(w *pyWalker, c opCall) {
		w.insertRows(c.line, w.tableObject(c.given("table")))
	}},
	"create_table_comment": {[]string{"table_name"}, (*pyWalker).opTableComment},
	"drop_table_comment":   {[]string{"table_name"}, (*pyWalker).opTableComment},
}

// notOperations are what op has besides, and execute().
var notOperations = map[string]bool{
	"execute": true, "f": true, "get_bind": true, "get_context": true, "batch_alter_table": true, "inline_literal": true,
	"run_async": true, "implementation_for": true, "register_operation": true,
}

func constrains(kind constraint, table, columns string) func(*pyWalker, opCall) {
	return func(w *pyWalker, c opCall) {
		var on []name
		if columns != "" {
			on = w.names(c.given(columns))
		}
		w.addConstraint(c.line, kind, w.label(c.given("constraint_name")), w.tableArgument(c, table), on)
	}
}

func (w *pyWalker) opCreateIndex(c opCall) {
	t := w.tableArgument(c, "table_name")
	w.createIndex(c.line, w.label(c.given("index_name")), w.isTrue(c.keyword("unique")), t, w.names(c.given("columns")))
}

func (w *pyWalker) opTableComment(c opCall) { w.changeTable(c.line, w.tableArgument(c, "table_name")) }

// optionalTable is the table that an operation names only for some databases.
func (w *pyWalker) optionalTable(c opCall) name {
	if c.batch == nil && c.given("table_name") == nil {
		return name{}
	}
	return w.tableArgument(c, "table_name")
}

func (w *pyWalker) opAddColumn(c opCall) {
	t := w.tableArgument(c, "table_name")
	given := c.given("column")
	if given == nil {
		w.unreadable(c.line, "adds a column to the table "+t.text)
		return
	}
	made := w.one(*given).call("Column")
	if made == nil {
		w.unreadable(c.line, "adds the column "+unknownName(given.text).text+" to the table "+t.text)
		return
	}
	called, properties := w.columnMade(*made)
	w.addColumn(c.line, t, called, properties, w.isTrue(c.keyword("if_not_exists")))
}

// columnMade reads Column(…).
func (w *pyWalker) columnMade(made link) (name, column) {
	values := made.positional()
	called := made.keyword("name")
	if called == nil && len(values) > 0 {
		called = &values[0]
	}
	nullable := made.keyword("nullable")
	properties := column{
		notNull:    nullable != nil && !w.isNull(*nullable) || nullable == nil && w.isTrue(made.keyword("primary_key")),
		hasDefault: w.isTrue(made.keyword("server_default")),
	}
	for _, value := range values {
		if value.call("Computed", "Identity", "FetchedValue") != nil {
			properties.hasDefault = true
		}
	}
	return w.nameOf(called), properties
}

// isNull is whether a column with that argument for nullable may be NULL.
func (w *pyWalker) isNull(nullable expr) bool {
	text := w.one(nullable).text
	return text == "True" || text == "None"
}

func (w *pyWalker) opAlterColumn(c opCall) {
	t, called := w.tableArgument(c, "table_name"), w.nameOf(c.given("column_name"))
	before := len(w.operations)
	if to := c.keyword("type_"); to != nil && to.text != "None" {
		change, grade, why := w.typeChange(c.keyword("existing_type"), *to)
		w.changeType(c.line, t, called, change, grade, why)
	}
	w.alterDefault(c, t, called)
	if nullable := c.keyword("nullable"); nullable != nil && nullable.text != "None" {
		if w.isNull(*nullable) {
			w.dropNotNull(c.line, t, called)
		} else {
			hasDefault := w.isTrue(c.keyword("server_default")) || w.isTrue(c.keyword("existing_server_default"))
			w.setNotNull(c.line, t, called, hasDefault)
		}
	}
	if to := c.keyword("new_column_name"); to != nil && to.text != "None" {
		w.renameColumn(c.line, t, called, w.nameOf(to))
	}
	if len(w.operations) == before {
		w.changeColumn(c.line, t, called)
	}
}

func (w *pyWalker) alterDefault(c opCall, t, called name) {
	given := c.keyword("server_default")
	switch {
	case given == nil || given.text == "False": // as it is
	case given.text == "None":
		w.dropDefault(c.line, t, called)
	default:
		w.setDefault(c.line, t, called)
	}
}
