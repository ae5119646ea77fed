//go:build scenario

package targets_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// echo is a server that repeats in its error what it was sent.
type echo struct {
	name, target string
	from         *scene
	service      string
	status       int
	only         func(*http.Request) bool // which requests it answers so
}

func (c canaries) echoes(t *testing.T, built, published, proven *scene) {
	t.Helper()
	every := func(*http.Request) bool { return true }
	acts := func(r *http.Request) bool { return r.Method != http.MethodGet && r.Method != http.MethodHead }
	byDocker := func(r *http.Request) bool { return strings.Contains(r.UserAgent(), "docker/") }
	cases := []echo{
		{"docker pull", "postRelease", published, standin.Registry, 403, byDocker},
		{"docker pull, 500", "postRelease", published, standin.Registry, 500, byDocker},
	}
	statuses := []int{403, 500}
	if testkit.All() {
		statuses = []int{400, 401, 403, 422, 500}
	}
	for _, status := range statuses {
		cases = append(cases, echo{"GitHub", "publish", built, standin.GitHub, status, every},
			echo{"GitHub, acts", "publish", built, standin.GitHub, status, acts},
			echo{"GitHub, last acts", "postRelease", proven, standin.GitHub, status, acts},
			echo{"registry", "publish", built, standin.Registry, status, every},
			echo{"registry, acts", "publish", built, standin.Registry, status, acts},
			echo{"Discord", "postRelease", proven, standin.Discord, status, every})
	}
	var group errgroup.Group
	group.SetLimit(4)
	for _, each := range cases {
		group.Go(func() error {
			t.Run(fmt.Sprintf("%s, %d", each.name, each.status), func(t *testing.T) {
				var told sync.Map
				s := each.from.copied(t, each.around(&told))
				result := c.keeps(t, s, each.target)
				sent := 0
				told.Range(func(_, _ any) bool { sent++; return true })
				if result.code == 0 || sent == 0 {
					t.Errorf("exit code %d after %d answers with a secret", result.code, sent)
				}
			})
			return nil
		})
	}
	_ = group.Wait()
}

// around repeats the credentials, as they were sent, decoded, and as an address
// spells them.
func (e echo) around(told *sync.Map) func(string, http.Handler) http.Handler {
	return func(service string, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			sent := r.Header.Get("Authorization")
			if service == standin.Discord {
				sent = "http://" + r.Host + r.URL.String()
			}
			if service != e.service || !e.only(r) {
				next.ServeHTTP(w, r)
				return
			}
			if sent == "" { // who comes without is asked for them
				w.Header().Set("WWW-Authenticate", `Basic realm="echo"`)
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			told.Store(sent, true)
			decoded, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(sent, "Basic ")) // empty for others
			said := fmt.Sprintf(
				"I do not like %s, which is %s, or %s",
				sent,
				decoded,
				url.QueryEscape(string(decoded)+sent),
			)
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("X-Accepted-Github-Permissions", sent)
			w.WriteHeader(e.status)
			problem := map[string]string{"code": "custom", "field": sent, "message": said}
			body := map[string]any{
				"message":           said,
				"documentation_url": "https://example.org/?" + url.QueryEscape(sent),
				"errors":            []any{problem},
			}
			if service == standin.Discord {
				body["code"], body["errors"] = 50035, map[string]any{"_errors": []any{problem}}
			}
			_, _ = io.WriteString(w, asJSON(body))
		})
	}
}
