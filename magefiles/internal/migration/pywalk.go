package migration

// deepestCalls is how deep functions that call each other are followed in
// order; those beyond come last.
const deepestCalls = 500

// pyWalker goes through a module as running the migration would: what stands
// at the module's level, then upgrade() and what it calls, in turn.
type pyWalker struct {
	*ledger
	module  *pyModule
	ops     map[string]bool // what alembic.op is called here
	batches map[string]name // variables of batch_alter_table, and their tables
	global  pyScope
	local   pyScope
	depth   int
	tooDeep int // the line where brackets nest deeper than Python accepts, or 0
}

func (w *pyWalker) walk() {
	w.global = pyScope{}
	w.local = w.global
	w.body(0, len(w.module.lines))
	w.visitNamed("upgrade", false)
	down := w.module.downOnly()
	for _, function := range w.module.functions {
		if !down[function] {
			w.visit(function)
		}
	}
}

// visitNamed goes through the functions that a name may mean: an attribute's
// name means methods.
func (w *pyWalker) visitNamed(called string, attribute bool) {
	if w.depth >= deepestCalls {
		return
	}
	for _, function := range w.module.named[called] {
		if !attribute || function.nested {
			w.visit(function)
		}
	}
}

func (w *pyWalker) visit(function *pyFunction) {
	if function.visited {
		return
	}
	function.visited = true
	outer, conditional := w.local, w.conditional
	w.depth++
	w.local = pyScope{}
	for _, token := range w.module.lines[function.first].tokens {
		if token.kind == pyName {
			w.local[token.text] = nil // a parameter may be anything
		}
	}
	delete(w.local, function.name)
	w.body(function.first+1, function.last)
	w.depth--
	w.local, w.conditional = outer, conditional
}

// mayNotRun begin the blocks that run under a condition, or more than once.
var mayNotRun = map[string]bool{
	"if": true, "elif": true, "else": true, "for": true, "while": true, "try": true, "except": true,
}

// body goes through lines, but not into the functions that they define.
func (w *pyWalker) body(first, last int) {
	outer := w.conditional
	var blocks []int // the indents of open blocks that may not run
	for i := first; i < last; i++ {
		line := w.module.lines[i]
		for len(blocks) > 0 && line.indent <= blocks[len(blocks)-1] {
			blocks = blocks[:len(blocks)-1]
		}
		w.conditional = outer || len(blocks) > 0
		if end, isDef := w.module.ends[i]; isDef {
			i = end - 1
			continue
		}
		w.line(line)
		if mayNotRun[line.word()] {
			blocks = append(blocks, line.indent)
		}
	}
	w.conditional = outer
}

func (w *pyWalker) line(line pyLine) {
	parser := &pyParser{src: w.module.src, tokens: line.tokens}
	var parts []expr
	for parser.at < len(line.tokens) {
		args, _ := parser.arguments()
		for _, each := range args {
			parts = append(parts, each.value)
		}
	}
	if parser.tooDeep && w.tooDeep == 0 {
		w.tooDeep = line.tokens[0].line
	}
	for _, part := range parts {
		w.expression(part)
	}
	if len(parts) > 0 {
		w.bind(line, parts)
	}
}

// expression goes through an expression from the inside out.
func (w *pyWalker) expression(e expr) {
	for _, item := range e.items {
		w.expression(item)
	}
	for i, each := range e.links {
		for _, given := range each.args {
			w.expression(given.value)
		}
		if each.name != "" {
			w.visitNamed(each.name, i > 0)
		}
	}
	w.bindBatches(e.items)
	w.operation(e)
}

// bindBatches reads "op.batch_alter_table(…) as name".
func (w *pyWalker) bindBatches(items []expr) {
	for i, item := range items {
		if i+2 >= len(items) || items[i+1].text != "as" {
			continue
		}
		batch, variable := item.call("batch_alter_table"), items[i+2].bare()
		if batch == nil || variable == "" {
			continue
		}
		w.batches[variable] = w.tableOf(*batch, "table_name")
	}
}
