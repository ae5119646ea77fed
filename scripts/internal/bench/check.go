package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// check is the comparison of releaseCheck with Turborepo and Task, on the bundled sample.
type check struct {
	dir                                string
	pipeline, materialise, turbo, task string
	rounds                             int
	cold                               bool // also measure what takes minutes: runs without a stored result

	table table
}

// coldRounds is how often each image is built; the shorter time counts.
const coldRounds = 2

// run measures everything and writes the table. The error is that of a program that failed; a missed goal is none.
func (c *check) run(ctx context.Context) error {
	if err := os.RemoveAll(c.dir); err != nil {
		return err
	}
	for _, part := range []func(context.Context) error{
		c.fill, c.measureNoOp, c.measureChanges, c.measureCold, c.measurePlatforms, c.measureMany,
	} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	c.table.write(os.Stdout)
	return nil
}

func (c *check) app() string { return filepath.Join(c.dir, "app") }

// fill runs releaseCheck once, and the tasks of the others, so that each has its results.
func (c *check) fill(ctx context.Context) error {
	say("the bundled sample; the first releaseCheck takes minutes")
	if err := c.newApp(ctx, c.app()); err != nil {
		return err
	}
	if _, err := command(c.app(), c.pipeline, "releaseCheck").run(ctx); err != nil {
		return err
	}
	return c.fillOthers(ctx)
}

func (c *check) newApp(ctx context.Context, dir string) error {
	_, err := command("", c.materialise, dir).run(ctx)
	return err
}

// measureNoOp compares the three programs with nothing changed, one after the other in each round.
func (c *check) measureNoOp(ctx context.Context) error {
	say("nothing changed, %d rounds", c.rounds)
	times, err := alternate(ctx, c.rounds,
		command(c.app(), c.pipeline, "releaseCheck"), c.turboRun(), c.taskRun())
	if err != nil {
		return err
	}
	ours, turbo, task := median(times[0]), median(times[1]), median(times[2])
	c.table.add("nothing changed: releaseCheck", ours, "", "at most 100 ms", ours <= 100*time.Millisecond)
	c.table.add("nothing changed: turbo", turbo, relative(ours, turbo), "releaseCheck/turbo at most 1", ours <= turbo)
	c.table.note("nothing changed: task", task, relative(ours, task))
	return nil
}

// many is how many files are added for the large tree.
const many = 10_000

// measureMany compares the sample with a tree of many more files, both with nothing changed.
func (c *check) measureMany(ctx context.Context) error {
	say("a tree of %d files", many)
	dir := filepath.Join(c.dir, "many")
	if err := c.newApp(ctx, dir); err != nil {
		return err
	}
	if err := addFiles(ctx, dir, many); err != nil {
		return err
	}
	large, small := command(dir, c.pipeline, "releaseCheck"), command(c.app(), c.pipeline, "releaseCheck")
	if _, err := large.run(ctx); err != nil {
		return err
	}
	times, err := alternate(ctx, c.rounds, small, large)
	if err != nil {
		return err
	}
	few, lots := median(times[0]), median(times[1])
	c.table.add(fmt.Sprintf("nothing changed in %d files", many), lots, relative(lots, few),
		"at most 2 times the sample's", lots <= 2*few)
	return nil
}

// addFiles adds small committed files, and moves the release's tag to the commit that has them.
func addFiles(ctx context.Context, dir string, count int) error {
	for i := range count {
		file := filepath.Join(dir, "extra", fmt.Sprintf("%02d", i%100), fmt.Sprintf("%d.txt", i/100))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, fmt.Appendf(nil, "file %d\n", i), 0o644); err != nil {
			return err
		}
	}
	tag, err := gitIn(ctx, dir, nil, "describe", "--tags", "--abbrev=0")
	if err != nil {
		return err
	}
	for _, args := range [][]string{
		{"add", "extra"},
		{"commit", "--quiet", "--amend", "--no-edit", "--no-verify"},
		{"tag", "--force", tag},
		{"gc", "--quiet"},
	} {
		if _, err := gitIn(ctx, dir, nil, append(identity, args...)...); err != nil {
			return err
		}
	}
	return nil
}

// identity is who commits, without the housekeeping that git starts in the background.
var identity = []string{"-c", "user.name=Bench", "-c", "user.email=bench@example.org", "-c", "maintenance.auto=false"}
