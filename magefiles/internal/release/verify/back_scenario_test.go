//go:build scenario

package verify_test

import (
	"runtime"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/tinyapp"
)

// TestNightlyWayBack goes back to an image whose PostgreSQL database was migrated in ways
// that it bears, and in others that it does not.
func TestNightlyWayBack(t *testing.T) {
	built := testApp{newRegistry(t), map[string]v1.Layer{runtime.GOARCH: tinyapp.DatabaseLayer(t, runtime.GOARCH)}}
	const unread = `look for verify.probe: GET /records answered 500 ERROR: column "name" does not exist`
	for _, each := range []struct {
		migration string
		why, told string // in the verdict, and in the log
		change    func(*app.Verify)
		before    string // what the previous image has migrated already
	}{
		{migration: "nullable", told: "1.7.2 reads and writes on the data that 1.7.3 has migrated"},
		{migration: "default", told: "1.7.2 reads and writes on the data that 1.7.3 has migrated"},
		{migration: "rename", why: unread},
		{migration: "drop", why: unread},
		{
			migration: "required",
			why:       `store another record: POST /records answered 500 ERROR: null value in column "note"`,
		},
		// Whoever looks at less sees less.
		{migration: "rename", told: "1.7.2 works on the data that 1.7.3", change: func(config *app.Verify) {
			config.Probe = app.Probe{Absent: "read-only"}
		}},
		{migration: "rename", why: "GET /records answered 500", change: func(config *app.Verify) {
			config.Probe = app.Probe{Absent: "read-only"}
			config.After = []app.Answer{{Path: "/records"}}
		}},
		// What only the new version has is not asked of the one before.
		{migration: "nullable", told: "1.7.2 works on", change: func(config *app.Verify) {
			config.Probe = app.Probe{Absent: "read-only"}
			config.After = []app.Answer{{Path: "/changed"}}
		}},
		// A second record fails with the one before on any data.
		{migration: "nothing", before: "unique", told: "1.7.2 works on the data that 1.7.3 has migrated"},
	} {
		t.Run(each.migration, func(t *testing.T) {
			t.Parallel()
			repository := "back-" + strings.ToLower(strings.ReplaceAll(t.Name()[len("TestNightlyWayBack/"):], "#", "-"))
			check := databaseCheck(built.check(repository, runtime.GOARCH,
				built.push(t, repository, runtime.GOARCH, "VERSION=1.7.3", "MIGRATION="+each.migration)))
			check.Previous = &verify.Previous{
				Version: "1.7.2",
				Digest:  built.push(t, repository, runtime.GOARCH, "VERSION=1.7.2", "MIGRATION="+each.before),
			}
			if each.change != nil {
				each.change(&check.Config)
			}
			health, told, err := attempt(t.Context(), check)
			if err != nil {
				t.Fatalf("%v\n%s", err, told.shown.String())
			}
			want := verify.Reversible
			if each.why != "" {
				want = verify.Irreversible
			}
			back := health.Back
			if back.Verdict != want || back.To != "1.7.2" || !strings.Contains(back.Why, each.why) {
				t.Errorf("%+v, expected %s: %s", back, want, each.why)
			}
			if !strings.Contains(told.all(), each.told) {
				t.Errorf("it does not say %q:\n%s", each.told, told.all())
			}
			if rest := left(t, check); rest != "" {
				t.Errorf("left behind: %s", rest)
			}
			t.Log(told.all())
		})
	}
}
