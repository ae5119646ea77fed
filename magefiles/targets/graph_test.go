package targets

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

func TestColours(t *testing.T) {
	t.Setenv("GITHUB_ACTIONS", "true") // whose page of a run shows them
	t.Setenv("NO_COLOR", "")
	for term, want := range map[string]bool{"xterm": true, "dumb": false} {
		t.Setenv("TERM", term)
		if coloured() != want {
			t.Errorf("TERM=%s: colours are %v", term, !want)
		}
	}
}

func TestAFailedPhaseIsAnError(t *testing.T) {
	t.Setenv("GITHUB_ACTIONS", "")
	found, err := app.Default(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	p, err := newSession(t.Context(), found, outside{}, &out, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	g := newGraph(t.Context(), p, options{})
	phase := func(title string, err error) *step.Step {
		return g.together(title, g.step(title, "one of "+title, act(func(context.Context) error { return err })))
	}
	err = g.run(
		t.Context(),
		g.inOrder("release", phase("lint", nil), phase("test", errors.New("no luck")), phase("build", nil)),
	)
	if err == nil || err.Error() != "test failed: no luck" {
		t.Errorf("error %v", err)
	}
	for _, want := range []string{"lint   ok ", "test   FAILED ", "build  not run"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

// A phase whose own error says that it failed is not named a second time.
func TestAFailedPhaseIsNamedOnce(t *testing.T) {
	t.Setenv("GITHUB_ACTIONS", "")
	g := sampleGraph(t, testkit.Files(t, map[string]string{app.ConfigFile: ""}), options{})
	const said = "preflight failed; nothing was built:\nno luck"
	look := g.step("plan", "preflight", act(func(context.Context) error { return errors.New(said) }))
	if err := g.run(t.Context(), g.inOrder("plan", look)); err == nil || err.Error() != said {
		t.Errorf("error %v", err)
	}
}

// A check needs the files that git knows. Only where there is no repository is it advised to make one.
func TestUnplanned(t *testing.T) {
	planless := errors.New("no version")
	advised := func() (bool, error) {
		g := sampleGraph(t, testkit.Files(t, map[string]string{app.ConfigFile: ""}), options{lenient: true})
		_, err := unplanned(t.Context(), g.repo, g.screen.Log, planless)
		return err != nil && strings.HasSuffix(err.Error(), ": run git init"), err
	}
	if advice, err := advised(); !advice || !strings.Contains(err.Error(), " is not in a git repository; ") {
		t.Errorf("without a repository: %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if advice, err := advised(); advice || err == nil || !strings.HasPrefix(err.Error(), "git is not installed") {
		t.Errorf("without git: %v", err)
	}
}
