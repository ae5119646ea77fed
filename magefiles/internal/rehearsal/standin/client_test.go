package standin_test

import (
	"bytes"
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/web"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// ours returns the client that makes releases.
func ours(t *testing.T, w *standin.World) *github.Client {
	t.Helper()
	c, err := github.New(
		w.GitHub(),
		token,
		github.Repository{Owner: owner, Name: repo},
		web.New(web.Policy{}, web.LoopbackOnly()),
	)
	ok(t, err)
	return c
}

// TestOurRelease checks the requests of our own client for a release against the
// contract.
func TestOurRelease(t *testing.T) {
	w := open(t, options(t))
	c, ctx := ours(t, w), t.Context()
	branch, err := c.Code.DefaultBranch(ctx)
	ok(t, err)
	ok(t, c.Releases.MayRelease(ctx, "v1.0.0"))
	latest, err := c.Releases.Latest(ctx)
	ok(t, err)
	if branch != "main" || latest != "" {
		t.Errorf("the default branch is %q, latest %q", branch, latest)
	}
	draft, err := c.Releases.CreateDraft(ctx, github.Release{Tag: "v1.0.0", Name: "O.D.I.N. 1.0.0", Body: "Notes"})
	ok(t, err)
	content := "the frontend"
	asset, err := c.Releases.Upload(
		ctx,
		draft,
		"frontend.tar.gz",
		"application/gzip",
		strings.NewReader(content),
		int64(len(content)),
	)
	ok(t, err)
	assets, err := c.Releases.Assets(ctx, draft.ID)
	ok(t, err)
	if diff := cmp.Diff([]github.Asset{asset}, assets); diff != "" || asset.SHA256 == "" {
		t.Errorf("%q, %s", asset.SHA256, diff)
	}
	var got bytes.Buffer
	ok(t, c.Releases.Download(ctx, asset.ID, &got))
	if got.String() != content {
		t.Errorf("%q", got.String())
	}
	no, yes := false, true
	_, err = c.Releases.Edit(ctx, draft.ID, github.Edit{Draft: &no, MakeLatest: &yes})
	ok(t, err)
	if latest, err := c.Releases.Latest(ctx); err != nil || latest != "v1.0.0" {
		t.Errorf("%q, %v", latest, err)
	}
	second, err := c.Releases.CreateDraft(ctx, github.Release{Tag: "v1.0.1"})
	ok(t, err)
	ok(t, c.Releases.DeleteRelease(ctx, second.ID))
	ok(t, c.Releases.DeleteRelease(ctx, second.ID))
	ok(t, c.Releases.DeleteAsset(ctx, asset.ID))
	ok(t, c.Releases.DeleteAsset(ctx, asset.ID))
	releases, err := c.Releases.Releases(ctx)
	ok(t, err)
	if len(releases) != 1 || releases[0].Draft {
		t.Errorf("%+v", releases)
	}
}

// TestOurCommit does the same for the commit of the version files and for the docs.
func TestOurCommit(t *testing.T) {
	for _, protected := range []bool{false, true} {
		o := options(t)
		o.Protected = protected
		w := open(t, o)
		c, ctx := ours(t, w), t.Context()
		if tagged, err := c.Code.TagCommit(ctx, "v9.9.9"); err != nil || tagged != "" {
			t.Errorf("%q, %v", tagged, err)
		}
		parent, err := c.Code.Branch(ctx, "main")
		ok(t, err)
		commit, err := c.Code.Commit(
			ctx,
			parent,
			"chore: version 1.0.1",
			map[string][]byte{"VERSION": []byte("1.0.1\n"), "docs/a.bin": {0xff}},
		)
		ok(t, err)
		branch := "main"
		if err := c.Code.Advance(ctx, "main", commit); protected {
			if !errors.Is(err, github.ErrProtected) {
				t.Errorf("%v, expected ErrProtected", err)
			}
			branch = "release/v1.0.1"
			ok(t, c.Code.CreateBranch(ctx, branch, commit))
			opened, err := c.Code.OpenPullRequest(ctx, branch, "main", "chore: version 1.0.1", "By the release.")
			ok(t, err)
			found, err := c.Code.PullRequest(ctx, branch, "main")
			ok(t, err)
			if diff := cmp.Diff(&opened, found); diff != "" {
				t.Error(diff)
			}
		} else {
			ok(t, err)
			if err := c.Code.Advance(ctx, "main", parent); !errors.Is(err, github.ErrMoved) {
				t.Errorf("%v, expected ErrMoved", err)
			}
		}
		file, err := c.Code.File(ctx, "VERSION", branch)
		ok(t, err)
		if string(file) != "1.0.1\n" ||
			testkit.Git(t, o.Git, "ls-tree", "-r", "--name-only", branch) != "VERSION\ndocs/a.bin\ndocs/index.md" {
			t.Errorf("%q", file)
		}
		if _, err := c.Code.File(ctx, "NONE", "main"); !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
		withdrawn(t, c, protected)
		docs := github.Repository{Owner: owner, Name: "docs"}
		ok(t, c.Dispatches.CanDispatch(ctx, docs))
		ok(t, c.Dispatches.Dispatch(ctx, docs, "release", map[string]string{"version": "1.0.1"}))
		if active, err := c.Dispatches.WorkflowState(ctx, docs, "docs.yml"); err != nil || active != "active" {
			t.Errorf("%q, %v", active, err)
		}
		ok(t, c.Dispatches.DispatchWorkflow(ctx, docs, "docs.yml", "main"))
	}
}

// withdrawn closes the pull request of a release, if there is one, and deletes its branch, twice.
func withdrawn(t *testing.T, c *github.Client, proposed bool) {
	t.Helper()
	if proposed {
		opened, err := c.Code.PullRequest(t.Context(), "release/v1.0.1", "main")
		ok(t, err)
		ok(t, c.Code.ClosePullRequest(t.Context(), opened.Number))
		closed, err := c.Code.PullRequest(t.Context(), "release/v1.0.1", "main")
		if err != nil || closed.State != "closed" {
			t.Errorf("%+v, %v", closed, err)
		}
	}
	for range 2 {
		ok(t, c.Code.DeleteBranch(t.Context(), "release/v1.0.1"))
	}
	if head, err := c.Code.Branch(t.Context(), "release/v1.0.1"); err != nil || head != "" {
		t.Errorf("the branch is at %q; %v", head, err)
	}
	if err := c.Code.DeleteBranch(t.Context(), "main"); err == nil {
		t.Error("the default branch was deleted")
	}
}

// TestOurApprovers looks who has approved a run, in an environment.
func TestOurApprovers(t *testing.T) {
	c := ours(t, open(t, options(t)))
	for environment, want := range map[string][]string{"production": {"release-rehearsal"}, "another": nil} {
		if found, err := c.Code.Approvers(t.Context(), "7", environment); !cmp.Equal(want, found) || err != nil {
			t.Errorf("%s: %q, %v", environment, found, err)
		}
	}
}

// TestOurEnvironment looks at an environment whose name has a space.
func TestOurEnvironment(t *testing.T) {
	found, err := ours(t, open(t, options(t))).Code.Environment(t.Context(), "public releases")
	if want := (&github.Environment{Name: "public releases", Reviewed: true}); !cmp.Equal(want, found) || err != nil {
		t.Errorf("%+v, %v", found, err)
	}
}
