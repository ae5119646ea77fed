package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// The goals, for the largest history.
const (
	mostOfGitLog   = 2.00 // our time relative to git log's
	leastOfCliff   = 20.0 // git-cliff's time relative to ours
	mostOfSmallest = 2.00 // our memory relative to that for the smallest history
)

// report writes the table and the goals, and reports whether all goals are met.
func report(out io.Writer, results []result) bool {
	writeTable(out, results)
	fmt.Fprintf(out, "\nThe best of %d runs; of what takes longer than %s, the only one.\n", rounds, slow)
	for _, r := range results {
		if r.stopped {
			fmt.Fprintf(
				out,
				"git-cliff did not end within %s on %d commits and was stopped: it takes longer than that.\n",
				r.them.Round(time.Second),
				r.commits,
			)
		}
	}
	return writeGoals(out, results[0], results[len(results)-1])
}

// writeTable writes a row for each history.
func writeTable(out io.Writer, results []result) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "commits\tgit log\tours\tours/git log\tgit-cliff\tgit-cliff/ours\tour peak memory\t")
	for _, r := range results {
		fmt.Fprintf(
			table,
			"%d\t%s\t%s\t%.2f\t%s%s\t%s%.1f\t%.1f MiB\t\n",
			r.commits,
			seconds(r.gitLog),
			seconds(r.ours),
			ratio(r.ours, r.gitLog),
			more(r),
			seconds(r.them),
			more(r),
			ratio(r.them, r.ours),
			float64(r.peak)/1024,
		)
	}
	_ = table.Flush() // a failure to write also fails the next line
}

// writeGoals writes the goals, and reports whether all are met.
func writeGoals(out io.Writer, smallest, largest result) bool {
	memory := float64(largest.peak) / float64(max(smallest.peak, 1))
	fmt.Fprintf(out, "Goals, at %d commits:\n", largest.commits)
	held := goal(
		out,
		fmt.Sprintf(
			"ours takes at most %.2f times as long as git log: %.2f",
			mostOfGitLog,
			ratio(largest.ours, largest.gitLog),
		),
		ratio(largest.ours, largest.gitLog) <= mostOfGitLog,
	)
	held = goal(
		out,
		fmt.Sprintf(
			"ours is at least %.0f times as fast as git-cliff: %s%.1f",
			leastOfCliff,
			more(largest),
			ratio(largest.them, largest.ours),
		),
		ratio(largest.them, largest.ours) >= leastOfCliff,
	) &&
		held
	return goal(
		out,
		fmt.Sprintf(
			"its peak memory is at most %.2f times that at %d commits: %.2f",
			mostOfSmallest,
			smallest.commits,
			memory,
		),
		memory <= mostOfSmallest && smallest.peak > 0,
	) &&
		held
}

// goal writes whether one goal is met, and returns that.
func goal(out io.Writer, text string, holds bool) bool {
	verdict := "does NOT hold"
	if holds {
		verdict = "holds"
	}
	fmt.Fprintf(out, "  %s — %s\n", text, verdict)
	return holds
}

// more returns the prefix of a ratio of which only a lower bound is known.
func more(r result) string {
	if r.stopped {
		return "> "
	}
	return ""
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f s", d.Seconds()) }
