package standin_test

import (
	"bytes"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

func TestWrite(t *testing.T) {
	sum := strings.Repeat("0123456789abcdef", 4)
	for file, s := range map[string]standin.State{
		"nothing.txt": {},
		"release.txt": {
			Registry: []standin.Repository{{Name: "hughkantsime/runsodin", Untagged: 1,
				Tags: []standin.Tag{
					{Name: "1.7.2", Digest: "sha256:" + strings.Repeat("ab", 32)},
					{Name: "1.7.3", Digest: "sha256:" + sum},
					{Name: "latest", Digest: "sha256:" + sum},
				}}},
			GitHub: standin.Forge{
				Releases: []standin.Release{
					{Tag: "v1.7.2", Name: "O.D.I.N. 1.7.2"},
					{Tag: "v1.7.3", Name: "O.D.I.N. 1.7.3", Latest: true, Assets: []standin.Asset{
						{
							Name:   "checksums.txt",
							Size:   412,
							SHA256: sum,
							State:  "uploaded",
						}, {Name: "frontend.tar.gz", Size: 71100, State: "starter"}}},
					{Tag: "v1.8.0-rc.1", Name: "O.D.I.N. 1.8.0-rc.1", Draft: true, Prerelease: true},
				},
				Branches: []standin.Branch{{Name: "main", Subject: "chore: version 1.7.3"}},
				Pulls: []standin.Pull{
					{Number: 1, Head: "carriers", Base: "main", Title: "chore: version 1.7.3", State: "open"},
				},
				Dispatches: []standin.Dispatch{
					{Repository: "hughkantsime/docs", Name: "release", Payload: `{"version":"1.7.3"}`},
				},
				Workflows: []standin.Dispatch{{Repository: "hughkantsime/runsodin", Name: "docs.yml", Ref: "main"}},
			},
			Messages: []string{`{"embeds": [{"title": "O.D.I.N. 1.7.3 is out",
				"description": "docker pull …\n\nUpgrading: nothing to do",
				"fields": [{"name": "Fixes", "value": "• one\n• two"}, {"name": "Thanks", "value": "Ada"}]}]}`},
		},
	} {
		var out bytes.Buffer
		s.Write(&out, report.Style{})
		testkit.Golden(t, filepath.Join("testdata", file), out.String())
	}
}

func TestOptions(t *testing.T) {
	for want, change := range map[string]func(*standin.Options){
		"expected owner/name":         func(o *standin.Options) { o.Repository = "runsodin" },
		"no token to accept is named": func(o *standin.Options) { o.Token = "" },
		"form ID/TOKEN":               func(o *standin.Options) { o.Webhook = "hush" },
		"is no bare git repository":   func(o *standin.Options) { o.Git = o.Dir },
	} {
		o := options(t)
		change(&o)
		_, err := standin.Open(t.Context(), o)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, expected one line with %q", err, want)
		}
	}
}

// TestIntercept checks that each service is wrapped, by its name.
func TestIntercept(t *testing.T) {
	o := options(t)
	o.Intercept = func(service string, _ http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Service", service) })
	}
	w := open(t, o)
	for service, url := range map[string]string{
		standin.Registry: "http://" + w.Registry() + "/v2/",
		standin.GitHub:   w.GitHub(),
		standin.Discord:  w.Webhook(),
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		ok(t, err)
		answer, err := http.DefaultClient.Do(request)
		ok(t, err)
		ok(t, answer.Body.Close())
		if got := answer.Header.Get("X-Service"); got != service {
			t.Errorf("%s is %q", service, got)
		}
	}
}
