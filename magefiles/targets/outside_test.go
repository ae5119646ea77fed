package targets

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/web"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

func TestStray(t *testing.T) {
	for args, want := range map[string]bool{"release v1.8.0": true, "v1.8.0": true, "release -tag=v1.8.0": false,
		"rollback v1.8.0":                 false,
		"discard v1.8.0 -yes":             false,
		"verify v1.8.0 -key=cosign.pub":   false,
		"rollback v1.8.0 -reason=because": false, "Rollback v1.8.0 v1.8.1": true, "hotfix v1.6.1": true,
		"lint test": false, "": false,
		"hotfix -pick=abcdef1 abcdef2": true, "hotfix -pick=abcdef1,abcdef2 -from=v1.6.2": false,
		"hotfix -pick=abcdef1 -pick=abcdef2": true, "plan -tag=v1.8.0 tag -tag=v1.8.0": false,
		"graph release": true, "graph -format=json release": true, "graph -target=release": false, "help graph": false,
		"help graph lint": false, "verify -repository=ada/shop v1.8.0": true,
		"rollback -h": true, "verify v1.8.0 -help": true, "-h verify": false} {
		if err := stray(strings.Fields(args)); (err != nil) != want {
			t.Errorf("%q: %v", args, err)
		}
	}
}

// However a webhook is pasted, its token is known as a secret.
func TestSecretsOfAWebhook(t *testing.T) {
	for _, address := range []string{"https://discord.com/api/webhooks/1/T0-ken",
		"https://discord.com/api/webhooks/1/T0-ken/", " https://discord.com/api/webhooks/1/T0-ken\n",
		"https://discord.com/api/webhooks/1/T0-ken?thread_id=5",
		"https://discord.com/api/v10/webhooks/1/T0-ken/?wait=true"} {
		secrets := (outside{webhooks: map[string]string{"discord": address}, token: "ghp\n"}).secrets()
		if !slices.Contains(secrets, "T0-ken") || !slices.Contains(secrets, "ghp") {
			t.Errorf("%q: %q", address, secrets)
		}
	}
}

// Only what goes no further than this machine is built for a rehearsal.
func TestPurposeOfAnOutside(t *testing.T) {
	const hub, here = "ghcr.io/ada/app", "127.0.0.1:5000/ada/app"
	for _, each := range []struct {
		outside outside
		name    string
		want    image.Purpose
	}{
		{outside{}, hub, image.ForRelease},
		{outside{}, here, image.ForRelease}, // its release would be on GitHub
		{outside{api: "https://api.github.com"}, here, image.ForRelease},
		{outside{api: "http://127.0.0.1:4000"}, hub, image.ForRelease},
		{outside{api: "http://127.0.0.1:4000"}, "127.0.0.1.example.org/ada/app", image.ForRelease},
		{outside{api: "http://127.0.0.1:4000"}, here, image.ForRehearsal},
		{outside{api: "http://[::1]:4000"}, "127.0.0.1/ada/app", image.ForRehearsal},
		{outside{api: "http://127.0.0.1:4000", registry: "127.0.0.1:5000"}, hub, image.ForRehearsal},
	} {
		if got := each.outside.purpose(each.name); got != each.want {
			t.Errorf("%+v, %s: %d, expected %d", each.outside, each.name, got, each.want)
		}
	}
}

// A target that plans twice asks the registry once, and one that nobody
// listens for is not waited for.
func TestLatestIsAskedOnce(t *testing.T) {
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/manifests/latest") {
			asked.Add(1)
		}
		if r.URL.Path != "/v2/" {
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	host := strings.TrimPrefix(server.URL, "http://")
	p := onRegistry(t, host)
	if first, second := p.planner.Registry(), p.planner.Registry(); first != second || !first.Asked ||
		asked.Load() != 1 {
		t.Errorf("%+v and then %+v after %d requests", first, second, asked.Load())
	}
	server.Close()
	if got, want := onRegistry(
		t,
		host,
	).planner.Registry(), (plan.Registry{Silence: host + " was not reachable"}); got != want {
		t.Errorf("nobody listens: %+v, expected %+v", got, want)
	}
}

// A check is content with what the registry said in the last minutes; a plan is not.
func TestLatestIsKept(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/manifests/latest") {
			asked.Add(1)
		}
		if r.URL.Path != "/v2/" {
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(server.Close)
	p := onRegistry(t, strings.TrimPrefix(server.URL, "http://"))
	first := p.lookups().recentLatest(t.Context())
	if kept := p.lookups().recentLatest(t.Context()); kept != first || asked.Load() != 1 {
		t.Errorf("%+v, then %+v after %d requests", first, kept, asked.Load())
	}
	if p.lookups().latest(t.Context()); asked.Load() != 2 {
		t.Errorf("a plan asked %d times", asked.Load()-1)
	}
	long := time.Now().Add(-latestHolds - time.Minute)
	if err := os.Chtimes(p.lookups().latestFile(), long, long); err != nil {
		t.Fatal(err)
	}
	if p.lookups().recentLatest(t.Context()); asked.Load() != 3 {
		t.Errorf("an old answer was used: %d requests", asked.Load())
	}
}

// onRegistry returns a session for an app whose image is in a registry on this machine.
func onRegistry(t *testing.T, host string) *session {
	t.Helper()
	found, err := app.Default(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	found.Foreign = false
	p, err := newSession(
		t.Context(),
		found,
		outside{registry: host, reach: web.LoopbackOnly(), alone: true},
		io.Discard,
		io.Discard,
	)
	if err != nil {
		t.Fatal(err)
	}
	p.redactor = run.NewRedactor()
	return p
}
