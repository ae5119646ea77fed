// Bench compares the speed of the pipeline with other programs that do the same work;
// scripts/bench runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// sizes are the sizes of the histories, in commits.
var sizes = []int{1_000, 10_000, 100_000}

// errGoal means that a goal was missed; the report has said which one.
var errGoal = errors.New("a goal does not hold")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	b := &bench{}
	flag.StringVar(&b.dir, "dir", "", "folder for histories and outputs")
	flag.StringVar(&b.pipeline, "pipeline", "", "the compiled pipeline")
	flag.StringVar(&b.cliff, "git-cliff", "", "the git-cliff program")
	flag.DurationVar(&b.limit, "limit", 3*time.Minute, "when a run of git-cliff is stopped")
	c := &check{}
	flag.StringVar(&c.materialise, "materialise", "", "the program that makes the sample; compares releaseCheck")
	flag.StringVar(&c.turbo, "turbo", "", "the turbo program")
	flag.StringVar(&c.task, "task", "", "the task program")
	flag.IntVar(&c.rounds, "rounds", 21, "how often each program is run with nothing changed")
	flag.BoolVar(&c.cold, "cold", true, "whether to measure runs without stored results, which take minutes")
	flag.Parse()
	measure := b.changelog
	if c.materialise != "" {
		c.dir, c.pipeline = filepath.Join(b.dir, "check"), b.pipeline
		measure = c.run
	}
	if err := measure(ctx); err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		stop()
		os.Exit(1) //nolint:gocritic // nolint:gocritic // stop is called by hand
	}
}

// bench is what is measured and where.
type bench struct {
	dir, pipeline, cliff string
	limit                time.Duration
}

// changelog measures how long it takes to write the changelog of whole histories.
func (b *bench) changelog(ctx context.Context) error {
	results := make([]result, len(sizes))
	for i, commits := range sizes {
		fmt.Fprintf(os.Stderr, "bench: a history of %d commits\n", commits)
		history := filepath.Join(b.dir, fmt.Sprintf("history-%d", commits))
		if err := ensureHistory(ctx, history, commits); err != nil {
			return err
		}
		var err error
		if results[i], err = b.measure(ctx, history); err != nil {
			return err
		}
		results[i].commits = commits
	}
	if !report(os.Stdout, results) {
		return errGoal
	}
	return nil
}
