package targets

import (
	"embed"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// sources are the files with targets: their comments are the manual, and there is no second copy of it. A test
// compares what is found here with what Mage finds.
//
//go:embed audit.go changelog.go discard.go docs.go doctor.go help.go hotfix.go init.go local.go parts.go plan.go
//go:embed publish.go rehearse.go release.go report.go review.go show.go tag.go version.go
var sources embed.FS

// Mage shows the comments of the targets as they are, and does not join their lines.
//
//mage:multiline

// manual is what the comment of a target says.
type manual struct {
	Name      string // as a person types it, such as backend:lint
	Summary   string // what it does, in a sentence that begins with a verb
	Text      string // the paragraphs after that
	Arguments []argument
	Leaves    string // what it leaves in dist; "" for nothing
	Example   string // a command, without the program
}

// argument is an argument or a flag of a target.
type argument struct{ Usage, Meaning string }

// manuals returns those of all targets, sorted by name.
func manuals() ([]manual, error) {
	entries, err := sources.ReadDir(".")
	if err != nil {
		return nil, err
	}
	var all []manual
	for _, entry := range entries {
		source, err := sources.ReadFile(entry.Name())
		if err != nil {
			return nil, err
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, entry.Name(), source, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		comments := ast.NewCommentMap(files, file, file.Comments)
		for _, declared := range file.Decls {
			if function, is := declared.(*ast.FuncDecl); is && isTarget(function) {
				all = append(all, manualOf(function, comments))
			}
		}
	}
	slices.SortFunc(all, func(a, b manual) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// isTarget reports whether Mage takes a function for a target: it is exported, and returns an error and nothing else.
func isTarget(function *ast.FuncDecl) bool {
	results := function.Type.Results
	return function.Name.IsExported() && results != nil && len(results.List) == 1 &&
		fmt.Sprint(results.List[0].Type) == "error"
}

func manualOf(function *ast.FuncDecl, comments ast.CommentMap) manual {
	m := manual{Name: targetName(function)}
	paragraphs := strings.Split(strings.TrimSpace(function.Doc.Text()), "\n\n")
	m.Summary = strings.TrimPrefix(strings.Join(strings.Fields(paragraphs[0]), " "), function.Name.Name+" ")
	var text []string
	for _, paragraph := range paragraphs[1:] {
		leaves, isLeaves := strings.CutPrefix(paragraph, "Leaves in dist: ")
		example, isExample := strings.CutPrefix(paragraph, "Example: ")
		switch {
		case isLeaves:
			m.Leaves = leaves
		case isExample:
			m.Example = example
		default:
			text = append(text, paragraph)
		}
	}
	m.Text = strings.Join(text, "\n\n")
	for _, field := range function.Type.Params.List {
		for _, name := range field.Names {
			if kind := kindOf(field.Type); kind != "" {
				m.Arguments = append(m.Arguments, argumentOf(name.Name, kind, comments[field]))
			}
		}
	}
	return m
}

// targetName returns the name of a target as a person types it.
func targetName(function *ast.FuncDecl) string {
	name := lowerFirst(function.Name.Name)
	if function.Recv == nil {
		return name
	}
	return lowerFirst(fmt.Sprint(function.Recv.List[0].Type)) + ":" + name
}

func lowerFirst(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return string(unicode.ToLower(first)) + text[size:]
}

// kindOf returns the type of a parameter that a person gives, with a * for a flag; "" for the context.
func kindOf(kind ast.Expr) string {
	switch kind := kind.(type) {
	case *ast.Ident:
		return kind.Name
	case *ast.StarExpr:
		return "*" + fmt.Sprint(kind.X)
	}
	return ""
}

// argumentOf returns a parameter as a person gives it. As in package flag, a name in backquotes stands for its value.
func argumentOf(name, kind string, comments []*ast.CommentGroup) argument {
	meaning := ""
	if len(comments) > 0 {
		meaning = strings.TrimSpace(comments[0].Text())
	}
	value, meaning := flag.UnquoteUsage(&flag.Flag{Name: name, Usage: meaning})
	switch kind {
	case "*bool":
		return argument{"-" + name, meaning}
	case "*string":
		return argument{"-" + name + "=" + value, meaning}
	}
	return argument{strings.ToUpper(name), meaning}
}
