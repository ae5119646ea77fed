package changelog_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// history returns the history of the bundled sample.
func history(t *testing.T) changelog.History {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "app")
	runner := testkit.Runner()
	if err := rehearsal.Materialise(t.Context(), runner, dir); err != nil {
		t.Fatal(err)
	}
	sample, err := app.Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	var sections []changelog.Section
	for _, section := range sample.Config.Changelog.Sections {
		sections = append(sections, changelog.Section(section))
	}
	return changelog.History{Repo: git.Repo{Dir: dir, Run: runner}, Sections: sections,
		Links: changelog.Links{Repository: "https://github.com/hughkantsime/runsodin"}}
}

func TestNotesOfTheSample(t *testing.T) {
	t.Parallel()
	told := history(t)
	notes, err := told.Between(t.Context(), "v1.7.2", "v1.7.3")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := changelog.WriteNotes(&out, notes, told.Sections, told.Links); err != nil {
		t.Fatal(err)
	}
	testkit.Golden(t, "testdata/notes.md", out.String())
}

func TestWholeHistoryOfTheSample(t *testing.T) {
	t.Parallel()
	told := history(t)
	var out bytes.Buffer
	if err := told.All(t.Context(), "v1.7.3", &out); err != nil {
		t.Fatal(err)
	}
	testkit.Golden(t, "testdata/changelog.md", out.String())
}

func TestNotesWithoutARepositoryAddress(t *testing.T) {
	t.Parallel()
	told := history(t)
	told.Links.Repository = ""
	notes, err := told.Between(t.Context(), "", "v1.7.0")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := changelog.WriteNotes(&out, notes, told.Sections, told.Links); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(out.Bytes(), []byte("](")) || !bytes.Contains(out.Bytes(), []byte("- Initial commit (`")) {
		t.Errorf("%s", out.Bytes())
	}
}

// TestNotesWithoutARevertedMerge has a branch whose merge was reverted, and one that
// stays.
func TestNotesWithoutARevertedMerge(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, args := range [][]string{
		{"init", "-q", "-b", "main"}, {"commit", "-q", "--allow-empty", "-m", "feat: first"}, {"tag", "v1.0.0"},
		{
			"checkout",
			"-q",
			"-b",
			"side",
		}, {
			"commit",
			"-q",
			"--allow-empty",
			"-m",
			"feat: one of two",
		}, {"commit", "-q", "--allow-empty", "-m", "feat: two of two"},
		{
			"checkout",
			"-q",
			"main",
		}, {
			"commit",
			"-q",
			"--allow-empty",
			"-m",
			"fix: stays",
		}, {"merge", "-q", "--no-ff", "-m", "Merge side", "side"},
	} {
		testkit.Git(t, dir, args...)
	}
	merge := testkit.Git(t, dir, "rev-parse", "HEAD")
	testkit.Git(
		t,
		dir,
		"commit",
		"-q",
		"--allow-empty",
		"-m",
		"Revert \"Merge side\"\n\nThis reverts commit "+merge+", reversing\nchanges made to "+merge[:10]+".",
	)
	notes, err := changelog.History{
		Repo: git.Repo{Dir: dir, Run: testkit.Runner()},
	}.Between(
		t.Context(),
		"v1.0.0",
		"HEAD",
	)
	if err != nil || len(notes.Entries) != 1 || notes.Entries[0].Description != "stays" || notes.Commits != 1 {
		t.Errorf("%+v, %v", notes.Entries, err)
	}
}

// TestNotesWithoutARevertedPullRequest has a pull request that was merged with its title as the subject, and
// reverted with GitHub's button.
func TestNotesWithoutARevertedPullRequest(t *testing.T) {
	t.Parallel()
	for name, subjects := range map[string][2]string{
		"its title": {
			"feat: a pull request (#12)",
			"Revert \"feat: a pull request (#12)\" (#13)\n\nReverts odin/app#12",
		},
		"its number": {
			"Merge pull request #12 from ada/side",
			"Revert \"a pull request\" (#13)\n\nReverts odin/app#12",
		},
		"by its hash": {
			"feat: a pull request (#12)",
			"Revert \"feat: a pull request (#12)\"\n\nThis reverts commit MERGE, reversing\nchanges made to 0123456.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for _, args := range [][]string{
				{"init", "-q", "-b", "main"}, {"commit", "-q", "--allow-empty", "-m", "feat: first"}, {"tag", "v1.0.0"},
				{"checkout", "-q", "-b", "side"}, {"commit", "-q", "--allow-empty", "-m", "feat: inner"},
				{
					"checkout",
					"-q",
					"main",
				}, {
					"commit",
					"-q",
					"--allow-empty",
					"-m",
					"fix: stays",
				}, {"merge", "-q", "--no-ff", "-m", subjects[0], "side"},
			} {
				testkit.Git(t, dir, args...)
			}
			revert := strings.ReplaceAll(subjects[1], "MERGE", testkit.Git(t, dir, "rev-parse", "HEAD"))
			testkit.Git(t, dir, "commit", "-q", "--allow-empty", "-m", revert)
			notes, err := changelog.History{
				Repo: git.Repo{Dir: dir, Run: testkit.Runner()},
			}.Between(
				t.Context(),
				"v1.0.0",
				"HEAD",
			)
			if err != nil || len(notes.Entries) != 1 || notes.Entries[0].Description != "stays" {
				t.Errorf("%+v, %v", notes.Entries, err)
			}
		})
	}
}

// TestNotesKnowPeopleByTheirMailmap has one person with two addresses.
func TestNotesKnowPeopleByTheirMailmap(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	testkit.Git(t, dir, "init", "-q", "-b", "main")
	testkit.Git(t, dir, "commit", "-q", "--allow-empty", "-m", "feat: first")
	testkit.Git(t, dir, "tag", "v1.0.0")
	if err := os.WriteFile(
		filepath.Join(dir, ".mailmap"),
		[]byte("Ada Lovelace <ada@example.org> Countess <new@example.org>\n"),
		0o644,
	); err != nil {
		t.Fatal(err)
	}
	testkit.Git(
		t,
		dir,
		"commit",
		"-q",
		"--allow-empty",
		"--author",
		"Countess <new@example.org>",
		"-m",
		"feat: second\n\nCo-authored-by: Eve <eve@example.org>",
	)
	testkit.Git(
		t,
		dir,
		"commit",
		"-q",
		"--allow-empty",
		"--author",
		"Ada Lovelace <other@example.org>",
		"-m",
		"feat: third",
	)
	testkit.Git(t, dir, "commit", "-q", "--allow-empty", "--author", "Bob <bob@example.org>", "-m", "feat: fourth")
	notes, err := changelog.History{
		Repo: git.Repo{Dir: dir, Run: testkit.Runner()},
	}.Between(
		t.Context(),
		"v1.0.0",
		"HEAD",
	)
	want := []changelog.Contributor{{Name: "Ada Lovelace"}, {Name: "Bob", First: true}, {Name: "Eve"}}
	if diff := cmp.Diff(want, notes.Contributors()); diff != "" || err != nil {
		t.Errorf("(-want +got):\n%s%v", diff, err)
	}
}
