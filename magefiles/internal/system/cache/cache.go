// Package cache stores results that are expensive to make and can be lost safely:
// folders named by their inputs, created once and atomically.
package cache

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Dir is the root of a cache.
type Dir string

// complete is the file that marks an entry as complete.
const complete = ".complete"

// Key names an entry by all of its inputs.
func Key(parts ...string) string {
	sum := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(sum, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(sum.Sum(nil))[:20]
}

// Path returns a folder in the cache for a tool's own use. It does not create it.
func (d Dir) Path(elements ...string) string {
	return filepath.Join(append([]string{string(d)}, elements...)...)
}

// Make returns the folder of the entry kind/key. If it does not exist or is incomplete,
// build fills it; concurrent callers and processes wait for the one that builds.
func (d Dir) Make(ctx context.Context, kind, key string, build func(dir string) error) (string, error) {
	dir := d.Path(kind, key)
	marker := filepath.Join(dir, complete)
	if _, err := os.Stat(marker); err == nil {
		return dir, nil
	}
	unlock, err := d.Lock(ctx, kind+"-"+key)
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(marker); err == nil {
		return dir, nil
	}
	if err := os.RemoveAll(dir); err != nil {
		return "", fmt.Errorf("remove the incomplete cache entry %s: %w", dir, err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make a cache entry: %w", err)
	}
	if err := build(dir); err != nil {
		return "", err
	}
	return dir, os.WriteFile(marker, nil, 0o644)
}

// Lock waits until no one else, in this process or another, holds the lock with that
// name. The kernel releases it when its holder dies.
func (d Dir) Lock(ctx context.Context, name string) (unlock func(), err error) {
	for {
		unlock, err := d.TryLock(name)
		if unlock != nil || err != nil {
			return unlock, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// TryLock is Lock without waiting: unlock is nil while someone else holds the lock.
func (d Dir) TryLock(name string) (unlock func(), err error) {
	path := d.Path("locks", name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("make the cache folder: %w", err)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|syscall.O_CLOEXEC, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open a lock: %w", err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return func() { _ = file.Close() }, nil
	}
	_ = file.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EINTR) {
		return nil, nil
	}
	return nil, fmt.Errorf("lock %s: %w", path, err)
}
