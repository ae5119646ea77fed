package targets

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
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

// TestPackagesTable compares the table of packages of the architecture with the packages, and its order with the
// groups, the lowest of which comes last.
func TestPackagesTable(t *testing.T) {
	_, table, _ := strings.Cut(docs.Read(t, "magefiles/README.md").Text, "| group | packages | what they know |\n")
	table, _, _ = strings.Cut(table, "\n\n")
	rows := strings.Split(table, "\n")[2:] // below the rule, and the targets
	if len(rows) != len(groups) {
		t.Fatalf("%d rows for %d groups", len(rows), len(groups))
	}
	for i, group := range groups {
		row := rows[len(rows)-1-i]
		if !strings.HasPrefix(row, "| `internal/"+group+"` |") {
			t.Errorf("row %q, expected the group %s", row, group)
		}
		for name := range parsed(t) {
			if own, is := strings.CutPrefix(name, group+"/"); is && !strings.Contains(row, "`"+own+"`") {
				t.Errorf("the row of %s lacks %s", group, own)
			}
		}
	}
}

// TestDocumentLines expects prose and examples that fit on the screen. A row of a table cannot be broken.
func TestDocumentLines(t *testing.T) {
	for _, name := range docs.Names {
		for i, line := range strings.Split(docs.Read(t, name).Text, "\n") {
			if length := len([]rune(line)); length > 120 && !strings.HasPrefix(line, "|") {
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

// TestSecurityNamesTests: the checks that SECURITY.md names are there.
func TestSecurityNamesTests(t *testing.T) {
	defined := map[string]bool{}
	if err := filepath.WalkDir(filepath.Join(docs.Root(t), "magefiles"), func(
		path string, _ fs.DirEntry, err error,
	) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		data, err := os.ReadFile(path)
		for _, match := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllSubmatch(data, -1) {
			defined[string(match[1])] = true
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`(Test\\w+)`").FindAllStringSubmatch(docs.Read(t, ".github/SECURITY.md").Text, -1)
	for _, match := range named {
		if !defined[match[1]] {
			t.Errorf("there is no %s", match[1])
		}
	}
	if len(named) < 8 {
		t.Errorf("it names %d tests", len(named))
	}
}
