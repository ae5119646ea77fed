package publish_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/announce"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/web"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// everywhere returns the configuration of an app that announces in all kinds of channels.
func everywhere() []app.Destination {
	var list []app.Destination
	for _, kind := range app.ChannelKinds {
		to := app.Destination{Kind: kind}
		if kind == announce.KindWebhook {
			to.Body = `{"text": "{title}: {url}", "commit": "{commit}"}`
		}
		list = append(list, to)
	}
	return list
}

// tell plays a whole release that is announced in all channels of the configuration.
func (s stage) tell(t *testing.T, b build, around intercept, override publish.Override) (standin.State, string, error) {
	t.Helper()
	world := s.open(t, around)
	told := &said{}
	r, err := released(addressesOf(world), b, told)
	if err != nil {
		t.Fatal(err)
	}
	r.Channels = nil
	for _, to := range b.Config.Announce.To {
		opened, err := announce.Open(to, world.Channel(to.Kind), web.New(impatient, web.LoopbackOnly()))
		if err != nil {
			t.Fatal(err)
		}
		r.Channels = append(r.Channels, publish.Channel{Kind: to.Kind, Channel: opened})
	}
	err = all(t.Context(), r, b.Built, override)
	return s.close(t, world), told.String(), err
}

// kinds returns the channels that got the posts, in order.
func kinds(state standin.State) string {
	var list []string
	for _, post := range state.Posts {
		list = append(list, post.Kind)
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

func TestAnnounceEverywhere(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.config.Announce.To = everywhere()
	s.commit(t, "feat: more", "v1.7.3")
	b := s.build(t, "v1.7.3")
	for range 2 { // the second run finds everything done
		state, told, err := s.tell(t, b, nil, publish.NoOverride)
		if err != nil || kinds(state) != "mattermost ntfy slack webhook" || len(state.Messages) != 1 {
			t.Fatalf("%v: %s\n%s", err, kinds(state), told)
		}
		for _, post := range state.Posts {
			if !strings.Contains(strings.ReplaceAll(post.Text, `\.`+"\u200b", "."), "O.D.I.N. 1.7.3") {
				t.Errorf("%s: %s", post.Kind, post.Text)
			}
		}
	}
	_, _, err := s.act(t, b, func(ctx context.Context, r publish.Release) error {
		found, err := r.Observe(ctx)
		if err == nil && !found.Done(b.Plan) {
			t.Errorf("the record says %+v", found.State)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// answering lets a service answer with a status, after it did what was asked for or without.
func answering(status int, path string, does bool) intercept {
	return func(_ string, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodPost || !strings.HasPrefix(r.URL.Path, path) {
				next.ServeHTTP(w, r)
				return
			}
			if does {
				next.ServeHTTP(discarding{w}, r)
			}
			w.WriteHeader(status)
		})
	}
}

// discarding drops an answer.
type discarding struct{ http.ResponseWriter }

func (discarding) Write(data []byte) (int, error) { return len(data), nil }
func (discarding) WriteHeader(int)                {}
func (discarding) Header() http.Header            { return http.Header{} }

// A channel that refuses keeps no other from being told, and is told by the next run, once.
func TestOneChannelRefuses(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.config.Announce.To = everywhere()
	s.commit(t, "feat: more", "v1.7.3")
	b := s.build(t, "v1.7.3")
	state, _, err := s.tell(t, b, answering(http.StatusBadRequest, "/services/", false), publish.NoOverride)
	if err == nil || !strings.HasPrefix(err.Error(), "post the announcement to slack: ") ||
		kinds(state) != "mattermost ntfy webhook" || len(state.Messages) != 1 {
		t.Fatalf("%v: %s", err, kinds(state))
	}
	state, told, err := s.tell(t, b, nil, publish.NoOverride)
	if err != nil || kinds(state) != "mattermost ntfy slack webhook" || len(state.Messages) != 1 {
		t.Errorf("%v: %s\n%s", err, kinds(state), told)
	}
}

// An announcement of which nobody knows whether it was posted is left alone, until a person
// says what is in the channel; the others are made.
func TestOneChannelIsInDoubt(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		does     bool
		override publish.Override
		want     string
	}{
		"it is there":     {true, "slack:seen", "mattermost ntfy slack webhook"},
		"it is not":       {false, "ntfy:seen,slack:again", "mattermost ntfy slack webhook"},
		"for all of them": {false, "again", "mattermost ntfy slack webhook"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.config.Announce.To = everywhere()
			s.commit(t, "feat: more", "v1.7.3")
			b := s.build(t, "v1.7.3")
			_, _, err := s.tell(t, b, answering(http.StatusBadGateway, "/services/", test.does), publish.NoOverride)
			if err == nil || !strings.Contains(err.Error(), "-announce=slack:again if it is not there") {
				t.Fatal(err)
			}
			before, told, err := s.tell(t, b, nil, publish.NoOverride)
			if err != nil || strings.Contains(kinds(before), "slack") != test.does ||
				!strings.Contains(told, "WARNING: the announcement of v1.7.3 to slack was begun by an earlier run") {
				t.Errorf("the next run: %v, %s\n%s", err, kinds(before), told)
			}
			state, told, err := s.tell(t, b, nil, test.override)
			if err != nil || kinds(state) != test.want {
				t.Errorf("%v: %s\n%s", err, kinds(state), told)
			}
			if again, _, err := s.tell(t, b, nil, test.override); err != nil || kinds(again) != test.want {
				t.Errorf("once more: %v, %s", err, kinds(again))
			}
		})
	}
}

// A channel that the configuration has no more is not waited for.
func TestChannelThatIsGone(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.config.Announce.To = everywhere()
	s.commit(t, "feat: more", "v1.7.3")
	b := s.build(t, "v1.7.3")
	if _, _, err := s.tell(t, b, answering(http.StatusForbidden, "/hooks/", false), publish.NoOverride); err == nil {
		t.Fatal("nobody said that Mattermost refused")
	}
	b.Config.Announce.To = []app.Destination{{Kind: announce.KindNtfy}}
	state, told, err := s.tell(t, b, nil, publish.NoOverride)
	if err != nil || kinds(state) != "ntfy slack webhook" {
		t.Errorf("%v: %s\n%s", err, kinds(state), told)
	}
	_, _, err = s.act(t, b, func(ctx context.Context, r publish.Release) error {
		found, err := r.Observe(ctx)
		if err == nil && !found.Done(b.Plan) {
			t.Errorf("the record says %+v", found.State)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestOverrides(t *testing.T) {
	t.Parallel()
	for override, valid := range map[publish.Override]bool{
		"": true, "again": true, "seen": true, "slack:again": true, "again,ntfy:seen": true,
		"once": false, "irc:again": false, "slack:": false, "slack": false, "again,": false,
	} {
		if err := override.Valid(); (err == nil) != valid {
			t.Errorf("%q: %v", override, err)
		}
	}
}

// What the docs site is told may have other names, and the commit.
func TestDocsPayload(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.config.Docs.Rebuild.Payload = map[string]string{
		"ref": "{commit}", "release": "{tag} of {repository}", "fixed": "x", "v": "{version}",
	}
	state, b := s.mustPlay(t, "v1.7.3")
	want := `{"fixed":"x","ref":"` + b.Plan.Commit + `","release":"v1.7.3 of ` + repository + `","v":"1.7.3"}`
	if got := state.GitHub.Dispatches; len(got) != 1 || got[0].Payload != want {
		t.Errorf("%+v, expected %s", got, want)
	}
}
