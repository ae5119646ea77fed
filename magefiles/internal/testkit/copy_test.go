package testkit

import (
	"os"
	"path/filepath"
	"testing"
)

func TestCopyTree(t *testing.T) {
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "copy")
	for name, mode := range map[string]os.FileMode{
		"plain":      0o644,
		"run":        0o755,
		"many/a/b":   0o600,
		"many.not/c": 0o644,
	} {
		file := filepath.Join(from, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(name), mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("plain", filepath.Join(from, "link")); err != nil {
		t.Fatal(err)
	}
	CopyTree(t, from, to, "many")
	for name, shared := range map[string]bool{"plain": false, "run": false, "many/a/b": true, "many.not/c": false} {
		before, err := os.Stat(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		after, err := os.Stat(filepath.Join(to, name))
		if err != nil {
			t.Fatal(err)
		}
		if content, err := os.ReadFile(filepath.Join(to, name)); err != nil || string(content) != name {
			t.Errorf("%s: %q, %v", name, content, err)
		}
		if os.SameFile(before, after) != shared || before.Mode() != after.Mode() ||
			!before.ModTime().Equal(after.ModTime()) {
			t.Errorf(
				"%s: %v and %v, one file: %v, expected %v",
				name,
				before.Mode(),
				after.Mode(),
				os.SameFile(before, after),
				shared,
			)
		}
	}
	if target, err := os.Readlink(filepath.Join(to, "link")); err != nil || target != "plain" {
		t.Errorf("link to %q, %v", target, err)
	}
}
