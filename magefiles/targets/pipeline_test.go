package targets

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
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
	p, err := newPipeline(t.Context(), found, outside{}, &out, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	work := func(err error) func(context.Context) error { return func(context.Context) error { return err } }
	err = p.inOrder(
		t.Context(),
		phase{"lint", work(nil)},
		phase{"test", work(errors.New("no luck"))},
		phase{"build", work(nil)},
	)
	if err == nil || err.Error() != "test failed: no luck" {
		t.Errorf("error %v", err)
	}
	for _, want := range []string{"level=info msg=ok phase=lint", "level=error msg=FAILED phase=test"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}
