package standin_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-github/v60/github"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

func TestCommitToBranch(t *testing.T) {
	for _, protected := range []bool{false, true} {
		o := options(t)
		o.Protected = protected
		w := open(t, o)
		c := client(t, w, token)
		ctx := t.Context()
		head, _, err := c.Git.GetRef(ctx, owner, repo, "heads/main")
		ok(t, err)
		parent, _, err := c.Git.GetCommit(ctx, owner, repo, head.Object.GetSHA())
		ok(t, err)
		blob, _, err := c.Git.CreateBlob(
			ctx,
			owner,
			repo,
			&github.Blob{
				Content:  github.String(base64.StdEncoding.EncodeToString([]byte{0xff, 0})),
				Encoding: github.String("base64"),
			},
		)
		ok(t, err)
		tree, _, err := c.Git.CreateTree(ctx, owner, repo, parent.Tree.GetSHA(), []*github.TreeEntry{
			{
				Path:    github.String("VERSION"),
				Mode:    github.String("100644"),
				Type:    github.String("blob"),
				Content: github.String("1.0.1\n"),
			},
			{
				Path: github.String("docs/image.bin"),
				Mode: github.String("100644"),
				Type: github.String("blob"),
				SHA:  blob.SHA,
			},
			{
				Path: github.String("docs/index.md"),
				Mode: github.String("100644"),
				Type: github.String("blob"),
			}, // taken away
		})
		ok(t, err)
		commit, _, err := c.Git.CreateCommit(
			ctx,
			owner,
			repo,
			&github.Commit{
				Message: github.String("chore: version 1.0.1"),
				Tree:    tree,
				Parents: []*github.Commit{parent},
			},
			nil,
		)
		ok(t, err)
		if got, want := commit.Committer.GetDate().Unix()-parent.Committer.GetDate().Unix(), int64(60); got != want {
			t.Errorf("%d seconds after its parent, expected %d", got, want)
		}
		_, _, err = c.Git.UpdateRef(
			ctx,
			owner,
			repo,
			&github.Reference{Ref: github.String("refs/heads/main"), Object: &github.GitObject{SHA: commit.SHA}},
			false,
		)
		branch := "main"
		if protected {
			refused(t, err, 422, "Repository rule violations found\n\nChanges must be made through a pull request.\n\n")
			branch = "release/1.0.1"
			ref := &github.Reference{
				Ref:    github.String("refs/heads/" + branch),
				Object: &github.GitObject{SHA: commit.SHA},
			}
			_, _, err = c.Git.CreateRef(ctx, owner, repo, ref)
			ok(t, err)
			_, _, err = c.Git.CreateRef(ctx, owner, repo, ref)
			refused(t, err, 422, "Reference already exists")
		} else {
			ok(t, err)
			_, _, err = c.Git.UpdateRef(
				ctx,
				owner,
				repo,
				&github.Reference{Ref: github.String("refs/heads/main"), Object: &github.GitObject{SHA: parent.SHA}},
				false,
			)
			refused(t, err, 422, "Update is not a fast forward")
		}
		if got := testkit.Git(t, o.Git, "show", branch+":VERSION"); got != "1.0.1" {
			t.Error(got)
		}
		if got := testkit.Git(t, o.Git, "ls-tree", "-r", "--name-only", branch); got != "VERSION\ndocs/image.bin" {
			t.Error(got)
		}
		survives(t, w, o)
	}
}

func TestReading(t *testing.T) {
	o := options(t)
	w := open(t, o)
	c := client(t, w, "")
	ctx := t.Context()
	tagged := testkit.Git(t, o.Git, "rev-parse", "v1.0.0^{commit}")
	for _, ref := range []string{"tags/v1.0.0", "v1.0.0", tagged} {
		commit, _, err := c.Repositories.GetCommit(ctx, owner, repo, ref, nil)
		ok(t, err)
		sha, _, err := c.Repositories.GetCommitSHA1(ctx, owner, repo, ref, "")
		ok(t, err)
		if commit.GetSHA() != tagged || sha != tagged {
			t.Errorf("%s is %s and %s, expected %s", ref, commit.GetSHA(), sha, tagged)
		}
	}
	_, _, err := c.Repositories.GetCommit(ctx, owner, repo, "tags/v9.9.9", nil)
	refused(t, err, 422, "No commit found for SHA: tags/v9.9.9")
	_, _, err = c.Git.GetRef(ctx, owner, repo, "heads/none")
	refused(t, err, 404, "Not Found")

	file, _, _, err := c.Repositories.GetContents(ctx, owner, repo, "docs/index.md", nil)
	ok(t, err)
	if text, err := file.GetContent(); err != nil || text != "# Docs\n" {
		t.Errorf("%q, %v", text, err)
	}
	_, folder, _, err := c.Repositories.GetContents(ctx, owner, repo, "docs", nil)
	ok(t, err)
	if len(folder) != 1 || folder[0].GetPath() != "docs/index.md" {
		t.Error(folder)
	}
	_, _, _, err = c.Repositories.GetContents(
		ctx,
		owner,
		repo,
		"docs/index.md",
		&github.RepositoryContentGetOptions{Ref: "v1.0.0"},
	)
	refused(t, err, 404, "Not Found") // came after the tag
	request, err := c.NewRequest("GET", here+"/contents/VERSION?ref=main", nil)
	ok(t, err)
	request.Header.Set("Accept", "application/vnd.github.raw+json")
	var raw bytes.Buffer
	_, err = c.Do(ctx, request, &raw)
	ok(t, err)
	if raw.String() != "1.0.0\n" {
		t.Errorf("%q", raw.String())
	}

	tree, _, err := c.Git.GetTree(ctx, owner, repo, "main", true)
	ok(t, err)
	var paths []string
	for _, entry := range tree.Entries {
		paths = append(paths, entry.GetMode()+" "+entry.GetPath())
	}
	if diff := cmp.Diff([]string{"100644 VERSION", "040000 docs", "100644 docs/index.md"}, paths); diff != "" {
		t.Error(diff)
	}
	blob, _, err := c.Git.GetBlob(ctx, owner, repo, tree.Entries[0].GetSHA())
	ok(t, err)
	if blob.GetContent() != base64.StdEncoding.EncodeToString([]byte("1.0.0\n")) {
		t.Error(blob.GetContent())
	}
}

func TestPullRequest(t *testing.T) {
	o := options(t)
	w := open(t, o)
	c := client(t, w, token)
	ctx := t.Context()
	wanted := &github.NewPullRequest{
		Title: github.String("chore: version 1.0.1"),
		Head:  github.String("carriers"),
		Base:  github.String("main"),
		Body:  github.String("By the release."),
	}
	_, _, err := c.PullRequests.Create(ctx, owner, repo, wanted)
	refused(t, err, 422, "Validation Failed (head invalid)")
	main := testkit.Git(t, o.Git, "rev-parse", "main")
	testkit.Git(t, o.Git, "branch", "carriers", "main")
	_, _, err = c.PullRequests.Create(ctx, owner, repo, wanted)
	refused(t, err, 422, "Validation Failed (custom No commits between main and carriers)")
	tree := testkit.Git(t, o.Git, "rev-parse", "v1.0.0^{tree}")
	testkit.Git(
		t,
		o.Git,
		"update-ref",
		"refs/heads/carriers",
		testkit.Git(t, o.Git, "commit-tree", "-m", "x", "-p", main, tree),
	)
	pull, _, err := c.PullRequests.Create(ctx, owner, repo, wanted)
	ok(t, err)
	_, _, err = c.PullRequests.Create(ctx, owner, repo, wanted)
	refused(t, err, 422, "Validation Failed (custom A pull request already exists for hughkantsime:carriers.)")
	w = survives(t, w, o)
	c = client(t, w, token)
	for filter, want := range map[github.PullRequestListOptions]int{
		{State: "all", Head: owner + ":carriers", Base: "main"}: 1,
		{Head: owner + ":other"}:                                0,
		{State: "closed"}:                                       0,
		{Base: "main"}:                                          1,
	} {
		found, _, err := c.PullRequests.List(ctx, owner, repo, &filter)
		ok(t, err)
		if len(found) != want {
			t.Errorf("%+v finds %d pull requests, expected %d", filter, len(found), want)
		}
		if want > 0 && found[0].GetNumber() != pull.GetNumber() {
			t.Errorf("number %d, expected %d", found[0].GetNumber(), pull.GetNumber())
		}
	}
}

func TestDispatches(t *testing.T) {
	o := options(t)
	w := open(t, o)
	c := client(t, w, token)
	ctx := t.Context()
	payload := []byte(`{"version": "1.0.0"}`)
	for range 2 {
		_, _, err := c.Repositories.Dispatch(
			ctx,
			owner,
			"docs",
			github.DispatchRequestOptions{EventType: "release", ClientPayload: (*jsonText)(&payload)},
		)
		ok(t, err)
	}
	workflow, _, err := c.Actions.GetWorkflowByFileName(ctx, owner, repo, "docs.yml")
	ok(t, err)
	if workflow.GetState() != "active" {
		t.Error(workflow.GetState())
	}
	_, err = c.Actions.CreateWorkflowDispatchEventByFileName(
		ctx,
		owner,
		repo,
		"docs.yml",
		github.CreateWorkflowDispatchEventRequest{Ref: "main"},
	)
	ok(t, err)
	_, err = c.Actions.CreateWorkflowDispatchEventByFileName(
		ctx,
		owner,
		repo,
		"docs.yml",
		github.CreateWorkflowDispatchEventRequest{Ref: "none"},
	)
	refused(t, err, 422, "No ref found for: none")
	_, _, err = c.Actions.GetWorkflowByFileName(ctx, owner, repo, "none.yml")
	refused(t, err, 404, "Not Found")
	_, _, err = c.Repositories.Get(ctx, owner, "unheard-of")
	refused(t, err, 404, "Not Found")
	told := state(t, survives(t, w, o)).GitHub
	if len(told.Dispatches) != 1 || told.Dispatches[0].Payload != `{"version":"1.0.0"}` || len(told.Workflows) != 1 {
		t.Errorf("%+v, %+v", told.Dispatches, told.Workflows)
	}
}

type jsonText = json.RawMessage
