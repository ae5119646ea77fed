//go:build scenario

package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	devlog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	devruntime "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Limit bounds each wait for a page.
const Limit = time.Minute

// Start starts Chromium or Chrome, headless, with its own profile and with access to 127.0.0.1 only. If root starts
// it, it has no sandbox, which root cannot use.
func Start(t *testing.T) context.Context {
	t.Helper()
	var program string
	for _, each := range []string{"google-chrome", "chromium-browser", "chromium"} {
		if path, err := exec.LookPath(each); err == nil {
			program = path
		}
	}
	if program == "" {
		t.Fatal(
			"no browser: neither chromium, chromium-browser nor google-chrome is in PATH; scripts/test installs one",
		)
	}
	home := t.TempDir() // Chromium also writes outside of its profile
	options := append(
		slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(program),
		chromedp.Env("HOME="+home, "TMPDIR="+home),
		chromedp.Flag(
			"host-resolver-rules",
			"MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
		),
		chromedp.Flag("no-proxy-server", true),
		chromedp.Flag(
			"disable-component-update",
			true,
		),
		chromedp.Flag("disable-domain-reliability", true),
		chromedp.Flag("no-pings", true),
		chromedp.Flag(
			"disable-features",
			"Translate,OptimizationHints,MediaRouter,AutofillServerCommunication,"+
				"CertificateTransparencyComponentUpdater",
		),
	)
	// The test's own context is over before its clean-up, which closes the browser.
	allocator, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	t.Cleanup(stop)
	browser, kill := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		defer kill()
		ctx, cancel := context.WithTimeout(browser, 10*time.Second)
		defer cancel()
		if err := chromedp.Cancel(ctx); err != nil {
			t.Errorf("close the browser: %v", err)
		}
	})
	late := time.AfterFunc(Limit, stop)
	defer late.Stop()
	if err := chromedp.Do(browser); err != nil {
		t.Fatalf("start %s: %v", program, err)
	}
	return browser
}

// Tab is a page of the browser, with the events that the browser reported for it.
type Tab struct {
	*testing.T
	Context context.Context // for chromedp

	mu              sync.Mutex
	requests        map[network.RequestID]string // method and URL
	answers, faults []string
}

// Open opens an empty tab, which is closed when the test ends.
func Open(browser context.Context, t *testing.T) *Tab {
	t.Helper()
	page := &Tab{T: t, requests: map[network.RequestID]string{}}
	ctx, closeTab := chromedp.NewContext(browser, chromedp.WithListener(page.listen))
	page.Context = ctx
	t.Cleanup(closeTab)
	t.Cleanup(page.tellFailure)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	return page
}

// listen receives the browser's events in order (https://chromedevtools.github.io/devtools-protocol/tot/).
func (p *Tab) listen(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fault := func(format string, args ...any) { p.faults = append(p.faults, fmt.Sprintf(format, args...)) }
	switch event := event.(type) {
	case *network.EventRequestWillBeSent:
		address := event.Request.URL
		if strings.HasPrefix(address, "data:") { // it contains all of its content
			address = address[:min(len(address), 60)]
		}
		p.requests[event.RequestID] = event.Request.Method + " " + address
	case *network.EventResponseReceived:
		p.answers = append(p.answers, fmt.Sprintf("%s: %d", p.requests[event.RequestID], event.Response.Status))
		if event.Response.Status >= http.StatusBadRequest {
			fault("%s: %d", p.requests[event.RequestID], event.Response.Status)
		}
	case *network.EventLoadingFailed:
		if !event.Canceled { // a reload cancels requests in progress
			fault("%s: %s", p.requests[event.RequestID], event.ErrorText)
		}
	case *devlog.EventEntryAdded:
		if event.Entry.Level == devlog.EntryLevelError {
			fault("log: %s %s", event.Entry.Text, event.Entry.URL)
		}
	case *devruntime.EventExceptionThrown:
		fault("exception: %s %s", event.ExceptionDetails.Text, said(event.ExceptionDetails.Exception))
	case *devruntime.EventConsoleAPICalled:
		if event.Type == devruntime.ConsoleAPICalledTypeError || event.Type == devruntime.ConsoleAPICalledTypeAssert {
			fault("console.%s: %s", event.Type, said(event.Args...))
		}
	}
}

// said formats what was printed to the console, or thrown.
func said(values ...*devruntime.RemoteObject) string {
	var words []string
	for _, each := range values {
		var text string
		switch {
		case each == nil:
			continue
		case json.Unmarshal(each.Value, &text) == nil && text != "":
		case each.Description != "":
			text = each.Description
		default:
			text = string(each.Value)
		}
		words = append(words, text)
	}
	return strings.Join(words, " ")
}

// Seen returns what went wrong so far, and each request with the status of its response.
func (p *Tab) Seen() (faults, answers []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.faults), slices.Clone(p.answers)
}

func (p *Tab) tellFailure() {
	if !p.Failed() {
		return
	}
	ctx, cancel := context.WithTimeout(p.Context, 5*time.Second)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string]("location.href + '\\n' + document.body.innerText"))
	faults, answers := p.Seen()
	p.Logf(
		"the page (error %v):\n%s\nits faults:\n%s\nthe answers it got:\n%s",
		err,
		text,
		strings.Join(faults, "\n"),
		strings.Join(answers, "\n"),
	)
}

// Do runs steps, each of which must succeed in time.
func (p *Tab) Do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.Context, Limit)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.Fatalf("%s: %v", what, err)
	}
}
