package migration

import "strings"

// pyModule is a file of Python: its lines, and where its functions are.
type pyModule struct {
	src       string
	lines     []pyLine
	functions []*pyFunction // as they stand in the file
	named     map[string][]*pyFunction
	ends      map[int]int // the line of a def, and the line after its body
}

// pyFunction is a function or a method: its def is line number first, its body
// what follows up to last.
type pyFunction struct {
	name        string
	first, last int
	nested      bool // in a class or another function
	visited     bool
}

// headers begin the lines that a block belongs to.
var headers = map[string]bool{
	"def": true, "class": true, "if": true, "elif": true, "else": true, "for": true, "while": true, "with": true,
	"try": true, "except": true, "finally": true,
}

func newModule(src string, lines []pyLine) *pyModule {
	m := &pyModule{src: src, named: map[string][]*pyFunction{}, ends: map[int]int{}}
	for _, line := range lines {
		for len(line.tokens) > 0 {
			var next pyLine
			next, line = splitLine(line)
			if len(next.tokens) > 0 {
				m.lines = append(m.lines, next)
			}
		}
	}
	m.findFunctions()
	return m
}

// splitLine cuts "if x: y; z" into a line and what follows on it, which is its
// body or the next statement.
func splitLine(line pyLine) (first, rest pyLine) {
	isHeader := headers[line.word()]
	depth, lambdas := 0, 0
	for i, token := range line.tokens {
		switch {
		case token.text == "lambda" && depth == 0:
			lambdas++
		case token.kind != pyOperator:
		case token.opens():
			depth++
		case token.closes():
			depth--
		case token.text == ":" && depth == 0 && lambdas > 0:
			lambdas--
		case token.text == ";" && depth == 0:
			return pyLine{line.indent, line.tokens[:i]}, pyLine{line.indent, line.tokens[i+1:]}
		case token.text == ":" && depth == 0 && isHeader:
			return pyLine{line.indent, line.tokens[:i+1]}, pyLine{line.indent + 1, line.tokens[i+1:]}
		}
	}
	return line, pyLine{}
}

// findFunctions finds every def and where its body ends.
func (m *pyModule) findFunctions() {
	var open []*pyFunction
	var indents []int
	closeTo := func(indent, at int) {
		for len(open) > 0 && indents[len(open)-1] >= indent {
			last := open[len(open)-1]
			last.last = at
			m.ends[last.first] = at
			open, indents = open[:len(open)-1], indents[:len(open)-1]
		}
	}
	for i, line := range m.lines {
		closeTo(line.indent, i)
		found := defined(line)
		if found == "" {
			continue
		}
		function := &pyFunction{name: found, first: i, nested: line.indent > 0}
		m.functions = append(m.functions, function)
		m.named[found] = append(m.named[found], function)
		open, indents = append(open, function), append(indents, line.indent)
	}
	closeTo(-1, len(m.lines))
}

// defined is the name that a def gives, or "".
func defined(line pyLine) string {
	if line.word() != "def" {
		return ""
	}
	for i, token := range line.tokens[:len(line.tokens)-1] {
		if token.text == "def" && line.tokens[i+1].kind == pyName {
			return line.tokens[i+1].text
		}
	}
	return ""
}

// isDown is whether a function is for the way down: downgrade(), or as in
// Alembic's template for several databases, downgrade_engine1().
func (f *pyFunction) isDown() bool {
	return f.name == "downgrade" || strings.HasPrefix(f.name, "downgrade_")
}

// downOnly are the functions that no one but a downgrade mentions: those that
// are not visited yet, and that one leads to.
func (m *pyModule) downOnly() map[*pyFunction]bool {
	found := map[*pyFunction]bool{}
	var pending []*pyFunction
	reach := func(function *pyFunction) {
		if !found[function] && !function.visited {
			found[function] = true
			pending = append(pending, function)
		}
	}
	for _, function := range m.functions {
		if function.isDown() {
			reach(function)
		}
	}
	for len(pending) > 0 {
		function := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		for _, line := range m.lines[function.first+1 : function.last] {
			for _, token := range line.tokens {
				for _, mentioned := range m.named[token.text] {
					reach(mentioned)
				}
			}
		}
	}
	return found
}
