package migration

import (
	"slices"
	"strconv"
	"strings"
)

// family are types whose values are of one kind.
type family int

const (
	otherType family = iota
	textType
	binaryType
	integerType
	numericType
	floatType
	dateType
	dateTimeType
	jsonType
	enumType
)

// columnType is a type as a migration writes it, as far as it says what fits.
type columnType struct {
	title   string
	family  family
	size    int // the length of text, the bytes of a number, the digits of a numeric; 0 is without a limit
	scale   int // the digits of a numeric after the point
	zone    bool
	values  []string // of an enumeration
	certain bool     // whether all of that is known
}

// typeNames are those of https://docs.sqlalchemy.org/en/20/core/types.html and
// of the databases, in upper case.
var typeNames = map[string]columnType{
	"STRING": {family: textType}, "VARCHAR": {family: textType}, "CHAR": {family: textType}, "UNICODE": {family: textType},
	"NVARCHAR": {family: textType}, "NCHAR": {family: textType}, "AUTOSTRING": {family: textType},
	"TEXT": {family: textType}, "UNICODETEXT": {family: textType}, "CLOB": {family: textType},
	"LARGEBINARY": {family: binaryType}, "BLOB": {family: binaryType}, "BYTEA": {family: binaryType},
	"SMALLINTEGER": {family: integerType, size: 2}, "SMALLINT": {family: integerType, size: 2},
	"INTEGER": {family: integerType, size: 4}, "INT": {family: integerType, size: 4},
	"BIGINTEGER": {family: integerType, size: 8}, "BIGINT": {family: integerType, size: 8},
	"NUMERIC": {family: numericType}, "DECIMAL": {family: numericType},
	"REAL": {family: floatType, size: 4}, "FLOAT": {family: floatType, size: 8},
	"DOUBLE": {family: floatType, size: 8}, "DOUBLE_PRECISION": {family: floatType, size: 8},
	"DATE": {family: dateType}, "DATETIME": {family: dateTimeType}, "TIMESTAMP": {family: dateTimeType},
	"JSON": {family: jsonType}, "JSONB": {family: jsonType},
	"ENUM": {family: enumType},
}

const cannotTell = "it cannot be told from the migration whether the values still fit"

// typeChange says what a change of type is, and what it puts at stake.
func (w *pyWalker) typeChange(existing *expr, changed expr) (change string, grade Grade, why string) {
	to := w.typeOf(changed)
	if existing == nil || existing.text == "None" {
		grade, why = judgeUnknown(to)
		return "to " + to.title, grade, why
	}
	from := w.typeOf(*existing)
	change = "from " + from.title + " to " + to.title
	if from.title == to.title {
		return change, Harmless, ""
	}
	grade, why = from.judge(to)
	return change, grade, why
}

// typeOf reads a type, as in sa.String(length=80).
func (w *pyWalker) typeOf(e expr) columnType {
	value := w.one(e)
	shown := value.text
	for _, each := range value.links {
		if each.name == "" || each.name[0] < 'A' || 'Z' < each.name[0] {
			shown = strings.TrimPrefix(shown, each.name+".")
			continue
		}
		found := typeNames[strings.ToUpper(each.name)]
		found.certain = value.call("with_variant") == nil && w.refine(&found, each)
		found.title = clean(strings.TrimSuffix(shown, "()"), longestName)
		return found
	}
	return columnType{title: clean(shown, longestName)}
}

// refine takes over a type's arguments. It is false if one cannot be read.
func (w *pyWalker) refine(t *columnType, made link) bool {
	values := made.positional()
	switch t.family {
	case textType, binaryType:
		return w.limit(&t.size, made, values, 0, "length")
	case numericType:
		return w.limit(&t.size, made, values, 0, "precision") && w.limit(&t.scale, made, values, 1, "scale")
	case floatType:
		return len(made.args) == 0
	case dateTimeType:
		zone := made.keyword("timezone")
		if zone == nil && len(values) > 0 {
			zone = &values[0]
		}
		t.zone = zone != nil && w.one(*zone).text == "True"
	case enumType:
		for _, value := range values {
			text := w.one(value)
			if text.literal == nil {
				return false
			}
			t.values = append(t.values, text.literal.value)
		}
		return len(values) > 0
	case otherType:
		return false
	}
	return true
}

func (w *pyWalker) limit(to *int, made link, values []expr, place int, keyword string) bool {
	given := made.keyword(keyword)
	if given == nil && place < len(values) {
		given = &values[place]
	}
	if given == nil || w.one(*given).text == "None" {
		return true
	}
	number, err := strconv.Atoi(strings.ReplaceAll(w.one(*given).text, "_", ""))
	*to = number
	return err == nil
}

// judgeUnknown is for a column whose type before is not known.
func judgeUnknown(to columnType) (grade Grade, why string) {
	if to.family == textType && to.size == 0 && to.certain {
		return Risky, "every value fits into text, but the older version may expect another type"
	}
	return Destructive, cannotTell
}

// judge says what a change of type puts at stake.
func (t columnType) judge(to columnType) (grade Grade, why string) {
	if !t.certain || !to.certain {
		return Destructive, cannotTell
	}
	if t.family != to.family {
		return t.judgeOther(to)
	}
	switch t.family {
	case textType, binaryType:
		return refuseIf(narrower(t.size, to.size), "longer values are cut or refused")
	case integerType:
		return refuseIf(to.size < t.size, "larger numbers do not fit")
	case floatType:
		return refuseIf(to.size < t.size, "digits are lost")
	case numericType:
		return refuseIf(t.narrowerNumeric(to), "numbers with more digits are rounded or refused")
	case dateTimeType:
		if t.zone == to.zone {
			return Harmless, ""
		}
		if t.zone {
			return Destructive, "the time zone is lost"
		}
		return Risky, "times without a time zone are taken to be of the server's"
	case enumType:
		gone := slices.DeleteFunc(slices.Clone(t.values), func(value string) bool { return slices.Contains(to.values, value) })
		return refuseIf(len(gone) > 0, clean("values that are no longer listed are refused: "+strings.Join(gone, ", "), longestText))
	}
	return Harmless, ""
}

func refuseIf(loses bool, reason string) (grade Grade, why string) {
	if loses {
		return Destructive, reason
	}
	return Harmless, ""
}

func narrower(from, to int) bool { return to != 0 && (from == 0 || to < from) }

func (t columnType) narrowerNumeric(to columnType) bool {
	if to.size == 0 {
		return false
	}
	return t.size == 0 || to.scale < t.scale || to.size-to.scale < t.size-t.scale
}

// wholeDigits are those of the largest integer of so many bytes.
var wholeDigits = map[int]int{2: 5, 4: 10, 8: 19}

// judgeOther is for types of different kinds.
func (t columnType) judgeOther(to columnType) (grade Grade, why string) {
	switch [2]family{t.family, to.family} {
	case [2]family{floatType, integerType}, [2]family{numericType, integerType}:
		if t.family == numericType && t.scale == 0 && t.size != 0 && t.size < wholeDigits[to.size] {
			return Harmless, ""
		}
		return Destructive, "fractions are lost"
	case [2]family{integerType, numericType}:
		return refuseIf(to.size != 0 && to.size-to.scale < wholeDigits[t.size], "larger numbers do not fit")
	case [2]family{integerType, floatType}:
		return refuseIf(t.size >= to.size, "digits of large numbers are lost")
	case [2]family{numericType, floatType}:
		return Destructive, "numbers are no longer exact"
	case [2]family{dateTimeType, dateType}:
		return Destructive, "the time of day is lost"
	case [2]family{dateType, dateTimeType}:
		return Harmless, ""
	case [2]family{enumType, textType}:
		longest := 0
		for _, value := range t.values {
			longest = max(longest, len([]rune(value)))
		}
		return refuseIf(narrower(longest, to.size), "longer values are cut or refused")
	}
	return Destructive, cannotTell
}
