//go:build scenario

package targets_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// changed returns a release after which the version before ends at once: it does not know the
// new format of the data.
func changed(t *testing.T) *scene {
	t.Helper()
	s := newScene(t, script{env: []string{"FORMAT=2"}})
	if published := s.run(t, "publish"); published.code != 0 {
		t.Fatalf("publish: exit code %d, %s", published.code, published.stderr)
	}
	return s
}

// TestNightlyNoWayBack releases a version from which users cannot go back. They are told so,
// and a rollback that would lead them back must be forced.
func TestNightlyNoWayBack(t *testing.T) {
	t.Parallel()
	s := changed(t)
	before := s.state(t)
	result := s.run(t, "postRelease")
	if result.code != 0 {
		t.Fatalf("postRelease: exit code %d, %s", result.code, result.stderr)
	}
	s.nothingLeft(t)
	record := readFile(t, filepath.Join(s.dir(), "dist", "release.json"))
	const why = "without a backup: the container exited with code 4; its log ends: starting on /app; the data has a " +
		"format that this version does not know"
	for place, text := range map[string]string{
		"table":        result.stdout,
		"notes":        releaseOf(t, s.state(t), "v1.7.3").Body,
		"report":       readFile(t, filepath.Join(s.dir(), "dist", "report.html")),
		"release.json": strings.ReplaceAll(record, `"why": "`, "without a backup: "),
	} {
		if !strings.Contains(text, why) {
			t.Errorf("the %s does not say %q:\n%s", place, why, text)
		}
	}

	out := s.state(t)
	refused := s.run(t, "rollback", "v1.7.3", "-reason=it loses prints")
	if refused.code == 0 || !strings.Contains(refused.stderr, "users would be led back to 1.7.2, and v1.7.3 says") {
		t.Errorf("exit code %d, %s", refused.code, refused.stderr)
	}
	if diff := cmp.Diff(out, s.state(t)); diff != "" {
		t.Errorf("a refused rollback changed something:\n%s", diff)
	}
	testkit.Golden(t, "testdata/no-way-back.txt", read(refused))

	forced := s.run(t, "rollback", "v1.7.3", "-reason=it loses prints", "-force=there are backups")
	if forced.code != 0 {
		t.Errorf("exit code %d, %s", forced.code, forced.stderr)
	}
	now := s.state(t)
	if tagged(now, "latest") != tagged(before, "latest") || badge(now) != "v1.7.2" {
		t.Errorf("latest is %s, and the badge %s", tagged(now, "latest"), badge(now))
	}
	if body := releaseOf(t, now, "v1.7.3").Body; !strings.Contains(body, "withdrawn all the same: there are backups") {
		t.Errorf("not marked: %s", body)
	}
	record = readFile(t, filepath.Join(s.dir(), "dist", "release.json"))
	if !strings.Contains(record, `"forced": "there are backups"`) {
		t.Errorf("not recorded: %s", record)
	}
}

// TestNightlyPromisedWayBack refuses such a release of an app that promises a way back, also
// when what was seen comes from an earlier run.
func TestNightlyPromisedWayBack(t *testing.T) {
	t.Parallel()
	s := changed(t)
	file := filepath.Join(s.dir(), "release.yaml")
	change(t, s.dir(), "release.yaml", "", readFile(t, file)+"versioning: {reversible: true}\n")
	for range 2 {
		result := s.run(t, "postRelease")
		const want = "versioning.reversible is set in release.yaml, and this release is not reversible: 1.7.2 does not"
		if result.code == 0 || !strings.Contains(result.stderr, want) {
			t.Errorf("exit code %d, %s", result.code, result.stderr)
		}
		now := s.state(t)
		if draft := releaseOf(t, now, "v1.7.3"); !draft.Draft || tagged(now, "1.7.3") != "" || badge(now) != "v1.7.2" {
			t.Errorf("it is public: %+v", draft)
		}
		s.nothingLeft(t)
	}
}
