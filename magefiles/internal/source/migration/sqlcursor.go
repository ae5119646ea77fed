package migration

import (
	"cmp"
	"slices"
	"strings"
)

// cursor reads the tokens of a statement from left to right.
type cursor struct {
	tokens []sqlToken
	at     int
}

func (c *cursor) done() bool { return c.at >= len(c.tokens) }

func (c *cursor) rest() []sqlToken { return c.tokens[min(c.at, len(c.tokens)):] }

// is skips keywords or signs if they come next, in this order.
func (c *cursor) is(texts ...string) bool {
	if len(c.rest()) < len(texts) {
		return false
	}
	for i, text := range texts {
		if !c.tokens[c.at+i].is(text) {
			return false
		}
	}
	c.at += len(texts)
	return true
}

// isAny skips one of the keywords or signs if it comes next.
func (c *cursor) isAny(texts ...string) bool {
	return slices.ContainsFunc(texts, func(text string) bool { return c.is(text) })
}

// skip skips all of the keywords that come next.
func (c *cursor) skip(texts ...string) {
	for c.isAny(texts...) {
	}
}

// until skips the tokens before one of the keywords, or before the end of the bracket that they are in, and returns
// them.
func (c *cursor) until(texts ...string) []sqlToken {
	rest := c.rest()
	end := slices.IndexFunc(rest, func(token sqlToken) bool {
		return token.depth < rest[0].depth || token.depth == rest[0].depth && slices.ContainsFunc(texts, token.is)
	})
	if end < 0 {
		end = len(rest)
	}
	c.at += end
	return rest[:end]
}

// kind skips the kind of object after CREATE, ALTER or DROP, and returns it in lower case, or "".
func (c *cursor) kind() string {
	if c.is("OWNED", "BY") {
		return "property of"
	}
	for _, each := range []string{"MATERIALIZED VIEW", "FOREIGN TABLE", "EVENT TRIGGER", "DEFAULT PRIVILEGES"} {
		if c.is(strings.Fields(each)...) {
			return strings.ToLower(each)
		}
	}
	if c.done() || c.tokens[c.at].kind != sqlWord {
		return ""
	}
	c.at++
	return strings.ToLower(c.tokens[c.at-1].text)
}

// name skips a name, which may be qualified. It is unknown if there is none.
func (c *cursor) name() string {
	var parts []string
	for !c.done() && c.tokens[c.at].kind != sqlSign {
		parts = append(parts, c.tokens[c.at].text)
		c.at++
		if !c.is(".") {
			break
		}
	}
	return cmp.Or(strings.Join(parts, "."), unknown)
}

// list returns the names at the starts of what commas separate.
func (c *cursor) list() []string {
	var names []string
	for _, tokens := range atCommas(c.rest()) {
		each := cursor{tokens: tokens}
		each.skip("ONLY")
		names = append(names, each.name())
	}
	return names
}

// skipParens skips a bracket, if one comes next, and returns its content.
func (c *cursor) skipParens() []sqlToken {
	if !c.is("(") || c.is(")") {
		return nil
	}
	content := c.until()
	c.at++
	return content
}

// assigned returns the columns that SET changes, or none if one is unclear.
func (c *cursor) assigned() []string {
	c.until("SET")
	c.at++
	var columns []string
	for _, part := range atCommas(c.until("WHERE", "FROM", "RETURNING")) {
		assignment := cursor{tokens: part}
		columns = append(columns, assignment.name())
		if !assignment.is("=") {
			return nil
		}
	}
	return columns
}

// sources returns the tables that rows are read from.
func (c *cursor) sources() []string {
	var tables []string
	for ; !c.done(); c.at++ {
		if c.is("FROM") {
			c.skip("ONLY")
			tables = append(tables, c.name())
		}
	}
	return tables
}

// outline returns the rest in upper case, without what is in brackets and quotes.
func (c *cursor) outline() string {
	var texts []string
	for _, token := range c.rest() {
		switch {
		case token.depth > c.rest()[0].depth:
		case token.kind == sqlQuoted:
			texts = append(texts, "''")
		default:
			texts = append(texts, strings.ToUpper(token.text))
		}
	}
	return strings.Join(texts, " ")
}

// atCommas splits tokens at the commas outside of brackets.
func atCommas(tokens []sqlToken) [][]sqlToken {
	var parts [][]sqlToken
	start := 0
	for i, token := range tokens {
		if token.is(",") && token.depth <= tokens[0].depth {
			parts = append(parts, tokens[start:i])
			start = i + 1
		}
	}
	return append(parts, tokens[start:])
}
