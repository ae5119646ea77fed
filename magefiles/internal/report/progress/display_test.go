package progress

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// buffer is a buffer that a test reads while the display writes to it.
type buffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *buffer) Write(data []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(data)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func (b *buffer) Len() int { return len(b.String()) }

// plain returns a display without a terminal.
func plain(t *testing.T, full bool) (*Display, *buffer) {
	t.Helper()
	var out buffer
	d := New(Options{Out: &out, Full: full})
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d, &out
}

func TestSignOfLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, out := plain(t, false)
		task := d.Begin("backend:unit", 0)
		time.Sleep(10 * time.Second)
		if out.Len() > 0 {
			t.Errorf("after 10 s: %q", out)
		}
		time.Sleep(8 * time.Second)
		if want := "still running: backend:unit (15 s)\n"; out.String() != want {
			t.Errorf("after 18 s: %q, want %q", out, want)
		}
		_, _ = task.Write([]byte("backend:unit │ tests/test_a.py ...\n"))
		time.Sleep(15 * time.Second)
		if want := "still running: backend:unit (30 s): tests/test_a.py ...\n"; !strings.HasSuffix(out.String(), want) {
			t.Errorf("after 33 s: %q, want %q", out, want)
		}
		_, _ = d.Write([]byte("something else\n"))
		before := out.Len()
		time.Sleep(12 * time.Second)
		if out.Len() > before {
			t.Errorf("12 s after a line that stays: %q", out.String()[before:])
		}
		other := d.Begin("image:build", 0)
		time.Sleep(5 * time.Second)
		if want := "still running: backend:unit (48 s), image:build (3 s)\n"; !strings.HasSuffix(out.String(), want) {
			t.Errorf("with two steps: %q, want %q", out, want)
		}
		task.End()
		other.End()
		before = out.Len()
		time.Sleep(time.Minute)
		if out.Len() > before {
			t.Errorf("when nothing runs: %q", out.String()[before:])
		}
	})
}

func TestOutputIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, out := plain(t, false)
		task := d.Begin("a", 0)
		_, _ = task.Write([]byte("a │ one\n"))
		_, _ = task.Write([]byte("a │ two\n"))
		if got := string(task.End()); got != "a │ one\na │ two\n" {
			t.Errorf("kept %q", got)
		}
		if out.Len() > 0 {
			t.Errorf("shown: %q", out)
		}
		long := d.Begin("long", 0)
		for range 3 * most / 64 {
			_, _ = long.Write([]byte(strings.Repeat("x", 63) + "\n"))
		}
		if got := len(long.End()); got < most || got > 2*most {
			t.Errorf("kept %d bytes of a long output", got)
		}
	})
}

func TestAllOutputIsNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, _ := plain(t, true)
		task := d.Begin("a", 0)
		_, _ = task.Write([]byte("a │ one\n"))
		if got := task.End(); got != nil {
			t.Errorf("kept %q although it was shown", got)
		}
	})
}

func TestInterrupt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, out := plain(t, false)
		d.Interrupt("")
		if out.Len() > 0 {
			t.Errorf("without a step: %q", out)
		}
		d.Begin("push the image", 0)
		d.Interrupt("")
		d.Interrupt("")
		want := "\nStopping push the image. Run it again at any time; Ctrl-C again stops at once.\n"
		if out.String() != want {
			t.Errorf("%q, want %q", out, want)
		}
	})
}

func TestRedactedStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := New(Options{Out: &bytes.Buffer{}, Redact: func(text string) string {
			return strings.ReplaceAll(text, "hunter2", "•••")
		}})
		task := d.Begin("a", 0)
		task.Status("the password is hunter2")
		if task.line != "the password is •••" {
			t.Errorf("%q", task.line)
		}
		task.End()
		_ = d.Close()
	})
}

// While a person is asked something, nothing is drawn over the question, which is shown before
// its line ends.
func TestPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out buffer
		d := New(Options{Out: &out, Size: func() (columns, rows int) { return 80, 24 }})
		defer func() { _ = d.Close() }()
		d.Begin("approval", 0)
		time.Sleep(time.Second)
		_, _ = d.Write([]byte("half a line"))
		before := out.Len()
		resume := d.Pause()
		if erased := out.String()[before:]; !strings.Contains(erased, "half a line") ||
			!strings.HasSuffix(erased, "\x1b[J") {
			t.Errorf("the region stays: %q", erased)
		}
		before = out.Len()
		_, _ = d.Write([]byte("\nDo it? [y/N] "))
		time.Sleep(time.Minute)
		if asked := out.String()[before:]; asked != "\nDo it? [y/N] " {
			t.Errorf("the question is %q", asked)
		}
		before = out.Len()
		resume()
		time.Sleep(time.Second)
		if drawn := out.String()[before:]; !strings.Contains(drawn, "approval") {
			t.Errorf("after that: %q", drawn)
		}
	})
}
