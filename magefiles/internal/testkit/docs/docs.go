// Package docs reads the Markdown files of this repository, for the tests that check them.
package docs

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// Names are the documents for people, from the root of the repository.
var Names = []string{
	"README.md",
	".github/CONTRIBUTING.md",
	".github/SECURITY.md",
	"magefiles/README.md",
	"magefiles/targets/README.md",
}

// Document is the content of a Markdown file.
type Document struct {
	Name     string
	Text     string
	Headings []string // their anchors
	Blocks   []Block
	Spans    []string // code within text
	Links    []string // their destinations
}

// Block is a block of code.
type Block struct {
	Language string
	Heading  string // the anchor of the section that it is in
	Text     string
}

// Root returns the root of this repository, for the test of a package in it.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	for ; err == nil; dir = filepath.Dir(dir) {
		if _, missing := os.Stat(filepath.Join(dir, "go.mod")); missing == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("there is no go.mod above the test")
		}
	}
	t.Fatal(err)
	return ""
}

// Read reads one of the documents.
func Read(t testing.TB, name string) Document {
	t.Helper()
	source, err := os.ReadFile(filepath.Join(Root(t), filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	read := Document{Name: name, Text: string(source)}
	markdown := goldmark.New(goldmark.WithExtensions(extension.GFM))
	root := markdown.Parser().Parse(text.NewReader(source))
	err = ast.Walk(root, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			read.add(node, source)
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func (d *Document) add(node ast.Node, source []byte) {
	switch node := node.(type) {
	case *ast.Heading:
		d.Headings = append(d.Headings, anchor(string(node.Lines().Value(source))))
	case *ast.FencedCodeBlock:
		heading := ""
		if len(d.Headings) > 0 {
			heading = d.Headings[len(d.Headings)-1]
		}
		d.Blocks = append(d.Blocks, Block{string(node.Language(source)), heading, string(node.Lines().Value(source))})
	case *ast.CodeSpan:
		d.Spans = append(d.Spans, content(node, source))
	case *ast.Link:
		d.Links = append(d.Links, string(node.Destination))
	case *ast.Image:
		d.Links = append(d.Links, string(node.Destination))
	}
}

// content returns the text of a code span, as one line.
func content(span ast.Node, source []byte) string {
	var parts strings.Builder
	for child := span.FirstChild(); child != nil; child = child.NextSibling() {
		if part, ok := child.(*ast.Text); ok {
			parts.Write(part.Segment.Value(source))
		}
	}
	return strings.Join(strings.Fields(parts.String()), " ")
}

// anchor returns the fragment that GitHub gives a heading: in lower case, with hyphens instead of spaces, and
// without other punctuation.
func anchor(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-', r == '_', r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, strings.ToLower(heading))
}

// Block returns the first block of a language in a section whose heading begins with a text.
func (d Document) Block(t testing.TB, language, heading, begins string) string {
	t.Helper()
	at := slices.IndexFunc(d.Blocks, func(b Block) bool {
		return b.Language == language && b.Heading == heading && strings.HasPrefix(b.Text, begins)
	})
	if at < 0 {
		t.Fatalf("%s has no block of %s in #%s that begins with %q", d.Name, language, heading, begins)
	}
	return d.Blocks[at].Text
}

// Generated compares the output of a test with the part of a document between the markers with this name, such as
// keys. With -update it writes that part.
func (d Document) Generated(t testing.TB, name, got string) {
	t.Helper()
	before, marker, inner, after := d.cut(t, name)
	if flag.Lookup("update").Value.String() == "true" {
		inner = got
		file := filepath.Join(Root(t), filepath.FromSlash(d.Name))
		if err := os.WriteFile(file, []byte(before+marker+inner+after), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(inner, got); diff != "" {
		t.Errorf("the part %q of %s (-document +made; -update writes it):\n%s", name, d.Name, diff)
	}
}

// cut splits a document at the markers <!-- NAME: … --> and <!-- /NAME -->.
func (d Document) cut(t testing.TB, name string) (before, marker, inner, after string) {
	t.Helper()
	before, rest, begins := strings.Cut(d.Text, "<!-- "+name+":")
	comment, rest, closed := strings.Cut(rest, "-->\n")
	inner, after, ends := strings.Cut(rest, "<!-- /"+name+" -->")
	if !begins || !closed || !ends {
		t.Fatalf("%s has no part %s between markers", d.Name, name)
	}
	return before, "<!-- " + name + ":" + comment + "-->\n", inner, "<!-- /" + name + " -->" + after
}

// Wrap breaks a paragraph, or an item of a list that begins with a label, into lines.
func Wrap(label, text string) string {
	var out strings.Builder
	line := label
	for i, word := range strings.Fields(text) {
		if i > 0 && len([]rune(line))+1+len([]rune(word)) > 120 {
			out.WriteString(line + "\n")
			line = strings.Repeat(" ", min(len(label), 2)) + word
			continue
		}
		if i > 0 {
			line += " "
		}
		line += word
	}
	return out.String() + line
}
