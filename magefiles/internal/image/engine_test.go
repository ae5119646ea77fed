package image

import (
	"errors"
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

func TestBecauseAddsBuildKitsReason(t *testing.T) {
	err := because(errors.New("image:build: docker exited with code 1"), "#5 ERROR: x\n------\nDockerfile:23\n--------------------\nERROR: failed to solve: process \"x\"\nERROR: failed to solve: process \"x\"\n")
	if want := `image:build: docker exited with code 1: Dockerfile:23; failed to solve: process "x"`; err.Error() != want {
		t.Errorf("%q, expected %q", err, want)
	}
}
