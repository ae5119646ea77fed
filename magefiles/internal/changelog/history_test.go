package changelog_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal"
	"github.com/hughkantsime/odin-release/magefiles/internal/run"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// history is that of the bundled sample.
func history(t *testing.T) changelog.History {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "app")
	runner := &run.Runner{Env: run.Environ(os.Environ()), Out: io.Discard}
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
	golden(t, "testdata/notes.md", out.Bytes())
}

func TestWholeHistoryOfTheSample(t *testing.T) {
	told := history(t)
	var out bytes.Buffer
	if err := told.All(t.Context(), "v1.7.3", &out); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/changelog.md", out.Bytes())
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
