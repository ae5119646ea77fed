package migration

// wording is the text of a change, and its grade for a table that is not new.
type wording struct {
	grade     Grade
	what, why string
	// effect records in the schema what the change does, and may adjust the operation.
	effect func(schema, change, *Operation)
}

const (
	lost       = "what it holds is lost, and the older version still reads it"
	rowsLost   = "the rows are lost"
	oldName    = "the older version still uses the old name"
	noValue    = "rows that are there have no value for it, and the older version writes none"
	required   = "NOT NULL and without a default"
	noNulls    = "rows without a value make it fail"
	mayWrite   = ", and the older version may still write such rows"
	alike      = "duplicate rows make it fail" + mayWrite
	breakIt    = "rows that break it make it fail"
	mayBreak   = breakIt + mayWrite
	overwrites = "their previous values are lost"
	leftBehind = "what the new table does not take over is lost"
	hidesRows  = "the older version may no longer see its rows"
	takesRows  = "the older version no longer finds its rows there"
	mayHold    = "what it holds, if anything, is lost, and the older version may still use it"
	hidesRest  = "a quote, comment, bracket or block is not closed, and hides what follows"
	mayRely    = "the older version may rely on it"
	mayUse     = "the older version may still use it"
	notRead    = "what it does cannot be read from the migration"
	newType    = "changes the type of the column $column $from to $to"
	mayNotFit  = "values that do not fit are cut, rounded or refused"
	otherType  = "every value fits into text, but the older version may expect another type"
	serverZone = "times without a time zone are taken to be of the server's"
)

var wordings = map[string]wording{
	"create_table": {Harmless, "creates the table $table", "", createTable},
	"drop_table":   {Destructive, "drops the table $table", lost, dropTable},
	"rename_table": {Destructive, "renames the table $table to $to", oldName, renameTable},
	"change_table": {Harmless, "changes the table $table", "", nil},
	"row_security": {Risky, "turns on row security of the table $table", hidesRows, nil},
	"attach":       {Risky, "makes the table $table a partition of $to", "rows outside it make it fail", nil},
	"detach":       {Destructive, "takes the partition $table out of the table $to", takesRows, nil},

	"insert":         {Harmless, "adds rows to the table $table", "", addRows},
	"replace":        {Risky, "adds rows to the table $table or changes those that are there", overwrites, nil},
	"update":         {Risky, "changes rows of the table $table", overwrites, updateRows},
	"delete":         {Destructive, "deletes rows of the table $table", rowsLost, nil},
	"delete_objects": {Destructive, "deletes rows through a session", rowsLost, nil},

	"add_column":     {Harmless, "adds the column $column", "", addColumn},
	"add_required":   {Destructive, "adds the column $column, " + required, noValue, addColumn},
	"drop_column":    {Destructive, "drops the column $column", lost, dropColumn},
	"rename_column":  {Destructive, "renames the column $column to $to", oldName, renameColumn},
	"change_column":  {Harmless, "changes the column $column", "", nil},
	"change_type":    {Destructive, newType, mayNotFit, changeColumn},
	"change_to_text": {Risky, newType, otherType, changeColumn},
	"add_time_zone":  {Risky, newType, serverZone, changeColumn},
	"widen_type":     {Harmless, newType, "", nil},
	"set_not_null":   {Destructive, "makes the column $column NOT NULL", noNulls + mayWrite, setNotNull},
	"drop_not_null":  {Harmless, "lets the column $column be NULL", "", dropNotNull},
	"set_default":    {Harmless, "changes the default of the column $column", "", setDefault},
	"drop_default":   {Risky, "removes the default of the column $column", mayRely, dropDefault},

	"create_index":        {Harmless, "creates the index $label on $table", "", nil},
	"create_unique_index": {Risky, "creates the unique index $label on $table", alike, readColumns},
	"drop_index":          {Harmless, "drops the index $label $of", "", nil},

	"create_unique_constraint":  {Risky, "adds the unique constraint $label to $table", alike, readColumns},
	"create_primary_key":        {Risky, "adds the primary key $label to $table", mayBreak, readColumns},
	"create_foreign_key":        {Risky, "adds the foreign key $label to $table", mayBreak, readColumns},
	"create_check_constraint":   {Risky, "adds the check constraint $label to $table", mayBreak, nil},
	"create_exclude_constraint": {Risky, "adds the exclusion constraint $label to $table", mayBreak, nil},
	"rename_constraint":         {Harmless, "renames the constraint $label of $table", "", nil},
	"validate_constraint":       {Risky, "validates the constraint $label of $table", breakIt, nil},
	"drop_constraint":           {Harmless, "drops the constraint $label $of", "", nil},

	"create_object":    {Harmless, "creates the $kind $name", "", createObject},
	"drop_object":      {Destructive, "drops the $kind $name", mayHold, dropObject},
	"rename_object":    {Destructive, "renames the $kind $name to $to", oldName, changeObject},
	"change_object":    {Harmless, "changes the $kind $name", "", nil},
	"rename_value":     {Destructive, "renames the value $to of the type $name", mayUse, changeObject},
	"rename_attribute": {Destructive, "renames the attribute $to of the type $name", mayUse, changeObject},
	"drop_value":       {Destructive, "drops the value $to of the type $name", mayUse, changeObject},
	"drop_attribute":   {Destructive, "drops the attribute $to of the type $name", mayUse, changeObject},
	"change_attribute": {Destructive, "changes the type of $name.$to", mayUse, changeObject},
	"change_domain":    {Risky, "changes the domain $name", mayBreak, nil},
	"refresh":          {Harmless, "changes the materialized view $name", "", nil},
	"create":           {Harmless, "creates $text", "", nil},
	"drop":             {Destructive, "drops $text", mayHold, nil},

	"revoke":     {Risky, "takes away a privilege: $text", mayRely, nil},
	"unreadable": {Risky, "$text", notRead, nil},
	"do":         {Risky, "runs a block of code", notRead, nil},
	"unclosed":   {Risky, "holds SQL that never ends", hidesRest, nil},
}
