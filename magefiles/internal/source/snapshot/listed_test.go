package snapshot_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// The list of a tree is stored. A list that is incomplete, or whose objects no longer exist, is ignored.
func TestListIsKept(t *testing.T) {
	t.Parallel()
	r := newRepository(t, "")
	tree := must(t)(r.store.With(t.Context(), r.head(), nextVersion()))
	files, err := r.store.Files(t.Context(), tree)
	if err != nil {
		t.Fatal(err)
	}
	listed := filepath.Join(r.app, "dist", "tree", "listed-"+tree.Root())
	content, err := os.ReadFile(listed)
	if err != nil {
		t.Fatal(err)
	}
	half := string(content[:len(content)-5])
	for name, kept := range map[string]string{"whole": string(content), "half": half, "empty": ""} {
		write(t, listed, kept)
		r.open()
		if again, err := r.store.Files(t.Context(), tree); err != nil || !slices.Equal(again, files) {
			t.Errorf("%s: %v, %v", name, again, err)
		}
		if now, err := os.ReadFile(listed); err != nil || string(now) != string(content) {
			t.Errorf("%s: it was not kept again: %v", name, err)
		}
	}
	hash := tree.Root()
	if err := os.Remove(filepath.Join(r.app, "dist", "tree", "objects", hash[:2], hash[2:])); err != nil {
		t.Fatal(err)
	}
	r.open()
	if _, err := r.store.Known(t.Context(), hash); err == nil {
		t.Error("a tree is known whose objects are gone")
	}
}
