package publish_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/evidence"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// healthyOn returns the platforms of a build as they were seen healthy.
func healthyOn(b build) []verify.Health {
	var list []verify.Health
	for i, platform := range b.Built.Image.Platforms {
		health := verify.Health{Platform: platform.Name, Digest: platform.Digest}
		if i == 0 {
			health.Upgraded = "1.7.2"
			health.Back = verify.Back{Verdict: verify.Irreversible, To: "1.7.2", Why: "no such column: name"}
		}
		list = append(list, health)
	}
	return list
}

// What a person reads before a release becomes public: why this version, the digest that was
// seen healthy on each platform, and the notes as they will be. The question names all of it.
func TestReview(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.commit(t, "feat: more", "v1.7.3")
	b := s.build(t, "v1.7.3")
	b.Config.Publish.Approval, b.Plan.Approval = "production", "production"
	b.Plan.Source, b.Plan.Branch = "the tag at HEAD", "main"
	b.Plan.Verdict = plan.Verdict{Holds: false, Text: "v1.7.3 is a patch; the API gained `GET /a|b`: expected v1.8.0"}
	b.Plan.Evidence.Findings = []evidence.Finding{
		{Asks: version.Minor, What: "the API gained `GET /a|b`", Where: "docs/openapi.json"},
	}
	var markdown, terminal bytes.Buffer
	var review publish.Review
	state, told, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
		recorded, err := r.Publish(ctx, b.Built)
		if err != nil {
			return err
		}
		healthy := healthyOn(b)
		if _, err := publish.NewReview(r, recorded, healthy[:1]); err == nil ||
			!strings.Contains(err.Error(), "(linux/arm64) of v1.7.3 was not verified") {
			t.Errorf("without one of the platforms: %v", err)
		}
		healthy[1].Digest = healthy[0].Digest
		if _, err := publish.NewReview(r, recorded, healthy); err == nil {
			t.Error("a platform that was seen by another digest can be approved")
		}
		promised := r
		promised.Config.Versioning.Reversible = true
		if _, err := publish.NewReview(promised, recorded, healthyOn(b)); !errors.Is(err, publish.ErrIrreversible) {
			t.Errorf("it breaks its promise: %v", err)
		}
		if review, err = publish.NewReview(r, recorded, healthyOn(b)); err != nil {
			return err
		}
		if _, err := r.Prove(ctx, healthyOn(b)); err != nil {
			return err
		}
		_, err = r.Promote(ctx)
		return errors.Join(err, review.WriteMarkdown(&markdown), review.WriteTerminal(&terminal))
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, told)
	}
	if body := state.GitHub.Releases[1].Body; !strings.Contains(body, strings.TrimSpace(review.Notes)) {
		t.Errorf("the notes are\n%s\nand the release has\n%s", review.Notes, body)
	}
	name := review.State.Image.Name
	text := markdown.String() + "\n----\n" + terminal.String() + "\n----\n" + review.Question() + "\n"
	text = strings.ReplaceAll(masked(text, b, name), b.Plan.Commit[:7], "(commit)")
	testkit.Golden(t, "testdata/review.txt", strings.ReplaceAll(text, b.Plan.Commit, "(commit)"))
	review.State.Image = nil
	if want := "Make v1.7.3 public, of the commit " + b.Plan.Commit + "?"; review.Question() != want {
		t.Errorf("%q, expected %q", review.Question(), want)
	}
}

// An environment that would let everything pass is no approval.
func TestApprovable(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status      int
		body        string
		want, warns string
	}{
		"with reviewers": {},
		"none":           {404, `{"message": "Not Found"}`, `has no environment "production"`, ""},
		"without reviewers": {
			200, `{"id": 1, "name": "production", "protection_rules": [{"id": 1, "type": "wait_timer"}]}`,
			`the environment "production" of hughkantsime/runsodin has no required reviewers`, "",
		},
		"one that the token may not see": {
			403, `{"message": "Resource not accessible by integration"}`, "",
			`whether the environment "production" has reviewers is not known`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.config.Publish.Approval = "production"
			s.commit(t, "feat: more", "v1.7.3")
			b, told := s.build(t, "v1.7.3"), &said{}
			answers := func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				if test.status == 0 {
					next.ServeHTTP(w, r)
					return
				}
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.body))
			}
			world := s.open(t, on(http.MethodGet, "/environments/production$", answers))
			r, err := released(addressesOf(world), b, told)
			if err != nil {
				t.Fatal(err)
			}
			err = publish.Approvable(t.Context(), r)
			s.close(t, world)
			if test.want == "" && err != nil ||
				test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("%v, expected %q", err, test.want)
			}
			if !strings.Contains(told.String(), test.warns) || test.warns == "" && told.String() != "" {
				t.Errorf("it told %q, expected %q", told, test.warns)
			}
		})
	}
}

// Only what is still to become public waits for a person, and what an approved run has begun
// is not asked for again.
func TestApproved(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.commit(t, "feat: more", "v1.7.3")
	b := s.build(t, "v1.7.3")
	s.proven.digests = nil // a name is given by hand
	const by = "approved in an earlier run, by ada and bob, in production (run)"
	b.Config.Publish.Approval = "production"
	_, _, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
		approve := func(by ...string) error {
			state, err := publish.Approve(ctx, r, publish.Approved{By: by, Run: "run"})
			if err == nil && state.Approved.As != state.Approval() {
				t.Errorf("approved: %+v", state.Approved)
			}
			return err
		}
		for _, each := range []struct {
			act  func() error
			want string
		}{
			{func() error { return nil }, ""},
			{func() error { _, err := r.Publish(ctx, b.Built); return err }, ""},
			{
				func() error {
					if approve("ada") == nil {
						t.Error("what was not seen healthy is approved")
					}
					return nil
				}, "",
			},
			{func() error { _, err := prove(ctx, r); return err }, ""},
			{
				func() error { return r.Registry.Tag(ctx, "1.7.3", b.Built.Image.Digest) },
				"approved in an earlier run, which has named the image",
			},
			{func() error { return approve("ada", "bob") }, by},
			{func() error { return approve() }, by}, // it stays as it is
			{func() error { _, err := r.Promote(ctx); return err }, "it is public"},
			{func() error { return approve() }, "it is public"},
			{func() error { return burns(ctx, r) }, "it was rolled back: it burns"},
		} {
			if err := each.act(); err != nil {
				return err
			}
			found, err := r.Observe(ctx)
			if err != nil {
				return err
			}
			if got := found.Approved(); got != each.want {
				t.Errorf("%q, expected %q", got, each.want)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
