package page

import (
	"fmt"
	"slices"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/report"
)

// chart shows when each step ran, as rows of bars.
type chart struct {
	Ticks []tick
	Gaps  []tick // where nothing ran for long, and the chart skips the time
	Rows  []row
}

// tick is a place on the axis of a chart, in percent of its width.
type tick struct {
	X    float64
	Text string
}

// row is a step in a chart.
type row struct {
	Phase       string // set for the first row of a phase, otherwise ""
	Name, Time  string
	State, Why  string
	X, Width    float64 // percent
	Critical    bool
	BeginsPhase bool
}

// charted returns the chart of the steps that took time.
func charted(steps []report.Span, critical []int) chart {
	var spans []report.Span
	for _, step := range steps {
		if timed(step) {
			spans = append(spans, step)
		}
	}
	axis := newAxis(spans)
	drawn := chart{Ticks: axis.ticks(), Gaps: axis.gaps()}
	phase := ""
	for _, i := range byPhaseAndStart(steps) {
		step := steps[i]
		x, end := axis.at(step.Start), axis.at(step.End)
		each := row{
			Name: step.Name, Time: timeOf(step), State: step.State, Why: step.Why, X: x,
			Width: max(end-x, 0.3), Critical: slices.Contains(critical, i), BeginsPhase: step.Phase != phase,
		}
		if each.BeginsPhase {
			each.Phase, phase = step.Phase, step.Phase
		}
		each.X = min(each.X, 100-each.Width)
		drawn.Rows = append(drawn.Rows, each)
	}
	return drawn
}

// byPhaseAndStart returns the indices of the steps that took time, by phase and then by start.
func byPhaseAndStart(steps []report.Span) []int {
	var order []int
	for _, each := range phasesOf(steps) {
		slices.SortStableFunc(each.steps, func(a, b int) int { return steps[a].Start.Compare(steps[b].Start) })
		order = append(order, each.steps...)
	}
	return order
}

// axis maps time to percent of a width. It skips long times in which nothing ran.
type axis struct{ busy []stretch }

// stretch is a period in which steps ran, and where it is drawn.
type stretch struct {
	start, end time.Time
	from, to   float64
}

// gapWidth is the width of a skipped period, in percent.
const gapWidth = 3

func newAxis(spans []report.Span) axis {
	busy := stretches(spans)
	var total time.Duration
	for _, each := range busy {
		total += each.end.Sub(each.start)
	}
	room, x := 100-gapWidth*float64(len(busy)-1), 0.0
	for i := range busy {
		share := float64(busy[i].end.Sub(busy[i].start)) / float64(total)
		busy[i].from, busy[i].to = x, x+room*share
		x = busy[i].to + gapWidth
	}
	return axis{busy}
}

// stretches returns the periods in which steps ran. It joins two if the time between them is short compared with
// all of them.
func stretches(spans []report.Span) []stretch {
	sorted := slices.SortedFunc(slices.Values(spans), func(a, b report.Span) int { return a.Start.Compare(b.Start) })
	var total time.Duration
	for _, span := range sorted {
		total += span.End.Sub(span.Start)
	}
	var list []stretch
	for _, span := range sorted {
		if last := len(list) - 1; last >= 0 && span.Start.Sub(list[last].end) <= max(total/4, time.Second) {
			if span.End.After(list[last].end) {
				list[last].end = span.End
			}
			continue
		}
		if len(list) == maxStretches {
			list[len(list)-1].end = span.End
			continue
		}
		list = append(list, stretch{start: span.Start, end: span.End})
	}
	return list
}

// maxStretches is the maximum number of stretches in a chart.
const maxStretches = 12

// at returns where a time is drawn.
func (a axis) at(when time.Time) float64 {
	for _, each := range a.busy {
		if when.Before(each.start) {
			return each.from
		}
		if !when.After(each.end) {
			share := float64(when.Sub(each.start)) / float64(each.end.Sub(each.start))
			return each.from + share*(each.to-each.from)
		}
	}
	return 100
}

// gaps returns where time is skipped, and how much.
func (a axis) gaps() []tick {
	var list []tick
	for i := 1; i < len(a.busy); i++ {
		before, after := a.busy[i-1], a.busy[i]
		list = append(list, tick{X: before.to, Text: brief(after.start.Sub(before.end)) + " without a step"})
	}
	return list
}

// ticks returns round times since the first step began, if there is only one stretch.
func (a axis) ticks() []tick {
	if len(a.busy) != 1 {
		return nil
	}
	whole := a.busy[0].end.Sub(a.busy[0].start)
	step := tickStep(whole)
	var list []tick
	for at := time.Duration(0); at <= whole*19/20; at += step {
		list = append(list, tick{X: 100 * float64(at) / float64(whole), Text: clock(at, whole)})
	}
	return list
}

// tickStep returns the time between two ticks, of which there are at most five.
func tickStep(whole time.Duration) time.Duration {
	for _, step := range []time.Duration{
		time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond, 20 * time.Millisecond,
		50 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond, time.Second,
		2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute,
		2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	} {
		if whole/step <= 5 {
			return step
		}
	}
	return max(time.Hour, (whole / 5).Round(time.Hour))
}

// brief formats a duration without zero parts: 0, 200 ms, 30 s, 1 min 30 s, 2 min, 3 h.
func brief(d time.Duration) string {
	minutes, seconds := int(d.Minutes()), int(d.Seconds())%60
	switch {
	case d == 0:
		return "0"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%d s", seconds)
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	case seconds > 0 && minutes < 10:
		return fmt.Sprintf("%d min %d s", minutes, seconds)
	}
	return fmt.Sprintf("%d min", minutes)
}

// clock formats a time on the axis of a chart: minutes and seconds, if the chart shows minutes.
func clock(at, whole time.Duration) string {
	if whole < time.Minute || whole >= 2*time.Hour {
		return brief(at)
	}
	return fmt.Sprintf("%d:%02d", int(at.Minutes()), int(at.Seconds())%60)
}
