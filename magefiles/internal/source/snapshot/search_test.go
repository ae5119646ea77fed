package snapshot_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/snapshot"
)

// TestSearch finds lines in the app's text files, also if the app is in a folder of the repository.
func TestSearch(t *testing.T) {
	for _, prefix := range []string{"", "apps/shop"} {
		r := newRepository(t, prefix)
		r.write("a b.txt", "one\nghcr.io/a/b:1: x\r\nGHCR.IO/A/B\nghcr.io/a/b")
		r.write("docs/a.bin", "ghcr.io/a/b\x00")
		tree := must(t)(r.store.Checkout(t.Context()))
		found, err := r.store.Search(t.Context(), tree, "ghcr.io/a/b")
		want := []snapshot.Match{{"a b.txt", 2, "ghcr.io/a/b:1: x\r"}, {"a b.txt", 4, "ghcr.io/a/b"}}
		if err != nil || !slices.Equal(found, want) {
			t.Errorf("%q: %+v, %v", prefix, found, err)
		}
		if found, err := r.store.Search(t.Context(), tree, "-nowhere-"); err != nil || found != nil {
			t.Errorf("%q: %+v, %v", prefix, found, err)
		}
	}
}

// TestPointers has many Git LFS pointers, some of which are intended.
func TestPointers(t *testing.T) {
	const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
	r := newRepository(t, "")
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		r.write("models/"+name, pointer)
	}
	tree := must(t)(r.store.Checkout(t.Context()))
	dir := filepath.Join(t.TempDir(), "source")
	err := r.store.Write(t.Context(), tree, dir)
	const want = "models/a, models/b, models/c, models/d, models/e and 2 more: they are Git LFS pointers, not the " +
		"files themselves; run git lfs install && git lfs pull, or list in build.lfs.allow what is meant to be one"
	if err == nil || err.Error() != want {
		t.Errorf("error %v", err)
	}
	r.store.Pointers = func(file string) bool { return strings.HasPrefix(file, "models/") && file != "models/c" }
	err = r.store.Write(t.Context(), tree, dir)
	if err == nil || !strings.HasPrefix(err.Error(), "models/c: it is a Git") {
		t.Errorf("error %v", err)
	}
	r.store.Pointers = func(string) bool { return true }
	if err := r.store.Write(t.Context(), tree, dir); err != nil {
		t.Error(err)
	}
}
