//go:build scenario

package targets_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/browser"
)

// tab is a page of the sample app.
type tab struct{ *browser.Tab }

// until waits for what the browser says.
func (p tab) until(what string, holds func(faults, answers []string) bool) {
	p.Helper()
	await(p.T, what, func() error {
		if faults, answers := p.Seen(); !holds(faults, answers) {
			return fmt.Errorf("faults %q, answers %q", faults, answers)
		}
		return nil
	})
}

// printer is a record, as the page shows it.
type printer struct{ name, model, materials string }

// add fills in the page's form, as a person does.
func (p tab) add(added printer) {
	p.Helper()
	field := func(label, text string) chromedp.Action[chromedp.Void] {
		return chromedp.SendKeys(fmt.Sprintf(`//form/label[normalize-space(text())=%q]/input`, label), text)
	}
	p.Do("add a printer", field("Name", added.name), field("Model", added.model), field("Materials", added.materials),
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
func (p tab) shows(version string, printers []printer) {
	p.Helper()
	want := shown{"O.D.I.N. v" + version + " · API", [][]string{}}
	for _, each := range printers {
		want.Printers = append(want.Printers, []string{each.name, each.model, each.materials})
	}
	await(p.T, "the page shows what it should", func() error {
		ctx, cancel := context.WithTimeout(p.Context, pageLimit)
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
