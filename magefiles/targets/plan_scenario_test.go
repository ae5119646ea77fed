//go:build scenario

package targets_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// commitAll commits the tree of dir.
func commitAll(t *testing.T, dir, message string) {
	t.Helper()
	testkit.Git(t, dir, "add", "-A")
	testkit.Git(t, dir, "commit", "-q", "--allow-empty", "-m", message)
}

// TestScenarioPlan shows the plan in each form, in the terminal and to GitHub
// Actions, and leaves it in dist.
func TestScenarioPlan(t *testing.T) {
	t.Parallel()
	dir := sample(t)
	env := []string{
		"GITHUB_ACTIONS=true",
		"GITHUB_REF_TYPE=tag",
		"GITHUB_REF_NAME=v1.7.3",
		"GITHUB_STEP_SUMMARY=" + filepath.Join(t.TempDir(), "summary.md"),
	}
	terminal := pipeline(t, dir, env, "plan")
	if terminal.code != 0 ||
		!strings.HasPrefix(
			terminal.stdout,
			"v1.7.3\n  version   1.7.3 (stable), the pushed tag\n  verdict   WARNING: v1.7.3 is a patch release, "+
				"but 5 changes ask for a minor release, such as: the API gained `PATCH",
		) {
		t.Errorf("exit code %d\n%s%s", terminal.code, terminal.stdout, terminal.stderr)
	}
	if !strings.HasPrefix(terminal.stderr, "::warning title=Version::v1.7.3 is a patch release, but 5 changes ") ||
		strings.Count(terminal.stderr, "\n") != 1 {
		t.Errorf("annotation: %s", terminal.stderr)
	}
	markdown := pipeline(t, dir, env[1:3], "plan", "-format=markdown")
	summary, err := os.ReadFile(strings.TrimPrefix(env[3], "GITHUB_STEP_SUMMARY="))
	if diff := cmp.Diff(
		string(summary),
		markdown.stdout,
	); diff != "" || err != nil ||
		!strings.Contains(markdown.stdout, "> [!WARNING]") {
		t.Errorf("(-summary +markdown):\n%s%v", diff, err)
	}
	answer := pipeline(t, dir, nil, "plan", "-tag=v1.7.3", "-format=json")
	saved, err := os.ReadFile(filepath.Join(dir, "dist", "plan.json"))
	if diff := cmp.Diff(string(saved), answer.stdout); diff != "" || err != nil || !json.Valid(saved) {
		t.Errorf("(-saved +json):\n%s%v", diff, err)
	}
	if decided, err := plan.Read(
		filepath.Join(dir, "dist", "plan.json"),
	); err != nil || decided.Tag != "v1.7.3" ||
		decided.Previous != "v1.7.2" {
		t.Errorf("%+v, %v", decided, err)
	}
	notes, err := os.ReadFile(filepath.Join(dir, "dist", "notes.md"))
	if err != nil || !strings.HasPrefix(string(notes), "## Upgrading\n") ||
		!strings.Contains(string(notes), "Noémie Lefèvre (first contribution)") {
		t.Errorf("notes: %s, %v", notes, err)
	}
	unchanged(t, dir)
}

// TestScenarioPlanRefuses has one clear line for everything that cannot be
// planned, on stderr.
func TestScenarioPlanRefuses(t *testing.T) {
	t.Parallel()
	empty := t.TempDir()
	testkit.Git(t, empty, "init", "-q", "-b", "main")
	shallow := filepath.Join(t.TempDir(), "app")
	app := sample(t)
	testkit.Git(t, app, "clone", "-q", "--depth", "1", "file://"+app, shallow)
	enforced := filepath.Join(t.TempDir(), "app")
	testkit.Git(t, app, "clone", "-q", app, enforced)
	change(t, enforced, "release.yaml", "", "versioning: {policy: enforce}\n")
	commitAll(t, enforced, "feat: strict")
	for name, test := range map[string]struct {
		dir  string
		env  []string
		args []string
		want string
	}{
		"no repository":    {t.TempDir(), nil, []string{"plan"}, "is not in a git repository"},
		"no commit":        {empty, nil, []string{"plan"}, "has no commit yet: there is nothing to release"},
		"shallow":          {shallow, nil, []string{"plan"}, "the clone is shallow"},
		"shallow, changes": {shallow, nil, []string{"changelog"}, "fetch-depth: 0"},
		"nothing changed": {
			app,
			nil,
			[]string{"plan", "-tag=v1.8.0"},
			"nothing has changed since v1.7.3, which is this commit",
		},
		"hostile": {
			app,
			[]string{"GITHUB_REF_TYPE=tag", "GITHUB_REF_NAME=v1.0.0\n::set-output name=x::y"},
			[]string{"plan"},
			`"v1.0.0\n::set-output name=x::y" is not a release tag`,
		},
		"an option":      {app, nil, []string{"plan", "-tag=--exec=touch pwned"}, "is not a release tag"},
		"another commit": {app, nil, []string{"plan", "-tag=v1.7.2"}, "git checkout v1.7.2"},
		"build, lower": {
			enforced,
			nil,
			[]string{"build", "-tag=v1.7.2-rc.1"},
			"v1.7.2-rc.1 is not higher than v1.7.3",
		},
		"enforced": {
			enforced,
			nil,
			[]string{"plan", "-tag=v1.7.4"},
			"v1.7.4 is a patch release, but a change asks for a minor release: feat: strict (",
		},
		"an unknown format": {
			app,
			nil,
			[]string{"plan", "-format=html"},
			"-format=html is not one of terminal, markdown, json",
		},
	} {
		t.Run(name, func(t *testing.T) {
			result := pipeline(t, test.dir, test.env, test.args...)
			if result.code == 0 || strings.Count(result.stderr, "\n") != 1 ||
				!strings.HasPrefix(result.stderr, "Error: ") ||
				!strings.Contains(result.stderr, test.want) {
				t.Errorf("exit code %d, stderr %q", result.code, result.stderr)
			}
		})
	}
}

// TestScenarioPlanOfAnyRepository plans for a project that is no app, with HEAD
// detached.
func TestScenarioPlanOfAnyRepository(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	testkit.Git(t, dir, "init", "-q", "-b", "main")
	commitAll(t, dir, "feat: first")
	testkit.Git(t, dir, "tag", "v1.0.0")
	commitAll(t, dir, "feat(x): second <script>")
	testkit.Git(t, dir, "checkout", "-q", "--detach")
	result := pipeline(t, dir, nil, "plan")
	for _, want := range []string{
		"v1.1.0\n  version   1.1.0 (stable), proposed\n",
		"a minor after v1.0.0: feat(x): second <script>\n",
		"latest    moves from 1.0.0 to 1.1.0 (by the tags)\n",
	} {
		if result.code != 0 || !strings.Contains(result.stdout, want) ||
			strings.Contains(result.stdout, "version entries") {
			t.Errorf("exit code %d, nothing says %q:\n%s%s", result.code, want, result.stdout, result.stderr)
		}
	}
	unchanged(t, dir)
	change(t, dir, "dist/index.js", "", "their own\n")
	testkit.Git(t, dir, "add", "-f", "dist/index.js")
	testkit.Git(t, dir, "commit", "-qm", "build: bundle")
	if theirs := pipeline(
		t,
		dir,
		nil,
		"plan",
	); theirs.code != 0 ||
		!strings.Contains(theirs.stderr, "dist is a folder of this project's own") {
		t.Errorf("exit code %d: %s", theirs.code, theirs.stderr)
	}
	unchanged(t, dir)
	all := pipeline(t, dir, nil, "changelog", "-all", "-format=json")
	var releases []struct {
		Version  string
		Sections []struct {
			Entries []struct{ Description string }
		}
	}
	if err := json.Unmarshal(
		[]byte(all.stdout),
		&releases,
	); err != nil || len(releases) != 2 || releases[1].Version != "1.0.0" ||
		releases[0].Sections[0].Entries[0].Description != "second <script>" {
		t.Errorf("%v: %s", err, all.stdout)
	}
}

// TestScenarioVersion writes and checks the version of the sample.
func TestScenarioVersion(t *testing.T) {
	t.Parallel()
	dir := sample(t)
	if result := pipeline(t, dir, nil, "version", "-check"); result.code != 0 {
		t.Errorf("exit code %d: %s%s", result.code, result.stdout, result.stderr)
	}
	ahead := pipeline(t, dir, nil, "version", "-check", "-tag=v1.8.0-rc.1")
	if ahead.code == 0 ||
		!strings.Contains(
			ahead.stderr,
			"5 of 5 places do not contain the version 1.8.0-rc.1: frontend/package.json:3 (1.7.3), ",
		) {
		t.Errorf("exit code %d: %s%s", ahead.code, ahead.stdout, ahead.stderr)
	}
	unchanged(t, dir)
	change(t, dir, "frontend/src/version.ts", "1.7.3", "1.7.1")
	commitAll(t, dir, "chore: go back")
	behind := pipeline(t, dir, nil, "version", "-check")
	if behind.code == 0 ||
		!strings.Contains(
			behind.stderr,
			"1 of 5 places do not contain the version 1.7.3: frontend/src/version.ts:2 (1.7.1)",
		) {
		t.Errorf("exit code %d: %s%s", behind.code, behind.stdout, behind.stderr)
	}
	for range 2 { // the second run changes nothing
		written := pipeline(t, dir, nil, "version")
		if written.code != 0 || !strings.Contains(written.stdout, "v1.7.4: proposed; a patch after v1.7.3") {
			t.Errorf("exit code %d: %s%s", written.code, written.stdout, written.stderr)
		}
		if changed := testkit.Git(
			t,
			dir,
			"diff",
			"--numstat",
		); changed != "1\t1\tbackend/pyproject.toml\n2\t2\tfrontend/package-lock.json\n"+
			"1\t1\tfrontend/package.json\n1\t1\tfrontend/src/version.ts" {
			t.Errorf("changed:\n%s", changed)
		}
	}
}

// TestScenarioChangelogInsert adds a section to CHANGELOG.md, once.
func TestScenarioChangelogInsert(t *testing.T) {
	t.Parallel()
	dir := sample(t)
	for range 2 {
		if result := pipeline(t, dir, nil, "changelog", "-insert"); result.code != 0 || result.stdout != "" {
			t.Errorf("exit code %d: %s%s", result.code, result.stdout, result.stderr)
		}
		changed := testkit.Git(t, dir, "diff", "CHANGELOG.md")
		for _, want := range []string{
			"+## [1.7.3] - ",
			"+- **frontend:** rename a printer in place",
			"+[1.7.3]: https://github.com/hughkantsime/runsodin/compare/v1.7.2...v1.7.3",
		} {
			if strings.Count(changed, want) != 1 || strings.Contains(strings.ReplaceAll(changed, "--- a/", ""), "\n-") {
				t.Errorf("not once %q:\n%s", want, changed)
			}
		}
	}
	if err := os.Remove(filepath.Join(dir, "CHANGELOG.md")); err != nil {
		t.Fatal(err)
	}
	if result := pipeline(
		t,
		dir,
		nil,
		"changelog",
		"-insert",
	); result.code == 0 ||
		!strings.Contains(result.stderr, "there is no changelog to add v1.7.3 to") {
		t.Errorf("exit code %d: %s", result.code, result.stderr)
	}
}

// TestScenarioTag tags and pushes, without a terminal and with one.
func TestScenarioTag(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer string // at a terminal; "" for none
		args   string
		want   string
		tagged bool
	}{
		"no terminal": {
			"",
			"tag",
			"nothing was done: there is no terminal to ask for a confirmation; to confirm: tag -tag=v1.7.4 -yes",
			false,
		},
		"no terminal, yes": {"", "tag -yes", "4. push main and v1.7.4 to origin in one atomic push", true},
		"no":               {"n\n", "tag", "nothing was done", false},
		"yes":              {"y\n", "tag -tag=v1.8.0", "Do it? [y/N]", true},
	} {
		t.Run(name, func(t *testing.T) {
			remote, dir := filepath.Join(t.TempDir(), "app.git"), filepath.Join(t.TempDir(), "app")
			from := sample(t)
			testkit.Git(t, from, "clone", "-q", "--bare", from, remote)
			testkit.Git(t, from, "clone", "-q", remote, dir)
			testkit.Git(t, dir, "config", "user.name", "Ada")
			testkit.Git(t, dir, "config", "user.email", "ada@example.org")
			commitAll(t, dir, "fix: a thing")
			testkit.Git(t, dir, "push", "-q")
			output, failed := atTerminal(t, dir, test.answer, strings.Fields(test.args)...)
			if !strings.Contains(output, test.want) || failed == test.tagged {
				t.Errorf("failed %v:\n%s", failed, output)
			}
			tags := testkit.Git(t, remote, "tag")
			if strings.HasSuffix(tags, "v1.7.3") == test.tagged {
				t.Errorf("tags %s", tags)
			}
			if test.tagged {
				again, failed := atTerminal(t, dir, test.answer, "tag", "-yes")
				if failed || !strings.Contains(again, "is tagged and pushed already: nothing to do") {
					t.Errorf("again: failed %v\n%s", failed, again)
				}
				if section := testkit.Git(
					t,
					remote,
					"show",
					"main:CHANGELOG.md",
				); strings.Count(
					section,
					"- a thing (",
				) != 1 {
					t.Errorf("CHANGELOG.md:\n%s", section)
				}
			}
			unchanged(t, dir)
		})
	}
}

// atTerminal runs the pipeline with a person's answer at a terminal, as
// script(1) makes one, or without a terminal when there is no answer.
func atTerminal(t *testing.T, dir, answer string, args ...string) (output string, failed bool) {
	t.Helper()
	if answer == "" {
		result := pipeline(t, dir, nil, args...)
		return result.stdout + result.stderr, result.code != 0
	}
	binary, err := compiled()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "script", "-qec", binary+" "+strings.Join(args, " "), "/dev/null")
	command.Dir, command.Env, command.Stdin = dir, withoutActions(run.Environ(os.Environ())), strings.NewReader(answer)
	out, err := command.CombinedOutput()
	return string(out), err != nil
}
