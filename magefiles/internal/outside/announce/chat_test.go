package announce

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/web"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// Messages keep the limits of their service for any release, and only what is written here
// mentions, links or formats anything.
func TestChatMessages(t *testing.T) {
	for name, release := range releases {
		t.Run(name, func(t *testing.T) {
			slack, mattermost, ntfy := ForSlack(release), ForMattermost(release), ForNtfy(release, "topic")
			for i, block := range slack.Blocks {
				most, own := maxSlackText, i == len(slack.Blocks)-1 &&
					strings.HasSuffix(block.Text.Text, "|"+everything+">")
				if block.Type == "header" {
					most = maxSlackHeader
				}
				if size := units(block.Text.Text); size == 0 || size > most || (block.Text.Type == "mrkdwn") != own {
					t.Errorf("Slack's block %d: %d characters: %+v", i, size, block)
				}
			}
			if strings.ContainsAny(slack.Text, "<>") || slack.Mrkdwn {
				t.Errorf("Slack's text is %q", slack.Text)
			}
			if size := units(mattermost.Text); size > 4000 {
				t.Errorf("Mattermost: %d characters", size)
			}
			foreign := strings.ReplaceAll(mattermost.Text, "["+everything+"]("+webAddress(release.URL)+")", "")
			if found := mattermostSees.FindString(foreign); found != "" {
				t.Errorf("Mattermost shows %q in\n%s", found, mattermost.Text)
			}
			if len(ntfy.Message) > maxNtfyMessage || ntfy.Message == "" || ntfy.Title == "" ||
				len(ntfy.Title) > maxNtfyTitle {
				t.Errorf("ntfy: %d bytes, %q", len(ntfy.Message), ntfy.Title)
			}
			shown, err := json.MarshalIndent(
				map[string]any{"slack": slack, "mattermost": mattermost, "ntfy": ntfy},
				"",
				"  ",
			)
			if err != nil {
				t.Fatal(err)
			}
			testkit.Golden(t, "testdata/chat-"+strings.ReplaceAll(name, " ", "-")+".json", string(shown)+"\n")
		})
	}
}

// mattermostSees is a mention, a channel, a tag or an address.
var mattermostSees = regexp.MustCompile(`@\w|~\w|#\w|://|www\.\w`)

const ownBody = `{
  "text": "{title}\n{changes}", "id": 9007199254740993, "to": ["{url}", "{commit}"], "none": {"a": "{digest}"}
}`

func TestCustomBody(t *testing.T) {
	release := releases["small"]
	release.Commit, release.Digest = "abc", ""
	release.Upgrading, release.Sections = nil, []Section{{"Features", []string{`say "hi" \ {tag}`}}}
	for body, want := range map[string]string{
		ownBody: `{"id":9007199254740993,"none":{"a":""},"text":"O.D.I.N. 1.7.3\nFeatures\n• say \"hi\" \\ {tag}",` +
			`"to":["https://github.com/hughkantsime/runsodin/releases/tag/v1.7.3","abc"]}` + "\n",
		"{app} {version} is out: {image}": "O.D.I.N. 1.7.3 is out: ghcr.io/hughkantsime/runsodin:1.7.3",
	} {
		template, err := app.ParseTemplate(body, app.AnnouncementPlaceholders)
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := template.Fill(values(release))
		if err != nil || string(got) != want {
			t.Errorf("%v:\n%s, expected\n%s", err, got, want)
		}
	}
	for name := range values(release) {
		if _, err := app.ParseTemplate("x "+name, app.AnnouncementPlaceholders); err != nil {
			t.Error(err)
		}
	}
}

// paths are those of the tests' channels, with their key.
var paths = map[string]string{
	KindSlack: "/services/T1/B1/" + secret, KindMattermost: "/hooks/" + secret, KindNtfy: "/" + secret,
	KindWebhook: "/x/" + secret + "?key=" + secret + "-2",
}

func TestAnnounce(t *testing.T) {
	limited := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "0.01")
		w.WriteHeader(http.StatusTooManyRequests)
	}
	fine := map[string]http.HandlerFunc{
		KindSlack: says(200, "ok"), KindMattermost: says(200, "ok"), KindWebhook: says(202, ""),
		KindNtfy: says(200, `{"id":"k3","event":"message"}`),
	}
	for kind, path := range paths {
		for name, test := range map[string]struct {
			answers   []http.HandlerFunc
			asked     int32
			want      string // of the error
			uncertain bool
		}{
			"fine":           {[]http.HandlerFunc{fine[kind]}, 1, "", false},
			"rate limited":   {[]http.HandlerFunc{limited, limited, fine[kind]}, 3, "", false},
			"always limited": {[]http.HandlerFunc{limited}, 3, "accepts no more requests", false},
			"500":            {[]http.HandlerFunc{says(500, ""), fine[kind]}, 1, "answered 500", true},
			"reset":          {[]http.HandlerFunc{testkit.Reset, fine[kind]}, 1, "closed the connection", true},
			"cut short":      {[]http.HandlerFunc{cut, fine[kind]}, 1, "cut short", true},
			"refused": {
				[]http.HandlerFunc{says(400, "no: "+secret+"\nx")}, 1, "it answered 400 (no: *** x)", false,
			},
			"gone":       {[]http.HandlerFunc{says(404, "no_service")}, 1, Variable(kind), false},
			"a redirect": {[]http.HandlerFunc{says(307, "")}, 1, "it answered 307", false},
			"endless":    {[]http.HandlerFunc{says(400, strings.Repeat("x", 5000))}, 1, "…", false},
		} {
			t.Run(kind+" "+name, func(t *testing.T) {
				asked := new(atomic.Int32)
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.Method != http.MethodPost || !strings.HasPrefix(r.UserAgent(), "odin-release (") {
						t.Errorf("unexpected: %s %s as %s", r.Method, r.URL, r.UserAgent())
					}
					test.answers[min(int(asked.Add(1)), len(test.answers))-1](w, r)
				}))
				t.Cleanup(server.Close)
				policy := web.Policy{Patience: time.Second, Pause: time.Millisecond, Longest: time.Second, Attempts: 3}
				opened, err := Open(app.Destination{Kind: kind, Body: ownBody}, server.URL+path, web.New(policy))
				if err != nil {
					t.Fatal(err)
				}
				_, err = opened.Announce(t.Context(), releases["small"])
				if asked.Load() != test.asked || (err == nil) != (test.want == "") ||
					errors.Is(err, ErrUncertain) != test.uncertain {
					t.Errorf("posted %d times: %v", asked.Load(), err)
				}
				if text := fmt.Sprint(
					err,
				); err != nil &&
					(!strings.Contains(text, test.want) || strings.Contains(text, secret) ||
						strings.Contains(text, server.URL) || strings.Contains(text, "\n") || len(text) > 600) {
					t.Errorf("%q, expected %s", text, test.want)
				}
			})
		}
	}
}

// What a service that accepts a message does not say is not known.
func TestAnnounceWithoutConfirmation(t *testing.T) {
	for kind, path := range paths {
		server := httptest.NewServer(says(200, "<html>sign in</html>"))
		defer server.Close()
		opened, err := Open(app.Destination{Kind: kind, Body: "x"}, server.URL+path, http.DefaultTransport)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := opened.Announce(
			t.Context(),
			releases["small"],
		); errors.Is(
			err,
			ErrUncertain,
		) != (kind != KindWebhook) {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestNtfyIsAlive(t *testing.T) {
	for answer, want := range map[string]string{
		`{"healthy":true}`: "", `{"healthy":false}`: "look whether NTFY_URL is right", "<html>": "is not healthy",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet || r.URL.String() != "/sub/v1/health" {
				t.Errorf("%s %s", r.Method, r.URL)
			}
			fmt.Fprint(w, answer)
		}))
		defer server.Close()
		opened, err := Open(
			app.Destination{Kind: KindNtfy},
			server.URL+"/sub/topic/?auth="+secret,
			http.DefaultTransport,
		)
		if err != nil {
			t.Fatal(err)
		}
		err = opened.Alive(t.Context())
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", answer, err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, kind := range app.ChannelKinds[1:] {
		for _, address := range []string{
			"", "x", "https://example.com", "http://example.com/" + secret, "https://u:" + secret + "@example.com/x",
			"https://example.com/%zz" + secret,
		} {
			_, err := Open(app.Destination{Kind: kind, Body: "x"}, address, nil)
			if err == nil || strings.Contains(err.Error(), secret) || !strings.Contains(err.Error(), Variable(kind)) {
				t.Errorf("%s %q: %v", kind, address, err)
			}
		}
	}
	if _, err := Open(app.Destination{Kind: KindNtfy}, "https://ntfy.sh/not a topic", nil); err == nil {
		t.Error("a topic with spaces is accepted")
	}
}

func TestSecrets(t *testing.T) {
	for kind, path := range paths {
		list := strings.Join(Secrets(kind, " https://example.com"+path+"\n"), " ")
		if !strings.Contains(list, secret) || strings.Contains(list, " services ") {
			t.Errorf("%s: %s", kind, list)
		}
	}
	if got := Secrets(KindSlack, "https://example.com/short"); got[len(got)-1] != "short" {
		t.Errorf("a key: %q", got)
	}
	for _, kind := range []string{KindNtfy, KindWebhook} { // a word would be removed from all output
		if got := Secrets(kind, "https://example.com/odin"); len(got) != 1 {
			t.Errorf("a word: %q", got)
		}
	}
}
