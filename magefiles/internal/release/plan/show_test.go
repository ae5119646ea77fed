package plan_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// sample is the bundled app's repository, for further commits.
type sample struct {
	t   *testing.T
	dir string
}

func newSample(t *testing.T) sample {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "app")
	if err := rehearsal.Materialise(t.Context(), testkit.Runner(), dir); err != nil {
		t.Fatal(err)
	}
	return sample{t, dir}
}

// commit writes files, or changes them by old and new text, and commits.
func (s sample) commit(message string, edits ...[3]string) {
	s.t.Helper()
	for _, edit := range edits {
		path := filepath.Join(s.dir, edit[0])
		data, err := os.ReadFile(path)
		if edit[1] != "" && (err != nil || strings.Count(string(data), edit[1]) != 1) {
			s.t.Fatalf("%s has %q %d times, %v", edit[0], edit[1], strings.Count(string(data), edit[1]), err)
		}
		content := edit[2]
		if edit[1] != "" {
			content = strings.Replace(string(data), edit[1], edit[2], 1)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			s.t.Fatal(err)
		}
	}
	testkit.Git(s.t, s.dir, "add", "-A")
	testkit.Git(s.t, s.dir, "commit", "-q", "--allow-empty", "-m", message)
}

// spec changes the committed OpenAPI document.
func (s sample) spec(change func(paths map[string]any)) {
	s.t.Helper()
	file := filepath.Join(s.dir, "backend", "openapi.json")
	data, err := os.ReadFile(file)
	if err != nil {
		s.t.Fatal(err)
	}
	var document map[string]any
	if err := json.Unmarshal(data, &document); err != nil {
		s.t.Fatal(err)
	}
	change(document["paths"].(map[string]any))
	data, err = json.MarshalIndent(document, "", "  ")
	if err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o644); err != nil {
		s.t.Fatal(err)
	}
}

const migration = `"""%TITLE%.

Revision: %THIS%, after %LAST%
"""

import sqlalchemy as sa
from alembic import op

revision = "%THIS%"
down_revision = "%LAST%"


def upgrade() -> None:
    %UP%


def downgrade() -> None:
    raise NotImplementedError
`

func migrate(title, this, last, up string) [3]string {
	return [3]string{"backend/migrations/versions/" + this + "_change.py", "",
		strings.NewReplacer("%TITLE%", title, "%THIS%", this, "%LAST%", last, "%UP%", up).Replace(migration)}
}

// tag commits the version and tags it.
func (s sample) tag(version string) {
	s.t.Helper()
	found, err := app.Find(s.dir)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := found.WriteVersion(s.dir, version); err != nil {
		s.t.Fatal(err)
	}
	s.commit("chore(release): " + version)
	testkit.Git(s.t, s.dir, "tag", "-a", "-m", "v"+version, "v"+version)
}

// minor is v1.8.0 and its commits: a new endpoint, column and setting.
func (s sample) minor() {
	s.spec(func(paths map[string]any) {
		paths["/api/v1/jobs"] = map[string]any{"get": map[string]any{"operationId": "list_jobs",
			"responses": map[string]any{"200": map[string]any{"description": "The jobs."}}}}
	})
	s.commit(
		"feat(api,database): know the jobs of a printer (#51)\n\nCo-authored-by: Sam Okafor "+
			"<sam@users.noreply.example>",
		migrate(
			"The jobs",
			"0004",
			"0003",
			`op.add_column("printers", sa.Column("jobs", sa.Integer(), nullable=True))`,
		),
		[3]string{"backend/app/settings.py", `"OFFLINE_AFTER"`, `"JOB_TIMEOUT"`},
		[3]string{"docs/api.md", "", "# API\n"},
	)
	s.commit("fix(monitor): <b>don't</b> ask @everyone — see [this](https://evil.example) \x1b[31m| and that (#52)")
	s.commit("feat(frontend): a page of jobs")
	s.commit(
		"Revert \"feat(frontend): a page of jobs\"\n\nThis reverts commit " + testkit.Git(
			s.t,
			s.dir,
			"rev-parse",
			"HEAD",
		) + ".",
	)
	s.tag("1.8.0")
}

// hotfix is v1.7.4 when v1.8.0 is already released, with more in it than fixes. One of
// them is on main too.
func (s sample) hotfix() {
	s.minor()
	s.commit("fix(api): answer in time (#70)", [3]string{"backend/app/settings.py", "JOB_TIMEOUT", "JOB_SECONDS"})
	testkit.Git(s.t, s.dir, "checkout", "-q", "-b", "hotfix/v1.7.4", "v1.7.3")
	s.commit("fix(monitor): ask once (#71)", [3]string{"docs/api.md", "", "# API\n"})
	s.commit("fix(docs): a page, the same on main", [3]string{"docs/fix.md", "", "# Fix\n"})
	same := testkit.Git(s.t, s.dir, "rev-parse", "HEAD")
	s.commit("feat(api)!: retire `DELETE`, and | what more", [3]string{"docs/more.md", "", "# More\n"})
	s.commit("fix(database): a column less", migrate("Less", "0004", "0003", `op.drop_column("printers", "notes")`))
	s.spec(func(paths map[string]any) {
		paths["/api/v1/jobs"] = map[string]any{"get": map[string]any{"operationId": "list_jobs",
			"responses": map[string]any{"200": map[string]any{"description": "The jobs."}}}}
	})
	s.commit("fix(api): the jobs\n\nHotfix-Allow: 0004")
	testkit.Git(s.t, s.dir, "checkout", "-q", "main")
	testkit.Git(s.t, s.dir, "cherry-pick", same)
	testkit.Git(s.t, s.dir, "checkout", "-q", "hotfix/v1.7.4")
}

// major is v2.0.0-rc.1 and its commits: an endpoint and a column are removed, and a new
// variable is mandatory.
func (s sample) major() {
	s.spec(func(paths map[string]any) {
		delete(paths["/api/v1/printers/{printer_id}"].(map[string]any), "delete")
	})
	s.commit(
		"feat(api)!: printers are retired, not deleted (#60)\n\nBREAKING CHANGE: DELETE is gone; PATCH a "+
			"printer's status to `retired`\ninstead.\n\nRefs: #59",
		migrate("No models any more", "0005", "0004", `op.drop_column("printers", "model")`),
		[3]string{
			"docker-compose.yml",
			"DATABASE_URL: postgresql:",
			"ODIN_SECRET: ${ODIN_SECRET:?is not set}\n      DATABASE_URL: postgresql:",
		},
		[3]string{"docker-compose.yml", `"8000:8000"`, `"8080:8000"`},
	)
	s.tag("2.0.0-rc.1")
}

// named returns a registry whose latest is a version.
func named(version string) plan.Registry {
	return plan.Registry{Asked: true, Version: version, Digest: "sha256:1"}
}

func TestPlansOfTheSample(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		develop    func(sample)
		registry   plan.Registry
		back       verify.Back // of the release that is latest
		reversible bool        // what release.yaml promises
	}{
		"v1.7.3": {develop: func(sample) {}, registry: named("1.7.2")},
		"v1.8.0": {
			develop: sample.minor, registry: plan.Registry{Silence: "ghcr.io was not reachable", Version: "1.7.3"},
			back: verify.Back{Verdict: verify.Reversible, To: "1.7.2"},
		},
		"v2.0.0-rc.1": {develop: func(s sample) {
			s.minor()
			s.major()
		}, registry: named("1.8.0"), reversible: true,
			back: verify.Back{Verdict: verify.Irreversible, To: "1.7.3", Why: "the container exited with code 4"}},
		"side": {develop: func(s sample) {
			testkit.Git(s.t, s.dir, "checkout", "-q", "-b", "side", "v1.7.1")
			s.commit("fix(api): answer in time (#70)")
		}, registry: named("1.7.3"), back: verify.Back{Verdict: verify.Reversible, To: "1.7.2"}},
		"hotfix": {develop: sample.hotfix, registry: named("1.8.0")},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSample(t)
			test.develop(s)
			found, err := app.Find(s.dir)
			if err != nil {
				t.Fatal(err)
			}
			found.Config.Versioning.Reversible = test.reversible
			repo := git.Repo{Dir: s.dir, Run: testkit.Runner()}
			var sections []changelog.Section
			for _, section := range found.Config.Changelog.Sections {
				sections = append(sections, changelog.Section(section))
			}
			links := changelog.Links{Repository: "https://github.com/hughkantsime/runsodin"}
			made, err := plan.Make(
				t.Context(),
				plan.Request{App: found, Repo: repo, Registry: func() plan.Registry { return test.registry },
					Last:    func() plan.Last { return plan.Last{Tag: "v" + test.registry.Version, Back: test.back} },
					History: changelog.History{Repo: repo, Sections: sections, Links: links}},
			)
			if err != nil {
				t.Fatal(err)
			}
			for form, write := range map[string]func(io.Writer) error{
				"txt": made.WriteTerminal, "json": made.WriteJSON,
				"md": func(out io.Writer) error { return made.WriteMarkdown(out, sections, links) },
			} {
				var out bytes.Buffer
				if err := write(&out); err != nil {
					t.Fatal(err)
				}
				testkit.Golden(t, "testdata/"+name+"."+form, out.String())
			}
			back, err := plan.Read("testdata/" + name + ".json")
			var again bytes.Buffer
			if err == nil {
				err = back.WriteJSON(&again)
			}
			if want, _ := os.ReadFile("testdata/" + name + ".json"); err != nil || again.String() != string(want) {
				t.Errorf("read back: %s, %v", again.String(), err)
			}
		})
	}
}

func TestReadRefusesWhatIsNoPlan(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{"": "run plan again", "{}": "not the plan of a release",
		`{"version": "1.0.0", "tag": "v1.0.0", ` +
			`"commit": "x", "more": 1}`: "unknown field",
		`{"version": "1.0.1", "tag": "v1.0.0", "commit": "x"}`: "not the plan of a release"} {
		file := filepath.Join(t.TempDir(), "plan.json")
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := plan.Read(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v", content, err)
		}
	}
	if _, err := plan.Read("none.json"); err == nil || !strings.Contains(err.Error(), "run plan first") {
		t.Errorf("error %v", err)
	}
}
