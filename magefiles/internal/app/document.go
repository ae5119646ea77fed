package app

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/spelling"
)

// document is a parsed configuration file with the position of each value.
type document struct {
	file   string
	places map[string]*token.Position // by YAML path, such as $.suites[0].kind
}

// errorAt returns an error at the position of a YAML path.
func (d document) errorAt(path, format string, args ...any) error {
	where := d.file
	if at, ok := d.places[path]; ok {
		where = fmt.Sprintf("%s:%d:%d", d.file, at.Line, at.Column)
	}
	return fmt.Errorf("%s: %s", where, fmt.Sprintf(format, args...))
}

// parseConfig reads one file strictly: every key must be known and every value must
// have its type. It reports all unknown keys at once.
func parseConfig(name string, data []byte) (Config, document, error) {
	doc := document{file: name, places: map[string]*token.Position{}}
	var config Config
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return config, doc, doc.syntax(err)
	}
	if len(file.Docs) > 1 {
		return config, doc, fmt.Errorf("%s: %d YAML documents, expected one", name, len(file.Docs))
	}
	var problems []error
	for _, each := range file.Docs {
		problems = append(problems, doc.check(each.Body, reflect.TypeOf(config))...)
	}
	if len(problems) > 0 {
		return config, doc, errors.Join(problems...)
	}
	if err := yaml.UnmarshalWithOptions(data, &config, yaml.Strict()); err != nil {
		return config, doc, doc.syntax(err)
	}
	for i := range config.Checks {
		config.Checks[i].place = fmt.Sprintf("$.checks[%d]", i)
	}
	for i := range config.Suites {
		config.Suites[i].place = fmt.Sprintf("$.suites[%d]", i)
	}
	return config, doc, nil
}

// syntax turns a YAML error into one line with its position.
func (d document) syntax(err error) error {
	var positioned yaml.Error
	if errors.As(err, &positioned) && positioned.GetToken() != nil {
		at := positioned.GetToken().Position
		return fmt.Errorf("%s:%d:%d: %s", d.file, at.Line, at.Column, positioned.GetMessage())
	}
	return fmt.Errorf("%s: %w", d.file, err)
}

// check walks a node together with the type that it fills, records every position, and
// finds the keys that the type does not have.
func (d document) check(node ast.Node, kind reflect.Type) []error {
	if node == nil {
		return nil
	}
	d.places[node.GetPath()] = start(node).Position
	if err := d.checkShape(node, kind, ""); err != nil {
		return []error{err}
	}
	kind = form(node, kind)
	problems := d.checkScalar(node, kind)
	switch value := node.(type) {
	case *ast.MappingNode:
		for _, entry := range value.Values {
			problems = append(problems, d.checkEntry(entry, kind)...)
		}
	case *ast.MappingValueNode:
		problems = append(problems, d.checkEntry(value, kind)...)
	case *ast.SequenceNode:
		if kind.Kind() == reflect.Slice {
			for _, item := range value.Values {
				problems = append(problems, d.check(item, kind.Elem())...)
			}
		}
	case *ast.TagNode:
		at := value.GetToken().Position
		return append(
			problems,
			fmt.Errorf("%s:%d:%d: the YAML tag %s is not supported", d.file, at.Line, at.Column, value.Start.Value),
		)
	case *ast.AnchorNode:
		problems = append(problems, d.check(value.Value, kind)...)
	}
	return problems
}

// checkScalar finds values that YAML reads as a number or another type where a string is expected (3.10 would
// become 3.1), and invalid durations.
func (d document) checkScalar(node ast.Node, kind reflect.Type) []error {
	at := node.GetToken()
	scalar, isScalar := node.(ast.ScalarNode)
	switch {
	case !isScalar:
	case kind == reflect.TypeFor[Duration]():
		if _, err := parseDuration(at.Value); err != nil {
			return []error{fmt.Errorf("%s:%d:%d: %w", d.file, at.Position.Line, at.Position.Column, err)}
		}
	case kind.Kind() == reflect.String && !slices.Contains([]ast.NodeType{
		ast.StringType,
		ast.LiteralType,
	}, scalar.Type()):
		return []error{
			fmt.Errorf(
				"%s:%d:%d: %s is not text in YAML; write it in quotes: %q",
				d.file,
				at.Position.Line,
				at.Position.Column,
				at.Value,
				at.Value,
			),
		}
	}
	return nil
}

// start returns a node's first token; for a mapping, goccy returns the first colon.
func start(node ast.Node) *token.Token {
	switch value := node.(type) {
	case *ast.MappingNode:
		if len(value.Values) > 0 && !value.IsFlowStyle {
			return value.Values[0].Key.GetToken()
		}
	case *ast.MappingValueNode:
		return value.Key.GetToken()
	}
	return node.GetToken()
}

func (d document) checkEntry(entry *ast.MappingValueNode, kind reflect.Type) []error {
	key := entry.Key.GetToken()
	switch kind.Kind() {
	case reflect.Map:
		return d.check(entry.Value, kind.Elem())
	case reflect.Struct:
		known := keys(kind)
		field, ok := known[key.Value]
		if !ok {
			names := make([]string, 0, len(known))
			for name := range known {
				names = append(names, name)
			}
			if now, ok := renamed[kind][key.Value]; ok {
				return []error{fmt.Errorf("%s:%d:%d: %s is now called %s: rename the key",
					d.file, key.Position.Line, key.Position.Column, key.Value, now)}
			}
			return []error{fmt.Errorf("%s:%d:%d: unknown key %q%s", d.file, key.Position.Line, key.Position.Column,
				key.Value, suggestion(key.Value, names))}
		}
		if err := d.checkEmpty(entry, kind, field); err != nil {
			return []error{err}
		}
		if err := d.checkShape(entry.Value, field, absentRemedy(entry, kind, field)); err != nil {
			return []error{err}
		}
		return d.check(entry.Value, field)
	}
	return nil
}

// checkEmpty refuses an empty value, which would silently leave the default in place. A
// section without keys is allowed.
func (d document) checkEmpty(entry *ast.MappingValueNode, parent, field reflect.Type) error {
	kind := form(entry.Value, field)
	null := entry.Value.Type() == ast.NullType && kind.Kind() != reflect.Struct && kind.Kind() != reflect.Map
	text, isText := entry.Value.(*ast.StringNode)
	mapping, isMapping := entry.Value.(*ast.MappingNode)
	number, isNumber := entry.Value.(*ast.IntegerNode)
	switch {
	case null,
		isText && strings.TrimSpace(text.Value) == "",
		isNumber && number.Token.Value == "0",
		kind == reflect.TypeFor[absence]() && isMapping && len(mapping.Values) == 0:
	default:
		return nil
	}
	key := entry.Key.GetToken()
	at := entry.Value.GetToken().Position
	if null {
		at = key.Position // an implicit null has no position
	}
	advice := "; leave the line out to keep the default"
	if key.Value == "absent" {
		advice = "; it is the reason why this app has none"
	} else if remedy := absentRemedy(entry, parent, field); remedy != "" {
		advice += fmt.Sprintf(", or write %s if this app has none", remedy)
	}
	return fmt.Errorf(
		"%s:%d:%d: %s is empty and would be ignored%s",
		d.file,
		at.Line,
		at.Column,
		key.Value,
		advice,
	)
}

// renamed maps the keys of earlier versions of this program to their present names, by
// the struct type that contains them.
var renamed = map[reflect.Type]map[string]string{
	reflect.TypeFor[Config](): {"carriers": "versionFiles"},
	reflect.TypeFor[Verify](): {"record": "probe"},
}

// keys lists the YAML keys of a struct type with their types.
func keys(kind reflect.Type) map[string]reflect.Type {
	known := map[string]reflect.Type{}
	for _, field := range reflect.VisibleFields(kind) {
		if name := field.Tag.Get("yaml"); name != "" {
			known[name] = field.Type
		}
	}
	return known
}

// suggestion returns the known key that an unknown one probably means, or lists all
// known keys.
func suggestion(word string, known []string) string {
	slices.Sort(known)
	if near := spelling.Near(word, known); len(near) > 0 {
		return fmt.Sprintf("; did you mean %q?", near[0])
	}
	return "; known here: " + strings.Join(known, ", ")
}
