package build

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/sirupsen/logrus"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/tools"
)

// Only a rehearsal starts a test bed, and only one that it is told of.
func TestStartEngine(t *testing.T) {
	bin := t.TempDir()
	ran := filepath.Join(bin, "ran")
	for name, script := range map[string]string{"bash": "echo \"$1\" >" + ran, "node": "echo v22.13.0", "npm": ""} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	runner := testkit.Runner()
	runner.Env = append(run.Without(runner.Env, "PATH"), "PATH="+bin)
	for _, each := range []struct {
		purpose  image.Purpose
		testBed  string
		want     string // file that is run
		mentions bool   // of a rehearsal without Docker Hub
	}{
		{image.ForRelease, "", "engine", false},
		{image.ForRelease, "/clone/scripts/testbed", "engine", false},
		{image.ForRehearsal, "", "engine", true},
		{image.ForRehearsal, "/clone/scripts/testbed", "testbed", false},
	} {
		b := &Builder{
			TestBed: each.testBed, Purpose: each.purpose, Run: runner, Scratch: testkit.Scratch(t), MayInstall: true,
			Tools: tools.Tools{Run: runner, MayInstall: true},
		}
		if err := b.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(ran)
		if err != nil || filepath.Base(strings.TrimSpace(string(got))) != each.want {
			t.Errorf("%+v: ran %q, %v", each, got, err)
		}
		if help := b.help(); strings.Contains(help, "scripts/pipeline -C DIR rehearse") != each.mentions {
			t.Errorf("%+v: %s", each, help)
		}
	}
}

// An image that is not for release counts against a release when publish would
// take it, and not when it is left of an earlier build.
func TestUnreleasable(t *testing.T) {
	decided := plan.Plan{Tag: "v1.8.0", Version: "1.8.0", Commit: "c0ffee"}
	bin := t.TempDir()
	if err := os.WriteFile(
		filepath.Join(bin, "docker"),
		[]byte("#!/bin/sh\nexit 1\n"),
		0o755,
	); err != nil { // no builder here
		t.Fatal(err)
	}
	b := &Builder{App: &app.App{Root: t.TempDir()}, Run: &run.Runner{Env: []string{"PATH=" + bin}, Out: io.Discard}}
	dist := b.App.Path(app.DistDir)
	built := mutate.Annotations(empty.Index, map[string]string{
		"org.opencontainers.image.version":                    decided.Version,
		"org.opencontainers.image.revision":                   decided.Commit,
		"io.github.hughkantsime.odin-release.not-for-release": "made for tests",
	})
	if _, err := layout.Write(filepath.Join(dist, "image.oci"), built.(v1.ImageIndex)); err != nil {
		t.Fatal(err)
	}
	check := func(when, want string) {
		t.Helper()
		err := b.Unreleasable(t.Context(), decided)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, expected %q", when, err, want)
		}
	}
	sums := filepath.Join(dist, "checksums.txt")
	write := func(content string) {
		t.Helper()
		if err := os.WriteFile(sums, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	check("without a record", "")
	write("one")
	if err := saveRecord(b.App, decided); err != nil {
		t.Fatal(err)
	}
	check("as built", "image.oci is not for release: made for tests")
	write("another")
	check("with the checksums of another build", "")
}

// A machine without docker is told so, with the name of the step said once.
func TestNoDocker(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	b := &Builder{
		App: &app.App{Root: t.TempDir()}, Run: testkit.Runner(),
		Screen: &report.Screen{Out: io.Discard, Errs: io.Discard, Log: logrus.New()}, Purpose: image.ForRelease,
	}
	b.Screen.Log.SetOutput(io.Discard)
	_, err := b.find(t.Context())
	if err == nil || !strings.HasPrefix(err.Error(), "image:build: docker buildx does not answer: docker: ") ||
		strings.Count(err.Error(), "image:build") != 1 {
		t.Error(err)
	}
	b.App.Config.Build.Image.Builder = "mine"
	if _, err := b.find(t.Context()); err == nil || strings.Count(err.Error(), "image:build") != 1 {
		t.Error(err)
	}
}
