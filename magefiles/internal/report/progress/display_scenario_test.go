//go:build scenario

package progress

import (
	"bytes"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/term"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// scene is the variable that makes the test binary show a display in its terminal.
const scene = "ODIN_RELEASE_SCENE"

func TestMain(m *testing.M) {
	switch os.Getenv(scene) {
	case "":
		os.Exit(m.Run())
	case interrupted:
		playInterrupt()
	default:
		play()
	}
}

// interrupted is the scene of a run that is interrupted, and what Mage says then.
const (
	interrupted = "interrupted"
	mageSays    = "cancelling mage targets, waiting up to 5 seconds for cleanup..."
)

// playInterrupt shows a run with a step at work until Ctrl-C is pressed.
func playInterrupt() {
	d := New(Options{Out: os.Stdout, Size: terminalSize})
	pressed := make(chan os.Signal, 1)
	signal.Notify(pressed, os.Interrupt)
	d.Expect("backend:unit", "frontend:test")
	fmt.Fprintln(d, "what stays")
	begun(d.Begin("backend:unit", time.Minute), 30*time.Second)
	<-pressed
	fmt.Fprintln(os.Stderr, mageSays)
	d.Interrupt(mageSays)
	time.Sleep(5 * frame) // it is drawn again meanwhile
	_ = d.Close()
	fmt.Println("the end")
	time.Sleep(time.Minute)
}

func terminalSize() (columns, rows int) {
	columns, rows, err := term.GetSize(int(os.Stdout.Fd()))
	if err != nil {
		panic(err)
	}
	return columns, rows
}

// TestScenarioInterrupt presses Ctrl-C in a real terminal, also in one that is narrower than what Mage says: nothing
// of the region is left.
func TestScenarioInterrupt(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, columns := range []int{60, 100} {
		terminal := testkit.OpenTerminal(t, columns, t.TempDir(), []string{scene + "=" + interrupted}, self)
		terminal.Shows(t, "backend:unit", patience)
		terminal.Tmux(t, "send-keys", "C-c")
		terminal.Shows(t, "the end", patience)
		testkit.Golden(t, fmt.Sprintf("testdata/interrupted-%d.txt", columns), screen(t, terminal))
	}
}

// play shows a run with three steps at work. It goes on when there is a file of the
// next name in the folder that the variable names.
func play() {
	d := New(Options{Out: os.Stdout, Size: terminalSize})
	d.Expect("version and changelog", "backend:unit", "backend:integration", "frontend:test", "backend:contract",
		"frontend:build", "backend:vendor", "image:build", "checksums")
	d.Settle("version and changelog")
	fmt.Fprintln(d, "version and changelog: done in 0.3 s")
	unit := begun(d.Begin("backend:unit", time.Minute), 30*time.Second)
	_, _ = unit.Write([]byte("backend:unit │ \x1b[32mtests/unit/test_printers.py ......\x1b[0m      [ 89%]\n"))
	push := begun(d.Begin("push the image sha256:2b87667ec6860722094fe20c2045b614c739", 0), 95*time.Second)
	push.Status("12.3 MB of 71.3 MB sent")
	begun(
		d.Begin("verify linux/arm64", 10*time.Second),
		20*time.Second,
	).Status("not yet: " + strings.Repeat("long ", 60))
	waitFor("end")
	d.Settle("backend:unit")
	unit.End()
	fmt.Fprintln(d, "backend:unit: done in 31.2 s")
	fmt.Fprint(d, "not a whole line")
	waitFor("close")
	_ = d.Close()
	fmt.Println(", and now it is")
	time.Sleep(time.Minute)
}

func waitFor(name string) {
	for {
		if _, err := os.Stat(filepath.Join(os.Getenv(scene), name)); err == nil {
			return
		}
		time.Sleep(frame / 10)
	}
}

// begun makes a task look older.
func begun(t *Task, ago time.Duration) *Task {
	t.display.mu.Lock()
	defer t.display.mu.Unlock()
	t.begun = t.begun.Add(-ago)
	return t
}

var (
	seconds = regexp.MustCompile(`[0-9]+ s\b|[0-9]+:[0-9]{2} min`)
	total   = regexp.MustCompile(`ended, [0-9]+ s`) // which may get another digit
	digit   = regexp.MustCompile(`[0-9]`)
)

// TestScenarioTerminal shows the scene in a real terminal, and compares what is on its
// screen.
func TestScenarioTerminal(t *testing.T) {
	for _, columns := range []int{80, 200} {
		t.Run(fmt.Sprint(columns), func(t *testing.T) {
			terminal, folder := open(t, columns)
			terminal.Shows(t, "waiting", patience)
			testkit.Golden(t, fmt.Sprintf("testdata/running-%d.txt", columns), screen(t, terminal))
			goOn(t, folder, "end")
			terminal.Shows(t, "backend:unit: done", patience)
			testkit.Golden(t, fmt.Sprintf("testdata/ended-%d.txt", columns), screen(t, terminal))
			goOn(t, folder, "close")
			terminal.Shows(t, "and now it is", patience)
			testkit.Golden(t, fmt.Sprintf("testdata/closed-%d.txt", columns), screen(t, terminal))
		})
	}
	t.Run("made narrower", func(t *testing.T) {
		terminal, folder := open(t, 200)
		terminal.Shows(t, "waiting", patience)
		terminal.Tmux(t, "resize-window", "-x", "80")
		terminal.Shows(t, "back…", patience) // the end of the summary
		goOn(t, folder, "end")
		terminal.Shows(t, "backend:unit: done", patience)
		wanted, err := os.ReadFile("testdata/ended-80.txt")
		if err != nil {
			t.Fatal(err)
		}
		_, wanted, _ = bytes.Cut(wanted, []byte("\n")) // what was above may have left the screen
		if shown := screen(t, terminal); !strings.HasSuffix(shown, string(wanted)) {
			t.Errorf("the screen does not end with\n%s\nbut is\n%s", wanted, shown)
		}
	})
}

// open shows the scene in a terminal of so many columns.
func open(t *testing.T, columns int) (terminal testkit.Terminal, folder string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder = t.TempDir()
	return testkit.OpenTerminal(t, columns, folder, []string{scene + "=" + folder}, self), folder
}

// goOn lets the scene go on.
func goOn(t *testing.T, folder, name string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), nil, 0o644); err != nil {
		t.Fatal(err)
	}
}

// patience is how long the screen may take to show something.
const patience = 20 * time.Second

// screen returns what is shown, without the times that pass. They keep their widths.
func screen(t *testing.T, terminal testkit.Terminal) string {
	t.Helper()
	shown := total.ReplaceAllString(terminal.Screen(t), "ended, N s")
	return seconds.ReplaceAllStringFunc(shown, func(time string) string { return digit.ReplaceAllString(time, "N") })
}
