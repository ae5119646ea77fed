package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// rounds is how often a fast program is measured; the best result counts.
const rounds = 3

// slow is the time from which a run is not repeated.
const slow = 2 * time.Second

// result is the measurement for one history.
type result struct {
	commits            int
	gitLog, ours, them time.Duration
	stopped            bool  // git-cliff was stopped: it takes longer than its time
	peak               int64 // of our process, in KiB
}

// program is a command to run in a history's folder.
type program struct {
	name string // of its output, in the bench's folder
	args []string
	env  []string
}

// measure runs all programs on one history, ours and git log alternating. Each writes
// to a file, and nothing else runs at the same time.
func (b *bench) measure(ctx context.Context, history string) (result, error) {
	ours := program{name: "ours", args: []string{b.pipeline, "changelog", "-all=true"}}
	argv, peak, err := b.observe(ctx, history, ours)
	if err != nil {
		return result{}, err
	}
	found := result{peak: peak}
	for range rounds {
		took, err := b.time(ctx, history, program{name: "git-log", args: argv})
		if err != nil {
			return result{}, err
		}
		found.gitLog = least(found.gitLog, took)
		if took, err = b.time(ctx, history, ours); err != nil {
			return result{}, err
		}
		found.ours = least(found.ours, took)
	}
	// The built-in configuration of git-cliff, so that no user's configuration is
	// found.
	cliff := program{name: "git-cliff", args: []string{b.cliff, "--offline"}, env: []string{"XDG_CONFIG_HOME=" + b.dir}}
	for round := 0; round < rounds && found.them < slow; round++ {
		limited, cancel := context.WithTimeout(ctx, b.limit)
		took, err := b.time(limited, history, cliff)
		found.stopped = ctx.Err() == nil && errors.Is(limited.Err(), context.DeadlineExceeded)
		cancel()
		if err != nil && !found.stopped {
			return result{}, err
		}
		found.them = least(found.them, took)
	}
	return found, nil
}

// least returns the shorter of two times; 0 means none yet.
func least(a, b time.Duration) time.Duration { return min(cmp.Or(a, b), b) }

// observe runs our program without timing it. It returns the git log command that read
// the history, from git's own trace, so that the same command is measured, and the peak
// memory.
func (b *bench) observe(ctx context.Context, history string, ours program) (argv []string, peak int64, err error) {
	trace := filepath.Join(b.dir, "trace.json")
	ours.env = append(ours.env, "GIT_TRACE2_EVENT="+trace)
	for range rounds {
		if err := os.RemoveAll(trace); err != nil {
			return nil, 0, err
		}
		_, most, err := b.run(ctx, history, ours, true)
		if err != nil {
			return nil, 0, err
		}
		peak = max(peak, most)
	}
	data, err := os.ReadFile(trace)
	if err != nil {
		return nil, 0, err
	}
	argv, err = logIn(data)
	return argv, peak, err
}

// logIn finds the git log command that reads whole commits in a trace
// (https://git-scm.com/docs/api-trace2, the event format).
func logIn(trace []byte) ([]string, error) {
	var found [][]string
	for line := range bytes.Lines(trace) {
		var event struct {
			Event string   `json:"event"`
			Argv  []string `json:"argv"`
		}
		if err := json.Unmarshal(line, &event); err != nil {
			return nil, fmt.Errorf("git's trace: %w", err)
		}
		if event.Event == "start" && slices.Contains(event.Argv, "log") && slices.Contains(event.Argv, "-z") {
			found = append(found, event.Argv)
		}
	}
	if len(found) != 1 {
		return nil, fmt.Errorf(
			"the pipeline ran git log -z %d times, expected once",
			len(found),
		)
	}
	return found[0], nil
}

func (b *bench) time(ctx context.Context, history string, p program) (time.Duration, error) {
	took, _, err := b.run(ctx, history, p, false)
	return took, err
}

// run runs a program in a history's folder and writes its output to a file. When
// watched, it also returns the peak memory.
func (b *bench) run(
	ctx context.Context,
	history string,
	p program,
	watched bool,
) (took time.Duration, peak int64, err error) {
	out, err := os.Create(filepath.Join(b.dir, p.name+".out"))
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	var said bytes.Buffer
	command := exec.CommandContext(ctx, p.args[0], p.args[1:]...)
	command.Dir, command.Stdout, command.Stderr = history, out, &said
	command.Env = append(os.Environ(), p.env...)
	command.WaitDelay = time.Second
	began := time.Now()
	if err := command.Start(); err != nil {
		return 0, 0, err
	}
	memory := make(chan int64, 1)
	ended := make(chan struct{})
	if watched {
		go func() { memory <- watch(command.Process.Pid, ended) }()
	}
	err = command.Wait()
	took = time.Since(began)
	close(ended)
	if watched {
		peak = <-memory
	}
	if err != nil {
		return took, peak, fmt.Errorf("%s in %s: %w\n%s", p.name, filepath.Base(history), err, said.Bytes())
	}
	if size, err := out.Seek(0, 1); err == nil && size == 0 {
		return took, peak, fmt.Errorf("%s wrote nothing in %s\n%s", p.name, filepath.Base(history), said.Bytes())
	}
	return took, peak, nil
}

// watch polls a process's own peak memory, in KiB, until it ends (proc(5), VmHWM),
// without its children. Without /proc it is 0.
func watch(pid int, ended <-chan struct{}) (peak int64) {
	ticks := time.NewTicker(500 * time.Microsecond)
	defer ticks.Stop()
	for {
		select {
		case <-ended:
			return peak
		case <-ticks.C:
		}
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(status), "\nVmHWM:")
		line, _, _ := strings.Cut(rest, "\n")
		if kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(line, "kB")), 10, 64); err == nil {
			peak = max(peak, kib)
		}
	}
}
