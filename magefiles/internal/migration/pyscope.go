package migration

import "slices"

// pyScope is what names stand for: one value, or several when it depends.
type pyScope map[string][]expr

// bind notes what a line makes a name stand for.
func (w *pyWalker) bind(line pyLine, parts []expr) {
	first := parts[0].items
	switch {
	case line.word() == "for":
		w.bindLoop(line, parts)
	case len(parts) == 1 && len(first) >= 5 && first[3].text == "=" && first[1].text == "=":
		w.forget(line)
	case len(parts) == 1 && len(first) >= 3 && first[1].text == "=":
		w.assign(first[0].bare(), valueAfter(first, "="))
	case len(parts) == 1 && len(first) >= 5 && first[1].text == ":":
		w.assign(first[0].bare(), valueAfter(first, "="))
	default:
		w.forget(line)
	}
}

// valueAfter is the value of an assignment, the last one of several.
func valueAfter(items []expr, sign string) *expr {
	for i := len(items) - 2; i > 0; i-- {
		if items[i].text != sign {
			continue
		}
		parser := &pyParser{}
		value := parser.combine(0, items[i+1:])
		value.text, value.line = items[i+1].text, items[i+1].line
		return &value
	}
	return nil
}

// assign gives a name a value, or one more when the line may not run.
func (w *pyWalker) assign(variable string, value *expr) {
	if variable == "" {
		return
	}
	before, known := w.local[variable]
	switch {
	case value == nil, known && w.conditional && (before == nil || len(before) == mostValues):
		w.local[variable] = nil
	case w.conditional && known:
		w.local[variable] = append(slices.Clone(before), *value)
	default:
		w.local[variable] = []expr{*value}
	}
}

// bindLoop reads "for name in values:".
func (w *pyWalker) bindLoop(line pyLine, parts []expr) {
	w.forget(line)
	items := parts[0].items
	if len(parts) != 1 || len(items) < 4 || items[2].text != "in" {
		return
	}
	var values []expr
	for _, each := range w.resolve(items[3]) {
		if !each.isList {
			return
		}
		values = append(values, each.items...)
	}
	if variable := items[1].bare(); variable != "" && len(items) <= 5 && len(values) > 0 {
		w.local[variable] = values
	}
}

// forget notes that the names which a line binds in other ways are unknown:
// targets of a loop or an assignment, and what comes after "as".
func (w *pyWalker) forget(line pyLine) {
	targets := targetsEnd(line)
	for i, token := range line.tokens {
		bound := i < targets ||
			i > 0 && (line.tokens[i-1].text == "as" || line.tokens[i-1].text == "for") ||
			i+1 < len(line.tokens) && line.tokens[i+1].text == ":="
		if bound && token.kind == pyName && !keywords[token.text] {
			w.local[token.text] = nil
		}
	}
}

var assigns = map[string]bool{
	"=": true, "+=": true, "-=": true, "*=": true, "/=": true, "//=": true, "%=": true, "**=": true, "@=": true,
	"&=": true, "|=": true, "^=": true, ">>=": true, "<<=": true,
}

// targetsEnd is the token before which a line has the names that it binds.
func targetsEnd(line pyLine) int {
	depth, end := 0, 0
	for i, token := range line.tokens {
		switch {
		case token.kind == pyName && token.text == "in" && line.word() == "for":
			return i
		case token.kind != pyOperator:
		case token.opens():
			depth++
		case token.closes():
			depth--
		case depth == 0 && assigns[token.text]:
			end = i
		}
	}
	return end
}

// mostValues is how many values of names are looked at for one expression.
const mostValues = 200

// resolve is what an expression stands for: itself, or the values of a name.
func (w *pyWalker) resolve(e expr) []expr {
	values := []expr{e}
	for range 3 { // a name for a name for a name
		var next []expr
		changed := false
		for _, value := range values {
			found, known := w.lookup(value.bare())
			if !known || len(found) == 0 || len(next)+len(found) > mostValues {
				next = append(next, value)
				continue
			}
			next, changed = append(next, found...), true
		}
		values = next
		if !changed {
			break
		}
	}
	return values
}

// one is what an expression stands for if that is certain, or itself.
func (w *pyWalker) one(e expr) expr {
	if values := w.resolve(e); len(values) == 1 {
		return values[0]
	}
	return e
}

func (w *pyWalker) lookup(variable string) ([]expr, bool) {
	if variable == "" {
		return nil, false
	}
	if found, known := w.local[variable]; known {
		return found, true
	}
	found, known := w.global[variable]
	return found, known
}
