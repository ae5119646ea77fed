package targets

import (
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/magefile/mage/mg"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// sampleGraph returns a graph for the bundled sample app.
func sampleGraph(t *testing.T, dir string, asked options) *graph {
	t.Helper()
	found, err := app.Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	p, err := newSession(t.Context(), found, outside{}, io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	p.redactor = run.NewRedactor()
	return newGraph(t.Context(), p, asked)
}

func sampleApp(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "app")
	if err := rehearsal.Materialise(t.Context(), testkit.Runner(), dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Each target declares what it depends on.
func TestDeclarations(t *testing.T) {
	var out strings.Builder
	dir := sampleApp(t)
	for _, target := range []string{"lint", "test", "build", "releaseCheck", "publish", "postRelease", "release"} {
		g := sampleGraph(t, dir, options{drawn: "text"})
		root, err := g.catalog().named(t.Context(), target)
		if err != nil {
			t.Fatal(err)
		}
		if err := step.Acyclic(root); err != nil {
			t.Error(err)
		}
		if err := step.Draw(t.Context(), &out, root, "text"); err != nil {
			t.Fatal(err)
		}
	}
	testkit.Golden(t, "testdata/declarations.txt", out.String())
}

// A person approves a release between its verification and its promotion, where that is configured.
func TestDeclarationOfAnApproval(t *testing.T) {
	var out strings.Builder
	g := sampleGraph(t, sampleApp(t), options{drawn: "text"})
	g.app.Config.Publish.Approval = "production"
	for _, target := range []string{"postRelease", "release"} {
		root, err := g.catalog().named(t.Context(), target)
		if err != nil {
			t.Fatal(err)
		}
		var phases []string
		for _, phase := range root.Needs {
			phases = append(phases, phase.Title)
		}
		if want := "verify approval promote notify"; !strings.HasSuffix(strings.Join(phases, " "), want) {
			t.Errorf("%s has the phases %q, expected %s at the end", target, phases, want)
		}
		if target == "postRelease" {
			if err := step.Draw(t.Context(), &out, root, "text"); err != nil {
				t.Fatal(err)
			}
		}
	}
	testkit.Golden(t, "testdata/declaration-approval.txt", out.String())
}

// An approval that is given is compared with the release before its promotion, also where nobody has to approve it.
func TestDeclarationOfAGivenApproval(t *testing.T) {
	for approve, want := range map[string]string{
		"sha256:0": "verify approval promote notify", "": "verify promote notify",
	} {
		g := sampleGraph(t, sampleApp(t), options{approve: approve})
		var phases []string
		for _, phase := range g.fromDist(t.Context()).postRelease(publish.NoOverride).Needs {
			phases = append(phases, phase.Title)
		}
		if strings.Join(phases, " ") != want {
			t.Errorf("-approve=%s: the phases are %q, expected %s", approve, phases, want)
		}
	}
}

// A step that two targets of one command need runs once.
func TestAStepRunsOncePerProcess(t *testing.T) {
	count := 0
	dir := sampleApp(t)
	perform := func(title string) error {
		g := sampleGraph(t, dir, options{})
		shared := g.step("lint", "shared "+t.Name(), act(func(context.Context) error { count++; return nil }))
		return g.run(t.Context(), g.inOrder(title, shared))
	}
	for _, title := range []string{"lint", "test", "releaseCheck"} {
		if err := perform(title); err != nil {
			t.Fatal(err)
		}
	}
	if count != 1 {
		t.Errorf("it ran %d times", count)
	}
}

// A target is a dependency of a target of somebody else's magefile.
func TestDep(t *testing.T) {
	for target, want := range map[mg.Fn]string{
		Dep(
			Lint,
		): "Lint", Dep(
			Backend.Unit,
		): "Backend:Unit", Dep(Image.Build): "Image:Build", Dep(ReleaseCheck): "ReleaseCheck",
	} {
		if target.Name() != want {
			t.Errorf("%s, expected %s", target.Name(), want)
		}
	}
	var got []any
	probe := func(ctx context.Context, only *string, again *bool) error {
		got = append(got, ctx.Value(probeKey{}), only == nil, again == nil)
		return nil
	}
	mg.SerialCtxDeps(context.WithValue(t.Context(), probeKey{}, "ctx"), Dep(probe), Dep(probe))
	if len(got) != 3 || got[0] != "ctx" || got[1] != true || got[2] != true {
		t.Errorf("it was called with %v", got)
	}
	for name, target := range map[string]any{
		"a name": "lint", "one that needs an argument": Verify, "no error": func() string { return "" },
	} {
		if !panics(func() { Dep(target) }) {
			t.Errorf("%s is taken for a target", name)
		}
	}
}

func panics(do func()) (did bool) {
	defer func() { did = recover() != nil }()
	do()
	return false
}

type probeKey struct{}
