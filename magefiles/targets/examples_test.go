package targets

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/docs"
)

// TestExamplesOfSettings loads each release.yaml that a document shows. The workflows among the examples are for
// the tests of the workflows.
func TestExamplesOfSettings(t *testing.T) {
	count := 0
	for _, name := range docs.Names {
		for _, block := range docs.Read(t, name).Blocks {
			if block.Language != "yaml" || strings.HasPrefix(block.Text, "name: ") {
				continue
			}
			count++
			root := t.TempDir()
			text := strings.ReplaceAll(block.Text, "OWNER/APP", "ada/shop")
			if err := os.WriteFile(filepath.Join(root, app.ConfigFile), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := app.Find(root); err != nil {
				t.Errorf("%s#%s: %v\n%s", name, block.Heading, err, block.Text)
			}
		}
	}
	if count < 5 {
		t.Errorf("there are only %d examples", count)
	}
}

// TestExamplesOfCommands checks each command of this project that a document shows, in a block or within text.
func TestExamplesOfCommands(t *testing.T) {
	c := commands{all: allManuals(t), root: docs.Root(t)}
	for _, name := range docs.Names {
		document := docs.Read(t, name)
		examples := slices.Clone(document.Spans)
		for _, block := range document.Blocks {
			if block.Language == "" {
				examples = append(examples, strings.Split(strings.TrimSpace(block.Text), "\n")...)
			}
		}
		for _, each := range examples {
			if err := c.check(each); err != nil {
				t.Errorf("%s: %s: %v", name, each, err)
			}
		}
	}
	if c.targets < 30 || c.others < 8 {
		t.Errorf("only %d commands of the pipeline and %d others were found", c.targets, c.others)
	}
}

// commands checks examples.
type commands struct {
	all  []manual
	root string

	targets, others int // how many there were
}

// check reports what is wrong with a line, if it is a command of this project.
func (c *commands) check(line string) error {
	line, _, _ = strings.Cut(strings.TrimPrefix(line, "$ "), " #") // a comment
	line = strings.TrimSpace(line)
	words := strings.Fields(strings.ReplaceAll(line, "TARGET", "lint"))
	isTarget := func(m manual) bool { return len(words) > 1 && m.Name == words[0] }
	switch {
	case strings.HasPrefix(line, "go tool mage "):
		return c.target(words[3:])
	case strings.HasPrefix(line, "scripts/pipeline "):
		return c.target(words[1:])
	case slices.ContainsFunc(c.all, isTarget):
		return c.target(words)
	case strings.HasPrefix(line, "scripts/test "):
		return c.test(words[1:])
	case strings.HasPrefix(line, "go test "):
		return c.goTest(words[2:])
	case len(words) == 1 && flagSpan.MatchString(words[0]):
		return c.flag(words[0])
	}
	return nil
}

var flagSpan = regexp.MustCompile(`^-[a-z]{2,}(=.*)?$`)

func (c *commands) target(words []string) error {
	c.targets++
	if len(words) > 1 && words[0] == "-C" {
		words = words[2:]
	}
	for len(words) > 0 && slices.Contains([]string{"-v", "-h", "-l"}, words[0]) {
		words = words[1:]
	}
	if len(words) == 0 || words[0] == "…" {
		return nil
	}
	return accepts(c.all, words)
}

// flag returns a flag that is named alone: some target takes it, or go test does.
func (c *commands) flag(word string) error {
	if word == "-update" {
		return nil
	}
	for _, each := range c.all {
		if accepts(c.all, []string{each.Name, word}) == nil {
			return nil
		}
	}
	return fmt.Errorf("no target takes %s", word)
}

// test returns what follows scripts/test.
func (c *commands) test(words []string) error {
	c.others++
	switch words[0] {
	case "quick", "static", "unit", "all", "simulation":
		return nil
	case "scenario":
		name, _, _ := strings.Cut(words[1], "/")
		return c.declared("func TestScenario" + name + "(")
	}
	return fmt.Errorf("scripts/test does not take %s", words[0])
}

// goTest returns what follows go test: a package, and perhaps a test of it.
func (c *commands) goTest(words []string) error {
	c.others++
	if _, err := os.Stat(filepath.Join(c.root, words[0])); err != nil {
		return err
	}
	if at := slices.Index(words, "-run"); at > 0 {
		return c.declared("func " + words[at+1] + "(")
	}
	return nil
}

// declared reports an error unless a test file contains a declaration.
func (c *commands) declared(function string) error {
	found := false
	err := filepath.WalkDir(filepath.Join(c.root, "magefiles"), func(path string, _ fs.DirEntry, err error) error {
		if err != nil || found || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		found = strings.Contains(string(text), function)
		return err
	})
	if err == nil && !found {
		err = fmt.Errorf("there is no %s", function)
	}
	return err
}

// TestExamplesOfSource expects the code of the architecture in the source. What a reader is to write is compiled by
// the scenario of an app that imports the targets.
func TestExamplesOfSource(t *testing.T) {
	source, err := os.ReadFile("../internal/step/step.go")
	if err != nil {
		t.Fatal(err)
	}
	code := docs.Read(t, "magefiles/README.md").Block(t, "go", "one-idea", "// Work")
	if !strings.Contains(string(source), code) {
		t.Errorf("step.go does not contain\n%s", code)
	}
}

// TestExamplesOfPaths looks for the files that the documents name, from the root or from magefiles.
func TestExamplesOfPaths(t *testing.T) {
	root, count := docs.Root(t), 0
	named := regexp.MustCompile(`^(magefiles|scripts|\.github|internal|targets)/[\w./-]+$`)
	for _, name := range docs.Names {
		for _, span := range docs.Read(t, name).Spans {
			word, _, _ := strings.Cut(span, " ")
			if !named.MatchString(word) || name == "magefiles/targets/README.md" && word == "scripts/licences" {
				continue
			}
			count++
			_, atRoot := os.Stat(filepath.Join(root, word))
			if _, below := os.Stat(filepath.Join(root, "magefiles", word)); atRoot != nil && below != nil {
				t.Errorf("%s names %s, which does not exist", name, word)
			}
		}
	}
	if count < 40 {
		t.Errorf("only %d paths were found", count)
	}
}

// TestExamplesOfErrors looks for the messages of the tables in the source. What may differ is written … there.
func TestExamplesOfErrors(t *testing.T) {
	texts := strings.Join(literals(t), "\n")
	count := 0
	for _, name := range []string{"README.md", "magefiles/targets/README.md"} {
		_, table, _ := strings.Cut(docs.Read(t, name).Text, "| message | what to do |\n")
		table, _, _ = strings.Cut(table, "\n\n")
		for line := range strings.Lines(table) {
			cell, _, _ := strings.Cut(strings.TrimPrefix(line, "|"), "|")
			for _, message := range regexp.MustCompile("`[^`]+`").FindAllString(cell, -1) {
				count++
				for _, part := range strings.Split(strings.Trim(message, "`"), "…") {
					if part = strings.Trim(part, " :;,"); !strings.Contains(texts, part) {
						t.Errorf("%s: no message contains %q", name, part)
					}
				}
			}
		}
	}
	if count < 30 {
		t.Errorf("there are only %d messages", count)
	}
}

// literals returns the string constants of the program, those that are joined with + as one.
func literals(t *testing.T) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir("..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(node ast.Node) bool {
			text := constant(node)
			if text != "" {
				all = append(all, text)
			}
			return text == ""
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// constant returns the text of an expression of string literals; "" for anything else.
func constant(node ast.Node) string {
	switch node := node.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(node.Value)
		if node.Kind == token.STRING && err == nil {
			return text
		}
	case *ast.BinaryExpr:
		if left, right := constant(node.X), constant(node.Y); left != "" && right != "" {
			return left + right
		}
	}
	return ""
}
