package doctor_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/app/doctor"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/publicapp"
)

// TestPublicApp tells all at once what would fail in an app that grew for years, if it was
// released by the defaults. Its own configuration has no problem.
func TestPublicApp(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "odin")
	if err := publicapp.Make(t.Context(), testkit.Runner(), dir); err != nil {
		t.Fatal(err)
	}
	root, err := app.Default(dir)
	if err != nil {
		t.Fatal(err)
	}
	at := doctor.Tree{
		App: root, Files: strings.Split(testkit.Git(t, dir, "ls-files"), "\n"), Repository: "hughkantsime/odin",
		Released: []string{"1.9.2", "1.9.3"},
	}
	var told strings.Builder
	doctor.Write(&told, doctor.Examine(at))
	testkit.Golden(t, "testdata/public-app.txt", told.String())
	if at.App, err = root.With(app.ConfigFile, publicapp.Config); err != nil {
		t.Fatal(err)
	}
	for _, problem := range doctor.Examine(at) {
		t.Errorf("%s\n    %s", problem, problem.Fix)
	}
}
