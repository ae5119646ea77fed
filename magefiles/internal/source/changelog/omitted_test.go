package changelog_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// generate makes a history of changes, merges, reverts, release commits and tags, and
// returns its number of commits.
func generate(t *testing.T, dir string, random *rand.Rand) int {
	t.Helper()
	commit := func(message string) { testkit.Git(t, dir, "commit", "-q", "--allow-empty", "-m", message) }
	testkit.Git(t, dir, "init", "-q", "-b", "main")
	commit("feat: first")
	minor := 0
	for i := range 40 {
		switch random.IntN(8) {
		case 0:
			branch := fmt.Sprintf("side%d", i)
			testkit.Git(t, dir, "checkout", "-q", "-b", branch)
			commit(fmt.Sprintf("feat: on a side %d", i))
			testkit.Git(t, dir, "checkout", "-q", "main")
			testkit.Git(t, dir, "merge", "-q", "--no-ff", "-m", "Merge branch '"+branch+"'", branch)
		case 1:
			back := testkit.Git(t, dir, "rev-parse", fmt.Sprintf("HEAD~%d", random.IntN(2)))
			commit("Revert \"something\"\n\nThis reverts commit " + back + ".")
		case 2:
			minor++
			version := fmt.Sprintf("1.%d.0", minor)
			commit("chore(release): " + version)
			testkit.Git(t, dir, "tag", "v"+version)
		case 3:
			commit(fmt.Sprintf("several things (#%d)\n\n* feat: one %d\n\n* fix: another %d", i+1, i, i))
		default:
			commit(fmt.Sprintf("fix: number %d", i))
		}
	}
	count, err := strconv.Atoi(testkit.Git(t, dir, "rev-list", "--count", "HEAD"))
	if err != nil {
		t.Fatal(err)
	}
	return count
}

// Every commit of a history is an entry, or it is counted as omitted with a reason.
func TestNoCommitIsLost(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for seed := range uint64(4) {
		dir := t.TempDir()
		want := generate(t, dir, rand.New(rand.NewPCG(seed, 1)))
		told := changelog.History{Repo: git.Repo{Dir: dir, Run: testkit.Runner()}}
		if got := inJSON(t, told, seen); got != want {
			t.Errorf("seed %d: %d commits in, %d in the JSON", seed, want, got)
		}
		if got := inText(t, told); got != want {
			t.Errorf("seed %d: %d commits in, %d in the text", seed, want, got)
		}
	}
	for _, reason := range []string{
		changelog.OmittedMerge,
		changelog.OmittedRelease,
		changelog.OmittedRevert,
		changelog.OmittedReverted,
	} {
		if seen[reason] == 0 {
			t.Errorf("no commit was omitted as %s: this test shows nothing of it", reason)
		}
	}
}

// inJSON counts the commits in the JSON.
func inJSON(t *testing.T, told changelog.History, seen map[string]int) int {
	t.Helper()
	var out bytes.Buffer
	if err := told.AllJSON(t.Context(), "HEAD", &out); err != nil {
		t.Fatal(err)
	}
	var releases []struct {
		Tag      string
		Commits  int
		Omitted  map[string]int
		Sections []struct{ Entries []struct{ Hash string } }
	}
	if err := json.Unmarshal(out.Bytes(), &releases); err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, release := range releases {
		hashes := map[string]bool{}
		for _, section := range release.Sections {
			for _, entry := range section.Entries {
				hashes[entry.Hash] = true
			}
		}
		sum := len(hashes)
		for reason, n := range release.Omitted {
			sum += n
			seen[reason] += n
		}
		if sum != release.Commits {
			t.Errorf(
				"%s: %d commits, and %d entries with %v",
				release.Tag,
				release.Commits,
				len(hashes),
				release.Omitted,
			)
		}
		total += sum
	}
	return total
}

var (
	listed    = regexp.MustCompile("\\(`([0-9a-f]{7,})`\\)")
	notListed = regexp.MustCompile(`(?m)^_(.*) of \d+ commits? (?:is|are) not listed\._$`)
	number    = regexp.MustCompile(`\d+`)
)

// inText counts the commits in CHANGELOG.md.
func inText(t *testing.T, told changelog.History) int {
	t.Helper()
	var out bytes.Buffer
	if err := told.All(t.Context(), "HEAD", &out); err != nil {
		t.Fatal(err)
	}
	hashes := map[string]bool{}
	for _, match := range listed.FindAllStringSubmatch(out.String(), -1) {
		hashes[match[1]] = true
	}
	total := len(hashes)
	for _, match := range notListed.FindAllStringSubmatch(out.String(), -1) {
		for _, n := range number.FindAllString(match[1], -1) {
			count, _ := strconv.Atoi(n)
			total += count
		}
	}
	return total
}
