// Package run starts external commands. Every command is limited by a context and a
// timeout, is stopped together with its children, and shows its output line by line
// with the name of the target that it runs for. It knows nothing about releases.
package run

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// defaultGrace is how long a stopped command may clean up before it is killed. Mage
// gives a cancelled target five seconds in total.
const defaultGrace = 2500 * time.Millisecond

// DefaultTimeout applies to a command without a timeout of its own.
const DefaultTimeout = 10 * time.Minute

// Runner starts commands with a common base environment and output.
type Runner struct {
	Env []string  // base environment; see Environ
	Out io.Writer // tools' output; each write is whole lines

	Verbose io.Writer // where each command is shown before it runs; nil to show none

	shown *strings.Replacer // rewrites paths for display; nil for none
}

// Showing returns a runner for commands that work in a copy of a folder: their output
// and errors show the original folder instead.
func (r *Runner) Showing(folder, as string) *Runner {
	return &Runner{Env: r.Env, Out: r.Out, Verbose: r.Verbose, shown: strings.NewReplacer(folder, as)}
}

// Shown rewrites the paths in a text for display.
func (r *Runner) Shown(text string) string {
	if r.shown == nil {
		return text
	}
	return r.shown.Replace(text)
}

// writer rewrites the paths in whole lines written to it.
type writer struct {
	*Runner
	to io.Writer
}

func (w writer) Write(line []byte) (int, error) {
	if _, err := io.WriteString(w.to, w.Shown(string(line))); err != nil {
		return 0, err
	}
	return len(line), nil
}

// Command is an external program to run.
type Command struct {
	For     string         // the target that it runs for: output prefix and subject of errors
	Args    []string       // program and arguments; never interpreted by a shell
	Dir     string         // working directory
	Env     []string       // added to the runner's environment, "KEY=value"
	Stdin   []byte         // standard input; nil means empty
	Input   *os.File       // standard input that is written while it runs, instead of Stdin; nil for none
	Timeout time.Duration  // 0 means DefaultTimeout
	Grace   time.Duration  // time to clean up when stopped, before it is killed; 0 means 2.5 s
	Quiet   bool           // do not show the output; errors still contain its end
	Stop    syscall.Signal // signal to stop it; 0 means SIGTERM
	User    *User          // user to run as; nil means the current one
	// Interactive lets the command prompt on the terminal, usually for a password: it
	// stays in this process's group, which is the only one that may read there.
	Interactive bool

	// Log passes the output of a quiet command that fails to the log of its step (see
	// Log), so that it can be read there.
	Log bool

	// Reason finds in the output of a failed command, both streams, why it failed, in
	// a few lines. Nil means its last lines.
	Reason func(output string) string

	// Line receives each line of a quiet command as it comes, of both streams, such as to show how
	// far it is. Nil means none. It is never called twice at the same time.
	Line func(line string)

	stdout io.Writer // receives standard output instead of the result
}

// User is the user and the group that a command runs as.
type User struct{ UID, GID uint32 }

// Result is the output of a finished command and its exit code.
type Result struct {
	Stdout []byte
	Stderr []byte
	Code   int // exit code
}

// Run runs cmd to its end. A non-zero exit is an *Error but still comes with the
// Result, so that a caller can read a linter's findings from it.
func (r *Runner) Run(ctx context.Context, cmd Command) (Result, error) {
	timeout := cmd.Timeout
	if timeout == 0 {
		timeout = DefaultTimeout
	}
	if cmd.Dir != "" {
		if _, err := os.Stat(cmd.Dir); err != nil {
			return Result{Code: -1}, &Error{Command: cmd, Code: -1, Cause: err}
		}
	}
	if r.Verbose != nil {
		fmt.Fprintf(r.Verbose, "%s │ exec: %s\n", cmd.For, r.Shown(Quote(cmd.Args...)))
	}
	bounded, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("timed out after %s", timeout))
	defer cancel()

	var stdout, stderr bytes.Buffer
	command := r.prepare(bounded, cmd)
	shown := r.capture(ctx, command, cmd, &stdout, &stderr)
	err := command.Run()
	for _, writer := range shown {
		_ = writer.Close() // a failure of the terminal is not the command's
	}
	if command.Process != nil && !cmd.Interactive {
		killGroup(command.Process.Pid) // children that outlived it: nothing started here may keep running
	}
	result := Result{Stdout: stdout.Bytes(), Stderr: stderr.Bytes(), Code: command.ProcessState.ExitCode()}
	if errors.Is(err, exec.ErrWaitDelay) && bounded.Err() == nil && result.Code == 0 {
		err = nil // it succeeded; only a child, killed just now, still held its output
	}
	if err == nil {
		return result, nil
	}
	if cmd.Log && cmd.Quiet {
		r.log(ctx, cmd, result)
	}
	failed := failure(bounded, cmd, result, err)
	failed.Tail = r.Shown(failed.Tail)
	return result, failed
}

// Output runs cmd without showing its output and returns its standard output without
// the final line ending.
func (r *Runner) Output(ctx context.Context, cmd Command) (string, error) {
	cmd.Quiet = true
	result, err := r.Run(ctx, cmd)
	return strings.TrimRight(string(result.Stdout), "\r\n"), err
}

// Stream runs cmd without showing its output and passes its standard output to read
// while it runs, without storing it. When read fails, the command is stopped and read's
// error is returned.
func (r *Runner) Stream(ctx context.Context, cmd Command, read func(io.Reader) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	reader, writer := io.Pipe()
	cmd.Quiet, cmd.stdout = true, writer
	ended := make(chan error, 1)
	go func() {
		_, err := r.Run(ctx, cmd)
		ended <- errors.Join(err, writer.Close())
	}()
	if err := read(reader); err != nil {
		cancel()
		_ = reader.CloseWithError(err) // unblocks the command's last write
		<-ended
		return err
	}
	_ = reader.Close()
	return <-ended
}

func (r *Runner) prepare(ctx context.Context, cmd Command) *exec.Cmd {
	env := append(slices.Clone(r.Env), cmd.Env...)
	path := cmd.Args[0]
	if found := lookPath(path, getenv(env, "PATH")); found != "" {
		path = found
	}
	command := exec.CommandContext(ctx, path, cmd.Args[1:]...)
	command.Dir = cmd.Dir
	command.Env = env
	if cmd.Stdin != nil {
		command.Stdin = bytes.NewReader(cmd.Stdin)
	}
	if cmd.Input != nil {
		command.Stdin = cmd.Input
	}
	stop := cmp.Or(cmd.Stop, syscall.SIGTERM)
	command.SysProcAttr = ownGroup(stop)
	if cmd.User != nil {
		command.SysProcAttr.Credential = &syscall.Credential{Uid: cmd.User.UID, Gid: cmd.User.GID}
	}
	command.WaitDelay = cmp.Or(cmd.Grace, defaultGrace)
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, stop) }
	if cmd.Interactive {
		command.SysProcAttr.Setpgid = false
		command.Cancel = func() error { return command.Process.Signal(stop) }
	}
	return command
}

// capture collects both streams of a command, passes their lines on and, unless it is quiet, shows them.
func (r *Runner) capture(
	ctx context.Context, command *exec.Cmd, cmd Command, stdout, stderr *bytes.Buffer,
) []io.Closer {
	switch {
	case cmd.Quiet && cmd.stdout != nil:
		command.Stdout, command.Stderr = cmd.stdout, stderr
		return nil
	case cmd.Quiet && cmd.Line != nil:
		to := Locked(lineFunc(cmd.Line))
		out, err := &Prefixer{out: to}, &Prefixer{out: to}
		command.Stdout, command.Stderr = io.MultiWriter(stdout, out), io.MultiWriter(stderr, err)
		return []io.Closer{out, err}
	case cmd.Quiet:
		command.Stdout, command.Stderr = stdout, stderr
		return nil
	}
	to := writer{r, Output(ctx, r.Out)}
	out, err := NewPrefixer(to, cmd.For), NewPrefixer(to, cmd.For)
	command.Stdout, command.Stderr = io.MultiWriter(stdout, out), io.MultiWriter(stderr, err)
	return []io.Closer{out, err}
}
