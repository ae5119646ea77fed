package standin

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// backend is the state that the parts of GitHub's API share: the git repository, the
// ledger, the lock of both, and what decides which requests are allowed.
type backend struct {
	site      *site
	git       objects
	assets    assets
	book      string   // file in which the ledger is saved; "" means that it is not
	token     string   // the accepted one
	others    []string // further repositories that accept dispatches: owner/name
	protected bool     // the default branch accepts changes through pull requests only
	immutable bool     // releases are immutable once they are published

	mu     sync.Mutex // one request at a time
	closed bool
	ledger ledger
}

// save writes the ledger to disk. A change that is not written did not happen.
func (b *backend) save() error { return save(b.book, b.ledger) }

// elsewhere lists the endpoints that other repositories have too.
var elsewhere = []string{"", "/dispatches", "/actions/workflows/{workflow}", "/actions/workflows/{workflow}/dispatches"}

// serve checks the token and the repository, and runs one request at a time.
func (b *backend) serve(next endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{Request: r, ctx: context.WithoutCancel(r.Context()), writer: w}
		got, err := answer{}, b.admit(c)
		if err == nil {
			b.mu.Lock()
			defer b.mu.Unlock()
			if b.closed {
				panic(http.ErrAbortHandler) // no answer, rather than an empty one
			}
			got, err = next(c)
		}
		reply(w, got, err)
	})
}

// admit allows everyone to read, as in a public repository. It refuses a wrong token,
// and writes without a token.
func (b *backend) admit(c *call) error {
	if given := c.Header.Get("Authorization"); given != "" {
		scheme, token, _ := strings.Cut(given, " ")
		if !strings.EqualFold(scheme, "bearer") && !strings.EqualFold(scheme, "token") || token != b.token {
			return &refusal{status: http.StatusUnauthorized, message: "Bad credentials"}
		}
		c.signedIn = true
	}
	repository := c.PathValue("owner") + "/" + c.PathValue("repo")
	if !strings.EqualFold(repository, b.site.repository) {
		_, after, _ := strings.Cut(c.Pattern, "{repo}")
		known := slices.ContainsFunc(
			b.others,
			func(other string) bool { return strings.EqualFold(other, repository) },
		)
		if !known || !slices.Contains(elsewhere, after) {
			return notFound()
		}
	}
	if c.Method != http.MethodGet && c.Method != http.MethodHead && !c.signedIn {
		return &refusal{status: http.StatusUnauthorized, message: "Requires authentication"}
	}
	return nil
}
