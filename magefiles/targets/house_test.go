package targets

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// groups are the groups of packages below internal, the lowest first. A package
// imports its own group and those before it.
var groups = []string{
	"system",
	"step",
	"source",
	"app",
	"report",
	"toolchain",
	"artifact",
	"outside",
	"rehearsal",
	"release",
}

// exceptions are imports of a higher group, with the reason.
var exceptions = map[string]string{
	"source/evidence imports app": "evidence reads what release.yaml says of migrations, settings " +
		"and docs",
	"source/evidence imports toolchain/contract": "it compares the API of two releases as the contract suite does",
	"app/doctor imports toolchain/backend":       "doctor asks the toolchain what it would install",
	"app/doctor imports toolchain/manager":       "doctor asks which package manager a lock belongs to",
	"app/detect imports toolchain/backend":       "init finds the lock of a project as the toolchain does",
	"app/detect imports toolchain/manager":       "init finds a package manager as the toolchain does",
	"toolchain/backend imports artifact/sbom":    "a toolchain lists its packages as an SBOM takes them",
	"toolchain/frontend imports artifact/sbom":   "a toolchain lists its packages as an SBOM takes them",
}

// parsed returns the files of this package and of those below internal, by package, without tests.
func parsed(t *testing.T) map[string][]*ast.File {
	t.Helper()
	packages := map[string][]*ast.File{}
	for _, dir := range []string{"internal", "targets"} {
		err := filepath.WalkDir(filepath.Join("..", dir), func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && slices.Contains([]string{"testdata", "testkit", "sample"}, entry.Name()):
				return fs.SkipDir
			case entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
				return nil
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			name := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(path)), "../")
			name = strings.TrimPrefix(name, "internal/")
			packages[name] = append(packages[name], file)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(packages) < 20 || len(packages["targets"]) < 20 {
		t.Fatalf("%d packages, of which targets has %d files", len(packages), len(packages["targets"]))
	}
	return packages
}

// Arrows point down: a package imports its own group of rooms and lower ones. Only
// the runner starts a process, besides what streams git's output.
func TestImports(t *testing.T) {
	const module = `"github.com/hughkantsime/odin-release/magefiles/internal/`
	seen := map[string]bool{}
	for name, files := range parsed(t) {
		own := rank(name)
		if own < 0 {
			t.Errorf("package %s is in no group of rooms", name)
		}
		for _, file := range files {
			for _, imported := range file.Imports {
				path, ours := strings.CutPrefix(strings.TrimSuffix(imported.Path.Value, `"`), module)
				arrow := name + " imports " + path
				seen[arrow] = true
				if ours && rank(path) > own && exceptions[arrow] == "" {
					t.Errorf("%s, which is above it", arrow)
				}
				if imported.Path.Value == `"os/exec"` && name != "system/run" && name != "source/git" {
					t.Errorf("package %s starts processes", name)
				}
			}
		}
	}
	for arrow := range exceptions {
		if !seen[arrow] {
			t.Errorf("%s no longer: remove the exception", arrow)
		}
	}
}

func rank(name string) int {
	if name == "targets" { // which imports all groups
		return len(groups)
	}
	group, _, _ := strings.Cut(name, "/")
	return slices.Index(groups, group)
}

// No type has more methods than a person keeps in mind.
func TestMethods(t *testing.T) {
	const most = 16 // about 15
	for name, files := range parsed(t) {
		counts := map[string]int{}
		for _, file := range files {
			for _, declared := range file.Decls {
				if function, is := declared.(*ast.FuncDecl); is && function.Recv != nil {
					counts[receiver(function.Recv.List[0].Type)]++
				}
			}
		}
		for of, count := range counts {
			if count > most {
				t.Errorf("%s.%s has %d methods, %d at most", name, of, count, most)
			}
		}
	}
}

func receiver(of ast.Expr) string {
	switch of := of.(type) {
	case *ast.StarExpr:
		return receiver(of.X)
	case *ast.IndexExpr:
		return receiver(of.X)
	case *ast.Ident:
		return of.Name
	}
	return ""
}
