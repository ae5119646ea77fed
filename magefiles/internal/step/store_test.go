package step_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/step"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
)

// TestOutputsAreRestored damages dist in every way: the outputs are restored without doing the work again.
func TestOutputsAreRestored(t *testing.T) {
	for name, damage := range map[string]func(*bench) error{
		"a deleted file":        func(b *bench) error { return os.Remove(b.path("out/a.txt")) },
		"all of dist":           func(b *bench) error { return os.RemoveAll(b.store.Dist) },
		"other content":         func(b *bench) error { return os.WriteFile(b.path("out/a.txt"), []byte("Z"), 0o644) },
		"a mode":                func(b *bench) error { return os.Chmod(b.path("out/a.txt"), 0o755) },
		"a new file":            func(b *bench) error { return file(b.path("out/evil.whl"), 0) },
		"a folder for a file":   func(b *bench) error { return become(b.path("out/a.txt"), os.Mkdir) },
		"a file for a folder":   func(b *bench) error { return become(b.path("out/sub"), file) },
		"a link for a folder":   func(b *bench) error { return become(b.path("out"), linkToNowhere) },
		"a link for a file":     func(b *bench) error { return become(b.path("out/a.txt"), linkToNowhere) },
		"the same again, later": func(b *bench) error { return become(b.path("out/a.txt"), file) },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.expect(step.Done, "")
			if err := damage(b); err != nil {
				t.Fatal(err)
			}
			b.expect(step.Reused, "")
			if info, err := os.Lstat(b.path("out/a.txt")); err != nil || info.Mode() != 0o644 {
				t.Errorf("%v %v", info, err)
			}
		})
	}
}

// become replaces what is at a path.
func become(path string, create func(string, fs.FileMode) error) error {
	return errors.Join(os.RemoveAll(path), create(path, 0o755))
}

func file(path string, _ fs.FileMode) error { return os.WriteFile(path, []byte("A"), 0o644) }

func linkToNowhere(path string, _ fs.FileMode) error { return os.Symlink("/nowhere", path) }

// TestLinksAreOutputs keeps symbolic links as links.
func TestLinksAreOutputs(t *testing.T) {
	b := newBench(t)
	local := func() *step.Local {
		made := b.local()
		work := made.Make
		made.Make = func(ctx context.Context) (any, error) {
			value, err := work(ctx)
			return value, errors.Join(err, os.Symlink("sub", b.path("out/link")))
		}
		return made
	}
	if outcome := b.ensure(local()); outcome.Err != nil {
		t.Fatal(outcome.Err)
	}
	if err := become(b.path("out/link"), linkToNowhere); err != nil {
		t.Fatal(err)
	}
	if outcome := b.ensure(local()); outcome.Err != nil || outcome.Worked {
		t.Errorf("%v, worked %v", outcome.Err, outcome.Worked)
	}
	if target, err := os.Readlink(b.path("out/link")); target != "sub" {
		t.Errorf("the link points to %q (%v)", target, err)
	}
}

// TestLargeOutputsAreMadeAgain has an output that is too large to be stored.
func TestLargeOutputsAreMadeAgain(t *testing.T) {
	b := newBench(t)
	b.files["out/image"] = string(bytes.Repeat([]byte("x"), step.KeptOutput+1))
	b.expect(step.Done, "")
	b.expect(step.Reused, "")
	if err := os.Truncate(b.path("out/image"), step.KeptOutput); err != nil {
		t.Fatal(err)
	}
	b.expect(step.Done, "out/image in dist is gone or was changed")
	b.expect(step.Reused, "")
}

// TestBrokenCacheIsAMiss damages the stored result.
func TestBrokenCacheIsAMiss(t *testing.T) {
	for name, pattern := range map[string]string{
		"no description": "result.json", "a copy": "0", "everything": "*",
	} {
		for content, damage := range map[string]func(string) error{
			"empty":   func(file string) error { return os.Truncate(file, 0) },
			"garbage": func(file string) error { return os.WriteFile(file, []byte(`{"key": 7`), 0o644) },
			"gone":    os.Remove,
		} {
			t.Run(name+" is "+content, func(t *testing.T) {
				b := newBench(t)
				b.expect(step.Done, "")
				found, err := filepath.Glob(string(b.store.Cache) + "/steps/*/*/*/" + pattern)
				if err != nil || len(found) == 0 {
					t.Fatal(found, err)
				}
				for _, each := range found {
					err = errors.Join(err, damage(each))
				}
				if err := errors.Join(err, os.RemoveAll(b.store.Dist)); err != nil {
					t.Fatal(err)
				}
				b.expect(step.Done, "")
				b.expect(step.Reused, "")
			})
		}
	}
}

// TestVanishedCopyIsMadeAgain deletes the stored copy between Done and Restore.
func TestVanishedCopyIsMadeAgain(t *testing.T) {
	b := newBench(t)
	b.expect(step.Done, "")
	if err := os.RemoveAll(b.store.Dist); err != nil {
		t.Fatal(err)
	}
	local := &lateLoss{Local: b.local(), lose: string(b.store.Cache)}
	g := step.NewGraph(nil)
	if err := g.Ensure(t.Context(), g.Add(step.Step{Title: "late", Scope: t.Name(), Work: local})); err != nil {
		t.Fatal(err)
	}
	if b.made != 2 {
		t.Errorf("made %d times", b.made)
	}
	b.left()
}

// lateLoss deletes the cache after Done.
type lateLoss struct {
	*step.Local
	lose string
}

func (l *lateLoss) Done(ctx context.Context) (step.State, error) {
	state, err := l.Local.Done(ctx)
	return state, errors.Join(err, os.RemoveAll(l.lose))
}

// TestSecretsAreNotKept searches the whole cache for the value of a variable.
func TestSecretsAreNotKept(t *testing.T) {
	b := newBench(t)
	secret := "hunter2-of-the-registry"
	b.inputs.Variable("API_KEY", secret)
	b.expect(step.Done, "")
	b.inputs.Variable("API_KEY", secret+"-changed")
	b.expect(step.Done, "variable API_KEY has changed")
	searched := 0
	err := filepath.WalkDir(string(b.store.Cache), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		searched += len(data)
		if bytes.Contains(data, []byte(secret)) || strings.Contains(path, secret) {
			t.Errorf("%s has the secret", path)
		}
		return err
	})
	if err != nil || searched == 0 {
		t.Errorf("searched %d bytes: %v", searched, err)
	}
}

// TestPrune checks that the most recently used results are kept.
func TestPrune(t *testing.T) {
	b := newBench(t)
	left := filepath.Join(
		string(b.store.Cache),
		"steps",
		cache.Key(b.store.App),
		cache.Key("backend:lint"),
		"new-killed",
	)
	old := time.Now().Add(-48 * time.Hour)
	if err := errors.Join(os.MkdirAll(left, 0o755), os.Chtimes(left, old, old)); err != nil {
		t.Fatal(err)
	}
	version := func(i int) { b.inputs.File("a.py", fmt.Sprint(i)) }
	for i := range 8 {
		if i > 0 {
			version(0)
			b.expect(step.Reused, "")
		}
		version(i)
		b.expect(step.Done, "")
	}
	version(0)
	b.expect(step.Reused, "")
	version(1)
	b.expect(step.Done, "")
	if entries, err := os.ReadDir(filepath.Dir(left)); err != nil || len(entries) != 5 {
		t.Errorf("%d results are kept: %v (%v)", len(entries), entries, err)
	}
}

// TestGoneAppsAreSwept removes the results of an app that no longer exists.
func TestGoneAppsAreSwept(t *testing.T) {
	b := newBench(t)
	kept := func() int {
		found, err := filepath.Glob(string(b.store.Cache) + "/steps/*/*/*/result.json")
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	for apps, app := range []string{"one", "two", "three"} {
		b.store.App = filepath.Join(t.TempDir(), app)
		if err := os.Mkdir(b.store.App, 0o755); err != nil {
			t.Fatal(err)
		}
		b.ensure(b.local())
		if kept() != apps+1 {
			t.Errorf("results of %d apps are kept, want %d", kept(), apps+1)
		}
	}
	gone := b.store.App
	b.store.App = t.TempDir()
	if err := os.Remove(gone); err != nil {
		t.Fatal(err)
	}
	b.ensure(b.local())
	if kept() != 3 {
		t.Errorf("results of %d apps are kept, want 3", kept())
	}
}

// TestDigest checks that the digest depends on the outputs and the value, but not on the log.
func TestDigest(t *testing.T) {
	b := newBench(t)
	digest := func() string {
		t.Helper()
		local := b.local()
		local.Log, local.Again = "log/step.txt", true
		if outcome := b.ensure(local); outcome.Err != nil {
			t.Fatal(outcome.Err)
		}
		result, _ := local.Result(t.Context())
		return result.Digest()
	}
	before := digest()
	b.files["log/step.txt"] = "all is well, after 3 s"
	if digest() != before {
		t.Error("the log is a part of the digest")
	}
	b.files["out/a.txt"] = "Z"
	if digest() == before {
		t.Error("an output is none")
	}
}

// TestTwoRunsAtOnce has many runs make, restore and prune the same step concurrently.
func TestTwoRunsAtOnce(t *testing.T) {
	b := newBench(t)
	var mu sync.Mutex
	var wait sync.WaitGroup
	working, made := 0, 0
	for run := range 12 {
		local := b.local()
		local.Again = run%3 == 0
		work := local.Make
		local.Make = func(ctx context.Context) (any, error) {
			mu.Lock()
			working++
			made++
			if working > 1 {
				t.Error("two runs make the same outputs at once")
			}
			mu.Unlock()
			if err := os.RemoveAll(b.store.Dist); err != nil {
				return nil, err
			}
			time.Sleep(3 * time.Millisecond)
			value, err := work(ctx)
			mu.Lock()
			working--
			mu.Unlock()
			return value, err
		}
		g := step.NewGraph(nil)
		s := g.Add(step.Step{Title: "one", Scope: fmt.Sprintf("%s %d", t.Name(), run), Work: local})
		wait.Go(func() {
			if err := g.Ensure(t.Context(), s); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if made < 4 || made > 5 {
		t.Errorf("made %d times, want once for each of the 4 that asked for it, and perhaps once before", made)
	}
	b.expect(step.Reused, "")
}

// TestUsedOutputsMayNotChange changes the outputs that a step reads while it works.
func TestUsedOutputsMayNotChange(t *testing.T) {
	b := newBench(t)
	used := b.local()
	if outcome := b.ensure(used); outcome.Err != nil {
		t.Fatal(outcome.Err)
	}
	meddle := func() {}
	image := &step.Local{
		Store: b.store, Step: "image:build", Uses: []*step.Local{used},
		Inputs: func(context.Context) (step.Inputs, error) { return step.Inputs{"a": "b"}, nil },
		Make:   func(context.Context) (any, error) { meddle(); return nil, nil },
	}
	for name, each := range map[string]func(){
		"changed": func() { b.write("out/a.txt", "Z") }, "added": func() { b.write("out/c.txt", "C") },
	} {
		meddle = each
		if outcome := b.ensure(
			image,
		); outcome.Err == nil ||
			!strings.Contains(outcome.Err.Error(), "backend:lint was changed") {
			t.Errorf("%s: %v", name, outcome.Err)
		}
		b.expectOf(used, step.Reused, "")
	}
	meddle = func() {}
	if outcome := b.ensure(image); outcome.Err != nil || !outcome.Worked {
		t.Errorf("%+v", outcome)
	}
}
