package app

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// checkShape refuses a value of the wrong type, such as a mapping instead of a string. The error says which type is
// expected, and the remedy if there is one.
func (d document) checkShape(node ast.Node, field reflect.Type, remedy string) error {
	kind := form(node, field)
	if fits(node, kind) {
		return nil
	}
	key := dotted(node)
	if key == "$" {
		key = d.file
	}
	if remedy != "" {
		remedy = "; write " + remedy + " if this app has none"
	}
	if words := asWords(node, key, kind); words != "" {
		remedy = ": " + words
	}
	at := start(node).Position
	return fmt.Errorf("%s:%d:%d: %s must be %s%s", d.file, at.Line, at.Column, key, describe(key, kind), remedy)
}

// asWords returns a command that is written as one text as the list that it has to be, or
// "" if the value is something else. What only a shell understands is left to one.
func asWords(node ast.Node, key string, kind reflect.Type) string {
	text, isText := node.(*ast.StringNode)
	if _, last, _ := cutLast(key); !isText || last != "command" || kind != reflect.TypeFor[[]string]() {
		return ""
	}
	words := strings.Fields(text.Value)
	if strings.ContainsAny(text.Value, "|&;<>()$`\\\"'*?[]#~={}!\n") {
		words = []string{"sh", "-c", text.Value}
	}
	list, err := yaml.MarshalWithOptions(words, yaml.Flow(true))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(list))
}

// fits reports whether a node can be decoded to a type. It accepts the scalars that checkScalar checks, and
// everything that the decoder has to resolve.
func fits(node ast.Node, kind reflect.Type) bool {
	switch value := node.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return kind.Kind() == reflect.Struct || kind.Kind() == reflect.Map
	case *ast.SequenceNode:
		return kind.Kind() == reflect.Slice
	case *ast.NullNode:
		return true
	case *ast.BoolNode:
		return kind.Kind() == reflect.Bool || kind.Kind() == reflect.String || kind == reflect.TypeFor[Duration]()
	case *ast.StringNode:
		if kind.Kind() == reflect.Int {
			_, err := strconv.Atoi(value.Value)
			return err == nil
		}
	case ast.ScalarNode:
	default:
		return true
	}
	return !slices.Contains([]reflect.Kind{reflect.Slice, reflect.Struct, reflect.Map, reflect.Bool}, kind.Kind())
}

// describe says in words what the value of a key must be, with the default as an example if
// there is one.
func describe(key string, kind reflect.Type) string {
	example := ""
	if value := defaultOf(key); value != "" {
		example = " such as " + value
	}
	switch {
	case kind == reflect.TypeFor[Duration]():
		return "a length of time such as 90s or 5m"
	case kind.Kind() == reflect.Slice && kind.Elem().Kind() == reflect.Struct:
		return "a list of {" + strings.Join(required(kind.Elem()), ", ") + "}"
	case kind.Kind() == reflect.Slice:
		return "a list" + example
	case kind.Kind() == reflect.Struct:
		known := keys(kind)
		names := make([]string, 0, len(known))
		for name := range known {
			names = append(names, name)
		}
		slices.Sort(names)
		return "a mapping with the keys " + strings.Join(names, ", ")
	case kind.Kind() == reflect.Map:
		return "a mapping from names to values"
	case kind.Kind() == reflect.Int:
		return "a number" + example
	case kind.Kind() == reflect.Bool:
		return "true or false"
	}
	return "a string" + example
}

// required lists the mandatory keys of a list entry.
func required(kind reflect.Type) []string {
	var names []string
	for _, field := range reflect.VisibleFields(kind) {
		if strings.Contains(field.Tag.Get("jsonschema"), "required") {
			names = append(names, field.Tag.Get("yaml")+": …")
		}
	}
	return names
}

// defaultOf returns the default of a key as YAML, or "" if it does not fit on one line.
func defaultOf(key string) string {
	path, err := yaml.PathString("$." + key)
	if err != nil || strings.Contains(key, "[") { // an entry of a list in release.yaml itself
		return ""
	}
	file, err := parser.ParseBytes(defaultsOf(Config{}), 0)
	if err != nil {
		return ""
	}
	node, err := path.FilterFile(file)
	if err != nil || node == nil || strings.Contains(node.String(), "\n") {
		return ""
	}
	if text, is := node.(*ast.StringNode); is {
		return text.Value // without the quotes
	}
	return strings.TrimSpace(node.String())
}

// dotted returns the key of a value, such as build.image.name.
func dotted(node ast.Node) string { return strings.TrimPrefix(node.GetPath(), "$.") }

// absentRemedy returns the YAML that declares the setting of an entry absent, or the
// section that contains it; "" if neither can be absent.
func absentRemedy(entry *ast.MappingValueNode, parent, field reflect.Type) string {
	key := entry.Key.GetToken().Value
	_, optional := reflect.Zero(field).Interface().(either)
	if optional || hasAbsent(field) {
		return key + ": {absent: why}"
	}
	section, _, isInner := cutLast(dotted(entry.Value))
	if !hasAbsent(parent) || !isInner {
		return ""
	}
	if strings.Contains(section, "[") {
		return "absent: why beside it"
	}
	names := strings.Split(section, ".")
	return strings.Join(names, ": {") + ": {absent: why}" + strings.Repeat("}", len(names)-1)
}

func hasAbsent(kind reflect.Type) bool {
	if kind.Kind() != reflect.Struct {
		return false
	}
	_, has := keys(kind)["absent"]
	return has
}

// cutLast splits a dotted key before its last part.
func cutLast(key string) (section, last string, ok bool) {
	at := strings.LastIndex(key, ".")
	if at < 0 {
		return "", key, false
	}
	return key[:at], key[at+1:], true
}
