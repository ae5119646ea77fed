package evidence_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/evidence"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// files are the contents of a commit, by path.
type files map[string]string

// gather makes a repository of two releases' files and collects the evidence of the
// second.
func gather(t *testing.T, dir string, before, after files, message string) evidence.Evidence {
	t.Helper()
	testkit.Git(t, dir, "init", "-q", "-b", "main")
	for _, release := range []struct {
		files   files
		message string
	}{{before, "feat: first"}, {after, message}} {
		if release.files != nil {
			testkit.Git(t, dir, "rm", "-rqf", "--ignore-unmatch", ".")
		}
		for name, content := range release.files {
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		testkit.Git(t, dir, "add", "-A")
		testkit.Git(t, dir, "commit", "-q", "--allow-empty", "-m", release.message)
		if release.message == "feat: first" {
			testkit.Git(t, dir, "tag", "v1.0.0")
		}
	}
	found, err := app.Default(dir)
	if err != nil {
		t.Fatal(err)
	}
	repo := git.Repo{Dir: dir, Run: testkit.Runner()}
	notes, err := changelog.History{Repo: repo}.Between(t.Context(), "v1.0.0", "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	gathered, err := evidence.Gather(
		t.Context(),
		evidence.Range{Repo: repo, Config: found.Config, From: "v1.0.0", To: "HEAD", Entries: notes.Entries},
	)
	if err != nil {
		t.Fatal(err)
	}
	return gathered.As("1.1.0")
}

// lines shortens the evidence, without commits' hashes.
func lines(e evidence.Evidence) []string {
	var list []string
	for _, finding := range e.Findings {
		line := fmt.Sprintf("%s %s: %s", finding.Asks, finding.Source, finding.What)
		if finding.Source != evidence.Commits {
			line += " @ " + finding.Where
		}
		list = append(list, line)
	}
	for _, step := range e.Steps {
		text := step.Text
		if at := strings.LastIndex(text, " ("); step.Breaking && at > 0 {
			text = text[:at]
		}
		line := fmt.Sprintf("step %v: %s", step.Breaking, text)
		for _, detail := range step.Details {
			line += " / " + detail
		}
		if step.Command != "" {
			line += " $ " + step.Command
		}
		list = append(list, line)
	}
	for _, notice := range e.Notices {
		list = append(list, "notice: "+notice)
	}
	for _, doc := range e.Docs {
		list = append(list, "doc: "+doc)
	}
	return list
}

const (
	spec = `{"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": {"/a": {"get": ` +
		`{"responses": {"200": {"description": "OK"}}}}}}`
	settings = "import os\nPORT = os.environ['PORT']\nHOST = os.environ.get('HOST')\n"
	compose  = "services:\n  odin:\n    ports: ['80:80']\n"
	versions = "backend/migrations/versions/"
)

func migration(revision, up string) string {
	return "\"\"\"Change `things`.\"\"\"\nfrom alembic import op\nimport sqlalchemy as sa\nrevision = " +
		"\"" + revision + "\"\n\ndef upgrade():\n    " + up + "\n\ndef downgrade():\n    op.drop_table('x')\n"
}

func TestGather(t *testing.T) {
	noSpec := "notice: the API was not compared: no backend/openapi.json is committed"
	for name, test := range map[string]struct {
		before, after files
		message       string
		want          []string
	}{
		"nothing but a fix": {files{"a": "1"}, files{"a": "2"}, "fix: a", []string{noSpec}},
		"a feature": {
			files{"a": "1"},
			files{"a": "2"},
			"feat(x,y): a",
			[]string{"minor commits: feat(x,y): a", noSpec},
		},
		"breaking, footers": {
			files{"a": "1"},
			files{"a": "2"},
			"fix!: a\n\nBREAKING CHANGE: do\n  this\nBREAKING-CHANGE: and `that`",
			[]string{"major commits: fix!: a", "step true: do this", "step true: and `that`", noSpec},
		},
		"squashed": {
			files{"a": "1"},
			files{"a": "2"},
			"Printers (#1)\n\n* feat!: drop v0\n\n* fix: b",
			[]string{"major commits: feat!: drop v0 (#1)", "step true: drop v0", noSpec},
		},
		"the API": {files{
			"backend/openapi.json": spec,
		}, files{"backend/openapi.json": strings.Replace(spec, "/a", "/b", 1)}, "fix: a",
			[]string{
				"major api: the API lost `GET /a` @ backend/openapi.json",
				"minor api: the API gained `GET /b` @ backend/openapi.json",
				"step true: the API lost `GET /a`",
			}},
		"a new spec": {
			files{"a": "1"},
			files{"backend/openapi.json": spec},
			"fix: a",
			[]string{"notice: the API was not compared: v1.0.0 has no backend/openapi.json"},
		},
		"the spec gone": {
			files{"backend/openapi.json": spec},
			files{"a": ""},
			"fix: a",
			[]string{
				"major api: the API cannot be compared: backend/openapi.json, which v1.0.0 had, was removed @ " +
					"backend/openapi.json",
			},
		},
		"a broken spec": {
			files{"backend/openapi.json": spec},
			files{"backend/openapi.json": "{"},
			"fix: a",
			[]string{"major api: the API cannot be compared: backend/openapi.json: read the later spec: "},
		},
		"a harmless one": {
			files{"a": ""},
			files{
				"a":               "",
				versions + "2.py": migration("0002", "op.create_table('things', sa.Column('id', sa.Integer()))"),
			},
			"fix: a",
			[]string{
				"step false: migrate the database: `0002`, Change `things` / creates the table things $ docker " +
					"compose run --rm odin python3 -m alembic upgrade 0002",
				noSpec,
			},
		},
		"a destructive one": {files{
			"a": "",
		}, files{"a": "", versions + "2.py": migration("it's", "op.drop_column('things', 'x')")}, "fix: a",
			[]string{"major migrations: a migration drops the column things.x: what it holds is lost, and the " +
				"older version still reads it @ " + versions + "2.py:7",
				"step true: migrate the database: `it's`, Change `things` / drops the column things.x: what it " +
					"holds is lost, and the older version still reads it $ docker compose run --rm odin python3 " +
					"-m alembic upgrade 'it'\\''s'", noSpec}},
		"one that was out": {
			files{versions + "1.py": migration("1", "pass"), versions + "0.py": ""},
			files{versions + "1.py": migration("1", "op.drop_table('x')")},
			"fix: a",
			[]string{
				noSpec,
				"notice: the migration " + versions + "1.py has changed since v1.0.0: databases that have run it " +
					"will not run it again",
				"notice: the migration " + versions + "0.py, which v1.0.0 had, was removed",
			},
		},
		"in Alembic's order": {
			files{"a": ""},
			files{
				versions + "a.py": migration("bb", "op.create_table('two')") + "down_revision = 'aa'\n",
				versions + "b.py": migration("aa", "op.create_table('one')") + "down_revision: str | None = None\n",
			},
			"fix: a",
			[]string{
				"step false: migrate the database: `aa`, Change `things` / creates the table one $ docker compose " +
					"run --rm odin python3 -m alembic upgrade aa",
				"step false: migrate the database: `bb`, Change `things` / creates the table two $ docker compose " +
					"run --rm odin python3 -m alembic upgrade bb",
				noSpec,
			},
		},
		"a circle": {
			files{"a": ""},
			files{versions + "a.py": migration("bb", "op.create_table('two')") + "down_revision = 'bb'\n"},
			"fix: a",
			[]string{
				"step false: migrate the database: `bb`, Change `things` / creates the table two $ docker compose " +
					"run --rm odin python3 -m alembic upgrade bb",
				noSpec,
			},
		},
		"another name": {
			files{versions + "a.py": migration("aa", "op.drop_table('x')")},
			files{versions + "b.py": migration("aa", "op.drop_table('x')")},
			"fix: a",
			[]string{noSpec},
		},
		"alike additions": {
			files{"backend/openapi.json": spec},
			files{
				"backend/openapi.json": strings.Replace(
					spec,
					`"/a":`,
					`"/b": {"get": {"responses": {"200": {"description": "OK"}}}}, "/a":`,
					1,
				),
			},
			"fix: a",
			[]string{"minor api: the API gained `GET /b` @ backend/openapi.json"},
		},
		"another name, SQL": {
			files{versions + "a.sql": "DROP TABLE x;"},
			files{versions + "b.sql": "DROP TABLE x;"},
			"fix: a",
			[]string{noSpec},
		},
		"documented later": {
			files{
				"backend/app/s.py": "from x import BaseSettings\nclass S(BaseSettings):\n    port: int\n    " +
					"secret_key: str\n",
				".env.example": "PORT=1\n",
			},
			files{
				"backend/app/s.py": "from x import BaseSettings\nclass S(BaseSettings):\n    port: int\n    " +
					"secret_key: str\n",
				".env.example": "SECRET_KEY=\n",
			},
			"fix: a",
			[]string{noSpec},
		},
		"not a migration": {
			files{"a": ""},
			files{
				versions + "README.md":   "",
				versions + "__init__.py": "",
				"other/2.py":             migration("2", "op.drop_table('x')"),
			},
			"fix: a",
			[]string{noSpec},
		},
		"variables": {
			files{"backend/app/s.py": settings},
			files{"backend/app/s.py": strings.Replace(settings, "HOST']", "X", 1) + "os.getenv('ODIN_NAME')\n"},
			"fix: a",
			[]string{"step false: `ODIN_NAME` is a new environment variable (backend/app/s.py:4)", noSpec},
		},
		"a variable gone": {
			files{"backend/app/s.py": settings},
			files{"backend/app/s.py": "import os\nos.getenv('PORT')\n"},
			"fix: a",
			[]string{
				"step false: the environment variable `HOST` is no longer read (it was in backend/app/s.py:3)",
				noSpec,
			},
		},
		"a variable moved": {
			files{"backend/app/s.py": settings, "backend/app/t.py": ""},
			files{"backend/app/s.py": "import os\n", "backend/app/t.py": settings},
			"fix: a",
			[]string{noSpec},
		},
		"also read elsewhere": {
			files{"backend/app/s.py": settings, "backend/app/t.py": settings},
			files{"backend/app/s.py": "", "backend/app/t.py": settings},
			"fix: a",
			[]string{noSpec},
		},
		"in a test": {
			files{"a": ""},
			files{"backend/app/tests/s.py": settings, "backend/app/test_s.py": settings, "elsewhere/s.py": settings},
			"fix: a",
			[]string{noSpec},
		},
		"an example": {
			files{".env.example": "A=1\n"},
			files{".env.example": "A=2\n# B=3\n"},
			"fix: a",
			[]string{"step false: `B` is a new environment variable (.env.example:2)", noSpec},
		},
		"compose": {
			files{"docker-compose.yml": compose},
			files{
				"docker-compose.yml": compose + "    image: odin:${V:?set it}\n    environment: {S: '${S:?set it}'}\n",
				"compose.dev.yaml":   "services: {db: {image: x}}",
			},
			"fix: a",
			[]string{
				"step false: compose.dev.yaml: `services.db` is new",
				"step false: set `S`: docker-compose.yml does not start without it",
				"step false: set `V`: docker-compose.yml does not start without it",
				"step false: docker-compose.yml: `services.odin.image` is new: `odin:${V:?set it}`",
				noSpec,
			},
		},
		"the image of the release": {
			files{"docker-compose.yml": compose + "    image: ghcr.io/hughkantsime/runsodin:v1\n"},
			files{"docker-compose.yml": compose + "    image: ghcr.io/hughkantsime/runsodin:v2\n"},
			"fix: a",
			[]string{noSpec},
		},
		"broken compose": {
			files{"docker-compose.yml": compose},
			files{"docker-compose.yml": "a: ["},
			"fix: a",
			[]string{noSpec, "notice: docker-compose.yml was not compared: at HEAD: "},
		},
		"docs": {
			files{"docs/a.md": "1", "docsx": "1"},
			files{"docs/a.md": "2", "docs/b/c.md": "", "docsx": "2"},
			"fix: a",
			[]string{noSpec, "doc: docs/a.md", "doc: docs/b/c.md"},
		},
		"odd names": {
			files{"a": ""},
			files{"a": "", "docs/ä \"b\".md": "", "docs/-x": ""},
			"fix: a",
			[]string{noSpec, "doc: docs/-x", "doc: docs/ä \"b\".md"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := lines(gather(t, t.TempDir(), test.before, test.after, test.message))
			for i := range got { // the wording of the parsers' errors is not ours
				if i < len(test.want) && strings.HasSuffix(test.want[i], ": ") &&
					strings.HasPrefix(got[i], test.want[i]) {
					got[i] = test.want[i]
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestGatherWithoutPython is for a machine that only has git. The effect of an Alembic migration is then unknown,
// and must not count as harmless.
func TestGatherWithoutPython(t *testing.T) {
	dir := t.TempDir()
	gather(
		t,
		dir,
		files{"a": ""},
		files{
			"a":                "",
			versions + "2.py":  migration("2", "op.drop_table('x')"),
			versions + "3.sql": "CREATE TABLE x (a int)",
		},
		"fix: a",
	)
	bin := t.TempDir()
	program, err := testkit.Runner().Find("git")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(program, filepath.Join(bin, "git")); err != nil {
		t.Fatal(err)
	}
	runner := testkit.Runner()
	runner.Env = append(runner.Env, "PATH="+bin)
	found, err := app.Default(dir)
	if err != nil {
		t.Fatal(err)
	}
	gathered, err := evidence.Gather(
		t.Context(),
		evidence.Range{Repo: git.Repo{Dir: dir, Run: runner}, Config: found.Config, From: "v1.0.0", To: "HEAD"},
	)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"patch migrations: a migration cannot be read: python3 is not in PATH @ " + versions + "2.py:1",
		"step false: migrate the database: `2.py` / cannot be read: python3 is not in PATH $ docker compose run " +
			"--rm odin python3 -m alembic upgrade head",
		"step false: migrate the database: `3.sql` / creates the table x $ docker compose run --rm odin python3 " +
			"-m alembic upgrade head",
		"notice: the API was not compared: no backend/openapi.json is committed",
		"notice: the migration " + versions + "2.py was not read: python3 is not in PATH",
	}
	if diff := cmp.Diff(want, lines(gathered)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// If nobody has to run the migrations, the steps say so once.
func TestGatherMigrationsThatRunThemselves(t *testing.T) {
	dir := t.TempDir()
	gather(t, dir, files{"a": "1"}, files{
		versions + "1.sql": "CREATE TABLE x (a int)", versions + "2.sql": "CREATE TABLE y (a int)",
	}, "fix: a")
	found, err := app.Default(dir)
	if err != nil {
		t.Fatal(err)
	}
	found.Config.Contract.Absent = "no API"
	found.Config.Migrations[0].Command = app.Optional[string]{Absent: "the app migrates itself when it starts"}
	gathered, err := evidence.Gather(t.Context(), evidence.Range{
		Repo: git.Repo{Dir: dir, Run: testkit.Runner()}, Config: found.Config, From: "v1.0.0", To: "HEAD",
	})
	want := []string{
		"step false: migrate the database: `1.sql` / creates the table x",
		"step false: migrate the database: `2.sql` / creates the table y",
		"step false: no migration has to be run by hand: the app migrates itself when it starts",
		"notice: the API was not compared: no API",
	}
	if diff := cmp.Diff(want, lines(gathered)); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// Without a committed spec, the routes of the app itself are compared.
func TestGatherRoutesOfTheApp(t *testing.T) {
	const more = `{"openapi": "3.1.0", "info": {"title": "A", "version": "2"}, "paths": {"/b": {"get": ` +
		`{"responses": {"200": {"description": "OK"}}}}}}`
	dir := t.TempDir()
	gather(t, dir, files{"a": "1"}, files{"a": "2"}, "fix: a")
	found, err := app.Default(dir)
	if err != nil {
		t.Fatal(err)
	}
	found.Config.Contract.Spec = app.Optional[string]{Absent: "none is committed"}
	type api = func(context.Context, string) ([]byte, error)
	broken := errors.New("import app.main:\n  no fastapi")
	for name, test := range map[string]struct {
		api  api
		want []string
	}{
		"nobody can tell": {nil, []string{"notice: the API was not compared: none is committed"}},
		"other routes": {func(_ context.Context, revision string) ([]byte, error) {
			return []byte(map[string]string{"v1.0.0": spec, "HEAD": more}[revision]), nil
		}, []string{
			"major api: the API lost `GET /a` @ the app's routes",
			"minor api: the API gained `GET /b` @ the app's routes",
			"step true: the API lost `GET /a`",
		}},
		"the same routes": {func(context.Context, string) ([]byte, error) { return []byte(spec), nil }, nil},
		"it cannot be imported": {func(context.Context, string) ([]byte, error) { return nil, broken }, []string{
			"notice: the API was not compared: the routes of v1.0.0 are unknown: import app.main: no fastapi",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			gathered, err := evidence.Gather(t.Context(), evidence.Range{
				Repo: git.Repo{
					Dir: dir,
					Run: testkit.Runner(),
				},
				Config: found.Config,
				From:   "v1.0.0",
				To:     "HEAD",
				API:    test.api,
			})
			if diff := cmp.Diff(test.want, lines(gathered)); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// TestGatherInASubfolder has an app in a folder of a larger repository.
func TestGatherInASubfolder(t *testing.T) {
	top := t.TempDir()
	testkit.Git(t, top, "init", "-q", "-b", "main")
	testkit.Git(t, top, "commit", "-q", "--allow-empty", "-m", "feat: zeroth")
	dir := filepath.Join(top, "app")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name, content string) {
		path := filepath.Join(top, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("app/backend/openapi.json", spec)
	write("app/backend/app/s.py", settings)
	testkit.Git(t, top, "add", "-A")
	testkit.Git(t, top, "commit", "-q", "-m", "feat: first")
	testkit.Git(t, top, "tag", "v1.0.0")
	write("app/backend/openapi.json", strings.Replace(spec, "/a", "/b", 1))
	write("app/backend/app/s.py", "import os\n")
	write("app/backend/app/t.py", settings)
	write("docs/outside.md", "")
	write("app/docs/inside.md", "")
	testkit.Git(t, top, "add", "-A")
	testkit.Git(t, top, "commit", "-q", "-m", "fix: second")
	found, err := app.Default(dir)
	if err != nil {
		t.Fatal(err)
	}
	repo := git.Repo{Dir: dir, Run: testkit.Runner()}
	gathered, err := evidence.Gather(
		t.Context(),
		evidence.Range{Repo: repo, Config: found.Config, From: "v1.0.0", To: "HEAD"},
	)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"major api: the API lost `GET /a` @ backend/openapi.json",
		"minor api: the API gained `GET /b` @ backend/openapi.json",
		"step true: the API lost `GET /a`",
		"doc: docs/inside.md",
	}
	if diff := cmp.Diff(want, lines(gathered)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
