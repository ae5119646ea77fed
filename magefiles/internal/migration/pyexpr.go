package migration

// expr is an expression of Python, read only as far as migrations need it.
type expr struct {
	text    string  // as it stands in the file
	line    int     // where it starts
	literal *source // a string, or what is put together to one
	links   []link  // a.b(c).d: names, attributes and calls
	items   []expr  // of a list, tuple, set or dictionary, or operands and operators
	isList  bool    // whether items are of a list or another display
	isWord  bool    // an operator or a keyword
}

// link is one part of a chain of attributes and calls.
type link struct {
	name   string // "" for a call or a subscript of what came before
	called bool
	args   []arg
}

type arg struct {
	name  string // of a keyword argument
	value expr
}

// call is the first call of one of the names in a chain.
func (e expr) call(names ...string) *link {
	for i := range e.links {
		if !e.links[i].called {
			continue
		}
		for _, each := range names {
			if e.links[i].name == each {
				return &e.links[i]
			}
		}
	}
	return nil
}

// bare is the name that an expression consists of, or "".
func (e expr) bare() string {
	if len(e.links) == 1 && !e.links[0].called && e.literal == nil && !e.isList {
		return e.links[0].name
	}
	return ""
}

// keyword is the argument of that name, or nil.
func (l link) keyword(name string) *expr {
	for i := range l.args {
		if l.args[i].name == name {
			return &l.args[i].value
		}
	}
	return nil
}

// positional are the arguments without a name.
func (l link) positional() []expr {
	var values []expr
	for _, each := range l.args {
		if each.name == "" {
			values = append(values, each.value)
		}
	}
	return values
}

var keywords = map[string]bool{
	"and": true, "as": true, "assert": true, "async": true, "await": true, "class": true, "def": true, "del": true,
	"elif": true, "else": true, "except": true, "finally": true, "for": true, "from": true, "global": true, "if": true,
	"import": true, "in": true, "is": true, "lambda": true, "nonlocal": true, "not": true, "or": true, "raise": true,
	"return": true, "try": true, "while": true, "with": true, "yield": true,
}
