package app

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/docs"
)

// reference writes what can be set in release.yaml, from the types, their comments and the defaults.
type reference struct {
	comments  map[string]string // of a field, as Type.Field
	described map[reflect.Type]string
	text      strings.Builder
	examples  []example
}

// example is the value that the comment of a key shows.
type example struct{ path, value string }

// TestKeys keeps the reference of release.yaml in step with the types. Each key has a default or an example, and
// each example is accepted.
func TestKeys(t *testing.T) {
	r := reference{comments: fieldComments(t), described: map[reflect.Type]string{}}
	config, err := defaultConfig(Config{})
	if err != nil {
		t.Fatal(err)
	}
	for i, field := range reflect.VisibleFields(reflect.TypeFor[Config]()) {
		r.section(t, "Config", field, reflect.ValueOf(config).Field(i))
	}
	docs.Read(t, "magefiles/targets/README.md").Generated(t, "keys", r.text.String())
	if len(r.examples) < 30 {
		t.Errorf("there are only %d examples", len(r.examples))
	}
	for _, each := range r.examples {
		accepted(t, each)
	}
}

// section describes a key at the top, and those below it.
func (r *reference) section(t *testing.T, owner string, field reflect.StructField, value reflect.Value) {
	t.Helper()
	key := field.Tag.Get("yaml")
	about, _ := r.about(t, owner, field)
	fmt.Fprintf(&r.text, "\n#### release.yaml: %s\n\n%s\n", key, docs.Wrap("", about))
	kind, path := entry(field.Type, key)
	if kind != field.Type { // an entry has no default of its own
		fmt.Fprintf(&r.text, "\n```yaml\n# by default\n%s```\n", presets(t, key))
		value = reflect.Zero(kind)
	}
	if other := r.described[kind]; other != "" {
		fmt.Fprintf(&r.text, "\nThe keys of an entry are those of [%s](#releaseyaml-%s).\n", other, other)
		return
	}
	r.described[kind] = key
	r.text.WriteString("\n")
	r.fields(t, path, kind, value)
}

// presets returns the part of the defaults for a key at the top.
func presets(t *testing.T, key string) string {
	t.Helper()
	_, rest, found := strings.Cut("\n"+defaults, "\n"+key+":\n")
	if !found {
		t.Fatalf("there are no defaults of %s", key)
	}
	part, _, _ := strings.Cut(rest, "\n\n")
	return key + ":\n" + strings.TrimSuffix(part, "\n") + "\n"
}

// entry returns the type of a list's or a map's entries, and the path of its keys.
func entry(kind reflect.Type, path string) (of reflect.Type, below string) {
	switch {
	case kind.Kind() == reflect.Slice && kind.Elem().Kind() == reflect.Struct:
		return kind.Elem(), path + "[]."
	case kind.Kind() == reflect.Map && kind.Elem().Kind() == reflect.Struct:
		return kind.Elem(), path + ".NAME."
	}
	return kind, path + "."
}

func (r *reference) fields(t *testing.T, path string, kind reflect.Type, value reflect.Value) {
	t.Helper()
	for i, field := range reflect.VisibleFields(kind) {
		key := field.Tag.Get("yaml")
		of, below := entry(field.Type, path+key)
		switch {
		case key == "":
		case of != field.Type:
			about, _ := r.about(t, kind.Name(), field)
			if preset := inline(t, value.Field(i)); preset != "" {
				about += " Default: `" + preset + "`."
			}
			fmt.Fprintln(&r.text, docs.Wrap("- `"+path+key+"`: ", about))
			r.fields(t, below, of, reflect.Zero(of))
		case of.Kind() == reflect.Struct && !of.Implements(reflect.TypeFor[either]()):
			about, _ := r.about(t, kind.Name(), field)
			fmt.Fprintln(&r.text, docs.Wrap("- `"+path+key+"`: ", about))
			r.fields(t, below, of, value.Field(i))
		default:
			r.leaf(t, path+key, kind.Name(), field, value.Field(i))
		}
	}
}

// leaf describes a key that has a value.
func (r *reference) leaf(t *testing.T, path, owner string, field reflect.StructField, value reflect.Value) {
	t.Helper()
	about, shown := r.about(t, owner, field)
	preset := inline(t, value)
	if preset == "" && shown == "" {
		t.Errorf("%s.%s has no default, and its comment has no line that begins with Example:", owner, field.Name)
	}
	if preset != "" {
		about += " Default: `" + preset + "`."
	}
	if shown != "" {
		about += " Example: `" + shown + "`."
		r.examples = append(r.examples, example{path, shown})
	}
	fmt.Fprintln(&r.text, docs.Wrap("- `"+path+"`: ", about))
}

// about returns the comment of a field as a sentence about its key, and the example in it.
func (r *reference) about(t *testing.T, owner string, field reflect.StructField) (about, shown string) {
	t.Helper()
	about, shown, _ = strings.Cut(r.comments[owner+"."+field.Name], "\nExample: ")
	about = strings.Join(strings.Fields(about), " ")
	if about == "" {
		t.Fatalf("%s.%s has no comment", owner, field.Name)
	}
	about = strings.TrimPrefix(about, field.Name+" ") // the key is named before
	about = strings.TrimPrefix(strings.TrimPrefix(about, "is "), "are ")
	return strings.ToUpper(about[:1]) + about[1:], strings.TrimSpace(shown)
}

// inline returns a value as release.yaml would set it, on one line; "" for one that is not set.
func inline(t *testing.T, value reflect.Value) string {
	t.Helper()
	if value.IsZero() {
		return ""
	}
	if _, is := value.Interface().(either); is && value.Kind() == reflect.Struct {
		value = value.FieldByName("Value")
	}
	if length, is := value.Interface().(Duration); is {
		return strings.Replace(time.Duration(length).String(), "m0s", "m", 1)
	}
	text, err := yaml.MarshalWithOptions(
		value.Interface(),
		yaml.Flow(true),
		yaml.UseSingleQuote(true),
		yaml.OmitEmpty(),
	)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// fieldComments returns the comments of the fields of this package's types.
func fieldComments(t *testing.T) map[string]string {
	t.Helper()
	comments := map[string]string{}
	files, err := filepath.Glob("config*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(node ast.Node) bool {
			declared, is := node.(*ast.TypeSpec)
			if !is {
				return true
			}
			if kind, is := declared.Type.(*ast.StructType); is {
				for _, field := range kind.Fields.List {
					for _, named := range field.Names {
						comments[declared.Name.Name+"."+named.Name] = strings.TrimSpace(field.Doc.Text())
					}
				}
			}
			return true
		})
	}
	return comments
}

// besides is what an entry of a list needs besides the key of an example.
var besides = map[string]string{
	"to[].body":         "{kind: webhook}",
	"checks[]":          "{name: licences, kind: command, command: [scripts/licences]}",
	"checks[].baseline": "{name: backend:lint}",
	"files[]":           "{name: programs, command: [scripts/programs], outputs: [programs.zip]}",
	"versionFiles[]":    "{path: docker-compose.yml, pattern: 'app:(\\S+)'}",
	"migrations[]":      "{paths: [sql], command: 'psql -f {file}'}",
	"before[]":          "{path: /setup}",
	"after[]":           "{path: /users}",
	"findings[]":        "{vulnerability: CVE-2026-0001, status: not_affected, why: it is not used}",
	"sections[]":        "{title: Features, types: [feat]}",
	"NAME.context":      "{name: ghcr.io/ada/shop-agent}",
	"NAME.dockerfile":   "{name: ghcr.io/ada/shop-agent}",
	"NAME.target":       "{name: ghcr.io/ada/shop-agent}",
	"NAME.args":         "{name: ghcr.io/ada/shop-agent}",
	"NAME.verify":       "{name: ghcr.io/ada/shop-agent}",
	"verify.port":       "{health: /healthz}",
	"verify.env":        "{health: /healthz}",
	"verify.timeout":    "{health: /healthz}",
}

// accepted loads a release.yaml that sets one key to its example.
func accepted(t *testing.T, each example) {
	t.Helper()
	steps := strings.Split(each.path, ".")
	var value any = yaml.MapSlice{}
	if err := yaml.UnmarshalWithOptions([]byte(each.value), &value, yaml.UseOrderedMap()); err != nil {
		t.Errorf("%s: %s: %v", each.path, each.value, err)
		return
	}
	for i := len(steps) - 1; i >= 0; i-- {
		value = within(t, steps, i, value)
	}
	text, err := yaml.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, ConfigFile), text, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := loadConfig(root); err != nil {
		t.Errorf("the example of %s is refused: %v\n%s", each.path, err, text)
	}
}

// within returns a value under its key, in an entry where the key is one of those.
func within(t *testing.T, steps []string, at int, value any) any {
	t.Helper()
	key, isList := strings.CutSuffix(steps[at], "[]")
	whole := map[string]any{}
	others := ""
	if at > 0 {
		others = cmp.Or(besides[steps[at-1]+"."+steps[at]], besides[steps[at-1]])
	}
	if err := yaml.Unmarshal([]byte(cmp.Or(others, "{}")), &whole); err != nil {
		t.Fatal(err)
	}
	if isList {
		value = []any{value}
	}
	whole[key] = value
	return whole
}
