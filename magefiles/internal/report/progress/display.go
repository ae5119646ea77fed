// Package progress shows what a run is doing. In a terminal, the steps that run are
// listed in a live region at the bottom, which is drawn again several times a
// second. Elsewhere a line says when a step starts and, from time to time, what is
// still running. The lines above the region stay.
package progress

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
)

// Options are how a run is shown.
type Options struct {
	Out io.Writer // where everything is shown

	// Size returns the columns and rows of the terminal. It is nil when Out is not a
	// terminal that can draw lines again.
	Size func() (columns, rows int)

	Full   bool                // whether all output of all steps is shown as it comes
	Redact func(string) string // removes secrets from a line; nil for none
}

// Intervals at which a terminal is drawn again, and without one a sign of life is
// shown when nothing else was.
const (
	frame = 200 * time.Millisecond
	alive = 15 * time.Second
)

// Display is where a run is shown. What is written to it stays on the screen.
type Display struct {
	options Options
	region  region

	mu      sync.Mutex
	begun   time.Time
	tasks   []*Task
	waiting []string
	ended   int
	stopped bool      // whether the run was interrupted
	paused  bool      // whether nothing is drawn, since a person is asked something
	rest    []byte    // of a line that is not complete, while the region is shown
	last    time.Time // when something was written

	stop  chan struct{} // nil unless tasks are watched
	watch sync.WaitGroup
}

// New returns a display. Until the first task begins, it passes on what is written
// to it.
func New(options Options) *Display {
	if options.Redact == nil {
		options.Redact = func(text string) string { return text }
	}
	return &Display{options: options, region: region{out: options.Out}}
}

// Live reports whether the display draws a live region.
func (d *Display) Live() bool { return d.options.Size != nil }

// Full reports whether all output of all steps is shown.
func (d *Display) Full() bool { return d.options.Full }

// Width returns how many columns there are; 0 without a terminal.
func (d *Display) Width() int {
	if d.options.Size == nil {
		return 0
	}
	columns, _ := d.options.Size()
	return columns
}

// Write shows text that stays.
func (d *Display) Write(text []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last = time.Now()
	if d.stop == nil || !d.Live() || d.paused {
		return d.options.Out.Write(text)
	}
	d.rest = append(d.rest, text...)
	end := bytes.LastIndexByte(d.rest, '\n') + 1
	if end == 0 {
		return len(text), nil // the region begins on a line of its own
	}
	err := d.draw(d.rest[:end])
	d.rest = slices.Clone(d.rest[end:])
	return len(text), err
}

// Expect names the steps that are still to come.
func (d *Display) Expect(steps ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waiting = append(d.waiting, steps...)
}

// Settle counts a step that has ended, whether or not it did any work.
func (d *Display) Settle(step string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ended++
	d.waiting = without(d.waiting, step)
}

// without returns a list without the first of a name.
func without(list []string, name string) []string {
	if at := slices.Index(list, name); at >= 0 {
		return slices.Delete(list, at, at+1)
	}
	return list
}

// Begin shows that a step works. took is how long it took the last time; 0 when
// that is not known.
func (d *Display) Begin(step string, took time.Duration) *Task {
	d.mu.Lock()
	defer d.mu.Unlock()
	task := &Task{display: d, step: step, took: took, begun: time.Now()}
	d.tasks = append(d.tasks, task)
	d.waiting = without(d.waiting, step)
	if d.stop == nil {
		d.begun, d.last, d.stop = time.Now(), time.Now(), make(chan struct{})
		d.watch.Go(func() { d.keep(d.stop) })
	}
	return task
}

// keep shows what runs, until the display is closed.
func (d *Display) keep(stop <-chan struct{}) {
	interval := frame
	if !d.Live() {
		interval = time.Second
	}
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-stop:
			return
		case <-ticker.C:
			d.tick()
		}
	}
}

func (d *Display) tick() {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.paused:
	case d.Live():
		_ = d.draw(nil) // a failure of the terminal is not the run's
	case time.Since(d.last) >= alive && len(d.tasks) > 0:
		d.last = time.Now()
		fmt.Fprintf(d.options.Out, "still running: %s\n", running(d.tasks))
	}
}

// running lists the tasks, each with its time.
func running(tasks []*Task) string {
	list := make([]string, len(tasks))
	for i, task := range tasks {
		list[i] = fmt.Sprintf("%s (%s)", task.step, clock(time.Since(task.begun)))
		if task.line != "" && len(tasks) == 1 {
			list[i] += ": " + task.line
		}
	}
	return strings.Join(list, ", ")
}

// draw shows lines that stay, and the region below them.
func (d *Display) draw(lines []byte) error {
	columns, rows := d.options.Size()
	return d.region.draw(lines, d.lines(columns, rows))
}

// Pause removes the region, so that a person can be asked something, until what it returns is
// called.
func (d *Display) Pause() (resume func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stop != nil && d.Live() {
		_ = d.region.draw(d.rest, nil) // a failure of the terminal is not the run's
		d.rest = nil
	}
	d.paused = true
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.paused, d.last = false, time.Now()
	}
}

// Interrupt shows that the run is being stopped. A second call changes nothing. It replaces a line that something
// else wrote to the terminal when Ctrl-C was pressed; "" means that there is none.
func (d *Display) Interrupt(line string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stopped || len(d.tasks) == 0 {
		return
	}
	d.stopped = true
	names := make([]string, len(d.tasks))
	for i, task := range d.tasks {
		names[i] = task.step
	}
	text := fmt.Sprintf("\nStopping %s. Run it again at any time; Ctrl-C again stops at once.\n",
		strings.Join(names, ", "))
	if !d.Live() || d.paused {
		fmt.Fprint(d.options.Out, text)
		return
	}
	if line != "" {
		columns, _ := d.options.Size()
		d.region.below = (len("^C"+line) + columns - 1) / columns
	}
	_ = d.draw([]byte(text))
}

// Close removes the region. What is written afterwards is passed on.
func (d *Display) Close() error {
	d.mu.Lock()
	stop := d.stop
	d.mu.Unlock()
	if stop == nil {
		return nil
	}
	close(stop)
	d.watch.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stop = nil
	if !d.Live() {
		return nil
	}
	rest := d.rest
	d.rest = nil
	return d.region.draw(rest, nil)
}
