package page

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/report"
)

// view is a report in the form that the templates need.
type view struct {
	Report
	Styles   template.CSS
	Title    string
	Links    links
	Sources  links // of the files that were checked, which are not on the web if they are not committed
	Tiles    []tile
	Critical []report.Span
	Took     time.Duration // of the critical path
	Wall     time.Duration // time in which steps ran
	Wide     figure
	Narrow   figure
	Chart    chart
	Found    []foundBy
	Clean    []string
	Results  []result
	Failures []failure
	Slowest  []slow
	NotesAre template.HTML
	Limits   limits
}

// tile is a number at the top of the page.
type tile struct{ Name, Value, Note, State, To string }

func newView(r Report, most limits) view {
	r.Steps = slices.Clone(r.Steps)
	for i := range r.Steps {
		r.Steps[i].Why = plain(clip(r.Steps[i].Why, most.Text))
	}
	critical, took := Critical(r.Steps)
	drawn := withAdvice(r.Steps)
	r.Error = plain(clip(r.Error, 4000))
	v := view{
		Report: r, Styles: styles(), Title: r.title(), Links: linksOf(r.Release), Took: took, Wall: wall(r.Steps),
		Wide: draw(drawn, critical, wide), Narrow: draw(drawn, critical, narrow),
		Chart: charted(drawn, critical), Limits: most, NotesAre: notesOf(clip(r.Notes, most.Notes)),
	}
	if r.Release != nil && !r.Release.Dirty {
		v.Sources = v.Links
	}
	for _, i := range critical {
		v.Critical = append(v.Critical, r.Steps[i])
	}
	v.Found, v.Clean = clippedChecks(r.Checks, most)
	v.Results, v.Failures, v.Slowest = resultsOf(r.Suites, most)
	v.Tiles = v.tiles()
	return v
}

func (r Report) title() string {
	if r.Release == nil {
		return r.App
	}
	return strings.TrimSpace(r.App + " " + r.Release.Tag)
}

// wall returns the time in which steps ran, without long pauses.
func wall(steps []report.Span) time.Duration {
	var spans []report.Span
	for _, step := range steps {
		if timed(step) {
			spans = append(spans, step)
		}
	}
	var took time.Duration
	for _, each := range stretches(spans) {
		took += each.end.Sub(each.start)
	}
	return took
}

func (v view) tiles() []tile {
	done, reused := 0, 0
	for _, step := range v.Steps {
		switch {
		case step.Group:
		case step.State == report.Reused:
			reused++
		case step.State == report.Done:
			done++
		}
	}
	tiles := []tile{
		{Name: "Time", Value: report.Seconds(v.Wall), Note: "critical path " + report.Seconds(v.Took), To: "timeline"},
		{Name: "Steps", Value: fmt.Sprint(done, " done"), Note: fmt.Sprint(reused, " reused"), To: "steps"},
	}
	if len(v.Checks) > 0 {
		tiles = append(tiles, v.findingsTile())
	}
	if len(v.Results) > 0 {
		tiles = append(tiles, v.testsTile())
	}
	if v.Image != nil && len(v.Image.Platforms) > 0 {
		first := v.Image.Platforms[0]
		note := first.Name
		if first.Before > 0 {
			note = delta(first.Size, first.Before)
		}
		tiles = append(tiles, tile{Name: "Image", Value: report.Size(first.Size), Note: note, To: "image"})
	}
	return tiles
}

func (v view) testsTile() tile {
	passed, failed, skipped := 0, 0, 0
	for _, each := range v.Results {
		passed, failed, skipped = passed+each.Passed, failed+each.Failed, skipped+each.Skipped
	}
	t := tile{Name: "Tests", Value: fmt.Sprint(passed, " passed"), To: "tests"}
	t.Note = fmt.Sprint(skipped, " skipped")
	if failed > 0 {
		t.Value, t.Note, t.State = fmt.Sprint(failed, " failed"), fmt.Sprint(passed, " passed"), report.Failed
	}
	return t
}

// clippedChecks returns the checks that found something, with as many findings as the page shows, and the names of
// the others.
func clippedChecks(checks []Check, most limits) (found []foundBy, clean []string) {
	left := most.Findings
	for _, check := range checks {
		if len(check.Findings) == 0 {
			clean = append(clean, check.Name)
			continue
		}
		shown := slices.Clone(check.Findings[:min(left, len(check.Findings))])
		left -= len(shown)
		for i := range shown {
			shown[i].Message = clip(shown[i].Message, most.Text)
			shown[i].Source = slices.Clone(shown[i].Source)
			for j := range shown[i].Source {
				shown[i].Source[j].Text = clip(shown[i].Source[j].Text, most.Source)
			}
		}
		found = append(found, foundBy{check.Name, len(check.Findings), shown})
	}
	return found, clean
}

// foundBy is a check that found something, as the page shows it.
type foundBy struct {
	Name     string
	Count    int
	Findings []Finding
}

// result is the result of a suite.
type result struct {
	Name                    string
	Passed, Failed, Skipped int
	Time                    time.Duration
}

// Total returns the number of tests.
func (r result) Total() int { return r.Passed + r.Failed + r.Skipped }

// Share returns count as a percentage of the tests.
func (r result) Share(count int) float64 { return 100 * float64(count) / float64(max(1, r.Total())) }

// failure is a test that failed.
type failure struct {
	Suite string
	Case
}

// slow is a test and its time, relative to the slowest one.
type slow struct {
	Suite, Name string
	Time        time.Duration
	Share       float64 // percent
}

// slowest is how many of the slowest tests are shown.
const slowest = 10

// resultsOf returns the counts of suites, their failed tests, and the slowest tests.
func resultsOf(suites []Suite, most limits) (results []result, failures []failure, slows []slow) {
	for _, suite := range suites {
		counted := result{Name: suite.Name}
		for _, test := range suite.Cases {
			counted.Time += test.Time
			slows = append(slows, slow{Suite: suite.Name, Name: test.Name, Time: test.Time})
			switch {
			case test.Failed:
				counted.Failed++
				if len(failures) < most.Failures {
					failures = append(failures, failure{suite.Name, clippedCase(test, most)})
				}
			case test.Skipped:
				counted.Skipped++
			default:
				counted.Passed++
			}
		}
		results = append(results, counted)
	}
	slices.SortStableFunc(slows, func(a, b slow) int { return cmp.Compare(b.Time, a.Time) })
	slows = slows[:min(len(slows), slowest)]
	for i := range slows {
		slows[i].Name = clip(plain(clip(slows[i].Name, 400)), 200)
		slows[i].Share = 100 * float64(slows[i].Time) / float64(max(1, slows[0].Time))
	}
	return results, failures, slows
}

func clippedCase(test Case, most limits) Case {
	test.Name, test.Message = plain(clip(test.Name, most.Text)), plain(clip(test.Message, most.Text))
	test.Output = clipEnd(test.Output, most.Output)
	return test
}
