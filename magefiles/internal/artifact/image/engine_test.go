package image

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
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
Labels:
 io.github.hughkantsime.odin-release.engine: 2
`)
	want := Engine{
		Builder:   "odin-release",
		Driver:    "remote",
		SetUpBy:   "2",
		Platforms: []string{"linux/amd64", "linux/arm64", "linux/amd64/v2"},
		Native:    []string{"linux/amd64"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A builder whose base images are not the official ones has a label on its worker,
// which Buildx v0.38.2 shows like this.
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

// A builder as Buildx v0.38.2 shows it: its name, driver, status and the rest.
const shownBuilder = `Name:          %[1]s
Driver:        %[2]s

Nodes:
Name:             %[1]s0
Endpoint:         unix:///var/lib/odin-release/buildkitd.sock
Status:           %[3]s
%[4]s`

const (
	bothPlatforms = "Platforms:        linux/amd64, linux/arm64\n"
	workerLabels  = "Labels:\n org.mobyproject.buildkit.worker.executor:            oci\n"
)

// finder returns a runner whose docker has these builders ("" is the current one), and the file in which it logs
// its commands.
func finder(t *testing.T, builders map[string]string) (runner *run.Runner, asked string) {
	t.Helper()
	dir := t.TempDir()
	asked = filepath.Join(dir, "asked")
	script := "#!/bin/sh\necho \"$*\" >>" + asked + `
[ "$1 $2" != "buildx version" ] || exec echo "github.com/docker/buildx v0.38.2 abc"
shift 2
[ "$1" != --bootstrap ] || shift
case "$1" in
`
	for name, shown := range builders {
		script += fmt.Sprintf("'%s') exec cat <<'END'\n%sEND\n;;\n", name, shown)
	}
	script += "esac\necho \"no builder $1 found\" >&2\nexit 1\n"
	if err := os.WriteFile(filepath.Join(dir, "docker"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return &run.Runner{Env: []string{"PATH=" + dir + ":" + os.Getenv("PATH")}, Out: io.Discard}, asked
}

// A BuildKit that an earlier version of scripts/engine started may have unofficial base
// images without a label that says so. It is never used, however it is found.
func TestFindEngineOfAnEarlierVersion(t *testing.T) {
	both := app.Image{Platforms: []string{"linux/amd64", "linux/arm64"}}
	named := both
	named.Builder = ownBuilder
	shown := func(name, driver, labels string) string {
		return fmt.Sprintf(shownBuilder, name, driver, "running", bothPlatforms+workerLabels+labels)
	}
	former := shown(ownBuilder, "remote", "")
	current := shown(ownBuilder, "remote", " "+setUpBy+":                    2\n")
	const refused = "it was set up by an earlier version, whose base images may not be the official ones; run " +
		"sudo scripts/engine"
	for name, each := range map[string]struct {
		config   app.Image
		builders map[string]string
		want     string // the builder
	}{
		"former":             {both, map[string]string{ownBuilder: former}, ""},
		"former, configured": {named, map[string]string{ownBuilder: former}, ""},
		"former, in use":     {both, map[string]string{"": former}, ""},
		"former and another": {
			both,
			map[string]string{ownBuilder: former, "": shown("mine", "docker-container", "")},
			"mine",
		},
		"current": {both, map[string]string{ownBuilder: current}, ownBuilder},
		"container": {
			both,
			map[string]string{ownBuilder: shown(ownBuilder, "docker-container", "")},
			ownBuilder,
		},
		"for tests": {
			both,
			map[string]string{ownBuilder: shown(ownBuilder, "remote", " "+notForRelease+": made for tests\n")},
			ownBuilder,
		},
		"another name": {both, map[string]string{"": shown("mine", "remote", "")}, "mine"},
	} {
		for _, purpose := range []Purpose{ForRelease, ForRehearsal} {
			runner, _ := finder(t, each.builders)
			got, err := FindEngine(t.Context(), runner, each.config, purpose)
			if got.Builder != each.want || (err != nil) != (each.want == "") ||
				err != nil && !strings.Contains(err.Error(), refused) {
				t.Errorf("%s: builder %q, expected %q; %v", name, got.Builder, each.want, err)
			}
		}
	}
}

// LookForEngine starts nothing, and assumes the builder that FindEngine would start:
// what other builders can build does not matter then.
func TestLookForEngine(t *testing.T) {
	both := app.Image{Platforms: []string{"linux/amd64", "linux/arm64"}}
	bed := fmt.Sprintf(shownBuilder, testBuilder, "remote", "running", bothPlatforms+workerLabels)
	for _, each := range []struct{ driver, status, rest, want string }{
		{"docker-container", "stopped", "", ownBuilder},
		{"docker-container", "inactive", "", ownBuilder},
		{"docker-container", "running", "Platforms:        linux/amd64\n", testBuilder},
		{"remote", "inactive", "", testBuilder},
	} {
		own := fmt.Sprintf(shownBuilder, ownBuilder, each.driver, each.status, each.rest)
		runner, asked := finder(t, map[string]string{ownBuilder: own, testBuilder: bed})
		got, err := LookForEngine(t.Context(), runner, both, ForRelease)
		if err != nil || got.Builder != each.want {
			t.Errorf("%+v: %q, %v", each, got.Builder, err)
		}
		commands, err := os.ReadFile(asked)
		if err != nil || !strings.Contains(string(commands), "buildx inspect "+ownBuilder) ||
			strings.Contains(string(commands), "--bootstrap") {
			t.Errorf("%+v: docker was asked %q, %v", each, commands, err)
		}
	}
}

// Everything built on a test bed has the label, whatever its Dockerfile says.
func TestBuildArgsOfATestBed(t *testing.T) {
	if args := (Options{}).args("out"); strings.Contains(strings.Join(args, " "), notForRelease) {
		t.Errorf("an ordinary builder: %v", args)
	}
	args := Options{Engine: Engine{NotForRelease: "made for tests"}}.args("out")
	if at := slices.Index(args, notForRelease+"=made for tests"); at < 1 || args[at-1] != "--label" {
		t.Errorf("a test bed's builder: %v", args)
	}
}

// The shell scripts use the same names as this package.
func TestTestBedHasTheSameNames(t *testing.T) {
	engine, err := os.ReadFile("../../../../scripts/engine")
	testbed, bedErr := os.ReadFile("../../../../scripts/testbed")
	if err := errors.Join(err, bedErr); err != nil {
		t.Fatal(err)
	}
	for line, script := range map[string][]byte{
		"NOT_FOR_RELEASE=" + notForRelease + "\n": engine,
		"SET_UP_BY=" + setUpBy + "\n":             engine,
		"builder=" + testBuilder + " ":            testbed,
		`"` + equivalentMade:                      testbed,
	} {
		if !strings.Contains(string(script), line) {
			t.Errorf("the script does not have %q", line)
		}
	}
}
