package standin

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// object is a JSON object.
type object = map[string]any

// gitHub implements the endpoints that a release uses as described in
// https://docs.github.com/rest.
type gitHub struct {
	options Options
	book    string // where the ledger is saved; "" for nowhere
	git     Git
	assets  assets
	mux     *http.ServeMux
	api     string // root of the API, without a final slash
	content string // root of what downloads are redirected to
	owner   string
	name    string

	mu     sync.Mutex // one request at a time
	closed bool
	ledger ledger
}

// ledger is GitHub's state besides its git repository.
type ledger struct {
	Next      int64      `json:"next"`   // the last id
	Latest    int64      `json:"latest"` // the release that was marked as latest; 0 for none
	Releases  []*release `json:"releases"`
	Pulls     []*pull    `json:"pulls"`
	Events    []Dispatch `json:"events"`
	Workflows []Dispatch `json:"workflows"`
}

// id returns the next id, for objects that are stored.
func (l *ledger) id() int64 {
	l.Next++
	return l.Next
}

func newGitHub(o Options, repository Git, kept assets) *gitHub {
	g := &gitHub{options: o, git: repository, assets: kept, mux: http.NewServeMux()}
	g.owner, g.name, _ = strings.Cut(o.Repository, "/")
	g.routes()
	return g
}

func openGitHub(ctx context.Context, dir string, o Options) (*gitHub, error) {
	kept, err := openAssetFiles(filepath.Join(dir, "assets"))
	if err != nil {
		return nil, err
	}
	repository := bare{o.Git, o.Run}
	g := newGitHub(o, repository, kept)
	g.book = filepath.Join(dir, "github.json")
	if err := restore(g.book, &g.ledger); err != nil {
		return nil, err
	}
	if _, err := repository.output(ctx, "rev-parse", "--git-dir"); err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		return nil, fmt.Errorf("%s is no bare git repository (git clone --bare makes one), or git can't be run", o.Git)
	}
	return g, nil
}

// listen sets the address of GitHub. Downloads are redirected to another name of the
// same machine, since GitHub redirects to another host that must not get the token.
func (g *gitHub) listen(address string) {
	g.api = "http://" + address
	_, port, _ := net.SplitHostPort(address)
	g.content = "http://localhost:" + port + "/downloads/"
}

func (g *gitHub) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
}

// save writes the ledger to disk; a change that is not written did not happen.
func (g *gitHub) save() error { return save(g.book, g.ledger) }

// routes lists all endpoints; any other request gets 404.
func (g *gitHub) routes() {
	const repo = "/repos/{owner}/{repo}"
	for pattern, serve := range map[string]endpoint{
		"GET " + repo:                                               g.getRepository,
		"GET " + repo + "/releases":                                 g.listReleases,
		"POST " + repo + "/releases":                                g.createRelease,
		"POST " + repo + "/releases/generate-notes":                 g.generateNotes,
		"GET " + repo + "/releases/latest":                          g.getLatest,
		"GET " + repo + "/releases/tags/{tag...}":                   g.getReleaseByTag,
		"GET " + repo + "/releases/{id}":                            g.getRelease,
		"PATCH " + repo + "/releases/{id}":                          g.editRelease,
		"DELETE " + repo + "/releases/{id}":                         g.deleteRelease,
		"GET " + repo + "/releases/{id}/{assets...}":                g.listAssets,
		"GET " + repo + "/releases/assets/{asset}":                  g.getAsset,
		"PATCH " + repo + "/releases/assets/{asset}":                g.editAsset,
		"DELETE " + repo + "/releases/assets/{asset}":               g.deleteAsset,
		"GET " + repo + "/commits/{ref...}":                         g.getCommit,
		"GET " + repo + "/contents/{path...}":                       g.getContents,
		"GET " + repo + "/git/ref/{ref...}":                         g.getRef,
		"POST " + repo + "/git/refs":                                g.createRef,
		"PATCH " + repo + "/git/refs/{ref...}":                      g.updateRef,
		"GET " + repo + "/git/trees/{sha}":                          g.getTree,
		"POST " + repo + "/git/trees":                               g.createTree,
		"GET " + repo + "/git/blobs/{sha}":                          g.getBlob,
		"POST " + repo + "/git/blobs":                               g.createBlob,
		"GET " + repo + "/git/commits/{sha}":                        g.getGitCommit,
		"POST " + repo + "/git/commits":                             g.createCommit,
		"GET " + repo + "/pulls":                                    g.listPulls,
		"POST " + repo + "/pulls":                                   g.createPull,
		"POST " + repo + "/dispatches":                              g.dispatch,
		"GET " + repo + "/actions/workflows/{workflow}":             g.getWorkflow,
		"POST " + repo + "/actions/workflows/{workflow}/dispatches": g.dispatchWorkflow,
	} {
		g.mux.Handle(pattern, g.serve(serve))
	}
	g.mux.HandleFunc("POST /uploads"+repo+"/releases/{id}/assets", g.upload)
	g.mux.HandleFunc("GET /downloads/{id}", g.download)
	g.mux.Handle("/", g.serve(func(*call) (answer, error) { return answer{}, notFound() }))
}

func (g *gitHub) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.mux.ServeHTTP(w, r) }

// elsewhere lists the endpoints that other repositories have too.
var elsewhere = []string{"", "/dispatches", "/actions/workflows/{workflow}", "/actions/workflows/{workflow}/dispatches"}

// serve checks the token and the repository, and runs one request at a time.
func (g *gitHub) serve(next endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{Request: r, ctx: context.WithoutCancel(r.Context()), writer: w}
		got, err := answer{}, g.admit(c)
		if err == nil {
			g.mu.Lock()
			defer g.mu.Unlock()
			if g.closed {
				panic(http.ErrAbortHandler) // no answer, rather than an empty one
			}
			got, err = next(c)
		}
		g.reply(w, got, err)
	})
}

// admit allows everyone to read, as in a public repository. It refuses a wrong token,
// and writes without a token.
func (g *gitHub) admit(c *call) error {
	if given := c.Header.Get("Authorization"); given != "" {
		scheme, token, _ := strings.Cut(given, " ")
		if !strings.EqualFold(scheme, "bearer") && !strings.EqualFold(scheme, "token") || token != g.options.Token {
			return &refusal{status: http.StatusUnauthorized, message: "Bad credentials"}
		}
		c.signedIn = true
	}
	repository := c.PathValue("owner") + "/" + c.PathValue("repo")
	if !strings.EqualFold(repository, g.options.Repository) {
		_, after, _ := strings.Cut(c.Pattern, "{repo}")
		known := slices.ContainsFunc(
			g.options.Others,
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
