package artifact_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
)

var epoch = time.Unix(1_700_000_000, 0)

// content makes a folder whose files have different times and modes.
func content(t *testing.T, mode os.FileMode) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"b/index.html", "a.js"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Unix(int64(mode), 0)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestArchiveIsReproducible(t *testing.T) {
	var archives [][]byte
	for _, mode := range []os.FileMode{0o600, 0o664} {
		file := filepath.Join(t.TempDir(), "x.tar.gz")
		if err := artifact.Archive(content(t, mode), file, epoch); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		archives = append(archives, data)
		out, err := exec.CommandContext(t.Context(), "tar", "-tzf", file).Output()
		if diff := cmp.Diff("a.js\nb/index.html\n", string(out)); diff != "" || err != nil {
			t.Errorf("tar reads (-want +got):\n%s%v", diff, err)
		}
	}
	if !bytes.Equal(archives[0], archives[1]) {
		t.Error("the same content gave two different archives")
	}
}

// A program is one after it was unpacked, too.
func TestArchiveKeepsPrograms(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.tar.gz")
	if err := artifact.Archive(content(t, 0o700), file, epoch); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "tar", "-tvzf", file).Output()
	if bytes.Count(out, []byte("-rwxr-xr-x ")) != 2 || err != nil {
		t.Errorf("tar reads %s, %v", out, err)
	}
}

func TestChecksumsAreWhatSha256sumReads(t *testing.T) {
	dir := content(t, 0o644)
	files, err := artifact.Checksums(dir, []string{"a.js", "b/index.html"})
	if err != nil || len(files) != 2 || files[0].Size != 4 {
		t.Fatalf("%v, %v", files, err)
	}
	command := exec.CommandContext(t.Context(), "sha256sum", "--check", "--strict", "checksums.txt")
	command.Dir = dir
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("sha256sum: %v\n%s", err, out)
	}
	if _, err := artifact.Checksums(dir, []string{"none"}); err == nil {
		t.Error("a missing file was measured")
	}
}
