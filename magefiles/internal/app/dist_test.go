package app

import (
	"os"
	"path/filepath"
	"testing"
)

// A file in the place of dist/ is named.
func TestDistThatIsAFile(t *testing.T) {
	found := &App{Root: t.TempDir()}
	if err := found.Ignore(); err != nil {
		t.Errorf("without dist: %v", err)
	}
	file := filepath.Join(found.Root, "dist")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	want := file + " is a file, and the pipeline needs a folder of that name for what it makes: move the file away"
	if err := found.Ignore(); err == nil || err.Error() != want {
		t.Errorf("error %v", err)
	}
	if _, err := found.Dist("log", "x.txt"); err == nil || err.Error() != want {
		t.Errorf("error %v", err)
	}
}
