package progress

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mattn/go-runewidth"

	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// Task is a step that works.
type Task struct {
	display *Display
	step    string
	took    time.Duration // the last time
	begun   time.Time
	line    string // the last that it said
	kept    []byte // its output, where nobody has seen it
}

// most is how much of a step's output is kept, in bytes.
const most = 256 << 10

// Write takes output of the step's tools, in whole lines. Its last line is part of
// the live region.
func (t *Task) Write(lines []byte) (int, error) {
	t.display.mu.Lock()
	defer t.display.mu.Unlock()
	if !t.display.Live() && !t.display.options.Full {
		t.kept = append(t.kept, lines...)
		if len(t.kept) > 2*most {
			t.kept = bytes.Clone(t.kept[len(t.kept)-most:])
		}
	}
	for line := range bytes.Lines(lines) {
		t.say(string(line))
	}
	return len(lines), nil
}

// Status shows how far the step is, such as "12 of 71 MB".
func (t *Task) Status(text string) {
	t.display.mu.Lock()
	defer t.display.mu.Unlock()
	t.say(text)
}

// say remembers the last line that has any text, without the step's name in front.
func (t *Task) say(line string) {
	line = strings.TrimSpace(run.Plain(t.display.options.Redact(line)))
	if _, text, found := strings.Cut(line, " │ "); found {
		line = strings.TrimSpace(text)
	}
	if line != "" && !strings.HasSuffix(line, " │") {
		t.line = line
	}
}

// End shows that the step has ended. It returns the end of the step's output, as it
// was written, where nobody has seen it: without a terminal, if not all is shown.
func (t *Task) End() (output []byte) {
	d := t.display
	d.mu.Lock()
	defer d.mu.Unlock()
	if at := slices.Index(d.tasks, t); at >= 0 {
		d.tasks = slices.Delete(d.tasks, at, at+1)
	}
	output, t.kept = t.kept, nil
	return output
}

// Widths of the columns of the live region.
const (
	nameWidth = 30
	timeWidth = 22
	barWidth  = 12
)

// lines are the live region: a line for each task, and a summary.
func (d *Display) lines(columns, rows int) []string {
	if len(d.tasks) == 0 && !d.stopped {
		return nil
	}
	name := 0
	for _, task := range d.tasks {
		name = max(name, runewidth.StringWidth(task.step))
	}
	name = min(name, nameWidth, max(10, columns/3))
	shown := d.tasks
	if most := max(1, rows-4); len(shown) > most {
		shown = shown[:most]
	}
	lines := make([]string, 0, len(shown)+1)
	for _, task := range shown {
		lines = append(lines, task.row(name, columns))
	}
	return append(lines, d.summary(columns))
}

// row is a task's line: its name, its time, a bar where it is known how long it
// took the last time, and the last line that it said.
func (t *Task) row(name, columns int) string {
	spent := time.Since(t.begun)
	told := clock(spent)
	if t.took > 0 {
		told += " of " + clock(t.took)
	}
	row := fmt.Sprintf("  %s  %s", padded(t.step, name), padded(told, timeWidth))
	if columns >= 60 {
		row += "  " + bar(spent, t.took)
	}
	return fit(row+"  "+t.line, columns)
}

// summary is the last line of the region.
func (d *Display) summary(columns int) string {
	state := "running"
	if d.stopped {
		state = "being stopped"
	}
	text := fmt.Sprintf("  %d %s, %d ended, %s", len(d.tasks), state, d.ended, clock(time.Since(d.begun)))
	if len(d.waiting) > 0 {
		text += fmt.Sprintf("; %d waiting: %s", len(d.waiting), strings.Join(d.waiting, ", "))
	}
	return fit(text, columns)
}

// bar is how far a step is, if it takes as long as the last time.
func bar(spent, took time.Duration) string {
	if took <= 0 {
		return strings.Repeat(" ", barWidth)
	}
	full := min(barWidth, int(spent*barWidth/took))
	return strings.Repeat("━", full) + strings.Repeat("─", barWidth-full)
}

// padded is a text of so many columns.
func padded(text string, width int) string {
	return runewidth.FillRight(runewidth.Truncate(text, width, "…"), width)
}

// fit is a line that the terminal does not break.
func fit(line string, columns int) string {
	return strings.TrimRight(runewidth.Truncate(line, max(1, columns-1), "…"), " ")
}

// clock is a time in whole seconds: 7 s, or 3 min 07 s.
func clock(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%d s", int(d.Seconds()))
	}
	return report.Seconds(d)
}
