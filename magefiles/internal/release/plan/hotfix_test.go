package plan

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/evidence"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// TestHotfix checks branches called hotfix/ against their names.
func TestHotfix(t *testing.T) {
	t.Parallel()
	lines := []string{
		commit,
		"tag v1.6.0",
		commit,
		"tag v1.6.1",
		commit,
		"tag v1.7.0",
		commit,
		"tag v1.7.1",
		feature,
		"tag v2.0.0",
	}
	before := repository(t, lines...)
	first := testkit.Git(t, before.Dir, "rev-parse", "v2.0.0")
	const released = "" // stands for these lines
	on := func(commands ...string) []string { return append([]string{released}, commands...) }
	const fix = "commit -q --allow-empty -m z"
	for name, test := range map[string]struct {
		commands []string
		asked    Asked
		want     string // tag, base, branch, what is refused and allowed; or the error
	}{
		"the newest line": {
			on("checkout -q -b hotfix/v2.0.1 v2.0.0", fix),
			Asked{},
			"v2.0.1 of v2.0.0 on hotfix/v2.0.1 [] []",
		},
		"an old line": {
			on("checkout -q -b hotfix/v1.6.2 v1.6.1", fix),
			Asked{},
			"v1.6.2 of v1.6.1 on hotfix/v1.6.2 [] []",
		},
		"tagged": {
			on("checkout -q -b hotfix/v1.6.2 v1.6.1", fix, "tag v1.6.2"),
			Asked{},
			"v1.6.2 of v1.6.1 on hotfix/v1.6.2 [] []",
		},
		"the second": {
			on("checkout -q -b hotfix/v1.6.2 v1.6.1", fix, "tag v1.6.2", "checkout -q -b hotfix/v1.6.3", fix),
			Asked{},
			"v1.6.3 of v1.6.2 on hotfix/v1.6.3 [] []",
		},
		"asked for": {
			on("checkout -q -b hotfix/v1.6.2 v1.6.1", fix),
			Asked{Tag: "v1.6.2"},
			"v1.6.2 of v1.6.1 on hotfix/v1.6.2 [] []",
		},
		"its candidate": {
			on("checkout -q -b hotfix/v1.6.2 v1.6.1", fix),
			Asked{Tag: "v1.6.2-rc.1"},
			"v1.6.2-rc.1 of v1.6.1 on hotfix/v1.6.2 [] []",
		},
		"after its candidate": {
			on("checkout -q -b hotfix/v1.6.2 v1.6.1", fix, "tag v1.6.2-rc.1", fix),
			Asked{},
			"v1.6.2 of v1.6.1 on hotfix/v1.6.2 [] []",
		},
		"of a two-part tag": {
			[]string{commit, "tag v0.1", "checkout -q -b hotfix/v0.1.1", fix},
			Asked{},
			"v0.1.1 of v0.1 on hotfix/v0.1.1 [] []",
		},
		"checked out by tag": {
			on("checkout -q -b hotfix/v1.6.2 v1.6.1", fix, "tag v1.6.2", "checkout -q v1.6.2"),
			Asked{Pushed: "v1.6.2"},
			"v1.6.2 of v1.6.1 on hotfix/v1.6.2 [] []",
		},
		"at its tag, later": {
			on("checkout -q -b hotfix/v1.6.2 v1.6.1", fix, "tag v1.6.2", fix, "checkout -q v1.6.2"),
			Asked{},
			"v1.6.2 of v1.6.1 on hotfix/v1.6.2 [] []",
		},
		"detached at its tip": {
			on("checkout -q -b hotfix/v1.6.2 v1.6.1", fix, "checkout -q --detach"),
			Asked{},
			"v1.6.2 of v1.6.1 on hotfix/v1.6.2 [] []",
		},
		"of a remote": {
			on(
				"checkout -q -b hotfix/v1.6.2 v1.6.1",
				feature,
				"update-ref refs/remotes/origin/hotfix/v1.6.2 HEAD",
				"tag v1.6.2",
				"checkout -q v1.6.2",
				"branch -D hotfix/v1.6.2",
			),
			Asked{Pushed: "v1.6.2"},
			"v1.6.2 of v1.6.1 on hotfix/v1.6.2 [{feature}] []",
		},
		"another branch's tag": {on("branch hotfix/v1.6.2 v1.6.1", "checkout -q v1.6.1"), Asked{}, "v1.6.1, no hotfix"},
		"main":                 {on("branch hotfix/v2.0.1", fix), Asked{}, "v2.0.1, no hotfix"},

		"a feature": {
			on("checkout -q -b hotfix/v1.6.2 v1.6.1", feature),
			Asked{},
			"v1.6.2 of v1.6.1 on hotfix/v1.6.2 [{feature}] []",
		},
		"a breaking change": {
			on("checkout -q -b hotfix/v1.6.2 v1.6.1", breaking),
			Asked{},
			"v1.6.2 of v1.6.1 on hotfix/v1.6.2 [{feature}] []",
		},
		"allowed": {
			on("checkout -q -b hotfix/v1.6.2 v1.6.1", feature),
			Asked{Allow: "{feature}"},
			"v1.6.2 of v1.6.1 on hotfix/v1.6.2 [] [{feature}]",
		},
		"allowed by a commit": {
			on(
				"checkout -q -b hotfix/v1.6.2 v1.6.1",
				feature,
				"commit -q --allow-empty -m z --trailer Hotfix-Allow:{feature}",
			),
			Asked{},
			"v1.6.2 of v1.6.1 on hotfix/v1.6.2 [] [{feature}]",
		},
		"allowed by a commit before": {
			on(
				"checkout -q -b hotfix/v1.6.2 v1.6.1",
				fix,
				"commit -q --allow-empty -m z --trailer Hotfix-Allow:{feature}",
				"tag v1.6.2",
				"checkout -q -b hotfix/v1.6.3",
				feature,
			),
			Asked{},
			"v1.6.3 of v1.6.2 on hotfix/v1.6.3 [{feature}] []",
		},
		"another one allowed": {
			on("checkout -q -b hotfix/v1.6.2 v1.6.1", feature),
			Asked{Allow: "abc"},
			"-allow=abc names no change on hotfix/v1.6.2 that is more than a fix; those are: {feature}",
		},
		"nothing to allow": {
			on("checkout -q -b hotfix/v1.6.2 v1.6.1", fix),
			Asked{Allow: "abc"},
			"-allow=abc names no change on hotfix/v1.6.2 that is more than a fix; there is none",
		},
		"allowed elsewhere": {
			on(feature),
			Asked{Allow: "abc,d"},
			"-allow=abc,d applies to a hotfix branch, and this is not one",
		},
		"no change": {
			on("checkout -q -b hotfix/v1.6.2 v1.6.1"),
			Asked{},
			"hotfix/v1.6.2 starts at v1.6.1, and nothing has changed since: commit the fix first",
		},
		"a minor": {
			on("checkout -q -b hotfix/v1.6.2 v1.6.1", fix),
			Asked{Tag: "v1.7.5"},
			"hotfix/v1.6.2 leads to v1.6.2, so it cannot release v1.7.5: only the patch number may change",
		},
		"a minor by its tag": {
			on("checkout -q -b hotfix/v1.6.2 v1.6.1", fix, "tag v1.8.0"),
			Asked{},
			"hotfix/v1.6.2 leads to v1.6.2, so it cannot release v1.8.0: only the patch number may change",
		},
		"a patch further on": {
			on("checkout -q -b hotfix/v1.6.2 v1.6.1", fix),
			Asked{Tag: "v1.6.3"},
			"hotfix/v1.6.2 leads to v1.6.2",
		},
		"called a minor": {
			on("checkout -q -b hotfix/v1.8.0", fix),
			Asked{},
			"hotfix/v1.8.0 does not name a patch of a release, and a hotfix may change only the patch number",
		},
		"called a candidate": {
			on("checkout -q -b hotfix/v1.6.2-rc.1 v1.6.1", fix),
			Asked{},
			"hotfix/v1.6.2-rc.1 does not name a patch of a release",
		},
		"called otherwise": {
			on("checkout -q -b hotfix/login v1.6.1", fix),
			Asked{},
			"the name of the branch hotfix/login does not contain the version, as hotfix/v1.7.3 does: git branch " +
				"-m hotfix/vX.Y.Z",
		},
		"no such base": {
			on("checkout -q -b hotfix/v1.6.4 v1.6.1", fix),
			Asked{},
			"hotfix/v1.6.4 must start at v1.6.3, but there is no such release; rename the branch: " +
				"git branch -m hotfix/v1.6.2",
		},
		"begun too early": {
			on("checkout -q -b hotfix/v1.7.2 v1.7.0", fix),
			Asked{},
			"hotfix/v1.7.2 must start at v1.7.1, but does not have it in its history; start again: hotfix " +
				"-from=v1.7.1, and git cherry-pick -x the fix",
		},
		"begun on main": {
			on("checkout -q -b hotfix/v1.6.2", fix),
			Asked{},
			"hotfix/v1.6.2 must start at v1.6.1, but has the newer v2.0.0 in its history",
		},
		"begun on unreleased work": {
			on(
				"commit -q --allow-empty -m w",
				"checkout -q -b hotfix/v2.0.1",
				fix,
				"checkout -q main",
				"commit -q --allow-empty -m v",
				"checkout -q hotfix/v2.0.1",
			),
			Asked{},
			"hotfix/v2.0.1 must start at v2.0.0, but it has 1 commit of main that came later (",
		},
		"merged back": {
			on(
				"checkout -q -b hotfix/v2.0.1",
				fix,
				"checkout -q main",
				"merge -q --ff-only hotfix/v2.0.1",
				fix,
				"checkout -q hotfix/v2.0.1",
			),
			Asked{},
			"v2.0.1 of v2.0.0 on hotfix/v2.0.1 [] []",
		},
		"in a gap": {
			on("checkout -q -b hotfix/v1.6.2 v1.6.1", fix, "tag v1.6.3 v1.7.1"),
			Asked{Tag: "v1.6.2"},
			"v1.6.3 is already released and the newest of the line 1.6; start there: hotfix -from=v1.6.3",
		},
		"an earlier one, again": {
			on(
				"checkout -q -b hotfix/v1.6.2 v1.6.1",
				fix,
				"tag v1.6.2",
				"checkout -q -b hotfix/v1.6.3",
				fix,
				"tag v1.6.3",
				"checkout -q v1.6.2",
			),
			Asked{Pushed: "v1.6.2"},
			"v1.6.2 of v1.6.1 on hotfix/v1.6.2 [] []",
		},
		"another's, detached": {
			on("branch hotfix/login", "checkout -q --detach", "commit -q --allow-empty -m w", "branch -f hotfix/login"),
			Asked{},
			"v2.0.1, no hotfix",
		},
		"allowed at full length": {
			on("checkout -q -b hotfix/v1.6.2 v1.6.1", feature),
			Asked{Allow: "{feature!}"},
			"v1.6.2 of v1.6.1 on hotfix/v1.6.2 [] [{feature}]",
		},
		"what comes after": {
			on("checkout -q -b hotfix/v1.6.2 v1.6.1", fix, "tag v1.6.2", fix),
			Asked{},
			"v1.6.2 is already released, so the commits after it are another hotfix; " +
				"rename the branch: git branch -m hotfix/v1.6.3",
		},
		"taken by another branch": {
			on(
				"checkout -q -b hotfix/v1.6.2 v1.6.1",
				fix,
				"tag v1.6.2",
				"checkout -q -B hotfix/v1.6.2 v1.6.1",
				"commit -q --allow-empty -m other",
			),
			Asked{},
			"v1.6.2 is the tag of another commit",
		},
		"two at one commit, detached": {
			on("checkout -q -b hotfix/v1.6.2 v1.6.1", fix, "branch hotfix/v1.6.9", "checkout -q --detach"),
			Asked{},
			"v1.6.2 of v1.6.1 on hotfix/v1.6.2 [] []",
		},
	} {
		t.Run(name, func(t *testing.T) {
			newest := first // commit that is a feature
			replace := func(text string) string {
				return strings.NewReplacer("{feature}", newest[:7], "{feature!}", newest).Replace(text)
			}
			repo := git.Repo{Dir: t.TempDir(), Run: before.Run}
			if test.commands[0] != released {
				repo = repository(t)
			} else if err := os.CopyFS(repo.Dir, os.DirFS(before.Dir)); err != nil {
				t.Fatal(err)
			}
			for _, line := range test.commands {
				if line == released {
					continue
				}
				args := words(line)
				for i := range args {
					args[i] = replace(args[i])
				}
				testkit.Git(t, repo.Dir, args...)
				if line == feature || line == breaking {
					newest = testkit.Git(t, repo.Dir, "rev-parse", "HEAD")
				}
			}
			test.asked.Allow = replace(test.asked.Allow)
			made, err := Make(t.Context(), request(t, repo, test.asked))
			got := made.Tag + ", no hotfix"
			if hot := made.Hotfix; hot != nil {
				got = fmt.Sprintf("%s of %s on %s %v %v", made.Tag, hot.Base, hot.Branch, hot.Refused, hot.Allowed)
				if made.Previous != hot.Base || (made.Refused() != nil) != (len(hot.Refused) > 0) {
					t.Errorf("the notes begin after %s; refused: %v", made.Previous, made.Refused())
				}
			}
			if err != nil {
				got = err.Error()
			}
			if want := replace(test.want); !strings.HasPrefix(got, want) || strings.Contains(got, "\n") {
				t.Errorf("%q, expected %q", got, want)
			}
		})
	}
}

// TestNextPatch chooses where a hotfix starts.
func TestNextPatch(t *testing.T) {
	t.Parallel()
	repo := repository(
		t,
		commit,
		"tag v0.1",
		"tag v1.6.0",
		"tag v1.6.1",
		"tag v1.7.0",
		"tag v1.7.1-rc.1",
		"tag v2.0.0-rc.1",
		"tag nightly",
		"tag v1.6.0.1",
	)
	for from, want := range map[string]string{
		"":            "v1.7.0 v1.7.1",
		"v1.7.0":      "v1.7.0 v1.7.1",
		"v1.6.1":      "v1.6.1 v1.6.2",
		"v0.1":        "v0.1 v0.1.1",
		"v1.6.0":      "v1.6.1 is already released and the newest of the line 1.6; start there: hotfix -from=v1.6.1",
		"v1.6.7":      "there is no release v1.6.7: the newest of the line 1.6 is v1.6.1",
		"v3.0.0":      "there is no release v3.0.0, nor any other of the line 3.0",
		"v2.0.0-rc.1": "v2.0.0-rc.1 is a prerelease: a hotfix starts at a stable release",
		"nightly":     `"nightly" is not a release tag`,
		"--upload":    `"--upload" is not a release tag`,
	} {
		base, next, err := NextPatch(t.Context(), repo, from)
		got := fmt.Sprint(err)
		if err == nil {
			got = base.Name + " " + next.Tag()
		}
		if !strings.HasPrefix(got, want) {
			t.Errorf("%q: %q, expected %q", from, got, want)
		}
	}
	if _, _, err := NextPatch(
		t.Context(),
		repository(t, commit, "tag v1.0.0-rc.1"),
		"",
	); err == nil ||
		!strings.Contains(err.Error(), "no stable release yet") {
		t.Errorf("error %v", err)
	}
}

// TestAllowed parses lists of names that contain commas themselves.
func TestAllowed(t *testing.T) {
	t.Parallel()
	more := []evidence.Finding{
		{Source: evidence.API, Name: "GET /t/{x},{y}"},
		{Source: evidence.API, Name: "GET /t/{x}"},
		{Source: evidence.Migrations, Name: "0004"},
		{Source: evidence.Commits, Name: "abcdef1"},
	}
	for list, want := range map[string]string{
		"":                          "[]",
		"0004":                      "[0004]",
		"0004, abcdef1,":            "[0004 abcdef1]",
		"GET /t/{x},{y},GET /t/{x}": "[GET /t/{x},{y} GET /t/{x}]",
		"GET /t/{x},0004":           "[GET /t/{x} 0004]",
		"abcdef1234,0004":           "[abcdef1 0004]",
		"00041": "-allow=00041 names no change on b that is more than a fix; those are: " +
			"GET /t/{x},{y}, GET /t/{x}, 0004, abcdef1",
		"0004,GET":                     "-allow=GET names no change on b",
		"abcdef":                       "-allow=abcdef names no change on b",
		"GET /t/{x},{y}},0004,abcdef1": "-allow={y}} names no change on b",
	} {
		names, err := allowed(list, "b", more)
		if got := fmt.Sprint(names); err != nil && !strings.HasPrefix(err.Error(), want) || err == nil && got != want {
			t.Errorf("%q: %s, %v", list, got, err)
		}
	}
}

// TestHotfixUnderAPolicy is refused only for being a hotfix, and accepted when its
// larger changes are allowed.
func TestHotfixUnderAPolicy(t *testing.T) {
	t.Parallel()
	repo := repository(t, commit, "tag v1.6.1", "checkout -q -b hotfix/v1.6.2", feature)
	r := request(t, repo, Asked{})
	r.App.Config.Versioning.Policy = "enforce"
	made, err := Make(t.Context(), r)
	if err != nil || made.Refused() == nil || strings.Contains(made.Refused().Error(), "versioning.policy") {
		t.Errorf("%v, %v", err, made.Refused())
	}
	r.Asked.Allow = made.Hotfix.Refused[0]
	if made, err = Make(
		t.Context(),
		r,
	); err != nil || made.Refused() != nil || !made.Verdict.Holds ||
		!strings.HasSuffix(made.Verdict.Text, "; allowed by name") {
		t.Errorf("%v, %v, %+v", err, made.Refused(), made.Verdict)
	}
}

// TestLatestAfterAHotfix moves latest from a hotfix whose fix is included, without a
// warning, and from another one with a warning.
func TestLatestAfterAHotfix(t *testing.T) {
	t.Parallel()
	repo := repository(t, commit, "tag v1.6.1", "checkout -q -b hotfix/v1.6.2")
	write := func(file, message string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(repo.Dir, file), []byte(file), 0o644); err != nil {
			t.Fatal(err)
		}
		testkit.Git(t, repo.Dir, "add", "-A")
		testkit.Git(t, repo.Dir, "commit", "-q", "-m", message)
	}
	write("fix", "fix: it")
	fix := testkit.Git(t, repo.Dir, "rev-parse", "HEAD")
	write("VERSION", "chore(release): 1.6.2")
	for _, args := range [][]string{
		{"tag", "v1.6.2"},
		{"checkout", "-q", "main"},
		{"commit", "-q", "--allow-empty", "-m", "feat: more"},
	} {
		testkit.Git(t, repo.Dir, args...)
	}
	if made, err := Make(
		t.Context(),
		request(t, repo, Asked{}),
	); err != nil || made.Tag != "v1.7.0" ||
		made.Latest.Skips != "v1.6.2" {
		t.Errorf("%v, %+v", err, made.Latest)
	}
	testkit.Git(t, repo.Dir, "cherry-pick", fix)
	if made, err := Make(
		t.Context(),
		request(t, repo, Asked{}),
	); err != nil || made.Latest.Skips != "" ||
		!made.Latest.Moves {
		t.Errorf("%v, %+v", err, made.Latest)
	}
}
