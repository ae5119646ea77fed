//go:build scenario

package targets_test

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// tested stands in for scripts/test, which takes minutes: it passes, with one test.
const tested = `#!/bin/sh
[ -z "$JUNIT_FILE" ] || echo '<testsuite tests="1"><testcase name="a"/></testsuite>' >"$JUNIT_FILE"
`

// ownProject returns a repository with the files of this one as they are, whose tests take no time. It has a release,
// and a commit after that.
func ownProject(t *testing.T) string {
	t.Helper()
	root := absolute("../..")
	dir := filepath.Join(t.TempDir(), "odin-release")
	list := testkit.Git(t, root, "ls-files", "--cached", "--others", "--exclude-standard", "-z")
	for _, name := range strings.Split(strings.Trim(list, "\x00"), "\x00") {
		from := filepath.Join(root, name)
		info, err := os.Stat(from)
		if err != nil {
			continue // deleted, and not committed yet
		}
		change(t, dir, name, "", readFile(t, from))
		if err := os.Chmod(filepath.Join(dir, name), info.Mode()); err != nil {
			t.Fatal(err)
		}
	}
	change(t, dir, "scripts/test", "", tested)
	testkit.Git(t, dir, "init", "--quiet", "--initial-branch=main")
	testkit.Git(t, dir, "remote", "add", "origin", "https://github.com/hughkantsime/odin-release")
	testkit.Git(t, dir, "add", "--all")
	testkit.Git(t, dir, "commit", "--quiet", "--message", "feat: the pipeline")
	testkit.Git(t, dir, "tag", "--annotate", "--message", "v0.1.0", "v0.1.0")
	change(t, dir, "new.txt", "", "new\n")
	testkit.Git(t, dir, "add", "--all")
	testkit.Git(t, dir, "commit", "--quiet", "--message", "feat: a second version")
	return dir
}

// TestNightlyOwnRelease rehearses a release of this project. The programs in it work on a machine without this
// repository, and the tag is a version of a Go module.
func TestNightlyOwnRelease(t *testing.T) {
	t.Parallel()
	dir := ownProject(t)
	result := pipeline(t, dir, nil, "rehearse")
	if result.code != 0 {
		t.Fatalf("code %d\n%s%s", result.code, result.stdout, result.stderr)
	}
	for _, wanted := range []string{"setting the stage: what v0.1.0 left", "rehearsing it as v0.2.0",
		"release        published", "unit: done in "} {
		if !strings.Contains(result.stdout, wanted) {
			t.Errorf("it does not say %q", wanted)
		}
	}
	dist := filepath.Join(dir, "dist/rehearsal/app/dist")
	published := attachedTo(t, filepath.Join(dir, "dist/rehearsal"), "v0.2.0")
	sums := strings.Split(strings.TrimSpace(readFile(t, filepath.Join(dist, "checksums.txt"))), "\n")
	for _, platform := range []string{"darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64"} {
		name := "odin-release_" + platform + ".tar.gz"
		if published[name] == "" || !slices.Contains(sums, published[name]+"  "+name) {
			t.Errorf("%s has the checksum %q, of %v", name, published[name], sums)
		}
	}
	bill := readFile(t, filepath.Join(dist, "sbom.spdx.json"))
	if !strings.Contains(bill, "pkg:golang/github.com/magefile/mage@") || strings.Contains(bill, "pkg:pypi/") {
		t.Error("the SBOM does not list the Go modules, or lists packages of the sample")
	}
	downloaded(t, dist)
	goGet(t, filepath.Join(dir, "dist/rehearsal/origin.git"))
}

// TestNightlyWorkflowOwnRelease releases this project by its workflow.
func TestNightlyWorkflowOwnRelease(t *testing.T) {
	dir := ownProject(t)
	testkit.Git(t, dir, "rm", "--quiet", ".github/workflows/ci.yml", ".github/workflows/nightly.yml") // act runs all
	testkit.Git(t, dir, "commit", "--quiet", "--message", "ci: release only")
	c := openCI(t, dir, nil)
	c.push("v0.2.0")
	run := c.run("push", "refs/tags/v0.2.0")
	want := succeeded(5, 1)
	want["test"] = append(want["test"], "success")
	if diff := cmp.Diff(want, run.results); diff != "" || run.err != nil {
		t.Fatalf("the run ended with %v, its jobs (-want +got):\n%s", run.err, diff)
	}
	release := releaseOf(t, c.state(), "v0.2.0")
	if release == nil || release.Draft || !release.Latest {
		t.Fatalf("the release is %+v", release)
	}
	var names []string
	for _, asset := range release.Assets {
		names = append(names, asset.Name)
	}
	if diff := cmp.Diff([]string{"checksums.txt", "odin-release_darwin_amd64.tar.gz",
		"odin-release_darwin_arm64.tar.gz", "odin-release_linux_amd64.tar.gz", "odin-release_linux_arm64.tar.gz",
		"provenance.sigstore.json", "release.json", "sbom.spdx.json"}, names); diff != "" {
		t.Errorf("attached (-want +got):\n%s", diff)
	}
}

// attachedTo returns the SHA-256 of each file that a public release has with the stand-ins of a rehearsal.
func attachedTo(t *testing.T, rehearsal, tag string) map[string]string {
	t.Helper()
	world, err := standin.Open(t.Context(), standin.Options{
		Dir: filepath.Join(rehearsal, "world"), Git: filepath.Join(rehearsal, "origin.git"),
		Repository: "hughkantsime/odin-release", DefaultBranch: "main", Token: "none", Run: testkit.Runner(),
	})
	if err != nil {
		t.Fatal(err)
	}
	state, err := world.State(t.Context())
	if err := errors.Join(err, world.Close()); err != nil {
		t.Fatal(err)
	}
	release := releaseOf(t, state, tag)
	if release == nil || release.Draft || !release.Latest {
		t.Fatalf("the release is %+v", release)
	}
	files := map[string]string{}
	for _, asset := range release.Assets {
		files[asset.Name] = asset.SHA256
	}
	return files
}

// downloaded runs the program for this machine in an app, for a user who has nothing of this repository.
func downloaded(t *testing.T, dist string) {
	t.Helper()
	program := unpacked(t, filepath.Join(dist, "odin-release_"+runtime.GOOS+"_"+runtime.GOARCH+".tar.gz"))
	app, home := sample(t), t.TempDir()
	for args, want := range map[string]string{
		"-l": "releaseCheck", "plan": "v1.7.3\n  version   1.7.3 (stable)", "graph": "push the image by its digest",
	} {
		command := exec.CommandContext(t.Context(), program, args)
		command.Dir, command.Env = app, []string{"HOME=" + home, "PATH=/usr/bin:/bin"}
		if out, err := command.CombinedOutput(); err != nil || !strings.Contains(string(out), want) {
			t.Errorf("%s: %v\n%s", args, err, out)
		}
	}
}

// unpacked returns the program of an archive.
func unpacked(t *testing.T, archive string) string {
	t.Helper()
	file, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	packed, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "odin-release")
	var names []string
	for reader := tar.NewReader(packed); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, header.Name)
		if header.Name != "odin-release" {
			continue
		}
		data, err := io.ReadAll(reader)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(program, data, os.FileMode(header.Mode)); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(names, []string{"LICENSE", "odin-release"}) {
		t.Errorf("%s has %v", archive, names)
	}
	return program
}

// goGet downloads the version from the repository, as go get does.
func goGet(t *testing.T, origin string) {
	t.Helper()
	cache := t.TempDir()
	command := exec.CommandContext(t.Context(),
		"go", "mod", "download", "-modcacherw", "-json", "github.com/hughkantsime/odin-release@v0.2.0")
	command.Dir = t.TempDir()
	command.Env = append(os.Environ(), "GOMODCACHE="+cache, "GOPRIVATE=github.com/hughkantsime/*", "GOFLAGS=",
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=url."+origin+".insteadOf",
		"GIT_CONFIG_VALUE_0=https://github.com/hughkantsime/odin-release")
	out, err := command.Output()
	var module struct{ Dir, Error string }
	if jsonErr := json.Unmarshal(out, &module); err != nil || jsonErr != nil || module.Error != "" {
		t.Fatalf("go mod download: %v\n%s", err, out)
	}
	if _, err := os.Stat(filepath.Join(module.Dir, "magefiles/targets/session.go")); err != nil {
		t.Errorf("the module has no targets: %v", err)
	}
}
