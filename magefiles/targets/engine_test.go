package targets

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/backend"
	"github.com/hughkantsime/odin-release/magefiles/internal/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
	"github.com/hughkantsime/odin-release/magefiles/internal/tools"
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
		t.Setenv(testBedVariable, each.testBed)
		p := &pipeline{purpose: each.purpose, run: runner, scratch: testkit.Scratch(t), backend: backend.Toolchain{Tools: tools.Tools{Run: runner, MayInstall: true}}}
		if err := p.startEngine(t.Context()); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(ran)
		if err != nil || filepath.Base(strings.TrimSpace(string(got))) != each.want {
			t.Errorf("%+v: ran %q, %v", each, got, err)
		}
		if help := p.engineHelp(); strings.Contains(help, "scripts/pipeline -C DIR rehearse") != each.mentions {
			t.Errorf("%+v: %s", each, help)
		}
	}
}
