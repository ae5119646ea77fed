package image

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseInspect(t *testing.T) {
	got := parseInspect(`Name:          odin-release
Driver:        remote
Last Activity: 2026-11-22 22:30:00 +0000 UTC

Nodes:
Name:      odin-release0
Endpoint:  unix:///var/lib/odin-release/buildkitd.sock
Status:    running
Platforms: linux/amd64*, linux/arm64*, linux/amd64/v2
`)
	want := Engine{Builder: "odin-release", Driver: "remote", Platforms: []string{"linux/amd64", "linux/arm64", "linux/amd64/v2"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A builder whose base images are not the official ones says so by a label of
// its worker, as Buildx v0.38.2 shows it.
func TestParseInspectOfATestBed(t *testing.T) {
	const shown = `Name:          %s
Driver:        remote

Nodes:
Name:             any0
Platforms:        linux/amd64, linux/arm64
Labels:
%s org.mobyproject.buildkit.worker.executor:            oci
`
	label := " " + notForRelease + ": base images made for tests, by hand: none is official\n"
	for _, each := range []struct{ name, labels, want string }{
		{"odin-release", "", ""},
		{"odin-release", label, "base images made for tests, by hand: none is official"},
		{"odin-release", " " + notForRelease + ":\n", "its label " + notForRelease + " says so"},
		{"odin-release", " org.example.not-for-release: no\n", ""},
		{testBuilder, label, "base images made for tests, by hand: none is official"},
		{testBuilder, "", "the builder odin-release-testbed is for tests"}, // Buildx is too old to show labels
	} {
		if got := parseInspect(fmt.Sprintf(shown, each.name, each.labels)); got.NotForRelease != each.want {
			t.Errorf("%s with %q: %q, expected %q", each.name, each.labels, got.NotForRelease, each.want)
		}
	}
}

// What is built on a test bed has the label, whatever its Dockerfile says.
func TestBuildArgsOfATestBed(t *testing.T) {
	if args := (Options{}).args("out"); strings.Contains(strings.Join(args, " "), notForRelease) {
		t.Errorf("an ordinary builder: %v", args)
	}
	args := Options{Engine: Engine{NotForRelease: "made for tests"}}.args("out")
	if at := slices.Index(args, notForRelease+"=made for tests"); at < 1 || args[at-1] != "--label" {
		t.Errorf("a test bed's builder: %v", args)
	}
}

// scripts/testbed is written in another language: it uses the same names.
func TestTestBedHasTheSameNames(t *testing.T) {
	engine, err := os.ReadFile("../../../scripts/engine")
	testbed, bedErr := os.ReadFile("../../../scripts/testbed")
	if err := errors.Join(err, bedErr); err != nil {
		t.Fatal(err)
	}
	for script, line := range map[string]string{string(engine): "NOT_FOR_RELEASE=" + notForRelease, string(testbed): "builder=" + testBuilder} {
		if !strings.Contains(script, line+" ") {
			t.Errorf("no script has %q", line)
		}
	}
}

func TestBecauseAddsBuildKitsReason(t *testing.T) {
	err := because(errors.New("image:build: docker exited with code 1"), "#5 ERROR: x\n------\nDockerfile:23\n--------------------\nERROR: failed to solve: process \"x\"\nERROR: failed to solve: process \"x\"\n")
	if want := `image:build: docker exited with code 1: Dockerfile:23; failed to solve: process "x"`; err.Error() != want {
		t.Errorf("%q, expected %q", err, want)
	}
}
