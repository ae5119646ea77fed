package step

import (
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"maps"
	"slices"
	"strconv"
)

// Common are inputs that several steps have, such as the files of a tree and the tools of the machine. Their key is
// computed once for all of these steps.
type Common struct {
	lists []List
	rest  Inputs
	key   string
}

// List adds one input for each entry of a list, such as the files of a tree. The name of each begins with Prefix.
type List struct {
	Prefix string
	Each   iter.Seq2[string, string] // names and values, always in the same order; nil means none
}

func (l List) all() iter.Seq2[string, string] {
	if l.Each == nil {
		return func(func(string, string) bool) {}
	}
	return l.Each
}

// block is how much is hashed at once, in bytes.
const block = 32 << 10

// NewCommon returns the inputs of some lists, and others. The key depends on the order of the lists.
func NewCommon(rest Inputs, lists ...List) *Common {
	sum := sha256.New()
	text := append(make([]byte, 0, 2*block), rest.Key()...)
	for _, list := range lists {
		text = append(text, list.Prefix...)
		for name, value := range list.all() {
			text = appendPart(appendPart(text, name), value)
			if len(text) >= block {
				sum.Write(text)
				text = text[:0]
			}
		}
		text = append(text, "\n\n"...)
	}
	sum.Write(text)
	return &Common{lists: slices.Clone(lists), rest: rest, key: hex.EncodeToString(sum.Sum(nil))}
}

// appendPart appends a part with its length in front, so that different lists never give the same text.
func appendPart(text []byte, part string) []byte {
	text = append(strconv.AppendInt(append(text, '\n'), int64(len(part)), 10), ':')
	return append(text, part...)
}

// Key returns the SHA-256 of the inputs.
func (c *Common) Key() string { return c.key }

// with returns these inputs and others, by name.
func (c *Common) with(others Inputs) Inputs {
	all := maps.Clone(c.rest)
	for _, list := range c.lists {
		for name, value := range list.all() {
			all[list.Prefix+name] = value
		}
	}
	maps.Copy(all, others)
	return all
}
