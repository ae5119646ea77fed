package targets

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

const readmeFile = "../../README.md"

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(readmeFile)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestReadmeFigure compares the README's figure with the graph of the sample's release; -update writes it.
func TestReadmeFigure(t *testing.T) {
	g := sampleGraph(t, sampleApp(t), options{drawn: "mermaid"})
	root, err := g.catalog().named(t.Context(), "release")
	if err != nil {
		t.Fatal(err)
	}
	var drawn bytes.Buffer
	if err := step.Draw(t.Context(), &drawn, root, "mermaid"); err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(readme(t), "```mermaid\n")
	figure, after, ended := strings.Cut(rest, "```")
	if !found || !ended {
		t.Fatal("the README has no figure")
	}
	if flag.Lookup("update").Value.String() == "true" {
		figure = drawn.String()
		if err := os.WriteFile(readmeFile, []byte(before+"```mermaid\n"+figure+"```"+after), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(figure, drawn.String()); diff != "" {
		t.Errorf("the README's figure is not that of the release (-README +graph; -update writes it):\n%s", diff)
	}
}

// TestReadmeLines expects prose and examples that fit on the screen.
func TestReadmeLines(t *testing.T) {
	for i, line := range strings.Split(readme(t), "\n") {
		if length := len([]rune(line)); length > 120 {
			t.Errorf("line %d of the README has %d columns, and 120 is the limit", i+1, length)
		}
	}
}
