//go:build scenario

package page_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	pages "github.com/hughkantsime/odin-release/magefiles/internal/report/page"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/browser"
)

// viewer is a page with Catapult's trace viewer, which is that of chrome://tracing. It imports
// the trace, shows it, and keeps the model (internal/trace/traceviewer/http.go of Go).
const viewer = `<html><head>
<script src="/static/webcomponents.min.js"></script>
<link rel="import" href="/static/trace_viewer_full.html">
<style>html, body, #viewer { width: 100%; height: 100%; margin: 0 }</style>
<script>
document.addEventListener('WebComponentsReady', async () => {
  const container = document.createElement('track-view-container')
  container.id = 'track_view_container'
  const view = document.createElement('tr-ui-timeline-view')
  view.id = 'viewer'
  view.track_view_container = container
  Polymer.dom(view).appendChild(container)
  Polymer.dom(document.body).appendChild(view)
  const model = new tr.Model()
  try {
    const text = await (await fetch('/trace.json')).text()
    await new tr.importer.Import(model, new tr.importer.ImportOptions()).importTracesWithProgressDialog([text])
    view.model = model
  } catch (error) {
    window.failed = String(error)
  }
  window.model = model
})
</script></head><body></body></html>`

// TestScenarioTraceViewer opens the trace in the viewer of chrome://tracing, which Go's own
// sources contain: it has no complaint, and shows each step once, on a track where nothing
// overlaps.
func TestScenarioTraceViewer(t *testing.T) {
	t.Parallel()
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	static := filepath.Join(strings.TrimSpace(string(root)), "src", "internal", "trace", "traceviewer", "static")
	if _, err := os.Stat(filepath.Join(static, "trace_viewer_full.html")); err != nil {
		t.Fatalf("the trace viewer of Go: %v", err)
	}
	var trace bytes.Buffer
	if err := pages.WriteTrace(&trace, sample()); err != nil {
		t.Fatal(err)
	}
	serve := http.NewServeMux()
	serve.Handle("/static/", http.StripPrefix("/static/", http.FileServer(http.Dir(static))))
	serve.HandleFunc("/trace.json", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(trace.Bytes()) })
	serve.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, viewer) })
	server := httptest.NewServer(serve)
	t.Cleanup(server.Close)

	tab := openTrace(t, server.URL)
	var shown struct {
		Failed   string
		Warnings []string
		Tracks   map[string][]string
	}
	look(t, tab, `({
		Failed: window.failed,
		Warnings: model.importWarnings.map((w) => w.message),
		Tracks: Object.fromEntries(model.getAllThreads().filter((track) => track.sliceGroup.length > 0).map((track) =>
			[track.parent.name + ': ' + track.name,
			 track.sliceGroup.slices.filter((slice) => slice.parentSlice === undefined)
				.map((slice) => slice.title + ' ' + Math.round(slice.duration))])),
	})`, &shown)
	if shown.Failed != "" || len(shown.Warnings) > 0 {
		t.Errorf("the viewer says %q, and warns of %q", shown.Failed, shown.Warnings)
	}
	var got, want []string
	for _, track := range slices.Sorted(maps.Keys(shown.Tracks)) {
		if strings.HasPrefix(track, "steps: ") {
			got = append(got, shown.Tracks[track]...)
		}
	}
	for _, step := range sample().Steps {
		if !step.Group && !step.Start.IsZero() {
			want = append(want, fmt.Sprintf("%s %d", step.Name, step.End.Sub(step.Start).Milliseconds()))
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the steps in the viewer (-want +got):\n%s", diff)
	}
	if dir := os.Getenv("ODIN_RELEASE_PICTURES"); dir != "" {
		save(t, filepath.Join(dir, "trace.png"), capture(t, tab, desktop.width, float64(desktop.height)))
	}
}

// openTrace opens the viewer, and waits until it has read the trace. Chromium gives up what it
// loads when a network appears or goes, as a container's does: then it is opened again.
func openTrace(t *testing.T, url string) *browser.Tab {
	t.Helper()
	chromium := browser.Start(t)
	ctx, cancel := context.WithTimeout(chromium, browser.Limit)
	defer cancel()
	for {
		tab := browser.Open(chromium, t)
		tab.Do("open the trace", chromedp.EmulateViewport(desktop.width, desktop.height), chromedp.Navigate(url+"/"))
		for again := false; !again; time.Sleep(50 * time.Millisecond) {
			loaded, err := chromedp.Run(tab.Context, chromedp.Evaluate[bool]("window.model !== undefined"))
			switch {
			case err != nil:
				t.Fatal(err)
			case loaded:
				return tab
			case ctx.Err() != nil:
				t.Fatal("the viewer does not show the trace")
			}
			faults, _ := tab.Seen()
			again = strings.Contains(strings.Join(faults, "\n"), "net::ERR_NETWORK_CHANGED")
		}
	}
}
