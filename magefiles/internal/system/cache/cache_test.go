package cache_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
)

func TestMakeBuildsOnce(t *testing.T) {
	store := cache.Dir(t.TempDir())
	var built atomic.Int32
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			_, err := store.Make(t.Context(), "kind", "key", func(dir string) error {
				built.Add(1)
				time.Sleep(20 * time.Millisecond)
				return os.WriteFile(filepath.Join(dir, "file"), []byte("x"), 0o644)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if built.Load() != 1 {
		t.Errorf("built %d times", built.Load())
	}
}

func TestMakeStartsOverAfterAFailure(t *testing.T) {
	store := cache.Dir(t.TempDir())
	broken := errors.New("broken")
	if _, err := store.Make(t.Context(), "kind", "key", func(dir string) error {
		return errors.Join(os.WriteFile(filepath.Join(dir, "half"), nil, 0o644), broken)
	}); !errors.Is(err, broken) {
		t.Fatalf("error %v", err)
	}
	dir, err := store.Make(t.Context(), "kind", "key", func(string) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "half")); !os.IsNotExist(err) {
		t.Error("what the failed build left is still there")
	}
}

func TestLockGivesUpWhenCancelled(t *testing.T) {
	store := cache.Dir(t.TempDir())
	unlock, err := store.Lock(t.Context(), "name")
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := store.Lock(ctx, "name"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}

func TestKeyKeepsPartsApart(t *testing.T) {
	if cache.Key("ab", "c") == cache.Key("a", "bc") {
		t.Error("two different inputs have one key")
	}
}
