//go:build scenario

package targets_test

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/publicapp"
)

// These scenarios release an app that was not made for the pipeline, and has the history and the oddities of a
// repository that grew for years. Its release.yaml stands beside the tree.

// publicApp makes its repository, and returns the folder and the argument that names its configuration.
func publicApp(t *testing.T) (dir, config string) {
	t.Helper()
	base := t.TempDir()
	dir = filepath.Join(base, "odin")
	if err := publicapp.Make(t.Context(), testkit.Runner(), dir); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(base, "release.yaml")
	if err := os.WriteFile(file, publicapp.Config, 0o644); err != nil {
		t.Fatal(err)
	}
	return dir, "-config=" + file
}

// TestScenarioPublicApp gets the app as far as its plan: init asks what it cannot find out, and plan says which release
// comes next.
func TestScenarioPublicApp(t *testing.T) {
	t.Parallel()
	dir, config := publicApp(t)
	if result := pipeline(t, dir, nil, "init"); result.code != 0 ||
		!strings.Contains(result.stdout, "release.yaml is written, with a question for each of these settings") {
		t.Errorf("init ended with code %d\n%s%s", result.code, result.stdout, result.stderr)
	}
	if err := os.Remove(filepath.Join(dir, "release.yaml")); err != nil {
		t.Fatal(err)
	}
	change(t, dir, "README.md", "# O.D.I.N.", "# The farm")
	change(
		t,
		dir,
		"CHANGELOG.md",
		"## [1.9.3]",
		"## [Unreleased]\n\n### Changed\n\n- The farm has a name.\n\n## [1.9.3]",
	)
	testkit.Git(t, dir, "commit", "--quiet", "--all", "--message", "fix(docs+install): a name → `The farm`: it has one")
	planned := pipeline(t, dir, nil, "plan", config, "-format=markdown")
	if planned.code != 0 {
		t.Fatalf("plan ended with code %d\n%s", planned.code, planned.stderr)
	}
	shown := planned.stdout
	for pattern, replacement := range map[string]string{
		`(?m)^\| latest .*\n`:          "", // the registry says it, where it is reachable
		`\| \S+/release\.yaml`:         "| (elsewhere)/release.yaml",
		`\b[0-9a-f]{40}\b|[0-9a-f]{7}`: "(commit)",
	} {
		shown = regexp.MustCompile(pattern).ReplaceAllString(shown, replacement)
	}
	testkit.Golden(t, "testdata/public-plan.md", shown)
	unchanged(t, dir)
}

// TestNightlyPublicChecks runs its checks and suites as they are: strictly they fail, and as advisory ones they are
// counted.
func TestNightlyPublicChecks(t *testing.T) {
	t.Parallel()
	dir, config := publicApp(t)
	if result := pipeline(t, dir, nil, "doctor", config); result.code != 0 {
		t.Errorf("doctor ended with code %d\n%s%s", result.code, result.stdout, result.stderr)
	}
	counted := pipeline(t, dir, nil, "lint", config)
	for _, want := range []string{"backend:lint  advisory, 7 findings", "backend:typeCheck  advisory, 2 findings",
		"frontend:typeCheck  advisory, 3 findings", "frontend:lint: ESLint does not look at 6 of 11 source files"} {
		if counted.code != 0 || !strings.Contains(squeeze(counted.stdout), want) {
			t.Errorf("code %d, and it does not say %q\n%s", counted.code, want, counted.stdout)
		}
	}
	strict := strings.ReplaceAll(string(publicapp.Config), ", advisory: true", ", advisory: false")
	change(t, filepath.Dir(dir), "strict.yaml", "", strict)
	failed := pipeline(t, dir, nil, "lint", "-config="+filepath.Join(filepath.Dir(dir), "strict.yaml"))
	for _, want := range []string{"[UP035]", "[import-not-found]", "[TS5101]", "[TS6306]", "[TS6310]"} {
		if failed.code == 0 || !strings.Contains(failed.stderr, want) {
			t.Errorf("code %d, and it does not say %q\n%s", failed.code, want, failed.stderr)
		}
	}
	if result := pipeline(t, dir, nil, "test", config); result.code != 0 {
		t.Errorf("test ended with code %d\n%s%s", result.code, result.stdout, result.stderr)
	}
	unchanged(t, dir)
}

// squeeze replaces each run of spaces by two.
func squeeze(text string) string {
	for strings.Contains(text, "   ") {
		text = strings.ReplaceAll(text, "   ", "  ")
	}
	return text
}

// TestNightlyPublicBuild builds its image for one platform. Importing the app, which makes a database file, leaves
// nothing behind.
func TestNightlyPublicBuild(t *testing.T) {
	t.Parallel()
	dir, config := publicApp(t)
	oneplatform(t, config)
	result := pipeline(t, dir, nil, "build", config)
	if result.code != 0 {
		t.Fatalf("code %d\n%s%s", result.code, result.stdout, result.stderr)
	}
	live := pipeline(t, dir, nil, "test", config, "-image", "-only=rbac")
	if live.code != 0 || !regexp.MustCompile(`rbac +ok +2 `).MatchString(live.stdout) {
		t.Errorf("the suite that needs the app running ended with code %d\n%s%s", live.code, live.stdout, live.stderr)
	}
	if inventory := readFile(t, filepath.Join(dir, "dist/sbom.spdx.json")); !strings.Contains(inventory, "http-ece") ||
		!strings.Contains(inventory, "react-dom") {
		t.Errorf("the SBOM lacks packages:\n%s", inventory)
	}
	if bundle, err := filepath.Glob(filepath.Join(dir, "dist/frontend/assets/*.js")); err != nil || len(bundle) != 1 ||
		!strings.Contains(readFile(t, bundle[0]), "1.9.3") {
		t.Errorf("the frontend does not have the version of the file VERSION: %v, %v", bundle, err)
	}
	unchanged(t, dir)
	nothingBut(t, dir, "dist/", "frontend/node_modules/")
}

// oneplatform builds for this machine alone.
func oneplatform(t *testing.T, config string) {
	t.Helper()
	const name = "name: ghcr.io/hughkantsime/odin"
	change(t, "", strings.TrimPrefix(config, "-config="), name, name+", platforms: [linux/"+runtime.GOARCH+"]")
}

// TestNightlyPublicRehearse rehearses the last release as it is, on both platforms, and then the next one. Both are
// upgrades.
func TestNightlyPublicRehearse(t *testing.T) {
	t.Parallel()
	dir, config := publicApp(t)
	rehearse := func(wanted ...string) {
		t.Helper()
		result := pipeline(t, dir, nil, "rehearse", config)
		if result.code != 0 {
			t.Fatalf("code %d\n%s%s", result.code, result.stdout, result.stderr)
		}
		shown := squeeze(result.stdout)
		wanted = append(wanted, "lint  advisory, 12 findings", "announced to ntfy  posted", "  install.sh  ")
		for _, want := range wanted {
			if !strings.Contains(shown, want) {
				t.Errorf("it does not say %q:\n%s", want, result.stdout)
			}
		}
	}
	rehearse("linux/amd64: upgraded from 1.9.2, the probe record is there",
		"linux/arm64: upgraded from 1.9.2, the probe record is there",
		"hughkantsime/odin:v1.9.3 ", "release v1.9.3 “O.D.I.N. v1.9.3” [Latest]")
	oneplatform(t, config)
	change(t, dir, "README.md", "# O.D.I.N.", "# The farm")
	testkit.Git(t, dir, "commit", "--quiet", "--all", "--message", "fix(docs): a name")
	rehearse("rehearsing it as v1.9.4", ": upgraded from 1.9.3, the probe record is there",
		"hughkantsime/odin:v1.9.4 ")
	unchanged(t, dir)
}

// TestNightlyPublicHotfix takes the last fix to an old line, none of whose commits has a configuration. The fix has the
// version of its own release in it.
func TestNightlyPublicHotfix(t *testing.T) {
	t.Parallel()
	dir, config := publicApp(t)
	remote := filepath.Join(filepath.Dir(dir), "origin.git")
	testkit.Git(t, dir, "clone", "--quiet", "--bare", dir, remote)
	testkit.Git(t, dir, "config", "remote.origin.url", remote)
	testkit.Git(t, dir, "config", "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*")
	testkit.Git(t, dir, "config", "user.name", "Sam")
	testkit.Git(t, dir, "config", "user.email", "sam@example.org")
	oneplatform(t, config)
	for _, each := range []struct {
		args []string
		want []string
	}{
		{[]string{"hotfix", config, "-from=v1.8.5", "-pick=v1.9.3"},
			[]string{"hotfix/v1.8.6 begins at v1.8.5", "kept the version and the changelog of v1.8.5"}},
		{[]string{"tag", config, "-yes"}, []string{"v1.8.6"}},
		{[]string{"rehearse", config}, []string{": upgraded from 1.8.5", "latest             stays at 1.9.3"}},
	} {
		result := pipeline(t, dir, nil, each.args...)
		if result.code != 0 {
			t.Fatalf("%v ended with code %d\n%s%s", each.args, result.code, result.stdout, result.stderr)
		}
		for _, want := range each.want {
			if !strings.Contains(result.stdout, want) {
				t.Errorf("%v does not say %q\n%s", each.args, want, result.stdout)
			}
		}
	}
	if code := testkit.Git(
		t,
		dir,
		"show",
		"v1.8.6:backend/modules/printers/routes.py",
	); !strings.Contains(
		code,
		"409",
	) {
		t.Errorf("the fix is not in v1.8.6:\n%s", code)
	}
	if version := testkit.Git(t, dir, "show", "v1.8.6:VERSION"); version != "1.8.6" {
		t.Errorf("the version of v1.8.6 is %s", version)
	}
	unchanged(t, dir)
}
