package targets

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/overview"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// plain is the release.yaml of an app of which a command makes the only file.
const plain = `checks:
  - {name: "backend:lint", absent: a program}
  - {name: "backend:typeCheck", absent: a program}
  - {name: "frontend:lint", absent: a program}
  - {name: "frontend:typeCheck", absent: a program}
suites:
  - {name: "backend:unit", absent: a program}
  - {name: "backend:integration", absent: a program}
  - {name: "frontend:test", absent: a program}
contract: {absent: a program}
versionFiles: {absent: the tag is the version}
migrations: {absent: a program}
docs: {rebuild: {absent: a program}}
announce: {absent: a program}
build:
  frontend: {absent: a program}
  vendor: {absent: a program}
  image: {absent: a program}
  files:
    - {name: program, command: [./compile], outputs: [program.txt], tools: [compiler]}
`

// TestFilesAreMadeAgain makes the files of a command in a home of its own: again when
// what the command depends on has changed, and only then.
func TestFilesAreMadeAgain(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CACHE_HOME", filepath.Join(home, "cache"))
	bin := testkit.Files(t, map[string]string{"compiler": "1"})
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	count := filepath.Join(home, "count")
	clone := testkit.NewClone(t)
	clone.Write("release.yaml", plain)
	clone.Write("source", "one")
	clone.Write("compile", "#!/bin/sh\necho >>"+count+"\ncat source >$OUTPUT_DIR/program.txt\n")
	for _, program := range []string{filepath.Join(bin, "compiler"), filepath.Join(clone.Dir, "compile")} {
		if err := os.Chmod(program, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	clone.Git("add", ".")
	clone.Git("commit", "-q", "-m", "feat: a program")
	made, source := filepath.Join(clone.Dir, app.DistDir, "program.txt"), filepath.Join(clone.Dir, "source")
	for _, each := range []struct {
		what   string
		change func() error
		runs   int
	}{
		{"at first", func() error { return nil }, 1},
		{"nothing", func() error { return nil }, 1},
		{"the output", func() error { return os.WriteFile(made, []byte("broken"), 0o644) }, 1},
		{"the compiler", func() error { return os.WriteFile(filepath.Join(bin, "compiler"), []byte("22"), 0o755) }, 2},
		{"the source", func() error { return os.WriteFile(source, []byte("two"), 0o644) }, 3},
	} {
		if err := each.change(); err != nil {
			t.Fatal(err)
		}
		buildOnce(t, clone.Dir, each.what)
		ran, err := os.ReadFile(count)
		got, readErr := os.ReadFile(made)
		want, wantErr := os.ReadFile(source)
		if err := errors.Join(err, readErr, wantErr); err != nil {
			t.Fatal(err)
		}
		if strings.Count(string(ran), "\n") != each.runs || string(got) != string(want) {
			t.Errorf("%s has changed: it ran %d times, and wrote %s", each.what, strings.Count(string(ran), "\n"), got)
		}
	}
	sums, err := os.ReadFile(filepath.Join(clone.Dir, app.DistDir, "checksums.txt"))
	if !strings.Contains(string(sums), "  program.txt\n") || err != nil {
		t.Errorf("the checksums are %s, %v", sums, err)
	}
}

// buildOnce runs build as a new process does, in which no step has run yet.
func buildOnce(t *testing.T, dir, process string) {
	t.Helper()
	found, err := app.Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	err = working(t.Context(), found, outside{api: process}, func(ctx context.Context, p *session) error {
		p.screen.Log.SetOutput(io.Discard)
		g := newGraph(ctx, p, options{})
		return g.steps.Ensure(ctx, g.catalog().build())
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestFilesOfAnotherVersion are those of another step: their command knows the version.
func TestFilesOfAnotherVersion(t *testing.T) {
	keys := map[string]bool{}
	clone := testkit.NewClone(t)
	clone.Write("release.yaml", plain)
	clone.Git("add", ".")
	clone.Git("commit", "-q", "-m", "feat: a program")
	for _, tag := range []string{"v1.0.0", "v1.0.1", "v1.0.0"} {
		g := sampleGraph(t, clone.Dir, options{asked: plan.Asked{Tag: tag}})
		inputs, err := g.locals[g.building().files()[0].Title].Inputs(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		keys[step.NewCommon(inputs, step.List{}).Key()] = true
	}
	if len(keys) != 2 {
		t.Errorf("two versions have %d keys", len(keys))
	}
}

// TestFilesAreNotThoseOfTargets: no command can make what targets leave in dist.
func TestFilesAreNotThoseOfTargets(t *testing.T) {
	for _, name := range []string{
		reportFile, traceFile, overview.PreviousDir, timelineDir, publish.StateFile, build.ProvenanceFile, "plan.json",
	} {
		root := testkit.Files(t, map[string]string{
			"release.yaml": "build: {files: [{name: a, command: [b], outputs: [" + name + "]}]}\n",
		})
		if _, err := app.Find(
			root,
		); err == nil ||
			!strings.Contains(err.Error(), "a file that the pipeline makes itself") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
