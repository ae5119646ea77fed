package targets

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/step"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/docs"
)

// TestFigure compares the figure of the architecture with the graph of the sample's release.
func TestFigure(t *testing.T) {
	g := sampleGraph(t, sampleApp(t), options{drawn: "mermaid"})
	root, err := g.catalog().named(t.Context(), "release")
	if err != nil {
		t.Fatal(err)
	}
	var drawn bytes.Buffer
	if err := step.Draw(t.Context(), &drawn, root, "mermaid"); err != nil {
		t.Fatal(err)
	}
	docs.Read(t, "magefiles/README.md").Generated(t, "figure", "```mermaid\n"+drawn.String()+"```\n")
}

// TestDocumentLines expects prose and examples that fit on the screen.
func TestDocumentLines(t *testing.T) {
	for _, name := range docs.Names {
		for i, line := range strings.Split(docs.Read(t, name).Text, "\n") {
			if length := len([]rune(line)); length > 120 {
				t.Errorf("line %d of %s has %d columns, and 120 is the limit", i+1, name, length)
			}
		}
	}
}

// TestDocumentLinks follows the links within this repository, to files and to headings.
func TestDocumentLinks(t *testing.T) {
	root := docs.Root(t)
	for _, name := range docs.Names {
		for _, link := range docs.Read(t, name).Links {
			if strings.Contains(link, "://") {
				continue
			}
			file, heading, _ := strings.Cut(link, "#")
			target := name
			if file != "" {
				target = filepath.ToSlash(filepath.Join(filepath.Dir(name), filepath.FromSlash(file)))
			}
			if _, err := os.Stat(filepath.Join(root, target)); err != nil {
				t.Errorf("%s links to %s: %v", name, link, err)
			} else if heading != "" && !slices.Contains(docs.Read(t, target).Headings, heading) {
				t.Errorf("%s links to %s, and %s has no such heading", name, link, target)
			}
		}
	}
}
