package migration

import "strings"

// cursor reads the tokens of a statement from left to right.
type cursor struct {
	tokens []sqlToken
	at     int
}

func (c *cursor) done() bool { return c.at >= len(c.tokens) }

func (c *cursor) rest() []sqlToken { return c.tokens[min(c.at, len(c.tokens)):] }

// is goes past keywords or signs if they come next, one after the other.
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

// skip goes past all of the keywords that come next.
func (c *cursor) skip(texts ...string) {
	for found := true; found; {
		found = false
		for _, text := range texts {
			found = found || c.is(text)
		}
	}
}

// keyword goes past a word and gives it in upper case, or "".
func (c *cursor) keyword() string {
	if c.done() || c.tokens[c.at].kind != sqlWord {
		return ""
	}
	c.at++
	return strings.ToUpper(c.tokens[c.at-1].text)
}

// name goes past a name, which may be qualified. It is "?" if there is none.
func (c *cursor) name() name {
	var parts []string
	for !c.done() {
		token := c.tokens[c.at]
		if token.kind != sqlWord && token.kind != sqlQuoted && token.kind != sqlString {
			break
		}
		parts = append(parts, token.text)
		c.at++
		if !c.is(".") {
			break
		}
	}
	if len(parts) == 0 {
		return unknownName("?")
	}
	return newName(strings.Join(parts, "."))
}

// skipParens goes past a bracket, if one comes next, and gives what is in it.
func (c *cursor) skipParens() []sqlToken {
	if !c.is("(") {
		return nil
	}
	start, depth := c.at, 1
	for ; !c.done(); c.at++ {
		switch {
		case c.tokens[c.at].is("("):
			depth++
		case c.tokens[c.at].is(")"):
			depth--
		}
		if depth == 0 {
			c.at++
			return c.tokens[start : c.at-1]
		}
	}
	return c.tokens[start:]
}

// outside are the tokens that stand in no bracket.
func outside(tokens []sqlToken) []sqlToken {
	depth := 0
	var found []sqlToken
	for _, token := range tokens {
		switch {
		case token.is("("):
			depth++
		case token.is(")"):
			depth = max(depth-1, 0)
		case depth == 0:
			found = append(found, token)
		}
	}
	return found
}

// contains is whether keywords stand somewhere, one after the other.
func contains(tokens []sqlToken, texts ...string) bool {
	for i := range tokens {
		if c := (cursor{tokens: tokens, at: i}); c.is(texts...) {
			return true
		}
	}
	return false
}

// atCommas cuts tokens at the commas that stand in no bracket.
func atCommas(tokens []sqlToken) [][]sqlToken {
	var parts [][]sqlToken
	depth, start := 0, 0
	for i, token := range tokens {
		switch {
		case token.is("("), token.is("["):
			depth++
		case token.is(")"), token.is("]"):
			depth = max(depth-1, 0)
		case token.is(",") && depth == 0:
			parts = append(parts, tokens[start:i])
			start = i + 1
		}
	}
	return append(parts, tokens[start:])
}

// firstNames are the names that parts begin with: the columns of an index.
func firstNames(tokens []sqlToken) []name {
	var names []name
	for _, part := range atCommas(tokens) {
		c := cursor{tokens: part}
		names = append(names, c.name())
	}
	return names
}
