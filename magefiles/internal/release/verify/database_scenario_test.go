//go:build scenario

package verify_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/tinyapp"
)

// databaseCheck verifies an app that is only an API and keeps all its data in
// PostgreSQL.
func databaseCheck(check verify.Check) verify.Check {
	check.Database = "postgres:15"
	check.Config.Needs = []string{"postgresql"}
	check.Config.Page = app.Optional[string]{Absent: "an API alone"}
	check.Config.Processes = app.Optional[[]string]{Absent: "one program"}
	check.Config.Volume = app.Optional[string]{Absent: "all is in the database"}
	return check
}

// TestScenarioVerifyDatabase gives an app a PostgreSQL database: an empty one, and the
// same one through an upgrade.
func TestScenarioVerifyDatabase(t *testing.T) {
	built := testApp{newRegistry(t), map[string]v1.Layer{runtime.GOARCH: tinyapp.DatabaseLayer(t, runtime.GOARCH)}}
	const configured = "DATABASE_URL=postgres://{database.user}:{database.password}@" +
		"{database.host}:{database.port}/{database.name}?sslmode=disable"
	for _, each := range []struct {
		name, err string
		env       string // of the new image
		change    func(*app.Verify)
		told      []string
	}{
		{name: "upgraded", told: []string{"not checked, as release.yaml says: page (an API alone), processes (one " +
			"program), volume (all is " +
			"in the database)",
			"healthy as 1.7.3", "upgraded from 1.7.2, the probe record is there"}},
		{name: "data lost", env: "FORGETS=1", err: "upgraded from 1.7.2: look for verify.probe: GET /records " +
			"answered 200", change: func(config *app.Verify) {
			name, value, _ := strings.Cut(configured, "=") // an address of its own
			config.Env = map[string]string{name: value}
		}},
		{
			name:   "not asked for",
			err:    "the container exited with code 4",
			change: func(config *app.Verify) { config.Needs = nil },
		},
		{name: "no such image", err: "start the database that verify.needs asks for: pull "},
	} {
		t.Run(each.name, func(t *testing.T) {
			t.Parallel()
			repository := strings.ReplaceAll(each.name, " ", "-")
			check := databaseCheck(
				built.check(
					repository,
					runtime.GOARCH,
					built.push(t, repository, runtime.GOARCH, "VERSION=1.7.3", each.env),
				),
			)
			check.Previous = &verify.Previous{
				Version: "1.7.2",
				Digest:  built.push(t, repository, runtime.GOARCH, "VERSION=1.7.2"),
			}
			if each.change != nil {
				each.change(&check.Config)
			}
			if each.name == "no such image" {
				check.Database = built.host + "/no-such-image:1"
			}
			_, told, err := attempt(t.Context(), check)
			if each.err == "" && err != nil ||
				each.err != "" && (err == nil || !strings.Contains(err.Error(), each.err)) {
				t.Errorf("error %v, expected %q\n%s", err, each.err, told.shown.String())
			}
			for _, want := range each.told {
				if !strings.Contains(told.all(), want) {
					t.Errorf("it does not say %q:\n%s", want, told.all())
				}
			}
			if rest := left(t, check); rest != "" {
				t.Errorf("left behind: %s", rest)
			}
		})
	}
}

// TestScenarioVerifyLayout verifies an image from an OCI layout, without a registry, on
// its own data.
func TestScenarioVerifyLayout(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "image.oci")
	tinyapp.WriteLayout(
		t,
		dir,
		"1.7.3",
		"",
		tinyapp.Image(t, "linux/"+runtime.GOARCH, tinyapp.Layer(t, runtime.GOARCH), "VERSION=1.7.3", "PAGE=1.7.3"),
	)
	summary, err := image.Inspect(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", t.TempDir())
	digest := summary.Platforms[0].Digest
	check := testApp{host: "127.0.0.1:1"}.check("layout", runtime.GOARCH, digest) // nobody listens there
	check.Layout, check.Previous = dir, &verify.Previous{Version: "1.7.3", Digest: digest}
	images := docker(t, "images", "--quiet", "odin-release-local")
	health, told, err := attempt(t.Context(), check)
	if err != nil || health.Upgraded != "1.7.3" ||
		!strings.Contains(told.all(), "started again on its own data, the probe record is there") {
		t.Errorf("%+v, %v\n%s", health, err, told.all())
	}
	check.Config.Page.Value = "/health"
	if _, _, err := attempt(
		t.Context(),
		check,
	); err == nil ||
		!strings.Contains(err.Error(), "/health answered text/plain; charset=utf-8, expected the frontend's page") {
		t.Errorf("a wrong setting: %v", err)
	}
	if rest, now := left(t, check), docker(t, "images", "--quiet", "odin-release-local"); rest != "" || now != images {
		t.Errorf("left behind: %s, %s", rest, now)
	}
	if entries, err := os.ReadDir(os.TempDir()); err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}
