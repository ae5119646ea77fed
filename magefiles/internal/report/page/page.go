package page

import (
	"bytes"
	"embed"
	"html/template"
	"io"
	"sync"
)

// MaxSize is the maximum size of the page, in bytes.
const MaxSize = 300_000

//go:embed templates
var files embed.FS

// parsed are the templates of the page.
var parsed = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page.html").Funcs(functions).ParseFS(files, "templates/*.html"))
})

// limits say how much of each kind of content the page shows.
type limits struct{ Findings, Source, Failures, Output, Evidence, Packages, Layers, Notes, Text int }

var most = limits{
	Findings: 60, Source: 160, Failures: 20, Output: 6_000, Evidence: 80, Packages: 120, Layers: 40, Notes: 40_000,
	Text: 600,
}

// divided returns smaller limits, for a page that is too large with these.
func (l limits) divided(by int) limits {
	for _, each := range []*int{
		&l.Findings, &l.Source, &l.Failures, &l.Output, &l.Evidence, &l.Packages, &l.Layers, &l.Notes, &l.Text,
	} {
		*each = max(*each/by, 3)
	}
	return l
}

// Write writes the page, a single HTML file without scripts. The page makes no requests, whatever its texts
// contain. If there is too much to show, it shows less of each kind of content.
func Write(out io.Writer, r Report) error {
	var made bytes.Buffer
	for by := 1; by <= 64; by *= 4 {
		made.Reset()
		if err := parsed().Execute(&made, newView(r, most.divided(by))); err != nil {
			return err
		}
		if made.Len() <= MaxSize {
			break
		}
	}
	_, err := made.WriteTo(out)
	return err
}

// styles are the page's style sheet.
var styles = sync.OnceValue(func() template.CSS {
	text, err := files.ReadFile("templates/page.css")
	if err != nil {
		panic(err) // it is embedded
	}
	return template.CSS(text) //nolint:gosec // it is ours
})
