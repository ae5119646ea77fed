package page_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/report/page"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

func html(t testing.TB, r page.Report) string {
	t.Helper()
	var out strings.Builder
	if err := page.Write(&out, r); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestPage(t *testing.T) {
	testkit.Golden(t, "testdata/report.html", html(t, sample()))
	testkit.Golden(t, "testdata/hostile.html", html(t, hostile()))
}

// What a text says is on the page as text: no element and no address comes from it.
func TestPageOfHostileTexts(t *testing.T) {
	got := html(t, hostile())
	for _, never := range []string{"<script", "<iframe", "<img", "<svg/onload", `href="javascript:`, "\x1b"} {
		if strings.Contains(got, never) {
			t.Errorf("the page has %q", never)
		}
	}
	for _, always := range []string{
		"&lt;script&gt;", "{{.Key}}", `<a href="https://example.org/p.png">pixel</a>`,
		"&lt;img src=https://example.org/q.png&gt;", "<p>&lt;script&gt;document.title=",
	} {
		if !strings.Contains(got, always) {
			t.Errorf("the page has no %s", always)
		}
	}
}

// The page stays small, whatever there is to show.
func TestPageIsSmall(t *testing.T) {
	long := strings.Repeat("<&\"'> ", 20_000)
	r := hostile()
	r.Notes = long
	for i := range 3000 {
		name := fmt.Sprint(i, " ", long[:600])
		r.Suites[0].Cases = append(r.Suites[0].Cases, page.Case{
			Name: name, Failed: true, Message: long, Output: long,
		})
		r.Checks[0].Findings = append(r.Checks[0].Findings, page.Finding{
			Finding: report.Finding{File: "a.py", Line: i + 1, Severity: report.Error, Message: long},
			Source:  []page.Line{{Number: i, Text: long}},
		})
		r.Packages.Added = append(r.Packages.Added, page.Package{Type: "npm", Name: name})
		r.Release.Evidence = append(r.Release.Evidence, page.Evidence{Source: "commits", Asks: "minor", What: long})
		r.Release.Upgrade = append(r.Release.Upgrade, page.Upgrade{Text: long, Details: []string{long, long}})
		r.Release.Notices = append(r.Release.Notices, long)
		r.Release.People = append(r.Release.People, name)
	}
	if size := len(html(t, r)); size > page.MaxSize || size < 1000 {
		t.Errorf("%d bytes, %d at most", size, page.MaxSize)
	}
	if size := len(html(t, sample())); size > page.MaxSize/3 {
		t.Errorf("a common page has %d bytes", size)
	}
}

func TestHasKey(t *testing.T) {
	file := filepath.Join(t.TempDir(), "report.html")
	r := sample()
	if page.HasKey(file, r.Key) {
		t.Error("a page that is not there has a key")
	}
	if err := os.WriteFile(file, []byte(html(t, r)), 0o644); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]bool{r.Key: true, "": false, "0123": false, "another": false} {
		if page.HasKey(file, key) != want {
			t.Errorf("key %q: %v", key, !want)
		}
	}
}

// An image of two platforms, or a suite, that is not there does not keep the rest from being shown.
func TestPageOfNothing(t *testing.T) {
	for _, r := range []page.Report{
		{},
		{Image: &page.Image{}, Packages: &page.Packages{}, Release: &page.Release{}},
		{Steps: []report.Span{{Phase: "lint", Name: "lint"}}, Suites: []page.Suite{{}}, Checks: []page.Check{{}}},
		{Checks: []page.Check{{Findings: []page.Finding{{}}}}},
	} {
		if got := html(t, r); !strings.Contains(got, `<section id="notes">`) || strings.Contains(got, `class="where"`) {
			t.Errorf("no whole page: %s", got)
		}
	}
}

// A check or a suite that was interrupted was part of the run.
func TestPageOfUntold(t *testing.T) {
	ran := []page.Ran{{Name: "a", State: report.Interrupted}, {Name: "b", State: report.Failed}}
	got := html(t, page.Report{Untold: page.Untold{Checks: ran, Suites: ran}})
	for _, want := range []string{
		"<b>a</b> was interrupted.", "<b>b</b> left no list of findings.", "<b>b</b> left no list of tests.",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page does not say %s", want)
		}
	}
	if strings.Contains(got, "No check was") || strings.Contains(got, "No suite was") {
		t.Error("the page says that nothing ran")
	}
}

// What is not committed has no address on the web, and the evidence, which is, has one.
func TestLinks(t *testing.T) {
	const finding, evidence = "/PrinterName.tsx#L21", "/0003_printer_nozzle.py#L24"
	for _, dirty := range []bool{false, true} {
		r := sample()
		r.Release.Dirty = dirty
		got := html(t, r)
		if strings.Contains(got, finding) == dirty || !strings.Contains(got, evidence) {
			t.Errorf("changes that are not committed: %v; the links are wrong", dirty)
		}
	}
}

// A secret is removed from all texts, before they are shortened, and nothing else changes.
func TestRedacted(t *testing.T) {
	const secret = "s3cret&<'"
	r := sample()
	r.Error, r.Release.People[0], r.Steps[0].Why = secret, secret, "a "+secret
	r.Checks[2].Findings[0].Message, r.Packages.Added[0].Name = secret, secret
	r.Suites[0].Cases = append(r.Suites[0].Cases, page.Case{Failed: true, Output: secret + strings.Repeat("x", 5_990)})
	clean := r.Redacted(func(text string) string { return strings.ReplaceAll(text, secret, "•••") })
	if shown := fmt.Sprintf("%+v%+v%+v", clean, clean.Release, clean.Packages); strings.Contains(shown, "s3cret") {
		t.Error("the secret is still there")
	}
	if r.Release.People[0] != secret {
		t.Error("the report itself was changed")
	}
	if strings.Contains(html(t, clean), "s3c") || !strings.Contains(html(t, r), "s3c") {
		t.Error("a part of the secret is on the page")
	}
	if diff := cmp.Diff(sample(), sample().Redacted(func(text string) string { return text })); diff != "" {
		t.Errorf("something else changed:\n%s", diff)
	}
}

func TestLongTimesWithoutASteps(t *testing.T) {
	r := sample()
	for i := range r.Steps {
		if r.Steps[i].Start.Sub(began) > 108*time.Second {
			r.Steps[i].Start, r.Steps[i].End = r.Steps[i].Start.Add(time.Hour), r.Steps[i].End.Add(time.Hour)
		}
	}
	if !strings.Contains(html(t, r), "60 min without a step") {
		t.Error("nothing says that time is left out")
	}
}

func BenchmarkReport(b *testing.B) {
	r := sample()
	for b.Loop() {
		if err := page.Write(io.Discard, r); err != nil {
			b.Fatal(err)
		}
		if err := page.WriteTrace(io.Discard, r); err != nil {
			b.Fatal(err)
		}
	}
}
