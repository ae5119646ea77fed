package changelog_test

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// history is that of the bundled sample.
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
	told := history(t)
	var out bytes.Buffer
	if err := told.All(t.Context(), "v1.7.3", &out); err != nil {
		t.Fatal(err)
	}
	testkit.Golden(t, "testdata/changelog.md", out.String())
}

func TestNotesWithoutARepositoryAddress(t *testing.T) {
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
