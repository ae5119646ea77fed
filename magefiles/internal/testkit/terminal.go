package testkit

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Terminal is a real terminal: a tmux session on its own server.
type Terminal struct{ socket string }

// OpenTerminal runs a program in a terminal with the given number of columns and 40 rows. env is added to the
// test's own environment.
func OpenTerminal(t *testing.T, columns int, dir string, env []string, program ...string) Terminal {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Fatal("tmux is missing; on Debian and Ubuntu: sudo apt-get install tmux")
	}
	s := Terminal{fmt.Sprintf("odin-release-%d", time.Now().UnixNano())}
	args := []string{"-f", "/dev/null", "new-session", "-d", "-x", fmt.Sprint(columns), "-y", "40", "-c", dir, "env",
		"LANG=C.UTF-8"}
	s.Tmux(t, append(append(args, env...), program...)...)
	t.Cleanup(func() {
		_ = exec.CommandContext(context.WithoutCancel(t.Context()), "tmux", "-L", s.socket, "kill-server").Run()
	})
	return s
}

// Tmux runs a command of tmux and returns what it prints.
func (s Terminal) Tmux(t *testing.T, args ...string) string {
	t.Helper()
	args = append([]string{"-u", "-L", s.socket}, args...)
	out, err := exec.CommandContext(t.Context(), "tmux", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("tmux %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// Screen returns everything on the screen, and what has scrolled off at the top.
func (s Terminal) Screen(t *testing.T) string {
	t.Helper()
	return strings.TrimRight(s.Tmux(t, "capture-pane", "-p", "-S", "-"), "\n") + "\n"
}

// Shows waits until a text is on the screen, for at most the given time.
func (s Terminal) Shows(t *testing.T, text string, most time.Duration) {
	t.Helper()
	for end := time.Now().Add(most); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if strings.Contains(s.Tmux(t, "capture-pane", "-p"), text) {
			return
		}
	}
	t.Fatalf("the screen does not show %q:\n%s", text, s.Screen(t))
}
