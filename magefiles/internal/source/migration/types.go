package migration

import (
	"cmp"
	"slices"
	"strings"
)

// typeText is a type as written in a migration: Name(args, keyword=value). A value is a
// string, a number, a bool or nil, or it cannot be read.
type typeText struct {
	Title, Name string
	Args        []any
	Keywords    map[string]any
	Vague       bool // whether the type differs between databases
}

// columnType is a type, as far as it limits its values.
type columnType struct {
	title   string
	family  string // group of types with the same kind of values; "" when unknown
	size    int    // the length of text, the bytes of a number, the digits of a numeric; 0 means no limit
	scale   int    // the digits of a numeric after the point
	zone    bool
	values  []string // of an enumeration
	certain bool     // whether all of that is known
}

// families are the types of https://docs.sqlalchemy.org/en/20/core/types.html
// and of the databases, in upper case.
var families = map[string]string{
	"text":   "STRING VARCHAR CHAR UNICODE NVARCHAR NCHAR AUTOSTRING TEXT UNICODETEXT CLOB",
	"binary": "LARGEBINARY BLOB BYTEA", "integer": "SMALLINTEGER SMALLINT INTEGER INT BIGINTEGER BIGINT",
	"numeric": "NUMERIC DECIMAL", "float": "REAL FLOAT DOUBLE DOUBLE_PRECISION", "date": "DATE",
	"time": "DATETIME TIMESTAMP", "json": "JSON JSONB", "enum": "ENUM",
}

// sizes are the sizes of numbers in bytes.
var sizes = map[string]int{
	"SMALLINTEGER": 2, "SMALLINT": 2, "INTEGER": 4, "INT": 4, "BIGINTEGER": 8, "BIGINT": 8, "REAL": 4, "FLOAT": 8,
	"DOUBLE": 8, "DOUBLE_PRECISION": 8,
}

const (
	cannotTell = "it is unknown whether the values still fit"
	cut        = "longer values are cut or refused"
	tooLarge   = "larger numbers do not fit"
)

// typeChange describes a change of type, and its risk.
func typeChange(existing, changed *typeText) (change string, grade Grade, why string) {
	to := changed.read()
	if existing == nil {
		if to.family == "text" && to.size == 0 && to.certain {
			return "to " + to.title, Risky, "every value fits into text, but the older version may expect another type"
		}
		return "to " + to.title, Destructive, cannotTell
	}
	from := existing.read()
	change = "from " + from.title + " to " + to.title
	switch {
	case from.title == to.title:
		return change, Harmless, ""
	case !from.certain || !to.certain:
		return change, Destructive, cannotTell
	case from.family == "time" && to.family == "time" && !from.zone && to.zone:
		return change, Risky, "times without a time zone are taken to be of the server's"
	}
	loses, known := losses[from.family+" to "+to.family]
	if !known {
		loses = always(cannotTell)
	}
	lost, why := loses(from, to)
	if !lost {
		return change, Harmless, ""
	}
	return change, Destructive, why
}

func (t *typeText) read() columnType {
	if t == nil {
		return columnType{title: unknown}
	}
	known := strings.ToUpper(t.Name)
	found := columnType{title: clean(cmp.Or(t.Title, unknown), longestName), size: sizes[known]}
	for family, names := range families {
		if slices.Contains(strings.Fields(names), known) {
			found.family = family
		}
	}
	found.certain = !t.Vague && t.refine(&found)
	return found
}

// refine applies a type's arguments. It is false if one cannot be read.
func (t *typeText) refine(found *columnType) bool {
	switch found.family {
	case "text", "binary":
		return t.number(&found.size, 0, "length")
	case "numeric":
		return t.number(&found.size, 0, "precision") && t.number(&found.scale, 1, "scale")
	case "float":
		return len(t.Args)+len(t.Keywords) == 0
	case "time":
		found.zone = t.argument(0, "timezone") == true
	case "enum":
		for _, each := range t.Args {
			value, _ := each.(string)
			found.values = append(found.values, value)
		}
		return len(t.Args) > 0 && !slices.Contains(found.values, "")
	}
	return found.family != ""
}

// argument returns the one with a name or at a place, or nil.
func (t *typeText) argument(place int, keyword string) any {
	if value, given := t.Keywords[keyword]; given || place >= len(t.Args) {
		return value
	}
	return t.Args[place]
}

func (t *typeText) number(to *int, place int, keyword string) bool {
	value := t.argument(place, keyword)
	number, isNumber := value.(float64)
	*to = int(number)
	return isNumber || value == nil
}

// wholeDigits is the number of digits of the largest integer with so many bytes.
var wholeDigits = map[int]int{2: 5, 4: 10, 8: 19}

// loss reports whether a change of type loses something, and what.
type loss func(from, to columnType) (lost bool, what string)

func nothing(_, _ columnType) (bool, string) { return false, "" }

func always(what string) loss { return func(_, _ columnType) (bool, string) { return true, what } }

func shorter(from, to columnType) (bool, string) { return narrower(from.size, to.size), cut }

// losses are those of changes from one family to another. What other changes lose is
// unknown.
var losses = map[string]loss{
	"text to text":       shorter,
	"binary to binary":   shorter,
	"numeric to numeric": fewerDigits,
	"enum to enum":       fewerValues,
	"json to json":       nothing,
	"date to date":       nothing,
	"date to time":       nothing,
	"time to date":       always("the time of day is lost"),
	"float to integer":   always("fractions are lost"),
	"numeric to float":   always("numbers are no longer exact"),
	"integer to integer": func(a, b columnType) (bool, string) { return b.size < a.size, tooLarge },
	"float to float":     func(a, b columnType) (bool, string) { return b.size < a.size, "digits are lost" },
	"integer to float": func(a, b columnType) (bool, string) {
		return b.size <= a.size, "digits of large numbers are lost"
	},
	"time to time": func(a, b columnType) (bool, string) { return a.zone && !b.zone, "the time zone is lost" },
	"integer to numeric": func(a, b columnType) (bool, string) {
		return b.size != 0 && b.size-b.scale < wholeDigits[a.size], tooLarge
	},
	"numeric to integer": func(a, b columnType) (bool, string) {
		return a.scale != 0 || a.size == 0 || a.size >= wholeDigits[b.size], "fractions are lost"
	},
	"enum to text": func(a, b columnType) (bool, string) {
		return slices.ContainsFunc(a.values, func(v string) bool { return narrower(len([]rune(v)), b.size) }), cut
	},
}

func narrower(from, to int) bool { return to != 0 && (from == 0 || to < from) }

func fewerDigits(from, to columnType) (bool, string) {
	fits := to.size == 0 || from.size != 0 && to.scale >= from.scale && to.size-to.scale >= from.size-from.scale
	return !fits, "numbers with more digits are rounded or refused"
}

func fewerValues(from, to columnType) (bool, string) {
	gone := slices.DeleteFunc(slices.Clone(from.values), func(v string) bool { return slices.Contains(to.values, v) })
	return len(gone) > 0, clean("values that are no longer listed are refused: "+strings.Join(gone, ", "), longestText)
}
