package simulation

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/openapi"
)

// The stand-ins in memory, with the git repository in memory, answer what those
// with a real repository and their state on disk answer, in GitHub's own form.
func TestInMemoryAnswersAlike(t *testing.T) {
	ctx := t.Context()
	options := standin.Options{
		Dir:        t.TempDir(),
		Repository: repository,
		Token:      token,
		Webhook:    webhook,
		Run:        testkit.Runner(),
		Git:        filepath.Join(t.TempDir(), "bare.git"),
	}
	memory := newGit()
	mustNot(
		t,
		first(memory, map[string]string{"VERSION": "1.7.2\n", "docs/index.md": "# Docs\n", "docs.md": "x"}, "v1.7.2"),
	)
	writeOut(t, memory, options.Git)
	onDisk, err := standin.Open(ctx, options)
	mustNot(t, err)
	defer func() { mustNot(t, onDisk.Close()) }()
	inMemory, err := standin.InMemory(options, memory)
	mustNot(t, err)

	var known []string // hashes that an answer named, for later requests: {0}, {1}, …
	for _, step := range []struct {
		method, path, body string
		keep               bool
	}{
		{"GET", "", "", false},
		{"GET", "/commits/tags/v1.7.2", "", false},
		{"GET", "/commits/tags/v9.9.9", "", false},
		{"GET", "/git/ref/heads/main", "", true}, // {0}
		{"GET", "/git/commits/{0}", "", false},
		{"GET", "/git/commits/0123", "", false},
		{"GET", "/git/trees/main?recursive=1", "", false},
		{"GET", "/git/trees/main", "", false},
		{"GET", "/contents/VERSION?ref=main", "", false},
		{"GET", "/contents/docs?ref=v1.7.2", "", false},
		{"GET", "/contents/none?ref=main", "", false},
		{"POST", "/git/blobs", `{"content":"/wA=","encoding":"base64"}`, true},
		{"POST", "/git/trees", `{"base_tree":"{0}","tree":[` +
			`{"path":"VERSION","mode":"100644","type":"blob","content":"1.7.3\n"},` +
			`{"path":"docs/a/b.md","mode":"100644","type":"blob","content":"b"},` +
			`{"path":"docs/index.md","mode":"100644","type":"blob","sha":null}]}`, true},
		{"POST", "/git/trees", `{"tree":[{"path":"run","mode":"100755","type":"blob","content":"#!"}]}`, true},
		{"POST", "/git/trees", `{"base_tree":"0123","tree":[` +
			`{"path":"run","mode":"100755","type":"blob","content":"#!"}]}`, false},
		{"POST", "/git/commits", `{"message":"chore(release): 1.7.3","tree":"{2}","parents":["{0}"]}`, true},
		{"PATCH", "/git/refs/heads/main", `{"sha":"{4}"}`, false},
		{"PATCH", "/git/refs/heads/main", `{"sha":"{0}"}`, false},
		{"PATCH", "/git/refs/heads/none", `{"sha":"{0}"}`, false},
		{"POST", "/git/refs", `{"ref":"refs/heads/other","sha":"{0}"}`, false},
		{"POST", "/git/refs", `{"ref":"refs/heads/other","sha":"{0}"}`, false},
		{"POST", "/git/refs", `{"ref":"refs/odin-release/v1.7.3","sha":"{0}"}`, false},
		{"PATCH", "/git/refs/odin-release/v1.7.3", `{"sha":"{4}"}`, false},
		{"GET", "/git/ref/odin-release/v1.7.3", "", false},
		{"DELETE", "/git/refs/odin-release/v1.7.3", "", false},
		{"DELETE", "/git/refs/odin-release/v1.7.3", "", false},
		{"POST", "/pulls", `{"title":"t","head":"other","base":"main"}`, false},
		{"POST", "/git/commits", `{"message":"more","tree":"{3}","parents":["{0}"],` +
			`"author":{"name":"Ada","email":"ada@example.org","date":"2026-05-01T00:00:00Z"}}`, true},
		{"PATCH", "/git/refs/heads/other", `{"sha":"{6}"}`, false},
		{"POST", "/pulls", `{"title":"t","head":"other","base":"main"}`, false},
		{"GET", "/pulls?state=all", "", false},
		{"POST", "/releases", `{"tag_name":"v1.7.3","target_commitish":"main","draft":true,"body":"notes"}`, false},
		{"POST", "/releases/2/assets?name=release.json", "content", false},
		{"POST", "/releases/2/assets?name=release.json", "content", false},
		{"GET", "/releases/2/assets", "", false},
		{"GET", "/releases/assets/3", "", false},
		{"PATCH", "/releases/assets/3", `{"name":"other.json"}`, false},
		{"PATCH", "/releases/2", `{"draft":false,"make_latest":"true"}`, false},
		{"GET", "/releases/latest", "", false},
		{"GET", "/git/ref/tags/v1.7.3", "", false},
		{"GET", "/releases", "", false},
		{"DELETE", "/releases/assets/3", "", false},
		{"POST", "/dispatches", `{"event_type":"release","client_payload":{"a":"b"}}`, false},
		{"DELETE", "/releases/2", "", false},
	} {
		for i, hash := range known {
			step.path = strings.ReplaceAll(step.path, fmt.Sprintf("{%d}", i), hash)
			step.body = strings.ReplaceAll(step.body, fmt.Sprintf("{%d}", i), hash)
		}
		want, got := ask(
			t,
			onDisk,
			step.method,
			step.path,
			step.body,
		), ask(
			t,
			inMemory,
			step.method,
			step.path,
			step.body,
		)
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%s %s %s (-on disk +in memory):\n%s", step.method, step.path, step.body, diff)
		}
		if hash := hashOf(got); hash != "" && step.keep {
			known = append(known, hash)
		}
	}
	for i, world := range []*standin.World{onDisk, inMemory} {
		state, err := world.State(ctx)
		mustNot(t, err)
		text, err := json.Marshal(state)
		mustNot(t, err)
		if want := `"Subject":"chore(release): 1.7.3"`; !strings.Contains(string(text), want) {
			t.Errorf("world %d: no %s in %s", i, want, text)
		}
	}
	a, err := onDisk.State(ctx)
	mustNot(t, err)
	b, err := inMemory.State(ctx)
	mustNot(t, err)
	if diff := gocmp.Diff(a, b); diff != "" {
		t.Errorf("the states differ (-on disk +in memory):\n%s", diff)
	}
}

var (
	// What differs between two worlds without meaning anything: addresses and times.
	address = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)
	moment  = regexp.MustCompile(`"(created_at|published_at|updated_at)": "[^"]*"`)
)

// ask gives the status and the body of an answer, laid out and without what
// differs between two worlds. What is said is held against GitHub's description.
func ask(t *testing.T, world *standin.World, method, path, body string) string {
	t.Helper()
	root := "/repos/"
	if strings.Contains(path, "/assets?name=") {
		root = "/uploads/repos/"
	}
	request := httptest.NewRequestWithContext(
		t.Context(),
		method,
		"http://127.0.0.1"+root+repository+path,
		strings.NewReader(body),
	)
	if body == "" {
		request.Body, request.ContentLength = http.NoBody, 0
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("User-Agent", "simulation")
	request.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	openapi.Contract(t, world.Handler(standin.GitHub)).ServeHTTP(answer, request)
	text, err := io.ReadAll(answer.Body)
	mustNot(t, err)
	var laid bytes.Buffer
	if json.Indent(&laid, text, "", " ") != nil {
		laid.Reset()
		laid.Write(text)
	}
	plain := address.ReplaceAllString(laid.String(), "http://HOST")
	return fmt.Sprintf("%d\n%s", answer.Code, moment.ReplaceAllString(plain, `"$1": "…"`))
}

// hashOf returns the hash of the object that an answer is about.
func hashOf(answer string) string {
	var said struct {
		SHA    string
		Object struct{ SHA string }
	}
	_, body, _ := strings.Cut(answer, "\n")
	_ = json.Unmarshal([]byte(body), &said) // a list is not about one
	return cmp.Or(said.SHA, said.Object.SHA)
}

// first makes the first commit, on main and with a tag.
func first(g *memoryGit, files map[string]string, tag string) error {
	ctx := noContext
	var changes []standin.TreeEntry
	for path, content := range files {
		hash, err := g.PutBlob(ctx, []byte(content))
		if err != nil {
			return err
		}
		changes = append(changes, standin.TreeEntry{Mode: "100644", Kind: "blob", Hash: hash, Path: path})
	}
	tree, err := g.PutTree(ctx, "", changes)
	if err != nil {
		return err
	}
	commit, err := g.PutCommit(ctx, commitOf(tree, "a beginning\n", ""))
	if err != nil {
		return err
	}
	g.refs["refs/heads/main"], g.refs["refs/tags/"+tag] = commit, commit
	return nil
}

// commitOf returns a commit by Ada, of a fixed time.
func commitOf(tree, message, parent string) standin.Commit {
	at, _ := time.Parse(time.RFC3339, testkit.When) // it is one
	c := standin.Commit{
		Tree:          tree,
		Message:       message,
		Author:        "Ada Lovelace",
		AuthorMail:    "ada@example.org",
		Authored:      at,
		Committer:     "Ada Lovelace",
		CommitterMail: "ada@example.org",
		Committed:     at,
	}
	if parent != "" {
		c.Parents = []string{parent}
	}
	return c
}

// writeOut makes a real git repository with the same first commit.
func writeOut(t *testing.T, g *memoryGit, dir string) {
	t.Helper()
	work := filepath.Join(t.TempDir(), "work")
	mustNot(t, os.MkdirAll(work, 0o755))
	testkit.Git(t, work, "init", "--quiet", "--initial-branch=main")
	entries, err := g.Tree(t.Context(), g.Object(t.Context(), "refs/heads/main", "tree"), true)
	mustNot(t, err)
	for _, e := range entries {
		path := filepath.Join(work, e.Path)
		if e.Kind == "tree" {
			mustNot(t, os.MkdirAll(path, 0o755))
			continue
		}
		content, err := g.Blob(t.Context(), e.Hash)
		mustNot(t, err)
		mustNot(t, os.WriteFile(path, content, 0o644))
	}
	testkit.Git(t, work, "add", "--all")
	testkit.Git(t, work, "commit", "--quiet", "--message", "a beginning")
	testkit.Git(t, work, "tag", "v1.7.2")
	testkit.Git(t, work, "clone", "--quiet", "--bare", work, dir)
	if got := testkit.Git(t, dir, "rev-parse", "main"); got != g.refs["refs/heads/main"] {
		t.Fatalf("git's commit is %s, the one in memory %s", got, g.refs["refs/heads/main"])
	}
}

func mustNot(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
