package targets

import (
	"io"
	"os"
	"sync"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/report/progress"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// activity is a step at work. What its tools say goes to the display, and to a log in
// dist.
type activity struct {
	*progress.Task
	session *session
	file    string // the log's path in dist, "" where the step keeps its own
	mu      sync.Mutex
	log     io.Writer // nil until there is something to keep
	close   func()
}

// begin shows that a step works.
func (o *observer) begin(s *step.Step) *activity {
	took := o.store.Took(s.Title)
	if took == 0 {
		took = o.timing().last(s.Phase, s.Title)
	}
	started := &activity{Task: o.display.Begin(s.Title, took), session: o.session}
	if o.graph.locals[s.Title] == nil {
		started.file = logFile(s.Title)
		_ = os.Remove(o.app.Path(app.DistDir, started.file)) // of an earlier run; there may be none
	}
	return started
}

// Write takes whole lines of output.
func (w *activity) Write(lines []byte) (int, error) {
	if w.session.display.Full() {
		if _, err := w.session.screen.Out.Write(lines); err != nil {
			return 0, err
		}
	}
	w.keep(lines)
	return w.Task.Write(lines)
}

// Log takes whole lines of output that are for the log, and shown only where all output is.
func (w *activity) Log(lines []byte) {
	if w.session.display.Full() {
		_, _ = w.session.screen.Out.Write(lines)
	}
	w.keep(lines)
}

// keep adds output to the log. That it can't is no reason to fail.
func (w *activity) keep(lines []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.file == "" {
		return
	}
	if w.log == nil {
		path, err := w.session.app.Dist(w.file)
		if err != nil {
			w.file = ""
			return
		}
		file, err := os.Create(path)
		if err != nil {
			w.file = ""
			return
		}
		redacted := w.session.redactor.Writer(file)
		w.log, w.close = redacted, func() { _ = redacted.Close(); _ = file.Close() }
	}
	_, _ = w.log.Write(lines)
}

// ended shows what came of the step's work: without a terminal, the output of one that
// failed, in one piece.
func (w *activity) ended(outcome step.Outcome) {
	if w.close != nil {
		w.close()
	}
	if output := w.End(); outcome.State.Status == step.Failed && len(output) > 0 {
		_, _ = w.session.screen.Out.Write(output)
	}
}
