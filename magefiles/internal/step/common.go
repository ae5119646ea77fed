package step

import (
	"crypto/sha256"
	"encoding/hex"
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

// List is an input for each entry of a list, such as a file. Prefix begins the name of each.
type List struct {
	Prefix string
	Each   []Entry
}

// Entry is an input of a list.
type Entry struct{ Name, Value string }

// NewCommon returns the inputs of a list and others. Another order of the list is another key.
func NewCommon(rest Inputs, lists ...List) *Common {
	text := []byte(rest.Key())
	for _, list := range lists {
		text = append(text, list.Prefix...)
		for _, entry := range list.Each {
			for _, part := range []string{entry.Name, entry.Value} {
				text = append(strconv.AppendInt(append(text, '\n'), int64(len(part)), 10), ':')
				text = append(text, part...)
			}
		}
		text = append(text, "\n\n"...)
	}
	sum := sha256.Sum256(text)
	return &Common{lists: slices.Clone(lists), rest: rest, key: hex.EncodeToString(sum[:])}
}

// Key names the inputs by their SHA-256.
func (c *Common) Key() string { return c.key }

// with is these inputs and others, by name.
func (c *Common) with(others Inputs) Inputs {
	all := maps.Clone(c.rest)
	for _, list := range c.lists {
		for _, entry := range list.Each {
			all[list.Prefix+entry.Name] = entry.Value
		}
	}
	maps.Copy(all, others)
	return all
}
