package page

import (
	"slices"

	"github.com/hughkantsime/odin-release/magefiles/internal/report"
)

// stage is a phase with its steps, whether or not they took time.
type stage struct {
	name  string
	steps []int
}

// grouped returns the phases with their steps, in order.
func grouped(steps []report.Span) []stage {
	var list []stage
	for i, step := range steps {
		if len(list) == 0 || list[len(list)-1].name != step.Phase {
			list = append(list, stage{name: step.Phase})
		}
		if last := &list[len(list)-1]; !step.Group {
			last.steps = append(last.steps, i)
		}
	}
	return slices.DeleteFunc(list, func(s stage) bool { return len(s.steps) == 0 })
}

// lower returns how much lower a column with fewer boxes is drawn, to centre it.
func (d *drawer) lower(rows [][]int, column, deepest int) int {
	if d.narrow || deepest == 0 {
		return 0
	}
	empty := 0
	for _, columns := range rows {
		if columns[column] < 0 {
			empty++
		}
	}
	return empty * (d.boxHeight + d.gapY) / 2
}

// arrange places the steps of a phase in rows: in columns according to what they need in the phase, or side by side
// if they need nothing in it.
func (d *drawer) arrange(of stage, depths map[int]int, deepest int) [][]int {
	var rows [][]int
	if d.narrow || deepest == 0 {
		columns := d.columns
		for chunk := range slices.Chunk(d.ordered(of, depths), columns) {
			row := slices.Repeat([]int{-1}, columns)
			copy(row, chunk)
			rows = append(rows, row)
		}
		return rows
	}
	columns := max(d.columns, deepest+1)
	filled := make([]int, columns)
	for _, i := range of.steps {
		depth := depths[i]
		if filled[depth] == len(rows) {
			rows = append(rows, slices.Repeat([]int{-1}, columns))
		}
		rows[filled[depth]][depth] = i
		filled[depth]++
	}
	return rows
}

// ordered returns the steps of a phase, those that need others of it last.
func (d *drawer) ordered(of stage, depths map[int]int) []int {
	list := slices.Clone(of.steps)
	slices.SortStableFunc(list, func(a, b int) int { return depths[a] - depths[b] })
	return list
}

// depths returns, for each step of a phase, the length of the longest chain of steps in it that must come before.
func (d *drawer) depths(of stage) (depths map[int]int, deepest int) {
	named := map[string]int{}
	for _, i := range of.steps {
		named[d.steps[i].Name] = i
	}
	depths = map[int]int{}
	for range of.steps { // as many rounds as the longest chain can have links
		for _, i := range of.steps {
			for _, before := range d.needed(i, named) {
				if next := depths[before] + 1; next > depths[i] && next < len(of.steps) {
					depths[i] = next
					deepest = max(deepest, next)
				}
			}
		}
	}
	d.late(of, depths, named)
	return depths, deepest
}

// needed returns the steps of a phase that one of its steps needs.
func (d *drawer) needed(at int, named map[string]int) []int {
	var list []int
	for _, need := range d.steps[at].Needs {
		if before, is := named[need]; is && before != at {
			list = append(list, before)
		}
	}
	return list
}

// late moves steps next to the first step that needs them, so that arrows are short.
func (d *drawer) late(of stage, depths map[int]int, named map[string]int) {
	for range of.steps {
		first := map[int]int{}
		for _, i := range of.steps {
			for _, before := range d.needed(i, named) {
				if at, known := first[before]; !known || depths[i] < at {
					first[before] = depths[i]
				}
			}
		}
		for i, depth := range first {
			depths[i] = max(depths[i], depth-1)
		}
	}
}
