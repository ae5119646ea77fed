package publish_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// One of those who are told can't be: that is said, the others are told all
// the same, the release is out, and the next run tells just that one.
func TestTellingFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ method, path, says, next string }{
		"docs": {http.MethodPost, "/dispatches", "rebuild the docs: ", "rebuild the docs: done"},
		"version files": {
			http.MethodPatch,
			"/git/refs/heads/",
			"write the version on the default branch: ",
			"write the version on the default branch: done",
		},
		"announcement": {
			http.MethodPost, "/api/webhooks/", "post the announcement: ", "post the announcement: done",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.commit(t, "feat: more", "v1.7.3")
			b := s.build(t, "v1.7.3")
			undisturbed := s.copied(t)
			want, _, err := undisturbed.playAll(t, b)
			if err != nil {
				t.Fatal(err)
			}
			refusing := func(_ string, next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.Method == test.method && strings.Contains(r.URL.Path, test.path) {
						w.WriteHeader(http.StatusBadRequest)
						return
					}
					next.ServeHTTP(w, r)
				})
			}
			world := s.open(t, refusing)
			r, err := released(addressesOf(world), b, &said{})
			if err != nil {
				t.Fatal(err)
			}
			err = all(t.Context(), r, b.Built, publish.NoOverride)
			state := s.close(t, world)
			if err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v", err)
			}
			wants(t, state, "v1.7.3", map[string]string{"latest": "1.7.3"})
			told := len(state.Messages) + len(state.GitHub.Dispatches)
			if state.GitHub.Branches[0].Subject == "chore(release): 1.7.3" {
				told++
			}
			if told != 2 {
				t.Errorf("%d of the others were told, expected 2: %+v", told, state)
			}
			state, said, err := s.playAll(t, b)
			if diff := cmp.Diff(want, state); err != nil || diff != "" {
				t.Errorf("the next run: %v\n%s", err, diff)
			}
			done := slices.DeleteFunc(strings.Split(said, "\n"), func(line string) bool {
				return !strings.HasSuffix(line, ": done") && !strings.Contains(line, ": done (message") ||
					strings.HasPrefix(line, "record it")
			})
			if len(done) != 1 || !strings.HasPrefix(done[0], test.next) {
				t.Errorf("the next run did %q, expected just %q", done, test.next)
			}
		})
	}
}

// Where the default branch can't be pushed to, the version comes with a pull
// request, one.
func TestCarriersByPullRequest(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.protected = true
	state, b := s.mustPlay(t, "v1.7.3")
	again, _, err := s.playAll(t, b)
	if diff := cmp.Diff(state, again); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	want := []standin.Pull{
		{
			Number: 1,
			Head:   "odin-release/v1.7.3",
			Base:   "main",
			Title:  "chore(release): 1.7.3",
			State:  "open",
			Body: "v1.7.3 is released. main can't be pushed to, " +
				"so this brings its version to the files that carry it.",
		},
	}
	if diff := cmp.Diff(want, state.GitHub.Pulls); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The version files of an app in a folder are in that folder, whatever is in the root.
func TestCarriersInAFolder(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	folder := filepath.Join(s.work(), "services", "shop")
	if err := errors.Join(os.MkdirAll(folder, 0o755),
		os.WriteFile(filepath.Join(folder, "VERSION"), []byte("1.7.2\n"), 0o644)); err != nil {
		t.Fatal(err)
	}
	s.commit(t, "feat: a shop", "v1.7.3")
	testkit.Git(t, s.work(), "push", "--quiet", s.bare(), "main")
	b := s.build(t, "v1.7.3")
	b.Plan.Folder = "services/shop"
	if _, told, err := s.playAll(t, b); err != nil {
		t.Fatalf("%v\n%s", err, told)
	}
	for file, want := range map[string]string{"services/shop/VERSION": "1.7.3", "VERSION": "1.7.2"} {
		if got := testkit.Git(t, s.bare(), "show", "main:"+file); got != want {
			t.Errorf("%s has %s, expected %s", file, got, want)
		}
	}
}

// A default branch that is ahead stays as it is.
func TestCarriersStayAhead(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	state, _ := s.mustPlay(t, "v1.6.9")
	if subject := state.GitHub.Branches[0].Subject; subject != "chore(release): 1.7.2" {
		t.Errorf("main got %q", subject)
	}
}

// An app's default branch that has left a carrier behind, but is ahead of an
// old line, is no obstacle.
func TestCarrierGoneFromABranchThatIsAhead(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.config.VersionFiles = append([]app.VersionFile{{Path: "backend/uv.lock"}}, s.config.VersionFiles...)
	state, _ := s.mustPlay(t, "v1.6.9")
	if len(state.Messages) != 1 {
		t.Errorf("%+v", state)
	}
}

func TestDocsByWorkflowOrCommand(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.config.Docs.Rebuild = app.Rebuild{Workflow: "docs.yml"}
	state, _ := s.mustPlay(t, "v1.7.3")
	if want := []standin.Dispatch{
		{Repository: repository, Name: "docs.yml", Ref: "main"},
	}; !cmp.Equal(want, state.GitHub.Workflows) ||
		len(state.GitHub.Dispatches) != 0 {
		t.Errorf("%+v", state.GitHub)
	}
	s.config.Docs.Rebuild = app.Rebuild{Command: []string{"make", "docs"}}
	s.commit(t, "feat: more", "v1.7.4")
	b := s.build(t, "v1.7.4")
	var ran []string
	state, _, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
		r.Command = func(_ context.Context, args []string) error { ran = append(ran, args...); return nil }
		return all(ctx, r, b.Built, publish.NoOverride)
	})
	if err != nil || !slices.Equal(ran, []string{"make", "docs"}) || len(state.GitHub.Workflows) != 1 {
		t.Errorf("%v, %q, %+v", err, ran, state.GitHub)
	}
}

// The command is left to another job, for good: that is recorded, and the next run does not run it either. What asks
// others to rebuild the docs is not left to anybody.
func TestDocsElsewhere(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.config.Docs.Rebuild = app.Rebuild{Command: []string{"make", "docs"}}
	s.commit(t, "feat: more", "v1.7.3")
	b := s.build(t, "v1.7.3")
	for _, command := range []func(context.Context, []string) error{
		nil, func(context.Context, []string) error { return errors.New("it is run") },
	} {
		_, told, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
			r.Command = command
			err := all(ctx, r, b.Built, publish.NoOverride)
			found, lookErr := r.Observe(ctx)
			if lookErr != nil || found.State.Docs != publish.DocsElsewhere || !found.Done(r.Plan) {
				t.Errorf("%v: %+v", lookErr, found.State)
			}
			return err
		})
		if err != nil || !strings.Contains(told, "rebuild the docs: left to another job") {
			t.Errorf("%v:\n%s", err, told)
		}
	}
	s.config.Docs.Rebuild = app.Rebuild{Workflow: "docs.yml"}
	if state, _ := s.mustPlay(t, "v1.7.4"); len(state.GitHub.Workflows) != 1 {
		t.Errorf("%+v", state.GitHub)
	}
}

func TestPreflightTellsAllProblems(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.commit(t, "feat: more", "v1.7.3")
	b := s.build(t, "v1.7.3")
	b.Plan.Tag, b.Plan.Version = "v1.7.4", "1.7.4" // which is nowhere
	_, _, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
		var problems []string
		for _, check := range r.Preflight(ctx) {
			if check.Problem != nil {
				problems = append(problems, check.Name+": "+check.Problem.Error())
			}
		}
		if len(problems) != 1 || !strings.Contains(problems[0], "v1.7.4 is not on GitHub: push it") {
			t.Errorf("%q", problems)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
