package github

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/web"
)

func TestErrorsSayWhatToDo(t *testing.T) {
	ctx := context.Background()
	for name, test := range map[string]struct {
		token  string
		answer http.HandlerFunc
		want   string
		status int
	}{
		"fields": {
			token, says(
				422,
				`{"message":"Validation `+
					`Failed","errors":[{"resource":"Release","code":"already_exists","field":"tag_name"},`+
					`{"code":"custom","message":"tag `+
					`name isn't well formed"},"plain"]}`,
			),
			"create the release v1: GitHub answered 422: Validation Failed (tag_name already_exists, tag name " +
				"isn't well formed, plain)", 422,
		},
		"expired": {
			token,
			says(401, `{"message":"Bad credentials"}`),
			"create the release v1: GitHub answered 401: Bad credentials; GITHUB_TOKEN is not accepted: it is " +
				"mistyped, expired or revoked",
			401,
		},
		"a second factor": {
			token, says(
				401,
				`{"message":"Must specify two-factor authentication OTP code."}`,
				"X-GitHub-OTP",
				"required; app",
			),
			"create the release v1: GitHub answered 401: Must specify two-factor authentication OTP code.; " +
				"GITHUB_TOKEN is not accepted: it is mistyped, expired or revoked", 401,
		},
		"no token": {
			"",
			says(401, `{"message":"Requires authentication"}`),
			"create the release v1: GitHub answered 401: Requires authentication; set GITHUB_TOKEN, with " +
				"contents: write",
			401,
		},
		"forbidden": {
			token,
			says(403, `{"message":"Resource not accessible by integration"}`),
			"create the release v1: GitHub answered 403: Resource not accessible by integration; GITHUB_TOKEN " +
				"needs contents: write",
			403,
		},
		"GitHub's say": {
			token,
			says(403, `{"message":"No"}`, "X-Accepted-GitHub-Permissions", "contents=write,workflows=write"),
			"create the release v1: GitHub answered 403: No; GITHUB_TOKEN needs contents: write,workflows: write",
			403,
		},
		"hidden": {
			token,
			says(404, `{"message":"Not Found"}`),
			"create the release v1: GitHub answered 404: Not Found; it does not exist or is not visible with this " +
				"token: GITHUB_TOKEN needs contents: write",
			404,
		},
		"not public": {
			"",
			says(404, `{"message":"Not Found"}`),
			"create the release v1: GitHub answered 404: Not Found; it does not exist or is not public: set " +
				"GITHUB_TOKEN, with contents: write",
			404,
		},
		"trouble": {
			token,
			says(502, "<html>\n"),
			"create the release v1: GitHub answered 502: Bad Gateway; try again later (see " +
				"https://www.githubstatus.com)",
			502,
		},
		"at work": {
			token,
			says(202, ""),
			"create the release v1: GitHub answered 202: it is still working on this; try again",
			202,
		},
		"echoed": {
			token,
			says(400, `{"message":"no such\ntoken: `+token+`"}`),
			"create the release v1: GitHub answered 400: no such token: ***",
			400,
		},
		"secondary": {
			token, says(
				403,
				`{"message":"Slow `+
					`down","documentation_url":"https://docs.github.com/rest/overview#about-secondary-rate-limits"}`,
			),
			"create the release v1: GitHub answered 403: Slow down; GITHUB_TOKEN needs contents: write", 403,
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, map[string]http.HandlerFunc{"POST /repos/ada/app/releases": test.answer})
			_, err := server.as(t, test.token).Releases.CreateDraft(ctx, Release{Tag: "v1"})
			if err == nil || err.Error() != test.want || Status(err) != test.status ||
				web.Unanswered(err) != web.Open(test.status) {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestNoAnswerIsNoStatus(t *testing.T) {
	server := serve(
		t,
		map[string]http.HandlerFunc{
			"POST /repos/ada/app/releases": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		},
	)
	_, err := server.client(t).Releases.CreateDraft(t.Context(), Release{Tag: "v1"})
	if err == nil || Status(err) != 0 || !web.Unanswered(err) || strings.Contains(err.Error(), "http://") ||
		!strings.HasPrefix(err.Error(), "create the release v1: ") {
		t.Errorf("%v", err)
	}
	if len(server.all()) != 1 {
		t.Errorf("it was sent %d times", len(server.all()))
	}
	server.Close()
	if _, err := server.client(
		t,
	).Releases.CreateDraft(
		t.Context(),
		Release{Tag: "v1"},
	); err == nil ||
		web.Unanswered(err) {
		t.Errorf("never sent: %v", err)
	}
	if Status(nil) != 0 || Status(errors.New("x")) != 0 {
		t.Error("an error without an answer has a status")
	}
}

func TestAdvanceTellsWhy(t *testing.T) {
	for message, want := range map[string]error{
		`{"message":"Update is not a fast forward"}`: ErrMoved,
		`{"message":"Changes must be made through a pull ` +
			`request."}`: ErrProtected,
		`{"message":"Repository rule violations found\n\nChanges must be made through a pull ` +
			`request.\n\n"}`: ErrProtected,
		`{"message":"Required status check \"ci\" is ` +
			`expected.","documentation_url":"https://docs.github.com/articles/about-protected-branches"}`: ErrProtected,
		`{"message":"At least 1 approving review is required by reviewers with write ` +
			`access."}`: ErrProtected,
		`{"message":"You're not authorized to push to this branch. Visit ` +
			`https://docs.github.com/articles/about-protected-branches/ for more information."}`: ErrProtected,
		`{"message":"Cannot update this protected ref."}`: ErrProtected,
		`{"message":"Resource not accessible by ` +
			`integration","documentation_url":"https://docs.github.com/rest/git/refs#update-a-reference"}`: nil,
		`{"message":"Reference does not exist"}`: nil,
		`{"message":"Object does not ` +
			`exist","documentation_url":"https://docs.github.com/rest/git/refs#update-a-reference"}`: nil,
		`{"message":"Update is not a fast ` +
			`forward","documentation_url":` +
			`"https://docs.github.com/rest/git/refs#update-a-reference-of-a-protected-branch-through-a-pull-request"}`: ErrMoved,
	} {
		for _, status := range []int{403, 422} {
			server := serve(
				t,
				map[string]http.HandlerFunc{"PATCH /repos/ada/app/git/refs/heads/main": says(status, message)},
			)
			err := server.client(t).Code.Advance(t.Context(), "main", "0123456789abcdef")
			moved, protected := want == ErrMoved, want == ErrProtected //nolint:errorlint // of the table
			if err == nil || Status(err) != status || errors.Is(err, ErrMoved) != moved ||
				errors.Is(err, ErrProtected) != protected {
				t.Errorf("%d %s: %v", status, message, err)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than a line: %q", err)
			}
		}
	}
	server := serve(
		t,
		map[string]http.HandlerFunc{"PATCH /repos/ada/app/git/refs/heads/main": says(500, `{"message":"protected"}`)},
	)
	if err := server.client(t).Code.Advance(t.Context(), "main", "abc"); errors.Is(err, ErrProtected) {
		t.Errorf("trouble is taken for a rule: %v", err)
	}
}

// 409 and 422 say that something does not exist only in these words.
func TestTroubleIsNotTakenForNothing(t *testing.T) {
	for _, status := range []int{409, 422} {
		server := serve(t, map[string]http.HandlerFunc{
			"GET /repos/ada/app/git/ref/odin-release/v1": says(status, `{"message":"it did not work out"}`),
			"GET /repos/ada/app/git/ref/heads/main":      says(status, `{"message":"it did not work out"}`),
			"GET /repos/ada/app/commits/tags/v1":         says(status, `{"message":"it did not work out"}`),
		})
		client := server.client(t)
		if sha, err := client.Records.Head(t.Context(), "odin-release/v1"); Status(err) != status {
			t.Errorf("record: %q, %v", sha, err)
		}
		if sha, err := client.Code.Branch(t.Context(), "main"); Status(err) != status {
			t.Errorf("branch: %q, %v", sha, err)
		}
		if sha, err := client.Code.TagCommit(t.Context(), "v1"); Status(err) != status {
			t.Errorf("tag: %q, %v", sha, err)
		}
	}
}

func TestWorkflowThatIsNotThere(t *testing.T) {
	server := serve(t, map[string]http.HandlerFunc{"GET /repos/o/docs/actions/workflows/docs.yml": says(404, "")})
	_, err := server.client(t).Dispatches.WorkflowState(t.Context(), Repository{"o", "docs"}, "docs.yml")
	if err == nil || Status(err) != 404 || !strings.Contains(err.Error(), "o/docs has no workflow docs.yml") {
		t.Errorf("%v", err)
	}
}

// A renamed repository answers 301 (or 307), within the API: the token goes along. It
// does not go to another host.
func TestRedirects(t *testing.T) {
	stranger := serve(t, map[string]http.HandlerFunc{"GET /elsewhere": says(200, `{"default_branch":"theirs"}`)})
	server := serve(t, map[string]http.HandlerFunc{"GET /repositories/1": says(200, `{"default_branch":"main"}`)})
	for target, want := range map[string]string{"/repositories/1": "main", stranger.URL + "/elsewhere": "theirs"} {
		first := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/repos/ada/app" {
				http.Redirect(w, r, target, http.StatusMovedPermanently)
				return
			}
			server.Config.Handler.ServeHTTP(w, r)
		}))
		branch, err := (&fake{Server: first}).client(t).Code.DefaultBranch(t.Context())
		if branch != want || err != nil {
			t.Errorf("%s: %q, %v", target, branch, err)
		}
		first.Close()
	}
	if server.last().auth != "Bearer "+token || stranger.last().auth != "" {
		t.Errorf("the token went to the API: %q, to a stranger: %q", server.last().auth, stranger.last().auth)
	}
}
