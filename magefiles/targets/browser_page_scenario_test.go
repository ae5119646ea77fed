//go:build scenario

package targets_test

import (
	"context"
	"encoding/json"
	"errors"
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
	"github.com/google/go-cmp/cmp"
)

// startBrowser starts Chromium or Chrome, headless, with a profile of its own
// and nothing but 127.0.0.1 within reach. It has no sandbox when root starts
// it, who can have none.
func startBrowser(t *testing.T) context.Context {
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
	late := time.AfterFunc(pageLimit, stop)
	defer late.Stop()
	if err := chromedp.Do(browser); err != nil {
		t.Fatalf("start %s: %v", program, err)
	}
	return browser
}

// tab is a page of the browser, and what the browser says of it.
type tab struct {
	*testing.T
	ctx context.Context

	mu              sync.Mutex
	requests        map[network.RequestID]string // method and URL
	answers, faults []string
}

// openTab opens an empty tab, which is closed when the test ends.
func openTab(browser context.Context, t *testing.T) *tab {
	t.Helper()
	page := &tab{T: t, requests: map[network.RequestID]string{}}
	ctx, closeTab := chromedp.NewContext(browser, chromedp.WithListener(page.listen))
	page.ctx = ctx
	t.Cleanup(closeTab)
	t.Cleanup(page.tellFailure)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	return page
}

// listen takes the browser's events, in their order
// (https://chromedevtools.github.io/devtools-protocol/tot/).
func (p *tab) listen(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fault := func(format string, args ...any) { p.faults = append(p.faults, fmt.Sprintf(format, args...)) }
	switch event := event.(type) {
	case *network.EventRequestWillBeSent:
		p.requests[event.RequestID] = event.Request.Method + " " + event.Request.URL
	case *network.EventResponseReceived:
		p.answers = append(p.answers, fmt.Sprintf("%s: %d", p.requests[event.RequestID], event.Response.Status))
		if event.Response.Status >= http.StatusBadRequest {
			fault("%s: %d", p.requests[event.RequestID], event.Response.Status)
		}
	case *network.EventLoadingFailed:
		if !event.Canceled { // as a reload does with what is under way
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

// said is what was given to the console, or thrown.
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

// seen is what went wrong so far, and each request with the status of its answer.
func (p *tab) seen() (faults, answers []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.faults), slices.Clone(p.answers)
}

func (p *tab) tellFailure() {
	if !p.Failed() {
		return
	}
	ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string]("location.href + '\\n' + document.body.innerText"))
	faults, answers := p.seen()
	p.Logf(
		"the page (error %v):\n%s\nits faults:\n%s\nthe answers it got:\n%s",
		err,
		text,
		strings.Join(faults, "\n"),
		strings.Join(answers, "\n"),
	)
}

func (p *tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, pageLimit)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.Fatalf("%s: %v", what, err)
	}
}

// until waits for what the browser says.
func (p *tab) until(what string, holds func(faults, answers []string) bool) {
	p.Helper()
	await(p.T, what, func() error {
		if faults, answers := p.seen(); !holds(faults, answers) {
			return fmt.Errorf("faults %q, answers %q", faults, answers)
		}
		return nil
	})
}

// printer is a record, as the page shows it.
type printer struct{ name, model, materials string }

// add fills in the page's form, as a person does.
func (p *tab) add(added printer) {
	p.Helper()
	field := func(label, text string) chromedp.Action[chromedp.Void] {
		return chromedp.SendKeys(fmt.Sprintf(`//form/label[normalize-space(text())=%q]/input`, label), text)
	}
	p.do("add a printer", field("Name", added.name), field("Model", added.model), field("Materials", added.materials),
		chromedp.Click(`//form/button[.="Add"]`))
}

// shown is what a person sees of the page.
type shown struct {
	Footer   string
	Printers [][]string // none when the page says so, nil when they are still being loaded
}

// look returns what is shown as JSON. A name is the first text in its cell: a
// button may follow.
const look = `(() => {
	const heads = [...document.querySelectorAll('thead th')].map((head) => head.textContent)
	const cell = (row, head) => row.cells[heads.indexOf(head)].firstChild.textContent.trim()
	const cells = (row) => ['Name', 'Model', 'Materials'].map((head) => cell(row, head))
	const rows = [...document.querySelectorAll('tbody tr')].filter((row) => row.checkVisibility()).map(cells)
	const known = rows.length > 0 || document.body.innerText.includes('No printers here.')
	return JSON.stringify({ footer: document.querySelector('footer')?.innerText, printers: known ? rows : null })
})()`

// shows waits until the page has the version in its footer, and exactly those printers.
func (p *tab) shows(version string, printers []printer) {
	p.Helper()
	want := shown{"O.D.I.N. v" + version + " · API", [][]string{}}
	for _, each := range printers {
		want.Printers = append(want.Printers, []string{each.name, each.model, each.materials})
	}
	await(p.T, "the page shows what it should", func() error {
		ctx, cancel := context.WithTimeout(p.ctx, pageLimit)
		defer cancel()
		text, err := chromedp.Run(ctx, chromedp.Evaluate[string](look))
		if err != nil {
			return err
		}
		var got shown
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			return err
		}
		if diff := cmp.Diff(want, got); diff != "" {
			return errors.New("-want +got:\n" + diff)
		}
		return nil
	})
}
