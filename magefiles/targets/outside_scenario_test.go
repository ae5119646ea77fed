//go:build scenario

package targets_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// TestScenarioPreflight begins releases for which several things are missing at
// once: all of them are told, in one error, and nothing was built or changed.
func TestScenarioPreflight(t *testing.T) {
	t.Parallel()
	for _, each := range []struct {
		name  string
		spoil func(*testing.T, *scene) []string // what is wrong; gives the environment that makes it so
		want  []string                          // a line of the error each
	}{
		{"credentials that nobody accepts", func(t *testing.T, s *scene) []string {
			s.login(t, "not the password")
			return []string{
				"GITHUB_TOKEN=" + strings.ToUpper(s.keys.token),
				"DISCORD_WEBHOOK_URL=" + s.world.Webhook() + "0",
			}
		}, []string{
			"push to the registry: push to REGISTRY/hughkantsime/runsodin: the registry answered 401",
			"write releases on GitHub: check that v1.7.3 may be released in hughkantsime/runsodin: GitHub " +
				"answered 401: Bad credentials; GITHUB_TOKEN is not accepted",
			"the tag on GitHub: get the commit of the tag v1.7.3: GitHub answered 401",
			"Discord's webhook: check the Discord webhook: Discord knows no such webhook",
		}},
		{"rights and a tag that are missing", func(t *testing.T, s *scene) []string {
			testkit.Git(t, filepath.Join(s.base, "origin.git"), "tag", "--delete", "v1.7.3")
			return []string{
				"DISCORD_WEBHOOK_URL=" + strings.Replace(s.world.Webhook(), "/webhooks/1", "/webhooks/2", 1),
			}
		}, []string{
			"push to the registry: push to REGISTRY/hughkantsime/runsodin: the registry answered 403: no pushes by ada",
			"write releases on GitHub: check that v1.7.3 may be released in hughkantsime/runsodin: GitHub " +
				"answered 403: Resource not accessible by integration; GITHUB_TOKEN needs contents: write",
			"the tag on GitHub: v1.7.3 is not on GitHub: push it with git push origin v1.7.3",
			"Discord's webhook: check the Discord webhook: Discord knows no such webhook",
		}},
		{"nothing but a webhook", func(*testing.T, *scene) []string {
			return []string{
				"DISCORD_WEBHOOK_URL=",
			}
		}, []string{
			"push to the registry: push to REGISTRY/hughkantsime/runsodin: the registry answered 403: no pushes by ada",
			"announce on Discord: DISCORD_WEBHOOK_URL is not set; set it, or say why nothing is announced in " +
				"announce.absent of release.yaml",
		}},
	} {
		t.Run(each.name, func(t *testing.T) {
			t.Parallel()
			var begun atomic.Bool
			s := newScene(t, script{pretended: true, around: func(_ string, next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if !begun.Load() || !noRights(w, r) {
						next.ServeHTTP(w, r)
					}
				})
			}})
			if err := os.RemoveAll(filepath.Join(s.dir(), "dist")); err != nil {
				t.Fatal(err)
			}
			env := append(s.environ(t), each.spoil(t, s)...)
			before := s.state(t)
			begun.Store(true)
			result := pipeline(t, s.dir(), env, "release")
			told := read(result)
			for _, line := range append(each.want, "Error: plan failed: preflight failed; nothing was built:") {
				if strings.Count(told, "\n"+line) != 1 {
					t.Errorf("not told once: %s", line)
				}
			}
			if result.code == 0 || !strings.HasPrefix(result.stderr, "Error: ") ||
				strings.Contains(result.stdout, "lint: started") {
				t.Errorf("exit code %d, %s", result.code, result.stderr)
			}
			for _, made := range []string{"image.oci", "checksums.txt", "sbom.spdx.json"} {
				if _, err := os.Stat(filepath.Join(s.dir(), "dist", made)); err == nil {
					t.Errorf("%s was built", made)
				}
			}
			if diff := cmp.Diff(before, s.state(t)); diff != "" {
				t.Errorf("it changed something (-before +after):\n%s", diff)
			}
		})
	}
}

// noRights answers as GitHub and a registry do for one who is known, and may
// read only; false if there is nothing to deny.
func noRights(w http.ResponseWriter, r *http.Request) bool {
	var body string
	_, password, _ := r.BasicAuth()
	switch {
	case r.Method == http.MethodPost && strings.HasSuffix(
		r.URL.Path,
		"/releases/generate-notes",
	) && r.Header.Get("Authorization") == "Bearer "+plainKeys.token:
		body = `{"message":"Resource not accessible by integration","documentation_url":"https://docs.github.com/rest"}`
	case r.Method == http.MethodPost && strings.HasSuffix(
		r.URL.Path,
		"/blobs/uploads/",
	) && password == plainKeys.password:
		body = `{"errors":[{"code":"DENIED","message":"no pushes by ada"}]}`
	default:
		return false
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusForbidden)
	_, _ = w.Write([]byte(body))
	return true
}
