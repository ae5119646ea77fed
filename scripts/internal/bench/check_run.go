package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

func say(format string, args ...any) { fmt.Fprintf(os.Stderr, "bench: "+format+"\n", args...) }

// invocation is a program to run in a folder.
type invocation struct {
	dir, proof string // proof is what it prints when everything is cached
	args, env  []string
	out        bytes.Buffer // of the last run
}

func command(dir, name string, args ...string) *invocation {
	return &invocation{dir: dir, args: append([]string{name}, args...)}
}

func (p *invocation) with(env ...string) *invocation {
	p.env = append(p.env, env...)
	return p
}

// run runs it and tells how long that took.
func (p *invocation) run(ctx context.Context) (time.Duration, error) {
	p.out.Reset()
	process := exec.CommandContext(ctx, p.args[0], p.args[1:]...)
	process.Dir, process.Stdout, process.Stderr = p.dir, &p.out, &p.out
	process.Env = append(os.Environ(), p.env...)
	start := time.Now()
	err := process.Run()
	took := time.Since(start)
	if err != nil {
		said := p.out.String()
		return took, fmt.Errorf("%s %s: %w\n%s", filepath.Base(p.args[0]), strings.Join(p.args[1:], " "), err,
			said[max(0, len(said)-3000):])
	}
	return took, nil
}

func (p *invocation) cached() bool { return strings.Contains(p.out.String(), p.proof) }

// alternate runs each program once in each round, after a round that does not count.
func alternate(ctx context.Context, rounds int, programs ...*invocation) ([][]time.Duration, error) {
	times := make([][]time.Duration, len(programs))
	for round := range rounds + 1 {
		for i, each := range programs {
			took, err := each.run(ctx)
			if err != nil {
				return nil, err
			}
			if round > 0 {
				times[i] = append(times[i], took)
			}
		}
	}
	return times, nil
}

func median(times []time.Duration) time.Duration {
	times = slices.Sorted(slices.Values(times))
	return (times[len(times)/2] + times[(len(times)-1)/2]) / 2
}

// relative returns the first time relative to the second.
func relative(a, b time.Duration) string { return fmt.Sprintf("%.2f", ratio(a, max(b, 1))) }

// table is what was measured, row by row.
type table struct{ rows []string }

func (t *table) add(what string, took time.Duration, ratio, goal string, holds bool) {
	t.text(what, shortly(took)+"\t"+ratio, goal, holds)
}

// note is a row without a goal.
func (t *table) note(what string, took time.Duration, ratio string) {
	t.row(fmt.Sprintf("%s\t%s\t%s\t\t", what, shortly(took), ratio))
}

func (t *table) text(what, found, goal string, holds bool) {
	verdict := "MISSED"
	if holds {
		verdict = "ok"
	}
	if !strings.Contains(found, "\t") { // a list of steps has a line of its own
		t.row(fmt.Sprintf("%s\t\t\t%s\t%s", what, goal, verdict))
		t.row("  runs " + found)
		return
	}
	t.row(fmt.Sprintf("%s\t%s\t%s\t%s", what, found, goal, verdict))
}

// row adds a row, and shows it at once: the next one may take minutes.
func (t *table) row(text string) {
	t.rows = append(t.rows, text)
	say("%s", strings.ReplaceAll(text, "\t", "  "))
}

func (t *table) write(out io.Writer) {
	columns := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(columns, "what\tmedian\tratio\tgoal\t")
	for _, row := range t.rows {
		fmt.Fprintln(columns, row)
	}
	_ = columns.Flush() // a terminal's own trouble
}

func shortly(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%.0f ms", float64(d)/float64(time.Millisecond))
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
