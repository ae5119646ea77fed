package step

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Inputs are all that the result of a local step depends on, by name: the content of files, parts of the
// configuration, versions of tools, variables.
type Inputs map[string]string

// FilePrefix begins the name of an input that is a file.
const FilePrefix = "file "

// File adds the content of a file, by its mode and git object name.
func (i Inputs) File(path, content string) { i[FilePrefix+path] = content }

// Data adds the content of a file that git has no name for.
func (i Inputs) Data(path string, data []byte) {
	sum := sha256.Sum256(data)
	i.File(path, hex.EncodeToString(sum[:]))
}

// Config adds a part of the configuration: anything that JSON can hold.
func (i Inputs) Config(name string, value any) {
	data, err := json.Marshal(value)
	if err != nil {
		data = fmt.Appendf(nil, "%#v", value)
	}
	i["configuration "+name] = string(data)
}

// Tool adds a tool, identified by its version or, for instance, a hash.
func (i Inputs) Tool(name, version string) { i["tool "+name] = version }

// Variable adds a variable of the environment.
func (i Inputs) Variable(name, value string) { i["variable "+name] = value }

// Need adds the result of another step.
func (i Inputs) Need(name, result string) { i["result of "+name] = result }

// Key returns the SHA-256 of the inputs.
func (i Inputs) Key() string {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(i)) {
		fmt.Fprintf(sum, "%d:%s%d:%s", len(name), name, len(i[name]), i[name])
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// hidden returns the inputs in the form that is stored: a variable's value may be a secret, so only its hash is.
func (i Inputs) hidden() Inputs {
	kept := make(Inputs, len(i))
	for name, value := range i {
		if len(value) > 64 || len(name) > 9 && name[:9] == "variable " {
			sum := sha256.Sum256([]byte(value))
			value = hex.EncodeToString(sum[:16])
		}
		kept[name] = value
	}
	return kept
}

// Changed names one input that differs from those of an earlier result, and says how many more do. It returns "" if
// none does.
func (i Inputs) Changed(earlier Inputs) string {
	now := i.hidden()
	var changes []string
	for name, value := range now {
		if before, known := earlier[name]; !known {
			changes = append(changes, name+" is new")
		} else if before != value {
			changes = append(changes, name+" has changed")
		}
	}
	for name := range earlier {
		if _, there := now[name]; !there {
			changes = append(changes, name+" is gone")
		}
	}
	if len(changes) == 0 {
		return ""
	}
	first := slices.MinFunc(
		changes,
		func(a, b string) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b)) },
	)
	if len(first) > 5 && first[:5] == "file " {
		first = first[5:]
	}
	if more := len(changes) - 1; more > 0 {
		return fmt.Sprintf("%s, and %d more", first, more)
	}
	return first
}

// rank sorts files first, since files are what people change.
func rank(change string) int {
	if len(change) > 5 && change[:5] == "file " {
		return 0
	}
	return 1
}
