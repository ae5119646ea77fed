package migration

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// typeText is a type as written in a migration: Name(args, keyword=value). A value is a string, a number, a bool or
// nil, or it cannot be read.
type typeText struct {
	Title, Name string
	Args        []any
	Keywords    map[string]any
	Vague       bool // whether the type differs between databases
}

// columnType is a type, as far as it limits its values.
type columnType struct {
	family string // group of types with the same kind of values; "" when something is unknown
	// size is the length of text or the digits of a number, where 0 means no limit, or 1 for a time with a time zone.
	size   int
	scale  int      // the digits of a numeric after the point
	values []string // of an enumeration
}

// families are the types of https://docs.sqlalchemy.org/en/20/core/types.html and of the databases, in upper case.
var families = map[string]string{
	"text":   "STRING VARCHAR CHAR UNICODE NVARCHAR NCHAR AUTOSTRING TEXT UNICODETEXT CLOB",
	"binary": "LARGEBINARY BLOB BYTEA", "integer": "SMALLINTEGER SMALLINT INTEGER INT BIGINTEGER BIGINT",
	"numeric": "NUMERIC DECIMAL", "float": "REAL FLOAT DOUBLE DOUBLE_PRECISION", "date": "DATE",
	"time": "DATETIME TIMESTAMP", "json": "JSON JSONB", "enum": "ENUM",
}

// digits are those of the largest integer of a type, or those that a float keeps.
var digits = map[string]int{
	"SMALLINTEGER": 5, "SMALLINT": 5, "INTEGER": 10, "INT": 10, "BIGINTEGER": 19, "BIGINT": 19, "REAL": 6, "FLOAT": 15,
	"DOUBLE": 15, "DOUBLE_PRECISION": 15,
}

// typeChange describes a change of type, and its risk. The existing type may be nil.
func typeChange(existing, changed *typeText) (how string, grade Grade, why string) {
	const mayNotFit = "values that do not fit are cut, rounded or refused"
	to := changed.read()
	how = "to " + shown(changed.Title)
	if existing == nil {
		if to.family == "text" && to.size == 0 {
			return how, Risky, "every value fits into text, but the older version may expect another type"
		}
		return how, Destructive, mayNotFit
	}
	from := existing.read()
	how = "from " + shown(existing.Title) + " " + how
	switch {
	case existing.Title == changed.Title:
		return how, Harmless, ""
	case from.family == "time" && to.family == "time" && from.size < to.size:
		return how, Risky, "times without a time zone are taken to be of the server's"
	case from.fits(to):
		return how, Harmless, ""
	}
	return how, Destructive, mayNotFit
}

// read evaluates a type's name and arguments.
func (t *typeText) read() columnType {
	if t.Vague {
		return columnType{}
	}
	name := strings.ToUpper(t.Name)
	found := columnType{size: digits[name]}
	for family, names := range families {
		if slices.Contains(strings.Fields(names), name) {
			found.family = family
		}
	}
	switch found.family {
	case "text", "binary":
		found.size = t.number(0, "length")
	case "numeric":
		found.size, found.scale = t.number(0, "precision"), t.number(1, "scale")
	case "time":
		found.size = t.number(0, "timezone")
	case "enum":
		found.values, found.size = t.values()
	}
	if found.size < 0 || found.scale < 0 || found.family == "float" && len(t.Args)+len(t.Keywords) > 0 {
		return columnType{}
	}
	return found
}

// number returns the argument with a name or at a place: 1 if it is True, 0 if it is missing or False, -1 if it is no
// number.
func (t *typeText) number(place int, keyword string) int {
	value, given := t.Keywords[keyword]
	if !given && place < len(t.Args) {
		value = t.Args[place]
	}
	switch value {
	case true:
		return 1
	case nil, false:
		return 0
	}
	if number, isNumber := value.(float64); isNumber {
		return int(number)
	}
	return -1
}

// values returns those of an enumeration and the length of the longest, or -1 if not all are known.
func (t *typeText) values() (values []string, longest int) {
	longest = -1
	for _, each := range t.Args {
		value, _ := each.(string)
		if value == "" {
			return nil, -1
		}
		values, longest = append(values, value), max(longest, utf8.RuneCountInString(value))
	}
	return values, longest
}

// fits reports whether each value of a type is known to fit into another one.
func (from columnType) fits(to columnType) bool {
	switch from.family + " to " + to.family {
	case "json to json", "date to date", "date to time":
		return true
	case "text to text", "binary to binary", "enum to text":
		return to.size == 0 || from.size != 0 && from.size <= to.size
	case "integer to integer", "integer to float", "float to float", "time to time":
		return from.size <= to.size
	case "integer to numeric", "numeric to numeric":
		whole := from.size - from.scale
		return to.size == 0 || from.size != 0 && from.scale <= to.scale && whole <= to.size-to.scale
	case "numeric to integer":
		return from.size != 0 && from.scale == 0 && from.size < to.size
	case "enum to enum":
		return !slices.ContainsFunc(from.values, func(v string) bool { return !slices.Contains(to.values, v) })
	}
	return false
}
