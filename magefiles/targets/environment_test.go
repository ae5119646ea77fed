package targets

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// Only targets read the environment: the rooms below are given what they need of it. A stand-in's program and tests
// have an environment of their own, and Go's runtime reads GOGC.
func TestEnvironment(t *testing.T) {
	for name, files := range parsed(t) {
		group, _, _ := strings.Cut(name, "/")
		if slices.Contains([]string{"targets", "testkit", "rehearsal"}, group) || name == "system/heap" {
			continue
		}
		for _, file := range files {
			ast.Inspect(file, func(node ast.Node) bool {
				selector, is := node.(*ast.SelectorExpr)
				if !is {
					return true
				}
				of, is := selector.X.(*ast.Ident)
				if is && of.Name == "os" &&
					slices.Contains([]string{"Getenv", "LookupEnv", "Environ"}, selector.Sel.Name) {
					t.Errorf("package %s reads the environment with os.%s", name, selector.Sel.Name)
				}
				return true
			})
		}
	}
}
