package publicapp

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// first is the time of the first commit; each later one is some days younger.
var first = time.Date(2025, time.March, 3, 9, 0, 0, 0, time.UTC)

const author = "Sam Okafor <sam@users.noreply.example>"

// importStream writes the history in the format of git-fast-import(1), and returns the
// names of the branches.
func importStream() (stream []byte, branches []string, err error) {
	story, trees, err := read()
	if err != nil {
		return nil, nil, err
	}
	writer := importer{marks: map[string]int{}}
	for i, each := range story.Commits {
		if each.From != "" && writer.marks[each.From] == 0 {
			return nil, nil, fmt.Errorf("%s begins at %s, which no commit before it has", each.On, each.From)
		}
		if !slices.Contains(branches, each.On) {
			branches = append(branches, each.On)
		}
		writer.commit(i+1, each, each.treeOf(trees, story.States[0].Version))
	}
	writer.printf("done\n")
	return writer.out.Bytes(), branches, nil
}

// importer writes a fast-import stream.
type importer struct {
	out   bytes.Buffer
	marks map[string]int // of the newest commit on a branch, and of tags
}

func (w *importer) printf(format string, args ...any) { fmt.Fprintf(&w.out, format, args...) }

func (w *importer) data(content string) { w.printf("data %d\n%s\n", len(content), content) }

func (w *importer) commit(mark int, of commit, files tree) {
	ref := "refs/heads/main"
	if of.On != "main" {
		ref = aside + of.On
	}
	when := first.AddDate(0, 0, 29*mark).Unix()
	w.printf("commit %s\nmark :%d\nauthor %s %d +0000\ncommitter %s %d +0000\n", ref, mark, author, when, author, when)
	w.data(strings.TrimRight(of.Message, "\n") + "\n")
	if before := max(w.marks[of.On], w.marks[of.From]); before > 0 {
		w.printf("from :%d\n", before)
	}
	w.printf("deleteall\n")
	for _, file := range slices.Sorted(maps.Keys(files)) {
		mode := "100644"
		if strings.HasPrefix(files[file], "#!") {
			mode = "100755" // embedded files have no mode
		}
		w.printf("M %s inline %s\n", mode, file)
		w.data(files[file])
	}
	w.marks[of.On] = mark
	for _, tag := range of.Tags {
		w.printf("reset refs/tags/%s\nfrom :%d\n\n", tag, mark)
		w.marks[tag] = mark
	}
	for _, tag := range of.Annotated {
		w.printf("tag %s\nfrom :%d\ntagger %s %d +0000\n", tag, mark, author, when)
		w.data("O.D.I.N. " + tag + "\n")
		w.marks[tag] = mark
	}
}
