//go:build scenario

package targets_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/image"
)

// TestScenarioParts builds each platform's part of an image by itself, as on a
// machine of its own, and joins them: the images are those of one build.
func TestScenarioParts(t *testing.T) {
	l := newLines(t)
	platforms := []string{"linux/amd64", "linux/arm64"}
	change(t, l.dir, "release.yaml", "[linux/"+runtime.GOARCH+"]", "["+strings.Join(platforms, ", ")+"]")
	change(t, l.dir, "Dockerfile", "FROM scratch\n", "FROM scratch\nARG TARGETARCH\nLABEL of=$TARGETARCH\n")
	l.git("commit", "--quiet", "--all", "--message", "fix: two platforms")

	l.run(0, "build")
	dist := filepath.Join(l.dir, "dist")
	whole, err := image.Inspect(filepath.Join(dist, "image.oci"))
	if err != nil {
		t.Fatal(err)
	}
	refused := l.run(1, "assemble")
	if want := "there is no dist/parts/linux-amd64: run image:build -platform=linux/amd64, here or where that platform is at home"; !strings.Contains(refused.stderr, want) {
		t.Errorf("%q, expected %q", refused.stderr, want)
	}
	parts := filepath.Join(t.TempDir(), "parts")
	for _, platform := range platforms {
		l.run(0, "image:build", "-platform="+platform)
		name := strings.ReplaceAll(platform, "/", "-")
		// It travels, and nothing else does.
		if err := os.CopyFS(filepath.Join(parts, name), os.DirFS(filepath.Join(dist, "parts", name))); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(dist); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.CopyFS(filepath.Join(dist, "parts"), os.DirFS(parts)); err != nil {
		t.Fatal(err)
	}
	l.run(0, "assemble")
	apart, err := image.Inspect(filepath.Join(dist, "image.oci"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(whole.Platforms, apart.Platforms); diff != "" {
		t.Errorf("(-at once +apart):\n%s", diff)
	}

	// A part of another commit is no part of it.
	l.commit("fix", "1\n", "fix: more")
	if refused := l.run(1, "assemble"); !strings.Contains(refused.stderr, "parts/linux-amd64: it is 2.0.1 of commit ") {
		t.Error(refused.stderr)
	}
	if refused := l.run(1, "image:build", "-platform=linux/riscv64"); !strings.Contains(refused.stderr, "-platform=linux/riscv64 is not one of those that the image is built for: "+strings.Join(platforms, ", ")) {
		t.Error(refused.stderr)
	}
}
