//go:build scenario

package page_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	pages "github.com/hughkantsime/odin-release/magefiles/internal/report/page"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/browser"
)

// sections are those that every page has.
var sections = []string{"release", "steps", "timeline", "findings", "tests", "image", "digests", "notes"}

// screen is what a page is looked at with.
type screen struct {
	width, height int64
	scheme        string
}

var desktop, phone = screen{1280, 900, "light"}, screen{390, 844, "dark"}

// TestScenarioReport opens the page of a release and that of a hostile run from a file, in a
// real browser, on a desktop and on a phone: all sections are there, nothing is wider than the
// screen, nothing is requested, the console says nothing, and no text became anything else.
func TestScenarioReport(t *testing.T) {
	t.Parallel()
	chromium := browser.Start(t)
	for name, r := range map[string]pages.Report{"release": sample(), "hostile": hostile(), "empty": {App: "x"}} {
		for _, on := range []screen{desktop, phone} {
			t.Run(name+" "+on.scheme, func(t *testing.T) {
				tab := browser.Open(chromium, t)
				open(t, tab, on, r)
				var seen struct {
					Title, Sections, Foreign string
					Wide                     int
				}
				look(t, tab, `({
					Title: document.title,
					Sections: [...document.querySelectorAll('main > section')].filter((s) => s.checkVisibility())
						.map((s) => s.id).join(),
					Foreign: [...document.querySelectorAll('script, iframe, img, object, embed, form, base, animate, ' +
						'[onload], [onerror], [src], a[href^="javascript:"]')].map((e) => e.outerHTML).join(),
					Wide: document.documentElement.scrollWidth - innerWidth,
				})`, &seen)
				if seen.Sections != strings.Join(sections, ",") {
					t.Errorf("the sections are %s", seen.Sections)
				}
				if seen.Foreign != "" || seen.Title == "taken" {
					t.Errorf("a text became %q, the title is %q", seen.Foreign, seen.Title)
				}
				if seen.Wide > 0 {
					t.Errorf("the page is %d pixels wider than the screen", seen.Wide)
				}
				faults, answers := tab.Seen()
				if len(faults) > 0 || len(answers) != 1 || !strings.Contains(answers[0], "file://") {
					t.Errorf("faults %q, requests %q", faults, answers)
				}
			})
		}
	}
}

// TestScenarioReportText finds hostile texts on the page, letter by letter.
func TestScenarioReportText(t *testing.T) {
	t.Parallel()
	tab := browser.Open(browser.Start(t), t)
	open(t, tab, desktop, hostile())
	var text string
	look(t, tab, `document.body.textContent`, &text)
	for _, want := range []string{hostileScript, hostileBranch, strings.ReplaceAll(hostileOutput, "\x1b[31m", "")} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q on the page", want)
		}
	}
}

// TestScenarioReportCritical compares the critical path that the page shows with that of the
// trace: the sum of the events that are marked, and the longest chain that can be found in it.
func TestScenarioReportCritical(t *testing.T) {
	t.Parallel()
	tab := browser.Open(browser.Start(t), t)
	open(t, tab, desktop, sample())
	var shown struct {
		Value string
		Names []string
	}
	look(t, tab, `({
		Value: document.getElementById('critical-path').value,
		Names: [...document.querySelectorAll('.path li span')].map((e) => e.textContent),
	})`, &shown)
	onPage, err := strconv.ParseFloat(shown.Value, 64)
	if err != nil {
		t.Fatal(err)
	}
	marked, longest, names := ofTrace(t, sample())
	for what, millis := range map[string]float64{"marked events": marked, "longest chain": longest} {
		if math.Abs(millis-onPage) > onPage/100 {
			t.Errorf("the page shows %.0f ms, and the trace's %s take %.0f ms", onPage, what, millis)
		}
	}
	if !slices.Equal(shown.Names, names) {
		t.Errorf("the page shows the path %q, and the trace marks %q", shown.Names, names)
	}
}

// ofTrace reads the critical path from a trace: what is marked, and how long the longest chain
// is, in milliseconds.
func ofTrace(t *testing.T, r pages.Report) (marked, longest float64, names []string) {
	t.Helper()
	var out bytes.Buffer
	if err := pages.WriteTrace(&out, r); err != nil {
		t.Fatal(err)
	}
	var trace struct {
		TraceEvents []traced `json:"traceEvents"`
	}
	if err := json.Unmarshal(out.Bytes(), &trace); err != nil {
		t.Fatal(err)
	}
	steps := slices.DeleteFunc(trace.TraceEvents, func(e traced) bool { return e.Ph != "X" || e.Pid != 2 })
	for _, each := range steps {
		if each.Args.Critical {
			marked += each.Dur / 1e3
			names = append(names, each.Name)
		}
	}
	return marked, longestChain(steps) / 1e3, names
}

// traced is an event of a trace.
type traced struct {
	Name, Cat, Ph string
	Pid           int
	Ts, Dur       float64
	Args          struct {
		Needs    []string
		Critical bool
	}
}

// longestChain relaxes all pairs until nothing changes.
func longestChain(steps []traced) float64 {
	first := map[string]float64{}
	for _, each := range steps {
		if at, known := first[each.Cat]; !known || each.Ts < at {
			first[each.Cat] = each.Ts
		}
	}
	ends, most := map[string]float64{}, 0.0
	for changed := true; changed; {
		changed = false
		for _, step := range steps {
			begin := 0.0
			for _, other := range steps {
				if slices.Contains(step.Args.Needs, other.Name) ||
					other.Cat != step.Cat && other.Ts+other.Dur <= first[step.Cat]+0.01 {
					begin = max(begin, ends[other.Name])
				}
			}
			if end := begin + step.Dur; end > ends[step.Name] {
				ends[step.Name], changed = end, true
				most = max(most, end)
			}
		}
	}
	return most
}

// TestScenarioReportPicture makes pictures of the page, in the folder ODIN_RELEASE_PICTURES if it
// is set. With -update, the picture of the README is replaced.
func TestScenarioReportPicture(t *testing.T) {
	t.Parallel()
	chromium := browser.Start(t)
	for _, on := range []screen{desktop, phone} {
		tab := browser.Open(chromium, t)
		open(t, tab, on, sample())
		picture := capture(t, tab, on.width, 0)
		if len(picture) < 50_000 {
			t.Errorf("the picture has %d bytes", len(picture))
		}
		if dir := os.Getenv("ODIN_RELEASE_PICTURES"); dir != "" {
			save(t, filepath.Join(dir, on.scheme+".png"), picture)
		}
		if on == desktop && flag.Lookup("update").Value.String() == "true" {
			save(t, "../../../../.github/images/report.png", capture(t, tab, on.width, 1500))
		}
	}
}

// open writes a page to a file and opens it from there.
func open(t *testing.T, tab *browser.Tab, on screen, r pages.Report) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.html")
	save(t, file, []byte(html(t, r)))
	scheme := chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: on.scheme}},
		})
		return err
	})
	var as []chromedp.EmulateViewportOption
	if on == phone {
		as = append(as, chromedp.EmulateMobile, chromedp.EmulateScale(2))
	}
	tab.Do(
		"open the page",
		scheme,
		chromedp.EmulateViewport(on.width, on.height, as...),
		chromedp.Navigate("file://"+file),
	)
}

// look evaluates an expression on a page.
func look(t *testing.T, tab *browser.Tab, expression string, into any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab.Context, browser.Limit)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string]("JSON.stringify("+expression+")"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatal(err)
	}
}

// capture returns a picture of the page: of its first pixels, or of all with 0.
func capture(t *testing.T, tab *browser.Tab, width int64, height float64) []byte {
	t.Helper()
	if height == 0 {
		look(t, tab, "document.documentElement.scrollHeight", &height)
	}
	ctx, cancel := context.WithTimeout(tab.Context, browser.Limit)
	defer cancel()
	all := true
	picture, err := chromedp.Run(ctx, func(ctx context.Context, target *chromedp.Target) ([]byte, error) {
		got, err := cdp.Call(ctx, target, page.CaptureScreenshot, page.CaptureScreenshotParams{
			Format: page.CaptureScreenshotFormatPng, CaptureBeyondViewport: &all,
			Clip: &page.Viewport{Width: float64(width), Height: height, Scale: 1},
		})
		if err != nil {
			return nil, err
		}
		return got.Data, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

func save(t *testing.T, file string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, content, 0o644); err != nil {
		t.Fatal(err)
	}
}
