// Package download shows the progress of package managers while they download: what they print about it, and the
// size of the folder that they fill.
package download

import (
	"context"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// Reader is called with each line that a program prints. It returns the program's progress in a few words, or "" if
// the line says nothing about that.
type Reader func(line string) string

// Show returns a function for run.Command.Line that shows the progress of a program.
func Show(ctx context.Context, read Reader) func(line string) {
	return func(line string) {
		if text := read(line); text != "" {
			run.Status(ctx, "%s", text)
		}
	}
}

// Measuring the folder may take 1/idle of the time, and happens at most once per period.
const (
	period = time.Second
	idle   = 100
)

// Filling is Show for a program that fills a folder: until stop is called, it also measures the folder from time to
// time and shows its size.
func Filling(ctx context.Context, folder string, read Reader) (line func(string), stop func()) {
	f := &filling{ctx: ctx, folder: folder}
	ctx, cancel := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() { f.watch(ctx) })
	return func(line string) {
			if text := read(line); text != "" {
				f.show(func() { f.text = text })
			}
		}, func() {
			cancel()
			watching.Wait()
		}
}

// filling is the progress of a program that fills a folder.
type filling struct {
	ctx    context.Context
	folder string

	mu   sync.Mutex
	text string // progress in the program's own words
	size int64  // of the folder, in bytes
}

func (f *filling) watch(ctx context.Context) {
	pause := period
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		begun := time.Now()
		size := sizeOf(ctx, f.folder)
		pause = max(period, idle*time.Since(begun))
		f.show(func() { f.size = size })
	}
}

// show applies an update and shows the progress after it.
func (f *filling) show(update func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	update()
	var parts []string
	if f.text != "" {
		parts = append(parts, f.text)
	}
	if f.size > 0 {
		parts = append(parts, report.Size(f.size)+" in "+filepath.Base(f.folder))
	}
	if len(parts) > 0 {
		run.Status(f.ctx, "%s", strings.Join(parts, ", "))
	}
}

// sizeOf returns the total size of a folder's readable files, or 0 if the folder does not exist yet.
func sizeOf(ctx context.Context, folder string) int64 {
	var sum int64
	_ = filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil { // the program moves and removes files at the same time
			if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
				sum += info.Size()
			}
		}
		return ctx.Err()
	})
	return sum
}
