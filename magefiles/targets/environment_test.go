package targets

import (
	"go/ast"
	"slices"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
)

// The program that sets up a test bed is known to the builder, although no tool is given the variable.
func TestTestBed(t *testing.T) {
	t.Setenv(build.TestBedVariable, "/clone/scripts/testbed")
	if got := sampleGraph(t, sampleApp(t), options{}).builder.TestBed; got != "/clone/scripts/testbed" {
		t.Errorf("the builder has %q", got)
	}
}

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
