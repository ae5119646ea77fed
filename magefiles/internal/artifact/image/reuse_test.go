package image

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// Blobs of an earlier layout are reused if their digest matches their name.
func TestReuseLayers(t *testing.T) {
	earlier, export := t.TempDir(), filepath.Join(t.TempDir(), "export")
	reuseLayers(earlier, export) // there is none
	if _, err := os.Stat(export); err == nil {
		t.Error("without an earlier layout, a folder was made")
	}
	sum := sha256.Sum256([]byte("layer"))
	good, changed := hex.EncodeToString(sum[:]), hex.EncodeToString(make([]byte, sha256.Size))
	if err := os.MkdirAll(blobs(earlier), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{good, changed} {
		if err := os.WriteFile(filepath.Join(blobs(earlier), name), []byte("layer"), 0o444); err != nil {
			t.Fatal(err)
		}
	}
	reuseLayers(earlier, export)
	entries, err := os.ReadDir(blobs(export))
	if err != nil || len(entries) != 1 || entries[0].Name() != good {
		t.Errorf("reused: %v, %v, want %s alone", entries, err, good)
	}
}

// Nothing is built if the earlier image cannot be removed.
func TestBuildWithoutRemovingTheEarlierImage(t *testing.T) {
	runner, asked := finder(t, nil)
	options := Options{Dest: t.TempDir() + "/."} // os.RemoveAll refuses this path
	if _, err := Build(t.Context(), runner, options); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("Build: %v, want %v", err, syscall.EINVAL)
	}
	if commands, err := os.ReadFile(asked); err == nil {
		t.Errorf("it ran: %s", commands)
	}
}
