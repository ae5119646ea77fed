package standin

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
)

// object is a JSON object.
type object = map[string]any

// gitHub implements the endpoints that a release uses as described in
// https://docs.github.com/rest.
type gitHub struct {
	*backend
	mux  *http.ServeMux
	read *reader // reads the repository; nil if that is not on disk
}

func newGitHub(o Options, repository Git, kept assets) *gitHub {
	at := &site{repository: o.Repository, branch: o.DefaultBranch, brief: o.Brief}
	at.owner, at.name, _ = strings.Cut(o.Repository, "/")
	g := &gitHub{mux: http.NewServeMux(), backend: &backend{
		site:      at,
		git:       objects{repository},
		assets:    kept,
		token:     o.Token,
		others:    o.Others,
		protected: o.Protected,
		immutable: o.Immutable,
	}}
	g.routes()
	return g
}

func openGitHub(ctx context.Context, dir string, o Options) (*gitHub, error) {
	kept, err := openAssetFiles(filepath.Join(dir, "assets"))
	if err != nil {
		return nil, err
	}
	repository := newBare(o.Git, o.Run)
	g := newGitHub(o, repository, kept)
	g.read = repository.read
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

func (g *gitHub) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	if g.read != nil {
		g.read.close()
	}
}

// routes lists all endpoints; any other request gets 404.
func (g *gitHub) routes() {
	const repo = "/repos/{owner}/{repo}"
	files := assetAPI{g.backend}
	for _, api := range []interface{ endpoints() map[string]endpoint }{
		repositoryAPI{g.backend},
		releaseAPI{g.backend},
		files,
		contentAPI{g.backend},
		gitAPI{g.backend},
		treeAPI{g.backend},
		pullAPI{g.backend},
		environmentAPI{g.backend},
	} {
		for pattern, serve := range api.endpoints() {
			method, path, _ := strings.Cut(pattern, " ")
			g.mux.Handle(method+" "+repo+path, g.serve(serve))
		}
	}
	g.mux.HandleFunc("POST /uploads"+repo+"/releases/{id}/assets", files.upload)
	g.mux.HandleFunc("GET /downloads/{id}", files.download)
	g.mux.Handle("/", g.serve(func(*call) (answer, error) { return answer{}, notFound() }))
}

func (g *gitHub) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.mux.ServeHTTP(w, r) }
