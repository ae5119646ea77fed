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

// Task is a running step.
type Task struct {
	display *Display
	step    string
	took    time.Duration // how long it took the last time
	begun   time.Time
	line    string // the last line of its output
	kept    []byte // output that nobody has seen
}

// most is the maximum size of a step's output that is kept, in bytes.
const most = 256 << 10

// Write takes output of the step's tools, as whole lines. The last line is shown in the live region.
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

// Status shows the progress of the step, such as "12 of 71 MB", or nothing.
func (t *Task) Status(text string) {
	t.display.mu.Lock()
	defer t.display.mu.Unlock()
	if t.line = ""; text != "" {
		t.say(text)
	}
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

// End shows that the step has ended. It returns the end of the step's output if nobody has seen it: without a
// terminal, unless everything is shown.
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

// layout is the widths of the columns of the live region. The width that its tasks do not need is used for their
// last lines, for which a narrow terminal has little room.
type layout struct {
	columns         int  // of the terminal
	narrow          bool // times are written short
	name, time, bar int
}

// Limits of the columns of the live region.
const (
	wide      = 100 // columns from which times and bars have more room
	nameWidth = 30
	barWidth  = 12
)

// layout computes the widths of the columns for tasks.
func (d *Display) layout(tasks []*Task, columns int) layout {
	l := layout{columns: columns, narrow: columns < wide}
	for _, task := range tasks {
		l.name = max(l.name, runewidth.StringWidth(task.step))
		l.time = max(l.time, runewidth.StringWidth(task.told(l.narrow)))
		if task.took > 0 && columns >= 60 {
			l.bar = barWidth
		}
	}
	if l.narrow {
		l.bar = l.bar * 2 / 3
	}
	l.name = min(l.name, nameWidth, max(10, columns*3/10))
	return l
}

// lines returns the live region: a line for each task, and a summary.
func (d *Display) lines(columns, rows int) []string {
	if len(d.tasks) == 0 && !d.stopped {
		return nil
	}
	shown := d.tasks
	if most := max(1, rows-4); len(shown) > most {
		shown = shown[:most]
	}
	l := d.layout(shown, columns)
	lines := make([]string, 0, len(shown)+1)
	for _, task := range shown {
		lines = append(lines, task.row(l))
	}
	return append(lines, d.summary(columns))
}

// row returns a task's line: its name, its time, a bar if it is known how long it took the last time, and the last
// line of its output.
func (t *Task) row(l layout) string {
	row := "  " + padded(t.step, l.name) + "  " + padded(t.told(l.narrow), l.time)
	if l.bar > 0 {
		row += "  " + bar(time.Since(t.begun), t.took, l.bar)
	}
	return fit(row+"  "+t.line, l.columns)
}

// told formats how long a task has been running and, if known, about how long it will take.
func (t *Task) told(short bool) string {
	write := clock
	if short {
		write = shortClock
	}
	told := runewidth.FillLeft(write(time.Since(t.begun)), len("10 s")) // a fixed width, so that columns do not move
	if t.took > 0 {
		told += " of ~" + write(t.took)
	}
	return told
}

// summary returns the last line of the region.
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

// bar draws the progress of a step, assuming that it takes as long as the last time.
func bar(spent, took time.Duration, width int) string {
	if took <= 0 {
		return strings.Repeat(" ", width)
	}
	full := min(width, int(spent*time.Duration(width)/took))
	return strings.Repeat("━", full) + strings.Repeat("─", width-full)
}

// padded pads a text to a number of columns.
func padded(text string, width int) string {
	return runewidth.FillRight(runewidth.Truncate(text, width, "…"), width)
}

// fit cuts a line so that the terminal does not wrap it.
func fit(line string, columns int) string {
	return strings.TrimRight(runewidth.Truncate(line, max(1, columns-1), "…"), " ")
}

// clock formats a time in whole seconds: 7 s, or 3 min 07 s.
func clock(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%d s", int(d.Seconds()))
	}
	return report.Seconds(d)
}

// shortClock is clock for narrow columns: 7 s, or 3:07 min.
func shortClock(d time.Duration) string {
	if d < time.Minute {
		return clock(d)
	}
	return fmt.Sprintf("%d:%02d min", int(d.Minutes()), int(d.Seconds())%60)
}
