package run_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

func runner(out *bytes.Buffer) *run.Runner {
	return &run.Runner{Env: run.Environ(os.Environ()), Out: run.Locked(out)}
}

func sh(script string) []string { return []string{"sh", "-c", script} }

func TestOutputIsPrefixed(t *testing.T) {
	var out bytes.Buffer
	result, err := runner(
		&out,
	).Run(t.Context(), run.Command{For: "x:y", Args: sh(`echo one; printf 'two\r\n'; printf three`)})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "x:y │ one\nx:y │ two\nx:y │ three\n"; got != want {
		t.Errorf("shown %q, expected %q", got, want)
	}
	if got := string(result.Stdout); got != "one\ntwo\r\nthree" {
		t.Errorf("captured %q", got)
	}
}

func TestFailureCarriesCodeAndTail(t *testing.T) {
	var out bytes.Buffer
	result, err := runner(&out).Run(t.Context(), run.Command{For: "x", Quiet: true, Args: sh(`echo why >&2; exit 3`)})
	var failed *run.Error
	if !errors.As(err, &failed) || failed.Code != 3 || result.Code != 3 {
		t.Fatalf("error %v, code %d", err, result.Code)
	}
	if want := "x: sh exited with code 3:\nwhy"; err.Error() != want {
		t.Errorf("%q, expected %q", err, want)
	}
	if out.Len() > 0 {
		t.Errorf("a quiet command showed %q", out.String())
	}
}

func TestLinesOfAQuietCommand(t *testing.T) {
	var out bytes.Buffer
	var lines []string
	result, err := runner(&out).Run(t.Context(), run.Command{For: "x", Quiet: true, Args: sh(`printf 'one\r\ntwo'`),
		Line: func(line string) { lines = append(lines, line) }})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(lines, "|"); got != "one|two" || string(result.Stdout) != "one\r\ntwo" || out.Len() > 0 {
		t.Errorf("lines %q, captured %q, shown %q", got, result.Stdout, &out)
	}
}

// stepLog is the output of a step that has a log.
type stepLog struct{ shown, logged strings.Builder }

func (s *stepLog) Write(lines []byte) (int, error) { return s.shown.Write(lines) }

func (s *stepLog) Log(lines []byte) { s.logged.Write(lines) }

// A quiet command that fails leaves all its output in the log of its step, with the paths
// that a person knows, and shows none of it.
func TestLogOfAQuietCommand(t *testing.T) {
	for name, test := range map[string]struct {
		cmd  run.Command
		want string
	}{
		"failed": {run.Command{Log: true, Args: sh("echo out; printf 'in /copy/app' >&2; exit 1")},
			"x │ out\nx │ in /real/app\n"},
		"passed":    {run.Command{Log: true, Args: sh("echo out")}, ""},
		"not asked": {run.Command{Args: sh("echo out; exit 1")}, ""},
		"silent":    {run.Command{Log: true, Args: sh("exit 1")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			var log stepLog
			test.cmd.For, test.cmd.Quiet = "x", true
			_, _ = runner(&out).Showing("/copy", "/real").Run(run.WithOutput(t.Context(), &log), test.cmd)
			if got := log.logged.String(); got != test.want || out.Len()+log.shown.Len() > 0 {
				t.Errorf("logged %q, want %q; shown %q %q", got, test.want, &out, &log.shown)
			}
		})
	}
}

func TestMissingProgramSaysSo(t *testing.T) {
	var out bytes.Buffer
	_, err := runner(&out).Run(t.Context(), run.Command{For: "x", Args: []string{"no-such-program"}})
	if err == nil || !strings.Contains(err.Error(), "x: no-such-program: ") {
		t.Errorf("error %v", err)
	}
}

func TestTimeoutIsNamed(t *testing.T) {
	var out bytes.Buffer
	_, err := runner(
		&out,
	).Run(t.Context(), run.Command{For: "x", Timeout: 100 * time.Millisecond, Args: sh(`sleep 60`)})
	if err == nil || !strings.Contains(err.Error(), "timed out after 100ms") {
		t.Errorf("error %v", err)
	}
}

func TestCancelTakesChildrenWithIt(t *testing.T) {
	for name, script := range map[string]string{
		"children that end":      `sleep 60 & echo $! >"$0"; wait`,
		"children that hold out": `sh -c 'trap "" TERM; while :; do sleep 0.1; done' & echo $! >"$0"; wait`,
		"orphans":                `(sleep 60 & echo $! >"$0") ; exit 0`,
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "pid")
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done := make(chan error, 1)
			go func() {
				var out bytes.Buffer
				_, err := runner(&out).Run(ctx, run.Command{For: "x", Args: append(sh(script), file)})
				done <- err
			}()
			child := waitForPid(t, file)
			if name == "orphans" { // the command itself has ended, and well
				if err := <-done; err != nil {
					t.Error(err)
				}
			} else {
				cancel()
				<-done
			}
			for range 100 {
				if errors.Is(syscall.Kill(child, 0), syscall.ESRCH) || zombie(child) {
					return
				}
				time.Sleep(20 * time.Millisecond)
			}
			t.Errorf("the child %d still runs", child)
		})
	}
}

func waitForPid(t *testing.T, file string) int {
	t.Helper()
	for range 500 {
		data, _ := os.ReadFile(file)
		if pid, err := strconv.Atoi(strings.TrimSpace(string(data))); err == nil {
			return pid
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the child never started")
	return 0
}

// zombie reports whether a process has ended and was not reaped, as in a container
// without an init.
func zombie(pid int) bool {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	return err == nil && strings.Contains(string(stat), ") Z ")
}

func TestFolderThatIsMissingIsNamed(t *testing.T) {
	var out bytes.Buffer
	_, err := runner(&out).Run(t.Context(), run.Command{For: "x", Args: []string{"true"}, Dir: "no-such-folder"})
	if err == nil || !strings.Contains(err.Error(), "no-such-folder") {
		t.Errorf("error %v", err)
	}
}

func TestRedactor(t *testing.T) {
	var out bytes.Buffer
	redactor := run.NewRedactor("p@ss word", "")
	if _, err := redactor.Writer(&out).
		Write([]byte("a p@ss word, p%40ss+word, p@ss%20word b\n")); err != nil ||
		out.String() != "a •••, •••, ••• b\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
	for secret, want := range map[string]string{"": "xyz", "x": "•••yz", "xy": "•••z"} {
		if text := run.NewRedactor(secret).Text("xyz"); text != want {
			t.Errorf("without %q: %q", secret, text)
		}
	}
}

// A secret is removed from a page, as html/template and goldmark write it.
func TestRedactorKnowsHTML(t *testing.T) {
	redactor := run.NewRedactor(`a+b"c'd&e<f`)
	for _, text := range []string{
		"a&#43;b&#34;c&#39;d&amp;e&lt;f", "a+b&#34;c&#39;d&amp;e&lt;f", "a+b&quot;c'd&amp;e&lt;f",
	} {
		if got := redactor.Text("<p>" + text + "</p>"); got != "<p>•••</p>" {
			t.Error(got)
		}
	}
}

// A secret that is learned within a text is removed from the rest of it.
func TestRedactorLearns(t *testing.T) {
	var out bytes.Buffer
	redactor := run.NewRedactor("first")
	writer := redactor.Writer(&out)
	_, _ = io.WriteString(writer, "first second ")
	redactor.Learn("second", "")
	_, _ = io.WriteString(writer, "first second")
	if err := writer.Close(); err != nil || out.String() != "••• second ••• •••" {
		t.Errorf("%q, %v", out.String(), err)
	}
}

func TestRedactorKnowsBase64(t *testing.T) {
	secret := "ghp_c4nary-T0ken/with+signs"
	redactor := run.NewRedactor(secret)
	for _, around := range []string{"", "a", "ab", "odin-release:", "user:"} {
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawURLEncoding} {
			text := redactor.Text(encoding.EncodeToString([]byte(around + secret + "\n")))
			if !strings.Contains(text, "•••") || len(text) > len(around)*2+20 {
				t.Errorf("behind %q: %s", around, text)
			}
			if address := redactor.Text(
				url.QueryEscape(encoding.EncodeToString([]byte(around + secret + "\n"))),
			); len(
				address,
			) > len(
				around,
			)*2+24 {
				t.Errorf("behind %q, in an address: %s", around, address)
			}
		}
	}
}

// FuzzRedactor splits any text in two: no secret gets through, and nothing else is
// lost.
func FuzzRedactor(f *testing.F) {
	f.Add("a secret b", 4)
	f.Add("c2VjcmV0aXZlLWtleQ==", 3)
	f.Add("secretsecretivexsec", 9)
	redactor := run.NewRedactor("secret", "secretive", "xsec", "p@ss word")
	f.Fuzz(func(t *testing.T, text string, at int) {
		at = max(0, min(at, len(text)))
		var out bytes.Buffer
		writer := redactor.Writer(&out)
		_, err := io.WriteString(writer, text[:at])
		_, err2 := io.WriteString(writer, text[at:])
		if err := errors.Join(err, err2, writer.Close()); err != nil || out.String() != redactor.Text(text) {
			t.Fatalf("%q cut at %d: %q, expected %q (%v)", text, at, out.String(), redactor.Text(text), err)
		}
		for _, secret := range []string{"secret", "xsec", "p@ss word", "p%40ss+word"} {
			if strings.Contains(out.String(), secret) {
				t.Fatalf("%q came through: %q", secret, out.String())
			}
		}
	})
}

// However output is split into writes, it is redacted as a whole.
func TestRedactorAcrossWrites(t *testing.T) {
	redactor := run.NewRedactor("secret", "secretive", "xsec", "ret-key")
	for _, text := range []string{
		"a secret b",
		"secretive",
		"xsecretive",
		"secre",
		"secsecret",
		"xsecret-key",
		"ssssecret",
		"secret-key secretivexsec",
	} {
		want := redactor.Text(text)
		for first := range len(text) + 1 {
			for second := first; second <= len(text); second++ {
				var out bytes.Buffer
				writer := redactor.Writer(&out)
				for _, piece := range []string{text[:first], text[first:second], text[second:]} {
					if _, err := io.WriteString(writer, piece); err != nil {
						t.Fatal(err)
					}
				}
				if err := writer.Close(); err != nil || out.String() != want {
					t.Fatalf("%q cut at %d and %d: %q, expected %q (%v)", text, first, second, out.String(), want, err)
				}
			}
		}
	}
}

func TestEnvironPointsAtNoRepository(t *testing.T) {
	got := run.Environ([]string{"A=1", "GIT_DIR=/x/.git", "GIT_WORK_TREE=/x", "GIT_AUTHOR_NAME=Ada"})
	if strings.Join(got, " ") != "A=1 GIT_AUTHOR_NAME=Ada" {
		t.Error(got)
	}
}

func TestArgumentsAreNotInterpreted(t *testing.T) {
	var out bytes.Buffer
	text, err := runner(
		&out,
	).Output(t.Context(), run.Command{For: "x", Args: []string{"printf", "%s", "$HOME `id` ; x"}})
	if err != nil || text != "$HOME `id` ; x" {
		t.Errorf("%q, %v", text, err)
	}
}

func TestStreamHandsOverAndStops(t *testing.T) {
	var out bytes.Buffer
	lines := 0
	err := runner(&out).Stream(t.Context(), run.Command{For: "x", Args: sh("seq 100000")}, func(from io.Reader) error {
		for scanner := bufio.NewScanner(from); scanner.Scan(); {
			lines++
		}
		return nil
	})
	if err != nil || lines != 100000 {
		t.Errorf("%d lines, %v", lines, err)
	}
	enough := errors.New("enough")
	err = runner(&out).Stream(t.Context(), run.Command{For: "x", Args: []string{"yes"}}, func(from io.Reader) error {
		_, _ = from.Read(make([]byte, 10))
		return enough
	})
	if !errors.Is(err, enough) {
		t.Errorf("error %v", err)
	}
	err = runner(
		&out,
	).Stream(t.Context(), run.Command{For: "x", Args: sh("echo a; echo why >&2; exit 3")}, func(from io.Reader) error {
		_, err := io.Copy(io.Discard, from)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "why") {
		t.Errorf("error %v", err)
	}
}

func TestProgramsAreFoundInTheCommandsOwnPath(t *testing.T) {
	var out bytes.Buffer
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "ls"), []byte("#!/bin/sh\necho mine\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	text, err := runner(
		&out,
	).Output(t.Context(), run.Command{
		For:  "x",
		Args: []string{"ls"},
		Env:  []string{"PATH=" + bin + ":" + os.Getenv("PATH")},
	})
	if err != nil || text != "mine" {
		t.Errorf("%q, %v", text, err)
	}
}

func TestEnvironmentOfTheCommandWins(t *testing.T) {
	var out bytes.Buffer
	r := &run.Runner{Env: append(os.Environ(), "WHO=runner"), Out: &out}
	text, err := r.Output(t.Context(), run.Command{For: "x", Args: sh(`echo $WHO`), Env: []string{"WHO=command"}})
	if err != nil || text != "command" {
		t.Errorf("%q, %v", text, err)
	}
}

// TestInteractiveStaysInOurGroup: only the terminal's own process group may
// read from it.
func TestInteractiveStaysInOurGroup(t *testing.T) {
	var out bytes.Buffer
	for _, interactive := range []bool{true, false} {
		got, err := runner(
			&out,
		).Output(t.Context(), run.Command{
			For:         "x",
			Interactive: interactive,
			Args:        sh("cut -d' ' -f5 /proc/$$/stat || ps -o pgid= -p $$"),
		})
		if err != nil {
			t.Fatal(err)
		}
		group, err := strconv.Atoi(strings.TrimSpace(got))
		if err != nil || (group == syscall.Getpgrp()) != interactive {
			t.Errorf("interactive %v: group %q, ours is %d", interactive, got, syscall.Getpgrp())
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := runner(
		&out,
	).Output(ctx, run.Command{For: "x", Interactive: true, Args: []string{"sleep", "60"}}); err == nil {
		t.Error("it was not stopped")
	}
}

func TestShowingNamesFilesAsAPersonKnowsThem(t *testing.T) {
	var out bytes.Buffer
	runner := (&run.Runner{Env: os.Environ(), Out: run.Locked(&out)}).Showing("/copy", "/app")
	result, err := runner.Run(
		t.Context(),
		run.Command{For: "test", Args: []string{"sh", "-c", "echo /copy/a.py:1; echo no /copy/b >&2; exit 3"}},
	)
	if out.String() != "test │ /app/a.py:1\ntest │ no /app/b\n" &&
		out.String() != "test │ no /app/b\ntest │ /app/a.py:1\n" {
		t.Errorf("shown: %q", out.String())
	}
	var failed *run.Error
	if !errors.As(err, &failed) || failed.Tail != "no /app/b" || string(result.Stdout) != "/copy/a.py:1\n" {
		t.Errorf("%v, the output is %q", err, result.Stdout)
	}
}

// A verbose runner shows a command before it runs it, as Mage's own -v.
func TestVerbose(t *testing.T) {
	var out bytes.Buffer
	shared := run.Locked(&out)
	runner := &run.Runner{Env: run.Environ(os.Environ()), Out: shared, Verbose: shared}
	if _, err := runner.Showing("/a", "/b").
		Run(t.Context(), run.Command{For: "x", Args: []string{"echo", "two words"}}); err != nil {
		t.Fatal(err)
	}
	if want := "x │ exec: echo 'two words'\nx │ two words\n"; out.String() != want {
		t.Errorf("%q, expected %q", out.String(), want)
	}
}

// The error of a command without a name of its target can be prefixed once.
func TestUnnamed(t *testing.T) {
	failing := run.Command{For: "x", Args: []string{"sh", "-c", "exit 3"}}
	_, err := (&run.Runner{Out: io.Discard}).Output(t.Context(), failing)
	if got := run.Named("y", run.Unnamed(err)); got == nil || got.Error() != "y: sh exited with code 3" {
		t.Error(got)
	}
	if got := run.Named("y", err); got == nil || got.Error() != "x: sh exited with code 3" {
		t.Error(got)
	}
	if run.Unnamed(nil) != nil {
		t.Error("an error was made of none")
	}
}
