package targets

import (
	"cmp"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
)

// timing records in dist when each part of a release took place.
type timing struct {
	app    *app.App
	screen *report.Screen
	runID  string
}

func (s *session) timing() timing { return timing{app: s.app, screen: s.screen, runID: s.runID} }

// timelineDir is the folder in dist that tells when each part of the release
// took place: a file for each, since they may come from machines of their own.
const timelineDir = "timeline"

// keep leaves in dist how a step came to be so, and when. That it can't is no reason to fail.
func (p timing) keep(span report.Span) {
	span.Start, span.End, span.Run = span.Start.UTC(), span.End.UTC(), p.runID
	content, err := json.Marshal(span)
	if err == nil {
		err = p.app.Save(spanFile(span), append(content, '\n'))
	}
	if err != nil {
		p.screen.Log.Warnf("%s: when it took place is not recorded: %v", span.Name, err)
	}
}

// last returns how long a part of a phase took the last time; 0 when dist does not know it.
func (p timing) last(phase, name string) time.Duration {
	var span report.Span
	data, err := os.ReadFile(p.app.Path(app.DistDir, spanFile(report.Span{Phase: phase, Name: name})))
	if err != nil || json.Unmarshal(data, &span) != nil || !span.Worked() {
		return 0
	}
	return span.End.Sub(span.Start)
}

// spanFile returns where the span of a step is, below dist.
func spanFile(span report.Span) string {
	return timelineDir + "/" + span.Phase + "-" + app.FileName(span.Name) + ".json"
}

// spent returns the span of a step that did its work.
func spent(phase, name string, start time.Time, failed error) report.Span {
	span := report.Span{Phase: phase, Name: name, Start: start, End: time.Now(), State: report.Done}
	if failed != nil {
		span.State, span.Why = report.Failed, failed.Error()
	}
	return span
}

// timeline draws when all parts took place, in the step summary.
func (p timing) timeline() {
	spans := withoutLooks(worked(p.spans()))
	p.screen.Summary(func(out io.Writer) { report.Timeline(out, spans) })
}

// phases are those of a release, in their order; some take place side by side.
var phases = []string{"plan", "preflight", "lint", "test", "build", "publish", "verify",
	titleApproval, "promote", "notify"}

// spans returns what dist knows of when parts took place, by phase and in the order
// in which they began.
func (p timing) spans() []report.Span {
	files, _ := filepath.Glob(p.app.Path(app.DistDir, timelineDir, "*.json")) // the pattern is a good one
	var spans []report.Span
	for _, file := range files {
		var span report.Span
		if data, err := os.ReadFile(file); err == nil && json.Unmarshal(data, &span) == nil {
			span.State = cmp.Or(span.State, report.Done)
			spans = append(spans, span)
		}
	}
	sortSpans(spans)
	return spans
}

// sortSpans sorts spans by phase, and in the order in which they began; a step that did not
// run comes last.
func sortSpans(spans []report.Span) {
	slices.SortStableFunc(spans, func(a, b report.Span) int {
		return cmp.Or(
			cmp.Compare(slices.Index(phases, a.Phase), slices.Index(phases, b.Phase)),
			compareBool(a.Start.IsZero(), b.Start.IsZero()),
			a.Start.Compare(b.Start),
			cmp.Compare(a.Name, b.Name),
		)
	})
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// worked returns the spans of what was done, without what was so already.
func worked(spans []report.Span) []report.Span {
	return slices.DeleteFunc(slices.Clone(spans), func(span report.Span) bool { return !span.Worked() })
}

// phaseRows returns the phases of spans, which are in their order: how each ended,
// and how long it took from its first part to its last.
func phaseRows(spans []report.Span) [][]string {
	var rows [][]string
	for _, parts := range report.Phases(spans) {
		result, end := "ok", parts[0].End
		if found := advised(parts); found > 0 {
			result = report.AdvisoryCount(found)
		}
		for _, part := range parts {
			if part.State == report.Failed {
				result = "FAILED"
			}
			if part.End.After(end) {
				end = part.End
			}
		}
		rows = append(rows, []string{parts[0].Phase, result, report.Seconds(end.Sub(parts[0].Start))})
	}
	return rows
}

// advised counts the findings of advisory checks in a phase. Its own span counts those of
// steps that were reused, too.
func advised(parts []report.Span) int {
	whole, sum := 0, 0
	for _, part := range parts {
		if part.Group {
			whole = max(whole, part.Advisory)
		} else {
			sum += part.Advisory
		}
	}
	return max(whole, sum)
}
