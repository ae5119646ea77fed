package plan

import (
	"fmt"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/evidence"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// Last is what is recorded about the last release on GitHub.
type Last struct {
	Tag  string      `json:"tag"`  // "" if nothing is known
	Back verify.Back `json:"back"` // the verdict on going back from it
}

// WayBack is what is known about going back, before this release has been verified.
type WayBack struct {
	Last     verify.Back `json:"last,omitzero"`      // the verdict on going back from the baseline
	Against  []string    `json:"against,omitempty"`  // changes that may prevent going back from this release
	Promised bool        `json:"promised,omitempty"` // whether the app promises that users can go back
}

// wayBack returns what is known for a plan. A migration that drops or renames something breaks the previous
// version.
func (r Request) wayBack(p Plan) WayBack {
	var known WayBack
	if r.App.Foreign || p.Baseline == "" || !r.App.Config.Verify.KeepsData() {
		return known
	}
	if r.Last != nil {
		if last := r.Last(); last.Tag == p.Baseline {
			known.Last = last.Back
		}
	}
	for _, finding := range p.Evidence.Findings {
		if finding.Source == evidence.Migrations && finding.Asks == version.Major {
			known.Against = append(known.Against, finding.What)
		}
	}
	known.Promised = r.App.Config.Versioning.Reversible
	return known
}

// lines returns the decisions about going back, from the baseline and to it.
func (w WayBack) lines(baseline string) []line {
	var texts []string
	switch {
	case w.Last.Verdict == verify.Reversible:
		texts = append(texts, fmt.Sprintf("from %s to %s", baseline, w.Last.To))
	case w.Last.Verdict == verify.Irreversible:
		texts = append(texts, fmt.Sprintf("from %s NOT to %s without a backup: %s", baseline, w.Last.To, w.Last.Why))
	case w.Last.Verdict == verify.NoVerdict && w.Last.To != "":
		texts = append(texts, fmt.Sprintf("from %s to %s: not known, %s", baseline, w.Last.To, w.Last.Why))
	}
	if warning := w.Warning(baseline); warning != "" {
		texts = append(texts, "WARNING: "+warning)
	} else if len(w.Against) > 0 {
		texts = append(texts, w.doubt(baseline))
	}
	lines := make([]line, len(texts))
	for i, text := range texts {
		lines[i].text = text
	}
	if len(lines) > 0 {
		lines[0].label = "way back"
	}
	return lines
}

// Text says what is known in one line, or returns "".
func (w WayBack) Text(baseline string) string {
	var texts []string
	for _, each := range w.lines(baseline) {
		texts = append(texts, each.text)
	}
	return strings.Join(texts, "; ")
}

// Warning says that the release will probably break the promise that users can go back, or returns "".
func (w WayBack) Warning(baseline string) string {
	if !w.Promised || len(w.Against) == 0 {
		return ""
	}
	return fmt.Sprintf("versioning.reversible promises a way back to %s, but %s; verify will refuse the release if %s "+
		"does not work afterwards", baseline, w.changes(), baseline)
}

func (w WayBack) doubt(baseline string) string {
	return fmt.Sprintf("there may be none to %s, since %s", baseline, w.changes())
}

// changes formats the changes that may prevent going back: the first one, and how many more there are.
func (w WayBack) changes() string {
	if more := len(w.Against) - 1; more > 0 {
		return fmt.Sprintf("%s, and %d more", w.Against[0], more)
	}
	return w.Against[0]
}
