package work

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestProgramAt identifies an executable, and one that cannot be read: that is the same for this process only.
func TestProgramAt(t *testing.T) {
	file := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(file, []byte("1"), 0o755); err != nil {
		t.Fatal(err)
	}
	first := programAt(file)
	if first != programAt(file) || !strings.HasPrefix(first, "1 bytes of ") {
		t.Errorf("an executable of one byte: %q", first)
	}
	if err := os.WriteFile(file, []byte("12"), 0o755); err != nil {
		t.Fatal(err)
	}
	if again := programAt(file); again == first {
		t.Errorf("another build is %q, too", again)
	}
	unknown := programAt(file + ".gone")
	if random, is := strings.CutPrefix(unknown, "unknown build "); !is || len(random) < 20 {
		t.Errorf("without an executable: %q, want a text that no other process has", unknown)
	}
	if unknown != programAt(file+".gone") {
		t.Error("without an executable, the text differs within one process")
	}
}
