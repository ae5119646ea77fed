package page

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/report"
)

// event is an event of a trace
// (https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU).
type event struct {
	Name     string         `json:"name"`
	Category string         `json:"cat,omitempty"`
	Phase    string         `json:"ph"`
	Time     int64          `json:"ts"`            // microseconds
	Duration *int64         `json:"dur,omitempty"` // microseconds; a complete event has it, even if it is 0
	Process  int            `json:"pid"`
	Thread   int            `json:"tid"`
	Args     map[string]any `json:"args,omitempty"`
}

// Processes of a trace: the phases are shown above the steps.
const (
	phaseProcess = 1
	stepProcess  = 2
)

// WriteTrace writes when the steps ran, in Chrome's trace format, which Perfetto and chrome://tracing open. The
// steps on the critical path have the argument critical.
func WriteTrace(out io.Writer, r Report) error {
	critical, _ := Critical(r.Steps)
	var events []event
	origin := firstStart(r.Steps)
	var phases, steps lanes
	for _, each := range phasesOf(r.Steps) {
		if len(each.steps) > 0 {
			span := report.Span{Phase: each.name, Name: each.name, Start: each.start, End: each.end}
			events = append(events, complete(span, phaseProcess, phases.place(span), origin))
		}
	}
	for _, i := range byStart(r.Steps) {
		step := r.Steps[i]
		drawn := complete(step, stepProcess, steps.place(step), origin)
		drawn.Args = arguments(step, slices.Contains(critical, i))
		events = append(events, drawn)
	}
	events = slices.Concat(
		names(phaseProcess, "phases", len(phases.ends)),
		names(stepProcess, "steps", len(steps.ends)),
		events,
	)
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", " ")
	return encoder.Encode(struct {
		Events []event           `json:"traceEvents"`
		Unit   string            `json:"displayTimeUnit"`
		Other  map[string]string `json:"otherData"`
	}{events, "ms", map[string]string{"target": r.Target, "start": origin.UTC().Format(time.RFC3339Nano)}})
}

// complete returns the event of a span that has ended. Both ends are whole microseconds: viewers calculate the end
// from the duration, and a rounding error would make events overlap.
func complete(span report.Span, process, thread int, origin time.Time) event {
	start, end := span.Start.Sub(origin).Microseconds(), span.End.Sub(origin).Microseconds()
	duration := end - start
	return event{
		Name: span.Name, Category: span.Phase, Phase: "X", Process: process, Thread: thread,
		Time: start, Duration: &duration,
	}
}

// arguments returns what a trace says about a step besides its times.
func arguments(step report.Span, critical bool) map[string]any {
	args := map[string]any{"state": step.State}
	if step.Why != "" {
		args["why"] = step.Why
	}
	if len(step.Needs) > 0 {
		args["needs"] = step.Needs
	}
	if critical {
		args["critical"] = true
	}
	return args
}

// names returns the events that name a process and its threads, and sort the process by its number.
func names(process int, name string, threads int) []event {
	metadata := func(what string, thread int, argument string, value any) event {
		return event{Name: what, Phase: "M", Process: process, Thread: thread, Args: map[string]any{argument: value}}
	}
	events := []event{
		metadata("process_name", 0, "name", name), metadata("process_sort_index", 0, "sort_index", process),
	}
	for thread := 1; thread <= threads; thread++ {
		events = append(events, metadata("thread_name", thread, "name", fmt.Sprintf("%s, lane %d", name, thread)))
	}
	return events
}

// byStart returns the indices of the steps with a time, in the order in which they began.
func byStart(steps []report.Span) []int {
	var order []int
	for i, step := range steps {
		if !step.Group && !step.Start.IsZero() {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return steps[a].Start.Compare(steps[b].Start) })
	return order
}

func firstStart(steps []report.Span) time.Time {
	if order := byStart(steps); len(order) > 0 {
		return steps[order[0]].Start
	}
	return time.Time{}
}

// lanes puts overlapping events on separate threads, because the events of one thread must nest.
type lanes struct{ ends []time.Time }

func (l *lanes) place(step report.Span) int {
	for i, end := range l.ends {
		if !end.After(step.Start) {
			l.ends[i] = step.End
			return i + 1
		}
	}
	l.ends = append(l.ends, step.End)
	return len(l.ends)
}
