package publish_test

import (
	"bytes"
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
)

// agent is the repository of the further image of these tests.
const agent = "ghcr.io/" + repository + "-agent"

// buildTwo builds a tag's release with a further image.
func (s stage) buildTwo(t testing.TB, tag string) build {
	t.Helper()
	b := s.build(t, tag)
	layout := "images/agent.oci"
	b.Built.Images = []publish.BuiltImage{{Name: agent, Layout: layout, Summary: writeLayout(
		t, "the agent", filepath.Join(b.Built.Dir, layout), b.Plan.Version, b.Plan.Commit, platforms,
	)}}
	return b
}

// twoImages returns a stage with a release that has a further image, and was not begun.
func twoImages(t testing.TB) (stage, build) {
	t.Helper()
	s := newStage(t)
	s.commit(t, "feat: more", "v1.7.3")
	return s, s.buildTwo(t, "v1.7.3")
}

// mustPlayTwo is mustPlay for a release with a further image.
func (s stage) mustPlayTwo(t *testing.T, tag string) (standin.State, build) {
	t.Helper()
	s.commit(t, "feat: what "+tag+" brings", tag)
	b := s.buildTwo(t, tag)
	state, told, err := s.playAll(t, b)
	if err != nil {
		t.Fatalf("%s: %v\n%s", tag, err, told)
	}
	return state, b
}

// tagsIn returns the tags of a repository in the registry.
func tagsIn(state standin.State, name string) map[string]string {
	tags := map[string]string{}
	for _, repository := range state.Registry {
		if strings.HasSuffix(name, "/"+repository.Name) {
			for _, tag := range repository.Tags {
				tags[tag.Name] = tag.Digest
			}
		}
	}
	return tags
}

// wantTwo compares the tags of both images with builds.
func wantTwo(t *testing.T, state standin.State, want map[string]build) {
	t.Helper()
	own, others := map[string]string{}, map[string]string{}
	for tag, b := range want {
		own[tag] = b.Built.Image.Digest
		if len(b.Built.Images) > 0 {
			others[tag] = b.Built.Images[0].Digest
		}
	}
	own["1.7.2"] = tagsIn(state, "ghcr.io/"+repository)["1.7.2"]
	if diff := cmp.Diff(own, tagsIn(state, "ghcr.io/"+repository)); diff != "" {
		t.Errorf("the app's own image (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(others, tagsIn(state, agent)); diff != "" {
		t.Errorf("the further image (-want +got):\n%s", diff)
	}
}

// Both images of a release get the same tags, and the notes and the record name both. A
// second run changes nothing.
func TestTwoImages(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	state, b := s.mustPlayTwo(t, "v1.7.3")
	wantTwo(t, state, map[string]build{"1.7.3": b, "1.7": b, "latest": b})
	body := state.GitHub.Releases[1].Body
	for _, part := range []string{
		"## Images\n", "docker pull ghcr.io/" + repository + ":1.7.3", b.Built.Image.Digest,
		"docker pull " + agent + ":1.7.3", b.Built.Images[0].Digest,
	} {
		if !strings.Contains(body, part) {
			t.Errorf("the notes do not have %q:\n%s", part, body)
		}
	}
	again, told, err := s.playAll(t, b)
	if diff := cmp.Diff(state, again); err != nil || diff != "" || !strings.Contains(told, "is published already") {
		t.Errorf("%v\n%s\n%s", err, diff, told)
	}
	_, _, err = s.act(t, b, func(ctx context.Context, r publish.Release) error {
		found, err := r.Observe(ctx)
		if err != nil {
			return err
		}
		rows := ""
		for _, row := range found.Outcome() {
			rows += strings.Join(row, " ") + "\n"
		}
		for _, part := range []string{"image " + agent + ":1.7.3", "latest of " + agent + " was not there before",
			"linux/arm64 " + agent + ": pulled"} {
			if !strings.Contains(rows, part) {
				t.Errorf("the outcome does not have %q:\n%s", part, rows)
			}
		}
		return publish.NotesAgree(found.Release.Body, *found.State, false)
	})
	if err != nil {
		t.Error(err)
	}
}

// Each effect on an image is there for both, the app's own image is named last, and all
// names come before the moving tags.
func TestContentsOfTwoImages(t *testing.T) {
	t.Parallel()
	s, b := twoImages(t)
	key := newKey(t)
	_, _, err := s.act(t, b, func(_ context.Context, r publish.Release) error {
		r.Key = key
		var got []string
		for _, effect := range append(r.Publishing(b.Built), r.Promoting()...) {
			if title := effect.Title(); strings.Contains(title, "image") || strings.Contains(title, agent) ||
				strings.HasPrefix(title, "move") {
				got = append(got, title)
			}
		}
		want := []string{
			"push the image " + b.Built.Image.Digest, "push " + agent + " " + b.Built.Images[0].Digest,
			"sign the image", "sign " + agent,
			"see that the image is signed", "see that " + agent + " is signed",
			"name " + agent + " 1.7.3", "name the image 1.7.3",
			"move latest", "move 1.7", "move latest of " + agent, "move 1.7 of " + agent,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// A run ends at a request to the registry, before it has an effect or after. The next one
// completes both images.
func TestTwoImagesInterrupted(t *testing.T) {
	t.Parallel()
	template, b := twoImages(t)
	for name, path := range map[string]string{
		"pushed":     "-agent/manifests/sha256:[0-9a-f]+$",
		"named":      "-agent/manifests/1.7.3$",
		"both named": "/runsodin/manifests/1.7.3$",
		"moved":      "/runsodin/manifests/latest$",
		"both moved": "-agent/manifests/latest$",
	} {
		for _, after := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := template.copied(t)
				ctx, cancel := context.WithCancel(t.Context())
				interrupt := func(w http.ResponseWriter, r *http.Request, next http.Handler) {
					if ctx.Err() == nil && !after {
						cancel()
						panic(http.ErrAbortHandler)
					}
					next.ServeHTTP(w, r)
					cancel()
				}
				world := s.open(t, on(http.MethodPut, path, interrupt))
				err := play(ctx, world, b, func(ctx context.Context, r publish.Release) error {
					return all(ctx, r, b.Built, publish.NoOverride)
				})
				if err == nil {
					t.Error("the run was not interrupted")
				}
				interrupted := s.close(t, world)
				if len(interrupted.GitHub.Releases) == 2 && !interrupted.GitHub.Releases[1].Draft {
					t.Error("the release is out before both images have their names")
				}
				state, told, err := s.playAll(t, b)
				if err != nil {
					t.Fatalf("%v\n%s", err, told)
				}
				wantTwo(t, state, map[string]build{"1.7.3": b, "1.7": b, "latest": b})
				if badgeOf(state) != "v1.7.3" || len(state.Messages) != 1 {
					t.Errorf("%s: %d messages", badgeOf(state), len(state.Messages))
				}
			})
		}
	}
}

// A rollback moves the tags of both images: to the release before that has the image.
func TestRollbackOfTwoImages(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	_, first := s.mustPlayTwo(t, "v1.7.3")
	state, second := s.mustPlayTwo(t, "v1.7.4")
	wantTwo(t, state, map[string]build{
		"1.7.3": first, "1.7.4": second, "1.7": second, "latest": second,
	})
	without := second
	without.Built.Images = nil // the configuration of today has no further image any more
	for name, b := range map[string]build{"configured": second, "not any more": without} {
		t.Run(name, func(t *testing.T) {
			s := s.copied(t)
			state, told, err := s.act(t, b, burns)
			if err != nil {
				t.Fatalf("%v\n%s", err, told)
			}
			wantTwo(t, state, map[string]build{"1.7.3": first, "1.7.4": second, "1.7": first, "latest": first})
		})
	}
}

// The first release with the image has nothing to go back to: its tags stay, and that is
// said. Those of the app's own image move.
func TestRollbackOfTheFirstFurtherImage(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	_, before := s.mustPlay(t, "v1.7.3")
	_, b := s.mustPlayTwo(t, "v1.7.4")
	state, told, err := s.act(t, b, burns)
	if err != nil || !strings.Contains(told, "latest of "+agent+" named nothing before 1.7.4") {
		t.Errorf("%v\n%s", err, told)
	}
	wants(t, state, "v1.7.3", nil)
	if got := tagsIn(state, "ghcr.io/"+repository)["latest"]; got != before.Built.Image.Digest {
		t.Errorf("latest is %s", got)
	}
	if got := tagsIn(state, agent)["latest"]; got != b.Built.Images[0].Digest {
		t.Errorf("latest of the further image is %s", got)
	}
}

// A hotfix of an old line, and a release without the image, leave its latest where it is.
func TestMovingTagsOfTwoImages(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	_, newest := s.mustPlayTwo(t, "v1.8.0")
	_, old := s.mustPlayTwo(t, "v1.7.3")
	state, _ := s.mustPlay(t, "v1.8.1")
	if diff := cmp.Diff(map[string]string{
		"1.8.0": newest.Built.Images[0].Digest, "1.8": newest.Built.Images[0].Digest,
		"latest": newest.Built.Images[0].Digest,
		"1.7.3":  old.Built.Images[0].Digest, "1.7": old.Built.Images[0].Digest,
	}, tagsIn(state, agent)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A further image that is gone, or was named by somebody else, is refused as the app's own
// one is, and one that lost its name gets it back.
func TestFurtherImageIsLost(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	_, b := s.mustPlayTwo(t, "v1.7.3")
	forget := func(s stage, references ...string) {
		t.Helper()
		world := s.open(t, nil)
		defer s.close(t, world)
		for _, reference := range references {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodDelete,
				"http://"+world.Registry()+"/v2/"+repository+"-agent/manifests/"+reference, nil)
			if err != nil {
				t.Fatal(err)
			}
			request.SetBasicAuth("anybody", token)
			answer, err := http.DefaultClient.Do(request)
			if err != nil || answer.StatusCode >= 300 {
				t.Fatalf("delete %s: %v %v", reference, answer, err)
			}
			answer.Body.Close()
		}
	}
	forget(s, "1.7.3")
	state, told, err := s.playAll(t, b)
	if err != nil {
		t.Fatalf("%v\n%s", err, told)
	}
	wantTwo(t, state, map[string]build{"1.7.3": b, "1.7": b, "latest": b})

	gone := s.copied(t)
	forget(gone, "1.7.3", b.Built.Images[0].Digest)
	again := gone.buildTwo(t, "v1.7.3")
	again.Built.Images[0].Summary = writeLayout(t, "another agent",
		filepath.Join(again.Built.Dir, "other.oci"), "1.7.3", b.Plan.Commit, platforms)
	again.Built.Images[0].Layout = "other.oci"
	_, _, err = gone.playAll(t, again)
	lost := agent + "@" + b.Built.Images[0].Digest + ", the image of v1.7.3, is gone"
	if err == nil || !strings.Contains(err.Error(), lost) {
		t.Error(err)
	}
	if _, told, err := gone.playAll(t, b); err != nil {
		t.Errorf("%v\n%s", err, told)
	}
}

// A version that names an image which nobody recorded is refused before anything is done.
func TestFurtherImageOfOthers(t *testing.T) {
	t.Parallel()
	s, b := twoImages(t)
	s.proven.digests[b.Built.Images[0].Digest] = true // it is not the release that names it
	_, _, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
		if err := r.Images[0].Registry.Push(ctx, filepath.Join(b.Built.Dir, b.Built.Images[0].Layout)); err != nil {
			return err
		}
		return r.Images[0].Registry.Tag(ctx, "1.7.3", b.Built.Images[0].Digest)
	})
	if err != nil {
		t.Fatal(err)
	}
	state, _, err := s.playAll(t, b)
	if err == nil || !strings.Contains(err.Error(), agent+":1.7.3 is published already") ||
		len(state.GitHub.Releases) != 1 {
		t.Errorf("%v: %+v", err, state.GitHub.Releases)
	}
}

// The record of a release that is under way says which images it has: it cannot be promoted
// with others.
func TestImagesOfARecordStay(t *testing.T) {
	t.Parallel()
	s, b := twoImages(t)
	_, _, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
		if _, err := r.Publish(ctx, b.Built); err != nil {
			return err
		}
		_, err := prove(ctx, r)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	without := b
	without.Built.Images = nil
	_, _, err = s.act(t, without, func(ctx context.Context, r publish.Release) error {
		_, err := r.Promote(ctx)
		return err
	})
	if err == nil || !strings.Contains(err.Error(),
		"records "+agent+", and build.images has no further image: a version keeps its images") {
		t.Error(err)
	}
}

// A further image has to be seen on each platform, too.
func TestProofOfFurtherImage(t *testing.T) {
	t.Parallel()
	s, b := twoImages(t)
	_, _, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
		if _, err := r.Publish(ctx, b.Built); err != nil {
			return err
		}
		var healthy []verify.Health
		for _, each := range b.Built.Image.Platforms {
			healthy = append(healthy, verify.Health{Platform: each.Name, Digest: each.Digest})
		}
		_, err := r.Prove(ctx, healthy)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), agent+"@"+b.Built.Images[0].Platforms[0].Digest) {
		t.Error(err)
	}
}

// Both images are signed, each platform of them, and have their own signatures when they get
// their names.
func TestBothImagesAreSigned(t *testing.T) {
	t.Parallel()
	s, b := twoImages(t)
	key := newKey(t)
	b.Built.Claims = claims()
	_, told, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
		r.Key = key
		if err := all(ctx, r, b.Built, publish.NoOverride); err != nil {
			return err
		}
		r.Registry = r.Images[0].Registry
		wantSigned(ctx, t, r, b.Built.Images[0].Summary, key)
		return nil
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, told)
	}
}

// A draft is discarded with both images, and one that users get by a tag is not.
func TestDiscardOfTwoImages(t *testing.T) {
	t.Parallel()
	s, b := twoImages(t)
	b.Built.Claims = claims()
	image := b.Built.Images[0]
	_, told, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
		r.Key = testKey
		if _, err := r.Publish(ctx, b.Built); err != nil {
			return err
		}
		if _, err := prove(ctx, r); err != nil {
			return err
		}
		return r.Images[0].Registry.Tag(ctx, "latest", image.Digest)
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, told)
	}
	_, _, err = s.act(t, b, func(ctx context.Context, r publish.Release) error {
		if _, err := discards(
			ctx,
			r,
		); err == nil ||
			!strings.Contains(err.Error(), "-agent:latest is the image of v1.7.3") {
			t.Errorf("users get it: %v", err)
		}
		if err := r.Images[0].Registry.Deletions().Tag(ctx, "latest"); err != nil {
			return err
		}
		return r.Images[0].Registry.Tag(ctx, "1.7.3", image.Digest)
	})
	if err != nil {
		t.Fatal(err)
	}
	state, told, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
		_, err := discards(ctx, r)
		return err
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, told)
	}
	for _, repository := range state.Registry {
		if strings.HasSuffix(agent, repository.Name) && len(repository.Tags)+repository.Untagged != 0 {
			t.Errorf("something is left: %+v\n%s", repository, told)
		}
	}
}

// An approval stands for both images, and shows what was seen of each.
func TestReviewOfTwoImages(t *testing.T) {
	t.Parallel()
	s, b := twoImages(t)
	own, more := b.Built.Image.Digest, b.Built.Images[0].Digest
	_, _, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
		if _, err := r.Publish(ctx, b.Built); err != nil {
			return err
		}
		state, err := prove(ctx, r)
		if err != nil {
			return err
		}
		review, err := publish.NewReview(r, state, state.Healthy)
		if err != nil {
			return err
		}
		if got := state.Approval(); got != own+"+"+more {
			t.Errorf("the approval is of %s", got)
		}
		var shown bytes.Buffer
		if err := review.WriteTerminal(&shown); err != nil {
			return err
		}
		arm := b.Built.Images[0].Platforms[1].Digest
		for _, want := range []string{agent + "@" + more, arm + " " + agent + ": pulled"} {
			if !strings.Contains(shown.String(), want) || !strings.Contains(review.Question(), more) {
				t.Errorf("it does not show %s:\n%s\n%s", want, shown.String(), review.Question())
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
