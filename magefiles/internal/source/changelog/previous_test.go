package changelog_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// before is the release before one, according to the JSON.
type before struct{ Tag, Previous, Compare string }

func allBefore(t *testing.T, told changelog.History) []before {
	t.Helper()
	var out bytes.Buffer
	if err := told.AllJSON(t.Context(), "HEAD", &out); err != nil {
		t.Fatal(err)
	}
	var list []before
	if err := json.Unmarshal(out.Bytes(), &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// oneBefore returns the release before one, according to changelog -to=TAG -format=json.
func oneBefore(t *testing.T, told changelog.History, tag string) before {
	t.Helper()
	previous, err := plan.Previous(t.Context(), told.Repo, cmp.Or(tag, "HEAD"))
	if err != nil {
		t.Fatal(err)
	}
	notes, err := told.Between(t.Context(), previous, cmp.Or(tag, "HEAD"))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := changelog.WriteJSON(&out, notes, nil, told.Links); err != nil {
		t.Fatal(err)
	}
	var one before
	if err := json.Unmarshal(out.Bytes(), &one); err != nil {
		t.Fatal(err)
	}
	if tag == "" {
		one.Compare = "" // the whole history has no link to a commit
	}
	return one
}

func linked(dir string) changelog.History {
	return changelog.History{Repo: git.Repo{Dir: dir, Run: testkit.Runner()},
		Links: changelog.Links{Repository: "https://github.com/hughkantsime/runsodin"}}
}

// TestPreviousWithAMergedHotfix has v1.0.1 on a branch from v1.0.0, which is
// merged after v1.1.0.
func TestPreviousWithAMergedHotfix(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	testkit.Git(t, dir, "init", "-q", "-b", "main")
	commit := func(message string) { testkit.Git(t, dir, "commit", "-q", "--allow-empty", "-m", message) }
	tag := func(name string) { testkit.Git(t, dir, "tag", name) }
	commit("feat: first")
	tag("v1.0.0")
	commit("feat: second")
	tag("v1.1.0")
	testkit.Git(t, dir, "checkout", "-q", "-b", "hotfix", "v1.0.0")
	commit("fix: first")
	tag("v1.0.1")
	testkit.Git(t, dir, "checkout", "-q", "main")
	testkit.Git(t, dir, "merge", "-q", "--no-ff", "-m", "Merge branch 'hotfix'", "hotfix")
	commit("feat: third")
	tag("v1.2.0")
	const compare = "https://github.com/hughkantsime/runsodin/compare/"
	want := []before{
		{"v1.2.0", "v1.1.0", compare + "v1.1.0...v1.2.0"},
		{"v1.1.0", "v1.0.0", compare + "v1.0.0...v1.1.0"},
		{"v1.0.1", "v1.0.0", compare + "v1.0.0...v1.0.1"},
		{"v1.0.0", "", ""},
	}
	if got := allBefore(t, linked(dir)); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// generateGraph makes commits with one to three parents among the latest ones, with
// versions in any order, and prereleases. Not all of them are in the history of HEAD.
func generateGraph(t *testing.T, dir string, random *rand.Rand) {
	t.Helper()
	testkit.Git(t, dir, "init", "-q", "-b", "main")
	tree := testkit.Git(t, dir, "write-tree")
	commits := []string{testkit.Git(t, dir, "commit-tree", "-m", "feat: first", tree)}
	for i, minor := range random.Perm(40) {
		args := []string{"commit-tree", "-m", fmt.Sprintf("fix: number %d", i)}
		latest := commits[max(0, len(commits)-5):]
		for _, at := range random.Perm(len(latest))[:min(len(latest), 1+random.IntN(3))] {
			args = append(args, "-p", latest[at])
		}
		hash := testkit.Git(t, dir, append(args, tree)...)
		commits = append(commits, hash)
		switch random.IntN(5) {
		case 0:
			testkit.Git(t, dir, "tag", fmt.Sprintf("v1.%d.0", minor), hash)
		case 1:
			testkit.Git(t, dir, "tag", fmt.Sprintf("v1.%d.1", i), commits[random.IntN(len(commits))])
		case 2:
			testkit.Git(t, dir, "tag", fmt.Sprintf("v2.%d.0-rc.1", i), hash)
		}
	}
	last := testkit.Git(t, dir, "commit-tree", "-m", "fix: last", "-p", commits[len(commits)-1], tree)
	testkit.Git(t, dir, "update-ref", "HEAD", last)
}

// For each release, the whole history names the same previous release as the notes of that release.
func TestPreviousIsThatOfEachRelease(t *testing.T) {
	t.Parallel()
	elsewhere := 0
	for seed := range uint64(6) {
		dir := t.TempDir()
		generateGraph(t, dir, rand.New(rand.NewPCG(seed, 2)))
		told := linked(dir)
		releases := allBefore(t, told)
		for i, got := range releases {
			if want := oneBefore(t, told, got.Tag); got != want {
				t.Errorf("seed %d: got %v, and alone %v", seed, got, want)
			}
			if i+1 < len(releases) && got.Previous != releases[i+1].Tag {
				elsewhere++
			}
		}
	}
	if elsewhere == 0 {
		t.Error("each release came after the next one of the list: this test shows nothing of branches")
	}
}
