package migration

import "strings"

// deepest is how deep brackets may nest, as for Python itself.
const deepest = 200

// pyParser reads the expressions of a logical line. It accepts anything, and
// makes the best of what is not Python.
type pyParser struct {
	src     string
	tokens  []pyToken
	at      int
	depth   int
	tooDeep bool
}

func (p *pyParser) is(text string) bool {
	return p.at < len(p.tokens) && p.tokens[p.at].kind == pyOperator && p.tokens[p.at].text == text
}

func (p *pyParser) isAny(texts string) bool {
	return p.at < len(p.tokens) && p.tokens[p.at].kind == pyOperator && len(p.tokens[p.at].text) == 1 &&
		strings.Contains(texts, p.tokens[p.at].text)
}

// arguments reads what stands between commas up to a closing bracket, which it
// takes, or to the end. It also tells whether there was a comma.
func (p *pyParser) arguments() (args []arg, comma bool) {
	for p.at < len(p.tokens) {
		switch {
		case p.isAny(")]}"):
			p.at++
			return args, comma
		case p.is(","):
			p.at++
			comma = true
		default:
			args = append(args, p.argument())
		}
	}
	return args, comma
}

func (p *pyParser) argument() arg {
	var found arg
	if p.depth > 0 && p.tokens[p.at].kind == pyName && p.at+1 < len(p.tokens) && p.tokens[p.at+1].text == "=" {
		found.name = p.tokens[p.at].text
		p.at += 2
	}
	found.value = p.expression()
	return found
}

func (p *pyParser) expression() expr {
	if p.at >= len(p.tokens) {
		return expr{}
	}
	first := p.at
	var operands []expr
	for p.at < len(p.tokens) && !p.isAny(",)]}") {
		operands = append(operands, p.operand())
	}
	return p.combine(first, operands)
}

// combine makes one expression of operands and operators. Strings that are
// added, or formatted with %, are one string.
func (p *pyParser) combine(first int, operands []expr) expr {
	if len(operands) == 1 {
		return operands[0]
	}
	whole := p.from(first)
	whole.items = operands
	if len(operands) < 3 || len(operands)%2 == 0 {
		return whole
	}
	if operands[0].literal != nil && operands[1].isWord && operands[1].text == "%" {
		whole.literal = operands[0].literal
		return whole
	}
	whole.literal = added(operands)
	return whole
}

// added is the string that a sum of strings and other things gives, or nil.
func added(operands []expr) *source {
	var parts []source
	literals := 0
	for i, each := range operands {
		switch {
		case i%2 == 1 && each.text != "+", i%2 == 0 && each.isWord:
			return nil
		case i%2 == 1:
		case each.literal != nil:
			literals++
			parts = append(parts, *each.literal)
		default:
			parts = append(parts, source{unknownName(strings.Join(strings.Fields(each.text), "")).text, []mark{{0, each.line}}})
		}
	}
	if literals == 0 {
		return nil
	}
	whole := join(parts)
	return &whole
}

// from is an expression of the tokens from first to here.
func (p *pyParser) from(first int) expr {
	if first >= p.at {
		return expr{}
	}
	return expr{
		text: p.src[p.tokens[first].start:p.tokens[p.at-1].end],
		line: p.tokens[first].line,
	}
}

// operand reads one name, literal or bracket with what hangs on it, or one
// operator or keyword.
func (p *pyParser) operand() expr {
	first := p.at
	token := p.tokens[p.at]
	var found expr
	switch {
	case token.kind == pyName && !keywords[token.text]:
		p.at++
		found = expr{links: []link{{name: token.text}}}
	case token.kind == pyString:
		found = p.strings()
	case token.kind == pyNumber:
		p.at++
	case p.isAny("([{"):
		found = p.bracket()
	default:
		p.at++
		found = p.from(first)
		found.isWord = true
		return found
	}
	p.chain(&found)
	whole := p.from(first)
	found.text, found.line = whole.text, whole.line
	return found
}

// strings reads strings that stand side by side.
func (p *pyParser) strings() expr {
	var parts []source
	for p.at < len(p.tokens) && p.tokens[p.at].kind == pyString {
		parts = append(parts, p.tokens[p.at].literal)
		p.at++
	}
	whole := join(parts)
	return expr{literal: &whole}
}

// bracket reads a list, tuple, set or dictionary, or what stands in
// parentheses.
func (p *pyParser) bracket() expr {
	isTuple := p.is("(")
	if !p.descend() {
		return expr{}
	}
	args, comma := p.arguments()
	p.depth--
	if isTuple && !comma && len(args) == 1 && args[0].name == "" {
		return args[0].value
	}
	list := expr{isList: true}
	for _, each := range args {
		list.items = append(list.items, each.value)
	}
	return list
}

// descend goes into a bracket, or past one that is too deep.
func (p *pyParser) descend() bool {
	if p.depth < deepest {
		p.depth++
		p.at++
		return true
	}
	p.tooDeep = true
	for open := 0; p.at < len(p.tokens); p.at++ {
		switch {
		case p.isAny("([{"):
			open++
		case p.isAny(")]}"):
			open--
		}
		if open == 0 {
			p.at++
			break
		}
	}
	return false
}

// chain reads the attributes, calls and subscripts that hang on an operand.
func (p *pyParser) chain(e *expr) {
	for p.at < len(p.tokens) {
		switch {
		case p.is(".") && p.at+1 < len(p.tokens) && p.tokens[p.at+1].kind == pyName:
			e.links = append(e.links, link{name: p.tokens[p.at+1].text})
			p.at += 2
		case p.is("("):
			p.call(e)
		case p.is("["):
			index := p.bracket()
			e.links = append(e.links, link{args: []arg{{value: index}}})
		default:
			return
		}
		keepLiteral(e)
	}
}

func (p *pyParser) call(e *expr) {
	if len(e.links) == 0 || e.links[len(e.links)-1].called || e.links[len(e.links)-1].name == "" {
		e.links = append(e.links, link{})
	}
	last := &e.links[len(e.links)-1]
	last.called = true
	if p.descend() {
		last.args, _ = p.arguments()
		p.depth--
	}
}

// keepLiteral forgets a string whose method gives another one.
func keepLiteral(e *expr) {
	switch e.links[len(e.links)-1].name {
	case "format", "strip", "lstrip", "rstrip", "lower", "upper", "replace", "":
	default:
		e.literal = nil
	}
}
