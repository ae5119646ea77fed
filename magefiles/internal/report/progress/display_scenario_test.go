//go:build scenario

package progress

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
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
	if os.Getenv(scene) != "" {
		play()
		return
	}
	os.Exit(m.Run())
}

// play shows a run with three steps at work. It goes on when there is a file of the
// next name in the folder that the variable names.
func play() {
	d := New(Options{Out: os.Stdout, Size: func() (int, int) {
		columns, rows, err := term.GetSize(int(os.Stdout.Fd()))
		if err != nil {
			panic(err)
		}
		return columns, rows
	}})
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

var seconds = regexp.MustCompile(`[0-9]+ s\b`)

// TestScenarioTerminal shows the scene in a real terminal, and compares what is on its
// screen.
func TestScenarioTerminal(t *testing.T) {
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Fatal("tmux is missing; on Debian and Ubuntu: sudo apt-get install tmux")
	}
	for _, columns := range []int{80, 200} {
		t.Run(fmt.Sprint(columns), func(t *testing.T) {
			terminal := open(t, columns)
			terminal.shows(t, "waiting")
			testkit.Golden(t, fmt.Sprintf("testdata/running-%d.txt", columns), terminal.screen(t))
			terminal.goOn(t, "end")
			terminal.shows(t, "backend:unit: done")
			testkit.Golden(t, fmt.Sprintf("testdata/ended-%d.txt", columns), terminal.screen(t))
			terminal.goOn(t, "close")
			terminal.shows(t, "and now it is")
			testkit.Golden(t, fmt.Sprintf("testdata/closed-%d.txt", columns), terminal.screen(t))
		})
	}
	t.Run("made narrower", func(t *testing.T) {
		terminal := open(t, 200)
		terminal.shows(t, "waiting")
		terminal.tmux(t, "resize-window", "-x", "80")
		terminal.shows(t, "back…") // the end of the summary
		terminal.goOn(t, "end")
		terminal.shows(t, "backend:unit: done")
		wanted, err := os.ReadFile("testdata/ended-80.txt")
		if err != nil {
			t.Fatal(err)
		}
		_, wanted, _ = bytes.Cut(wanted, []byte("\n")) // what was above may have left the screen
		if screen := terminal.screen(t); !strings.HasSuffix(screen, string(wanted)) {
			t.Errorf("the screen does not end with\n%s\nbut is\n%s", wanted, screen)
		}
	})
}

// terminal is a session of tmux with a server of its own.
type terminal struct{ socket, folder string }

func open(t *testing.T, columns int) terminal {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	terminal := terminal{fmt.Sprintf("odin-%d-%d", os.Getpid(), time.Now().UnixNano()), t.TempDir()}
	terminal.tmux(t, "-f", "/dev/null", "new-session", "-d", "-x", fmt.Sprint(columns), "-y", "30",
		"env", scene+"="+terminal.folder, "LANG=C.UTF-8", self)
	t.Cleanup(func() {
		_ = exec.CommandContext(context.WithoutCancel(t.Context()), "tmux", "-L", terminal.socket, "kill-server").Run()
	})
	return terminal
}

func (s terminal) tmux(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "tmux", append([]string{"-u", "-L", s.socket}, args...)...).
		CombinedOutput()
	if err != nil {
		t.Fatalf("tmux %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// goOn lets the scene go on.
func (s terminal) goOn(t *testing.T, name string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(s.folder, name), nil, 0o644); err != nil {
		t.Fatal(err)
	}
}

// screen is what is shown, without the times that pass.
func (s terminal) screen(t *testing.T) string {
	t.Helper()
	text := s.tmux(t, "capture-pane", "-p", "-S", "-")
	return strings.TrimRight(seconds.ReplaceAllString(text, "N s"), "\n") + "\n"
}

// shows waits until a text is on the screen.
func (s terminal) shows(t *testing.T, text string) {
	t.Helper()
	for range 200 {
		if strings.Contains(s.tmux(t, "capture-pane", "-p"), text) {
			return
		}
		time.Sleep(frame / 4)
	}
	t.Fatalf("the screen does not show %q:\n%s", text, s.screen(t))
}
