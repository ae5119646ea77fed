package migration

import (
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

// until skips the tokens before one of the keywords, which is not in brackets, and returns them.
func (c *cursor) until(texts ...string) []sqlToken {
	rest := c.rest()
	end := slices.IndexFunc(rest, func(token sqlToken) bool {
		return token.depth <= rest[0].depth && slices.ContainsFunc(texts, token.is)
	})
	if end < 0 {
		end = len(rest)
	}
	c.at += end
	return rest[:end]
}

// keyword skips a word and returns it in upper case, or "".
func (c *cursor) keyword() string {
	if c.done() || c.tokens[c.at].kind != sqlWord {
		return ""
	}
	c.at++
	return strings.ToUpper(c.tokens[c.at-1].text)
}

// kind skips the kind of object after CREATE, ALTER or DROP, and returns it in lower case.
func (c *cursor) kind() string {
	if c.is("OWNED", "BY") {
		return "property of"
	}
	for _, each := range []string{
		"MATERIALIZED VIEW", "FOREIGN TABLE", "FOREIGN DATA WRAPPER", "EVENT TRIGGER", "TEXT SEARCH", "ACCESS METHOD",
		"OPERATOR CLASS", "OPERATOR FAMILY", "USER MAPPING", "DEFAULT PRIVILEGES", "VIRTUAL TABLE",
	} {
		if c.is(strings.Fields(each)...) {
			return strings.ToLower(each)
		}
	}
	return strings.ToLower(c.keyword())
}

// name skips a name, which may be qualified. It is unknown if there is none.
func (c *cursor) name() string {
	var parts []string
	for !c.done() && slices.Contains([]sqlKind{sqlWord, sqlQuoted, sqlString}, c.tokens[c.at].kind) {
		parts = append(parts, c.tokens[c.at].text)
		c.at++
		if !c.is(".") {
			break
		}
	}
	if len(parts) == 0 {
		return unknown
	}
	return strings.Join(parts, ".")
}

// skipParens skips a bracket, if one comes next, and returns its content.
func (c *cursor) skipParens() []sqlToken {
	start := c.at + 1
	if !c.is("(") {
		return nil
	}
	for !c.done() && c.tokens[c.at].depth > c.tokens[start-1].depth {
		c.at++
	}
	c.at++
	return c.tokens[start : c.at-1]
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

// outside returns the tokens outside of brackets.
func outside(tokens []sqlToken) []sqlToken {
	return slices.DeleteFunc(slices.Clone(tokens), func(token sqlToken) bool {
		return token.depth > tokens[0].depth || token.is("(") || token.is(")")
	})
}

// contains reports whether keywords occur somewhere, one after the other.
func contains(tokens []sqlToken, texts ...string) bool {
	for i := range tokens {
		if c := (cursor{tokens: tokens, at: i}); c.is(texts...) {
			return true
		}
	}
	return false
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

// rule is a pattern of keywords and its meaning. [A_B] stands for keywords that may be missing; %table, %name, %to and
// %columns for the operands of a change.
type rule struct{ pattern, do string }

// match skips the first pattern that matches and returns its meaning, or "".
func (c *cursor) match(rules []rule, into *change) string {
	for _, each := range rules {
		found, attempt := *into, *c
		if attempt.matches(strings.Fields(each.pattern), &found) {
			*into, *c = found, attempt
			return each.do
		}
	}
	return ""
}

func (c *cursor) matches(pattern []string, into *change) bool {
	for _, part := range pattern {
		switch {
		case part == "%table":
			into.Table = c.name()
		case part == "%name":
			into.Name = c.name()
		case part == "%to":
			into.To = c.name()
		case part == "%columns":
			for _, each := range atCommas(c.skipParens()) {
				into.Columns = append(into.Columns, (&cursor{tokens: each}).name())
			}
		case part[0] == '[':
			c.is(strings.Split(strings.Trim(part, "[]"), "_")...)
		case !c.is(part):
			return false
		}
	}
	return true
}
