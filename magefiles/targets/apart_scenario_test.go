//go:build scenario

package targets_test

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// TestScenarioParts builds each platform's part of an image by itself, as on a
// machine of its own, and joins them: the images are those of one build.
func TestScenarioParts(t *testing.T) {
	t.Parallel()
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
	if want := "there is no dist/parts/linux-amd64: run image:build -platform=linux/amd64, here or on a machine of " +
		"that platform"; !strings.Contains(
		refused.stderr,
		want,
	) {
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
	output := filepath.Join(t.TempDir(), "output")
	joined := pipeline(t, l.dir, []string{"GITHUB_OUTPUT=" + output}, "assemble")
	apart, err := image.Inspect(filepath.Join(dist, "image.oci"))
	if err != nil || joined.code != 0 {
		t.Fatalf("code %d, %v\n%s", joined.code, err, joined.stderr)
	}
	if diff := cmp.Diff(whole.Platforms, apart.Platforms); diff != "" {
		t.Errorf("(-at once +apart):\n%s", diff)
	}
	if told, err := os.ReadFile(
		output,
	); err != nil || !slices.Contains(strings.Fields(string(told)), "digest="+apart.Digest) ||
		!strings.HasPrefix(string(told), "version=2.0.1\n") {
		t.Errorf("handed on: %s, %v", told, err)
	}

	// A part of another commit is no part of it.
	l.commit("fix", "1\n", "fix: more")
	if refused := l.run(
		1,
		"assemble",
	); !strings.Contains(
		refused.stderr,
		"parts/linux-amd64: its labels say 2.0.1 of commit ",
	) {
		t.Error(refused.stderr)
	}
	if refused := l.run(
		1,
		"image:build",
		"-platform=linux/riscv64",
	); !strings.Contains(
		refused.stderr,
		"-platform=linux/riscv64 is not one of those that the image is built for: "+strings.Join(platforms, ", "),
	) {
		t.Error(refused.stderr)
	}
}

// TestScenarioAnnotations breaks the sample for every tool, and finds what each
// of them said where GitHub Actions shows it: at its place in the repository.
func TestScenarioAnnotations(t *testing.T) {
	t.Parallel()
	dir := sample(t)
	for _, each := range breakages {
		if each.annotated != "" {
			each.make(t, dir)
		}
	}
	summary := filepath.Join(t.TempDir(), "summary.md")
	var told, shown strings.Builder
	for _, target := range []string{"lint", "test"} {
		result := pipeline(t, dir, []string{"GITHUB_ACTIONS=true", "GITHUB_STEP_SUMMARY=" + summary}, target)
		if result.code == 0 {
			t.Errorf("%s ended with code 0", target)
		}
		told.WriteString(result.stderr)
		shown.WriteString(result.stdout)
		if !strings.Contains(result.stdout, "::group::"+target+"\n") ||
			!strings.Contains(result.stdout, "::endgroup::\n") {
			t.Errorf("%s is not grouped", target)
		}
	}
	change(t, dir, "frontend/src/version.ts", "'1.7.3'", "'1.7.2'")
	carriers := pipeline(t, dir, []string{"GITHUB_ACTIONS=true"}, "version", "-check")
	if want := "::error file=frontend/src/version.ts,line=2,title=version::the version here is 1.7.2, but the " +
		"release is 1.7.3\n"; carriers.code == 0 ||
		!strings.Contains(carriers.stderr, want) {
		t.Errorf(
			"a carrier that is behind ended with code %d; nothing says %q:\n%s",
			carriers.code,
			want,
			carriers.stderr,
		)
	}
	change(t, dir, "release.yaml", "", "announce: {absent: nobody}\nimag: {}\n")
	refusal := filepath.Join(t.TempDir(), "summary.md")
	invalid := pipeline(t, dir, []string{"GITHUB_ACTIONS=true", "GITHUB_STEP_SUMMARY=" + refusal}, "plan")
	why, _ := os.ReadFile(refusal)
	if want := "::error file=release.yaml,line=2,col=1,title=odin-release::release.yaml:2:1: unknown " +
		"key"; invalid.code == 0 ||
		!strings.Contains(invalid.stderr, want) ||
		!strings.Contains(string(why), "> [!CAUTION]\n> release.yaml:2:1: unknown key") {
		t.Errorf("an unknown key ended with code %d; nothing says %q:\n%s\n%s", invalid.code, want, invalid.stderr, why)
	}
	if err := os.Remove(filepath.Join(dir, "release.yaml")); err != nil {
		t.Fatal(err)
	}
	for _, each := range breakages {
		if each.annotated != "" && !strings.Contains(told.String(), each.annotated) {
			t.Errorf("%s: nothing says %q", each.name, each.annotated)
		}
	}
	if t.Failed() {
		t.Logf("annotations:\n%s", told.String())
	}
	written, err := os.ReadFile(summary)
	for _, want := range []string{
		"| check | result | errors | warnings | time |",
		"| backend:lint | FAILED | 1 |",
		"| suite | result | passed | failed | skipped | time |",
		"| backend:contract | FAILED |",
	} {
		if err != nil || !strings.Contains(string(written), want) {
			t.Errorf("the summary does not say %q: %s, %v", want, written, err)
		}
	}
	testkit.Git(t, dir, "checkout", "--quiet", "--force", ".")
}
