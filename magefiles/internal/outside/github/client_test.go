package github

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/web"
)

const (
	releaseJSON = `{"id":7,"tag_name":"v1.7.3","name":"v1.7.3","body":"Notes",
		"html_url":"https://github.com/ada/app/releases/tag/v1.7.3",
		"upload_url":"https://uploads.github.com/repos/ada/app/releases/7/assets{?name,label}",
		"draft":true,"prerelease":true,"immutable":true}`
	assetJSON = `{"id":9,"name":"a.txt","state":"uploaded","size":5000000000,"digest":"sha256:abc"}`
)

var theRelease = Release{
	ID:         7,
	Tag:        "v1.7.3",
	Name:       "v1.7.3",
	Body:       "Notes",
	URL:        "https://github.com/ada/app/releases/tag/v1.7.3",
	UploadURL:  "https://uploads.github.com/repos/ada/app/releases/7/assets{?name,label}",
	Draft:      true,
	Prerelease: true,
	Immutable:  true,
}

var theAsset = Asset{ID: 9, Name: "a.txt", State: "uploaded", Size: 5000000000, SHA256: "abc"}

func ptr[T any](v T) *T { return &v }

// Each method: the request that it sends, and what it makes of the response.
func TestMethods(t *testing.T) {
	const api = "/repos/ada/app/"
	docs := Repository{"ada", "docs"}
	for name, test := range map[string]struct {
		on     string // METHOD path
		answer http.HandlerFunc
		call   func(context.Context, *Client) (any, error)
		want   any
		sends  string // the body
		query  string
	}{
		"default branch": {
			"GET /repos/ada/app", says(200, `{"default_branch":"trunk"}`),
			func(ctx context.Context, c *Client) (any, error) { return c.Code.DefaultBranch(ctx) }, "trunk", "", "",
		},
		"may release": {
			"POST " + api + "releases/generate-notes", says(200, `{"name":"n","body":"b"}`),
			func(ctx context.Context, c *Client) (any, error) {
				return nil, c.Releases.MayRelease(
					ctx,
					"v1",
				)
			}, nil, `{"tag_name":"v1"}`, "",
		},
		"tag": {
			"GET " + api + "commits/tags/v1", says(200, "0123abcd\n"),
			func(ctx context.Context, c *Client) (any, error) {
				return c.Code.TagCommit(ctx, "v1")
			}, "0123abcd", "", "",
		},
		"no tag": {
			"GET " + api + "commits/tags/v1", says(422, `{"message":"No commit found for SHA: tags/v1"}`),
			func(ctx context.Context, c *Client) (any, error) { return c.Code.TagCommit(ctx, "v1") }, "", "", "",
		},
		"tag in an empty repository": {
			"GET " + api + "commits/tags/v1", says(409, `{"message":"Git Repository is empty."}`),
			func(ctx context.Context, c *Client) (any, error) { return c.Code.TagCommit(ctx, "v1") }, "", "", "",
		},
		"releases": {
			"GET " + api + "releases", says(200, "["+releaseJSON+"]"),
			func(ctx context.Context, c *Client) (any, error) { return c.Releases.Releases(ctx) }, []Release{
				theRelease,
			}, "", "per_page=100&page=1",
		},
		"release by tag": {
			"GET " + api + "releases/tags/v1", says(200, releaseJSON),
			func(ctx context.Context, c *Client) (any, error) {
				return c.Releases.ReleaseByTag(ctx, "v1")
			}, &theRelease, "", "",
		},
		"no release by tag": {
			"GET " + api + "releases/tags/v1", says(404, `{"message":"Not Found"}`),
			func(ctx context.Context, c *Client) (any, error) { return c.Releases.ReleaseByTag(ctx, "v1") },
			(*Release)(nil), "", "",
		},
		"latest": {
			"GET " + api + "releases/latest", says(200, releaseJSON),
			func(ctx context.Context, c *Client) (any, error) { return c.Releases.Latest(ctx) }, "v1.7.3", "", "",
		},
		"no latest": {
			"GET " + api + "releases/latest", says(404, `{"message":"Not Found"}`),
			func(ctx context.Context, c *Client) (any, error) { return c.Releases.Latest(ctx) }, "", "", "",
		},
		"draft": {
			"POST " + api + "releases", says(201, releaseJSON),
			func(ctx context.Context, c *Client) (any, error) {
				return c.Releases.CreateDraft(ctx, Release{Tag: "v2", Name: "Two", Body: "<b>&", Prerelease: true})
			}, theRelease,
			`{"tag_name":"v2","name":"Two","body":"<b>&","draft":true,"prerelease":true,"make_latest":"false"}`, "",
		},
		"edit": {
			"PATCH " + api + "releases/7", says(200, releaseJSON),
			func(ctx context.Context, c *Client) (any, error) {
				return c.Releases.Edit(ctx, 7, Edit{Draft: ptr(false), MakeLatest: ptr(true)})
			}, theRelease,
			`{"draft":false,"make_latest":"true"}`, "",
		},
		"edit the notes": {
			"PATCH " + api + "releases/7", says(200, releaseJSON),
			func(ctx context.Context, c *Client) (any, error) {
				return c.Releases.Edit(ctx, 7, Edit{Body: ptr(""), Name: ptr("n"), Prerelease: ptr(true)})
			}, theRelease,
			`{"name":"n","body":"","prerelease":true}`, "",
		},
		"delete a release": {
			"DELETE " + api + "releases/7", says(204, ""),
			func(ctx context.Context, c *Client) (any, error) {
				return nil, c.Releases.DeleteRelease(ctx, 7)
			}, nil, "", "",
		},
		"delete what is gone": {
			"DELETE " + api + "releases/7", says(404, `{"message":"Not Found"}`),
			func(ctx context.Context, c *Client) (any, error) {
				return nil, c.Releases.DeleteRelease(ctx, 7)
			}, nil, "", "",
		},
		"assets": {
			"GET " + api + "releases/7/assets", says(
				200,
				"["+assetJSON+`,{"id":1,"name":"b","state":"starter","digest":null}]`,
			),
			func(ctx context.Context, c *Client) (any, error) { return c.Releases.Assets(ctx, 7) },
			[]Asset{theAsset, {ID: 1, Name: "b", State: "starter"}}, "", "per_page=100&page=1",
		},
		"delete an asset": {
			"DELETE " + api + "releases/assets/9", says(404, ""),
			func(ctx context.Context, c *Client) (any, error) {
				return nil, c.Releases.DeleteAsset(ctx, 9)
			}, nil, "", "",
		},
		"dispatch": {
			"POST /repos/ada/docs/dispatches", says(204, ""),
			func(ctx context.Context, c *Client) (any, error) {
				return nil, c.Dispatches.Dispatch(ctx, docs, "released", map[string]string{"version": "1"})
			}, nil,
			`{"event_type":"released","client_payload":{"version":"1"}}`, "",
		},
		"workflow": {
			"POST /repos/ada/docs/actions/workflows/docs.yml/dispatches", says(204, ""),
			func(ctx context.Context, c *Client) (any, error) {
				return nil, c.Dispatches.DispatchWorkflow(ctx, docs, "docs.yml", "main")
			}, nil,
			`{"ref":"main"}`, "",
		},
		"workflow's state": {
			"GET /repos/ada/docs/actions/workflows/docs.yml", says(200, `{"state":"active"}`),
			func(ctx context.Context, c *Client) (any, error) {
				return c.Dispatches.WorkflowState(
					ctx,
					docs,
					"docs.yml",
				)
			}, "active", "", "",
		},
		"can dispatch": {
			"GET /repos/ada/docs", says(200, `{}`),
			func(ctx context.Context, c *Client) (any, error) {
				return nil, c.Dispatches.CanDispatch(ctx, docs)
			}, nil, "", "",
		},
		"branch": {
			"GET " + api + "git/ref/heads/rel/1", says(200, `{"ref":"refs/heads/rel/1","object":{"sha":"abc"}}`),
			func(ctx context.Context, c *Client) (any, error) { return c.Code.Branch(ctx, "rel/1") }, "abc", "", "",
		},
		"no branch": {
			"GET " + api + "git/ref/heads/x", says(404, ""),
			func(ctx context.Context, c *Client) (any, error) { return c.Code.Branch(ctx, "x") }, "", "", "",
		},
		"file": {
			"GET " + api + "contents/a%20b/%3Fc.json", says(200, `{"raw": true}`),
			func(ctx context.Context, c *Client) (any, error) {
				content, err := c.Code.File(ctx, "a b/?c.json", "feature/x&y")
				return string(content), err
			}, `{"raw": true}`, "", "ref=feature%2Fx%26y",
		},
		"advance": {
			"PATCH " + api + "git/refs/heads/main", says(200, `{}`),
			func(ctx context.Context, c *Client) (any, error) {
				return nil, c.Code.Advance(
					ctx,
					"main",
					"abc",
				)
			}, nil, `{"sha":"abc","force":false}`, "",
		},
		"create a branch": {
			"POST " + api + "git/refs", says(201, `{}`),
			func(ctx context.Context, c *Client) (any, error) {
				return nil, c.Code.CreateBranch(ctx, "new", "abc")
			}, nil,
			`{"ref":"refs/heads/new","sha":"abc"}`, "",
		},
		"pull request": {
			"GET " + api + "pulls", says(
				200,
				`[{"number":3,"html_url":"https://github.com/ada/app/pull/3","state":"closed"}]`,
			),
			func(ctx context.Context, c *Client) (any, error) { return c.Code.PullRequest(ctx, "rel", "main") },
			&PullRequest{3, "https://github.com/ada/app/pull/3", "closed"}, "",
			"base=main&direction=desc&head=ada%3Arel&per_page=1&sort=created&state=all",
		},
		"no pull request": {
			"GET " + api + "pulls", says(200, `[]`),
			func(ctx context.Context, c *Client) (any, error) {
				return c.Code.PullRequest(
					ctx,
					"rel",
					"main",
				)
			}, (*PullRequest)(nil), "",
			"base=main&direction=desc&head=ada%3Arel&per_page=1&sort=created&state=all",
		},
		"open a pull request": {
			"POST " + api + "pulls", says(201, `{"number":4,"html_url":"u","state":"open"}`),
			func(ctx context.Context, c *Client) (any, error) {
				return c.Code.OpenPullRequest(ctx, "rel", "main", "Title", "Body")
			},
			PullRequest{4, "u", "open"}, `{"title":"Title","head":"rel","base":"main","body":"Body"}`, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, map[string]http.HandlerFunc{test.on: test.answer})
			got, err := test.call(t.Context(), server.client(t))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			said := server.last()
			if said.body != test.sends || said.query != test.query || said.auth != "Bearer "+token {
				t.Errorf("sent %+v", said)
			}
		})
	}
}

func TestPages(t *testing.T) {
	server := serve(t, nil)
	pages := func(w http.ResponseWriter, r *http.Request) {
		page := r.URL.Query().Get("page")
		if page != "3" {
			w.Header().
				Set(
					"Link",
					fmt.Sprintf(
						`<%s%s?per_page=1&page=%c>; rel="next", <x?page=3>; rel="last"`,
						server.URL,
						r.URL.Path,
						page[0]+1,
					),
				)
		}
		fmt.Fprintf(w, `[{"id":%s}]`, page)
	}
	server.Config.Handler = http.HandlerFunc(pages)
	releases, err := server.client(t).Releases.Releases(t.Context())
	if diff := cmp.Diff([]Release{{ID: 1}, {ID: 2}, {ID: 3}}, releases); diff != "" || err != nil {
		t.Errorf("%v, %s", err, diff)
	}
	assets, err := server.client(t).Releases.Assets(t.Context(), 1)
	if diff := cmp.Diff([]Asset{{ID: 1}, {ID: 2}, {ID: 3}}, assets); diff != "" || err != nil {
		t.Errorf("%v, %s", err, diff)
	}
}

// go-github would refuse to send requests while it assumes a rate limit; that is the
// transport's decision.
func TestNoRateLimitOfItsOwn(t *testing.T) {
	server := serve(t, map[string]http.HandlerFunc{
		"GET /repos/ada/app": says(
			200,
			`{"default_branch":"main"}`,
			"X-RateLimit-Limit",
			"60",
			"X-RateLimit-Remaining",
			"0",
			"X-RateLimit-Reset",
			"99999999999",
		),
	})
	client := server.client(t)
	for range 3 {
		if _, err := client.Code.DefaultBranch(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var refused *web.RefusedError
	server = serve(t, map[string]http.HandlerFunc{
		"GET /repos/ada/app": says(
			403,
			`{"message":"API rate limit exceeded"}`,
			"X-RateLimit-Remaining",
			"0",
			"X-RateLimit-Reset",
			"99999999999",
		),
	})
	if _, err := server.client(t).Code.
		DefaultBranch(t.Context()); !errors.As(err, &refused) || Status(err) != 403 ||
		strings.Contains(err.Error(), "http") {
		t.Errorf("%v", err)
	}
}

func TestFileThatIsNotThere(t *testing.T) {
	server := serve(
		t,
		map[string]http.HandlerFunc{"GET /repos/ada/app/contents/x": says(404, `{"message":"Not Found"}`)},
	)
	if _, err := server.client(t).Code.File(t.Context(), "x", "main"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

func TestParseRepository(t *testing.T) {
	for text, want := range map[string]string{
		"ada/app": "ada/app", "https://github.com/ada/app": "ada/app", "https://github.com/ada/app.git": "ada/app",
		"https://github.com/ada/app/": "ada/app", "ada/.github": "ada/.github",
		"https://ghe.example.org/ada/a_b-c.d": "ada/a_b-c.d",
		"":                                    "", "ada": "", "ada/app/x": "", "ada/..": "", "ada/a b": "",
		"-x/app": "", "git@github.com:ada/app": "",
		"ada/app?x": "", "https://github.com/ada": "", "https://user:" + token + "@github.com/": "",
	} {
		got, err := ParseRepository(text)
		switch {
		case want == "" && (err == nil || strings.Contains(
			err.Error(),
			token,
		) || !strings.Contains(err.Error(), "owner/name")):
			t.Errorf("%q: %v, %v", text, got, err)
		case want != "" && (err != nil || got.String() != want):
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for name, test := range map[string]struct{ api, token string }{
		"no address": {
			"not an address",
			token,
		}, "a user": {"https://u:p@api.github.com/", token}, "another scheme": {"ftp://x/", token},
		"a line break": {"", token + "\n"}, "a space": {"", "a " + token},
	} {
		if _, err := New(
			test.api,
			test.token,
			Repository{"a", "b"},
			nil,
		); err == nil || strings.Contains(err.Error(), token) ||
			strings.Contains(err.Error(), "u:p") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := New("", "", Repository{}, nil); err == nil {
		t.Error("no repository is fine")
	}
	client, err := New("https://ghe.example.org/api/v3", "", Repository{"a", "b"}, nil)
	if err != nil || client.api.BaseURL.String() != "https://ghe.example.org/api/v3/" {
		t.Errorf("%v, %v", client, err)
	}
}
