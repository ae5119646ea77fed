package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oasdiff/oasdiff/diff"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// Difference is a disagreement between the committed spec and the app.
type Difference struct {
	Where string // METHOD path, or the part of the document
	What  string
}

func (d Difference) String() string { return d.Where + ": " + d.What }

// Comparison is the result for all endpoints that either side has.
type Comparison struct {
	Endpoints   []string // METHOD path, sorted
	Differences []Difference
}

// Compare compares a committed OpenAPI document (JSON or YAML) with the app's own:
// paths, methods, parameters, schemas, status codes, security. It ignores texts
// (titles, summaries, descriptions, examples) and info.version. It uses oasdiff
// (https://github.com/oasdiff/oasdiff). Errors name the file of the committed document.
func Compare(file string, committed, actual []byte) (Comparison, error) {
	spec, err := loadSpec(committed)
	if err != nil {
		return Comparison{}, unreadable(file, committed, err)
	}
	own, err := loadSpec(actual)
	if err != nil {
		return Comparison{}, fmt.Errorf("read the app's own spec: %w", err)
	}
	config := diff.NewConfig()
	config.IncludePathParams = true // a renamed path parameter is another parameter
	for _, text := range []string{"description", "examples", "title", "summary", "extensions"} {
		config.ExcludeElements.Add(text)
	}
	found, err := diff.Get(config, spec, own)
	if err != nil {
		return Comparison{}, fmt.Errorf("compare the specs: %w", err)
	}
	differences, err := explain(found)
	return Comparison{Endpoints: endpoints(spec, own), Differences: differences}, err
}

// loadSpec reads an OpenAPI 3 document.
func loadSpec(data []byte) (*openapi3.T, error) {
	spec, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		return nil, err
	}
	if spec == nil || !strings.HasPrefix(spec.OpenAPI, "3.") || spec.Paths == nil {
		return nil, errors.New("it is not an OpenAPI 3 document")
	}
	return spec, nil
}

func endpoints(specs ...*openapi3.T) []string {
	names := map[string]bool{}
	for _, spec := range specs {
		for path, item := range spec.Paths.Map() {
			for method := range item.Operations() {
				names[method+" "+path] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// explain lists oasdiff's findings by endpoint. Components are compared through the
// endpoints that use them, and directly only when none does.
func explain(found *diff.Diff) ([]Difference, error) {
	if found == nil {
		return nil, nil
	}
	var list []Difference
	if ends := found.EndpointsDiff; ends != nil {
		for _, end := range ends.Deleted {
			list = append(
				list,
				Difference{end.Method + " " + end.Path, "is in the spec, but the app has no such route"},
			)
		}
		for _, end := range ends.Added {
			list = append(
				list,
				Difference{end.Method + " " + end.Path, "the app has this route, but the spec does not"},
			)
		}
		for end, method := range ends.Modified {
			lines, err := flatten(method)
			if err != nil {
				return nil, err
			}
			if len(lines) == 0 {
				lines = []string{"the spec and the app differ"}
			}
			for _, line := range lines {
				list = append(list, Difference{end.Method + " " + end.Path, line})
			}
		}
	}
	rest := map[string]any{"security": found.SecurityDiff, "servers": found.ServersDiff}
	if len(list) == 0 {
		rest["components"] = found.ComponentsDiff
	}
	for where, part := range rest {
		lines, err := flatten(part)
		if err != nil {
			return nil, err
		}
		for _, line := range lines {
			list = append(list, Difference{where, line})
		}
	}
	slices.SortFunc(list, func(a, b Difference) int { return strings.Compare(a.String(), b.String()) })
	return list, nil
}

// flatten turns a part of oasdiff's result into lines such as "responses 200 content
// application/json schema type: the spec has string, the app integer".
func flatten(part any) ([]string, error) {
	data, err := json.Marshal(part)
	if err != nil {
		return nil, err
	}
	var tree any
	if err := json.Unmarshal(data, &tree); err != nil {
		return nil, err
	}
	var lines []string
	walk(tree, nil, func(line string) { lines = append(lines, line) })
	return lines, nil
}

func walk(node any, at []string, emit func(string)) {
	branch, ok := node.(map[string]any)
	if !ok {
		if node != nil {
			emit(fmt.Sprintf("%s: %s", strings.Join(at, " "), text(node)))
		}
		return
	}
	from, hasFrom := branch["from"]
	to, hasTo := branch["to"]
	if (hasFrom || hasTo) && len(branch) <= 2 {
		emit(fmt.Sprintf("%s: the spec has %s, the app %s", strings.Join(at, " "), text(from), text(to)))
		return
	}
	for _, key := range slices.Sorted(maps.Keys(branch)) {
		switch inner := branch[key]; key {
		case "modified":
			walkNamed(inner, at, emit)
		case "added":
			emit(fmt.Sprintf("%s: the app has %s, the spec does not", strings.Join(at, " "), text(inner)))
		case "deleted":
			emit(fmt.Sprintf("%s: the spec has %s, the app does not", strings.Join(at, " "), text(inner)))
		default:
			walk(inner, append(slices.Clone(at), key), emit)
		}
	}
}

// walkNamed walks the modified parts by name, since a property may be called added or
// from.
func walkNamed(node any, at []string, emit func(string)) {
	named, ok := node.(map[string]any)
	if !ok {
		walk(node, at, emit)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(named)) {
		walk(named[name], append(slices.Clone(at), name), emit)
	}
}

// text formats a value of the tree.
func text(value any) string {
	switch value := value.(type) {
	case nil:
		return "nothing"
	case string:
		return fmt.Sprintf("%q", value)
	case []any:
		parts := make([]string, len(value))
		for i, each := range value {
			parts[i] = text(each)
		}
		return strings.Join(parts, ", ")
	case map[string]any:
		parts := make([]string, 0, len(value))
		for _, key := range slices.Sorted(maps.Keys(value)) {
			parts = append(parts, key+" "+text(value[key]))
		}
		return strings.Join(parts, "; ")
	}
	return fmt.Sprint(value)
}

// nextPath returns where the next path of a document starts.
var nextPath = pattern.Lazy(`(?m)^\s*["']?/`)

// Line returns the line of a document, from 1, where an endpoint (METHOD path) is
// described; 1 if it is not.
func Line(document []byte, endpoint string) int {
	method, path, ok := strings.Cut(endpoint, " ")
	if !ok {
		return 1
	}
	key := func(name string) *regexp.Regexp {
		return regexp.MustCompile(`(?mi)["' \t{,]` + regexp.QuoteMeta(name) + `["']?\s*:`)
	}
	at := key(path).FindIndex(document)
	if at == nil {
		return 1
	}
	end := at[1]
	own := document[end:]
	if next := nextPath().FindIndex(own); next != nil {
		own = own[:next[0]]
	}
	if found := key(method).FindIndex(own); found != nil {
		end += found[1]
	}
	return 1 + bytes.Count(document[:end], []byte("\n"))
}
