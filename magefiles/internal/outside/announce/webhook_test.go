package announce

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/web"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

const secret = "c4n4ry_Token-123"

// channel returns a Discord that gives the answers in turn and then repeats the last one.
func channel(t *testing.T, answers ...http.HandlerFunc) (server *httptest.Server, asked *atomic.Int32) {
	t.Helper()
	asked = new(atomic.Int32)
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/webhooks/42/"+secret || !strings.HasPrefix(r.UserAgent(), "DiscordBot (") {
			t.Errorf("unexpected: %s as %s", r.URL, r.UserAgent())
		}
		answers[min(int(asked.Add(1)), len(answers))-1](w, r)
	}))
	t.Cleanup(server.Close)
	return server, asked
}

func hook(t *testing.T, server *httptest.Server, query string) *Webhook {
	t.Helper()
	policy := web.Policy{Patience: 300 * time.Millisecond, Pause: time.Millisecond, Longest: time.Second, Attempts: 3}
	w, err := New(server.URL+"/api/webhooks/42/"+secret+query, web.New(policy))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

func cut(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	fmt.Fprint(w, `{"id":"9",`)
	w.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

func TestPost(t *testing.T) {
	const made = `{"id":"11","channel_id":"22"}`
	limited := says(429, `{"message":"You are being rate limited.","retry_after":0.01,"global":false}`)
	for name, test := range map[string]struct {
		answers   []http.HandlerFunc
		asked     int32
		want      string // of the error
		uncertain bool
	}{
		"fine":             {[]http.HandlerFunc{says(200, made)}, 1, "", false},
		"rate limited":     {[]http.HandlerFunc{limited, limited, says(200, made)}, 3, "", false},
		"always limited":   {[]http.HandlerFunc{limited}, 3, "accepts no more requests", false},
		"limited for long": {[]http.HandlerFunc{says(429, `{"retry_after":3600}`)}, 1, "1h0m0s", false},
		"500":              {[]http.HandlerFunc{says(500, ""), says(200, made)}, 1, "answered 500", true},
		"502":              {[]http.HandlerFunc{says(502, ""), says(200, made)}, 1, "answered 502", true},
		"reset":            {[]http.HandlerFunc{testkit.Reset, says(200, made)}, 1, "closed the connection", true},
		"silent":           {[]http.HandlerFunc{testkit.Stall}, 1, "sent no data", true},
		"cut short":        {[]http.HandlerFunc{cut, says(200, made)}, 1, "cut short", true},
		"no JSON":          {[]http.HandlerFunc{says(200, "<html>")}, 1, "without the message", true},
		"no message":       {[]http.HandlerFunc{says(204, "")}, 1, "without the message", true},
		"a wrong form": {
			[]http.HandlerFunc{
				says(
					400,
					`{"code":50035,"errors":{"embeds":{"0":{"title":{"_errors":[{"code":"BASE_TYPE_MAX_LENGTH"}]}}}},`+
						"\n"+
						`"message":"Invalid Form Body `+
						secret+
						`"}`,
				),
			},
			1,
			"Discord answered 400: Invalid Form Body *** (50035)",
			false,
		},
		"gone": {
			[]http.HandlerFunc{says(404, `{"message":"Unknown Webhook","code":10015}`)},
			1,
			"DISCORD_WEBHOOK_URL",
			false,
		},
		"another token": {
			[]http.HandlerFunc{says(401, `{"message":"Invalid Webhook Token","code":50027}`)},
			1,
			"DISCORD_WEBHOOK_URL",
			false,
		},
		"a redirect": {[]http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere/"+secret, http.StatusTemporaryRedirect)
		}}, 1, "Discord answered 307", false},
		"an endless refusal": {
			[]http.HandlerFunc{says(400, `{"message":"`+strings.Repeat("x", 5000)+`"}`)},
			1,
			"…",
			false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			server, asked := channel(t, test.answers...)
			posted, err := hook(t, server, "").Post(t.Context(), Message(releases["small"]))
			if asked.Load() != test.asked {
				t.Errorf("it was posted %d times, expected %d", asked.Load(), test.asked)
			}
			if test.want == "" {
				if err != nil || posted != (Posted{"11", "22"}) {
					t.Errorf("%+v, %v", posted, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) ||
				errors.Is(err, ErrUncertain) != test.uncertain ||
				len(err.Error()) > 700 {
				t.Errorf("%v", err)
			}
			if strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), url.QueryEscape(server.URL)) ||
				strings.Contains(err.Error(), server.URL) ||
				strings.Contains(err.Error(), "\n") {
				t.Errorf("the error tells too much: %q", err)
			}
		})
	}
}

func TestPostThatIsNeverSent(t *testing.T) {
	server, _ := channel(t, says(200, ""))
	webhook := hook(t, server, "")
	server.Close()
	_, err := webhook.Post(t.Context(), Payload{})
	if err == nil || errors.Is(err, ErrUncertain) || strings.Contains(err.Error(), secret) {
		t.Errorf("%v", err)
	}
	if err := webhook.Alive(t.Context()); err == nil || strings.Contains(err.Error(), secret) {
		t.Errorf("%v", err)
	}
}

// With a transport that does not know what it sent, an error is uncertain.
func TestPostByAnotherTransport(t *testing.T) {
	server, asked := channel(t, testkit.Reset)
	webhook, err := New(server.URL+"/api/webhooks/42/"+secret, http.DefaultTransport)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := webhook.Post(
		t.Context(),
		Payload{},
	); !errors.Is(err, ErrUncertain) || strings.Contains(err.Error(), secret) ||
		asked.Load() != 1 {
		t.Errorf("%v", err)
	}
}

func TestWhatIsSent(t *testing.T) {
	server, _ := channel(t, func(w http.ResponseWriter, r *http.Request) {
		var got map[string]any
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		mentions, _ := json.Marshal(got["allowed_mentions"])
		if r.Method != http.MethodPost || r.URL.RawQuery != "thread_id=7&wait=true" ||
			r.Header.Get("Content-Type") != "application/json" ||
			string(mentions) != `{"parse":[]}` ||
			len(got) != 2 {
			t.Errorf("%s %s: %v", r.Method, r.URL, got)
		}
		fmt.Fprint(w, `{"id":"1","channel_id":"2"}`)
	})
	if _, err := hook(t, server, "?thread_id=7").Post(t.Context(), Message(Release{})); err != nil {
		t.Error(err)
	}
}

func TestAlive(t *testing.T) {
	server, asked := channel(t, says(502, ""), says(200, `{"id":"42"}`))
	if err := hook(t, server, "/").Alive(t.Context()); err != nil || asked.Load() != 2 {
		t.Errorf("%v after %d requests", err, asked.Load())
	}
	for status, want := range map[int]string{
		404: "Discord knows no such webhook",
		401: "DISCORD_WEBHOOK_URL",
		403: "Discord answered 403: Forbidden",
		500: "Discord answered 500",
	} {
		server, _ := channel(t, says(status, ""))
		if err := hook(
			t,
			server,
			"",
		).Alive(t.Context()); err == nil || !strings.Contains(err.Error(), want) ||
			strings.Contains(err.Error(), secret) {
			t.Errorf("%d: %v", status, err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for _, address := range []string{
		"", "x", "https://discord.com/api/webhooks/42", "https://discord.com/api/webhooks/42/" + secret +
			"/slack", "https://discord.com/api/webhooks/x/" + secret,
		"http://discord.com/api/webhooks/42/" +
			secret, "https://u:" + secret +
			"@discord.com/api/webhooks/42/x", "ftp://discord.com/api/webhooks/42/" + secret,
		"https://discord.com:" + secret + "/api/webhooks/42/" +
			secret, "https://discord.com/api/webhooks/42/" + secret + "\x7f", "https://discord.com/%zz" + secret,
	} {
		if _, err := New(
			address,
			nil,
		); err == nil || strings.Contains(err.Error(), secret) ||
			!strings.Contains(err.Error(), "DISCORD_WEBHOOK_URL") {
			t.Errorf("%q: %v", address, err)
		}
	}
	for _, address := range []string{
		"https://discord.com/api/webhooks/42/" +
			secret, " https://canary.discord.com/api/v10/webhooks/42/" + secret +
			"\n", "http://127.0.0.1:1/api/webhooks/42/" + secret, "http://localhost/webhooks/1/x",
	} {
		if _, err := New(address, nil); err != nil {
			t.Errorf("%q: %v", address, err)
		}
	}
}
