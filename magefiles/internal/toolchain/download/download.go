// Package download shows how far the package managers are with what they download: what
// each says of it, and how large the folder is that it fills.
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

// Reader takes the lines that a program says, one after the other. It returns how far the
// program is, in a few words, or "" if the line says nothing about that.
type Reader func(line string) string

// Show returns what takes the lines of a program, for run.Command, and shows how far it is.
func Show(ctx context.Context, read Reader) func(line string) {
	return func(line string) {
		if text := read(line); text != "" {
			run.Status(ctx, "%s", text)
		}
	}
}

// A walk of a folder may take one part in idle of the time, and there is at most one in each period.
const (
	period = time.Second
	idle   = 100
)

// Filling is Show for a program that fills a folder: it also shows how large the folder is.
// Until stop is called, it looks there from time to time.
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

// filling is a folder that a program fills.
type filling struct {
	ctx    context.Context
	folder string

	mu   sync.Mutex
	text string // how far the program is, in its own words
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

// show shows what an update makes of it.
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

// sizeOf is how many bytes the files of a folder have that can be seen; 0 when there is none yet.
func sizeOf(ctx context.Context, folder string) int64 {
	var sum int64
	_ = filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil { // the program moves and removes files meanwhile
			if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
				sum += info.Size()
			}
		}
		return ctx.Err()
	})
	return sum
}
