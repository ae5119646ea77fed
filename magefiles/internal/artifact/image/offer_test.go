package image

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"
)

// Blobs of an earlier layout are offered if their content is that of their name.
func TestOfferLayers(t *testing.T) {
	earlier, export := t.TempDir(), filepath.Join(t.TempDir(), "export")
	offerLayers(earlier, export) // there is none
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
	offerLayers(earlier, export)
	entries, err := os.ReadDir(blobs(export))
	if err != nil || len(entries) != 1 || entries[0].Name() != good {
		t.Errorf("offered: %v, %v, want %s alone", entries, err, good)
	}
}
