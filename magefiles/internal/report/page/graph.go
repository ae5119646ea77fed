package page

import (
	"fmt"
	"slices"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/report"
)

// figure is a drawing of the steps, with a band for each phase, from top to bottom.
type figure struct {
	Width, Height int
	Bands         []band
	Boxes         []box
	Arrows        []arrow
	Narrow        bool
}

// band is a phase of a figure.
type band struct {
	Title, Time, State string
	Y, Height, TextY   int
}

// box is a step of a figure.
type box struct {
	X, Y, Width, Height int
	Title, Time         string
	State, Why          string
	Critical            bool
}

// arrow leads from a step to one that needs it.
type arrow struct {
	Path     string
	Critical bool
}

// sizes are the dimensions of a figure, in pixels of an unscaled drawing.
type sizes struct {
	width, left, top, right int // the margins around the boxes of a band
	boxHeight, gapX, gapY   int
	columns                 int  // boxes per row; 1 for an indented list
	narrow                  bool // for a phone
	bandGap, letters        int
}

var (
	wide = sizes{
		width: 1040, left: 112, top: 12, right: 12, boxHeight: 44, gapX: 26, gapY: 10, columns: 4, bandGap: 14,
		letters: 26,
	}
	narrow = sizes{
		width: 358, left: 12, top: 32, right: 10, boxHeight: 30, gapX: 14, gapY: 6, columns: 1, bandGap: 10,
		letters: 30, narrow: true,
	}
)

// drawer draws a figure.
type drawer struct {
	sizes
	steps    []report.Span
	critical []int
	places   map[string]box // by the title of the step
	figure   figure
}

// draw draws the steps of each phase.
func draw(steps []report.Span, critical []int, size sizes) figure {
	d := drawer{sizes: size, steps: steps, critical: critical, places: map[string]box{}}
	d.figure.Width, d.figure.Narrow = size.width, size.narrow
	y := 0
	for _, phase := range grouped(steps) {
		y = d.band(phase, y) + size.bandGap
	}
	d.figure.Height = max(0, y-size.bandGap+1)
	return d.figure
}

// band draws a phase below y, and returns the y at which it ends.
func (d *drawer) band(of stage, y int) int {
	depths, deepest := d.depths(of)
	rows := d.arrange(of, depths, deepest)
	height := d.top
	for row, columns := range rows {
		for column, at := range columns {
			if at >= 0 {
				lower := d.lower(rows, column, deepest)
				d.box(at, cell{column: column, row: row, of: len(columns), lower: lower}, y, depths[at])
			}
		}
		height += d.boxHeight + d.gapY
	}
	height += d.top - d.gapY
	if d.narrow {
		height = d.top + len(rows)*(d.boxHeight+d.gapY) - d.gapY + d.right
	}
	textY := y + height/2
	if d.narrow {
		textY = y + 20
	}
	state, took := d.outcome(of)
	d.figure.Bands = append(d.figure.Bands, band{
		Title: of.name, Time: took, State: state, Y: y, Height: height, TextY: textY,
	})
	d.arrows(of)
	return y + height
}

// outcome returns the state of a phase, and the time that it took.
func (d *drawer) outcome(of stage) (state, took string) {
	all := of.steps
	state = worst(d.steps, all)
	first, last := d.steps[all[0]].Start, d.steps[all[0]].End
	for _, i := range all {
		if step := d.steps[i]; !step.Start.IsZero() {
			if first.IsZero() || step.Start.Before(first) {
				first = step.Start
			}
			if step.End.After(last) {
				last = step.End
			}
		}
	}
	if last.After(first) && !first.IsZero() {
		took = report.Seconds(last.Sub(first))
	}
	return state, took
}

// worst returns the state of a phase with these steps.
func worst(steps []report.Span, all []int) string {
	for _, state := range []string{
		report.Failed, report.Interrupted, report.NotRun, advised, report.Done, report.Reused,
	} {
		if slices.ContainsFunc(all, func(i int) bool { return steps[i].State == state }) {
			return state
		}
	}
	return report.Absent
}

// cell is a position in a band, which has the given number of columns.
type cell struct{ column, row, of, lower int }

// box draws a step in the band at y. In a list, it is indented by its depth.
func (d *drawer) box(at int, in cell, y, depth int) {
	step := d.steps[at]
	room := d.width - d.left - d.right
	width := (room - (in.of-1)*d.gapX) / in.of
	x := d.left + in.column*(width+d.gapX)
	if d.narrow {
		indent := min(depth, 6) * d.gapX
		x, width = x+indent, width-indent
	}
	drawn := box{
		X: x, Y: y + d.top + in.row*(d.boxHeight+d.gapY) + in.lower, Width: width, Height: d.boxHeight,
		Title: clip(step.Name, d.letters*d.columns/in.of), Time: timeOf(step), State: step.State, Why: step.Name,
		Critical: slices.Contains(d.critical, at),
	}
	if step.Why != "" {
		drawn.Why += ": " + step.Why
	}
	d.places[step.Name] = drawn
	d.figure.Boxes = append(d.figure.Boxes, drawn)
}

// timeOf returns the text below a box's title.
func timeOf(step report.Span) string {
	switch {
	case step.State == report.Done && step.Start.IsZero():
		return "done earlier"
	case step.State == report.Done:
		return report.Seconds(step.End.Sub(step.Start))
	case step.State == advised && step.End.Sub(step.Start) >= 100*time.Millisecond: // it was not reused
		return report.Seconds(step.End.Sub(step.Start)) + ", " + advised
	case step.State == report.Failed, step.State == report.Interrupted:
		return step.State + " after " + report.Seconds(step.End.Sub(step.Start))
	}
	return step.State
}

// arrows draws the arrows between the steps of a phase.
func (d *drawer) arrows(of stage) {
	if d.narrow {
		return // the order of the boxes is one in which they may run
	}
	for _, i := range of.steps {
		to := d.places[d.steps[i].Name]
		for _, need := range d.steps[i].Needs {
			from, drawn := d.places[need]
			if !drawn || !d.within(of, need) || d.implied(i, need) {
				continue
			}
			x1, y1, x2, y2 := from.X+from.Width, from.Y+from.Height/2, to.X, to.Y+to.Height/2
			bend := max(14, (x2-x1)/2)
			d.figure.Arrows = append(d.figure.Arrows, arrow{
				Path:     fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, y1, x1+bend, y1, x2-bend, y2, x2-4, y2),
				Critical: from.Critical && to.Critical,
			})
		}
	}
}

func (d *drawer) within(of stage, name string) bool {
	return slices.ContainsFunc(of.steps, func(i int) bool { return d.steps[i].Name == name })
}

// implied reports whether another need of a step already needs this one.
func (d *drawer) implied(at int, need string) bool {
	for _, other := range d.steps[at].Needs {
		for _, step := range d.steps {
			if other != need && !step.Group && step.Name == other && slices.Contains(step.Needs, need) {
				return true
			}
		}
	}
	return false
}
