package plan

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// repository makes a git repository with the given git commands.
func repository(t *testing.T, commands ...string) git.Repo {
	t.Helper()
	dir := t.TempDir()
	for _, line := range append([]string{"init -q -b main"}, commands...) {
		testkit.Git(t, dir, words(line)...)
	}
	return git.Repo{Dir: dir, Run: testkit.Runner()}
}

func words(line string) []string {
	fields := strings.Fields(line)
	for i := range fields {
		fields[i] = message.Replace(fields[i])
	}
	return fields
}

const commit = "commit -q --allow-empty -m x"

// request is for a repository that is not an app.
func request(t *testing.T, repo git.Repo, asked Asked) Request {
	t.Helper()
	found, err := app.Default(repo.Dir)
	if err != nil {
		t.Fatal(err)
	}
	return Request{App: found, Repo: repo, History: changelog.History{Repo: repo}, Asked: asked}
}

const (
	feature  = "commit -q --allow-empty -m feat:y"
	breaking = "commit -q --allow-empty -m feat!:y"
)

// message makes a subject with a space of one without, for strings.Fields.
var message = strings.NewReplacer("feat:y", "feat: y", "feat!:y", "feat!: y")

func TestMakeChoosesTheVersion(t *testing.T) {
	t.Parallel()
	side := []string{"checkout -q -b side", "commit -q --allow-empty -m side"}
	for name, test := range map[string]struct {
		commands []string
		asked    Asked
		want     string // tag and source, or the error
	}{
		"asked for": {
			[]string{commit, "tag v1.0.0", commit},
			Asked{Tag: "v2.0.0-rc.1"},
			"v2.0.0-rc.1 asked for by -tag",
		},
		"asked for and pushed": {
			[]string{commit, "tag v1.0.0", commit},
			Asked{Tag: "v2.0.0", Pushed: "v3.0.0"},
			"v2.0.0 asked for by -tag",
		},
		"asked for, badly":     {[]string{commit}, Asked{Tag: "2.0.0"}, "must begin with v"},
		"asked for, an option": {[]string{commit}, Asked{Tag: "--help"}, "must begin with v"},
		"asked for, lower": {
			[]string{commit, "tag v1.1.0", commit},
			Asked{Tag: "v1.0.1"},
			"v1.0.1 is not higher than v1.1.0, which is in its history",
		},
		"asked for, of another commit": {
			[]string{commit, "tag v1.1.0", commit},
			Asked{Tag: "v1.1.0"},
			"v1.1.0 is the tag of another commit",
		},
		"asked for, nothing changed": {
			[]string{commit, "tag v1.1.0"},
			Asked{Tag: "v1.2.0"},
			"nothing has changed since v1.1.0, which is this commit",
		},
		"asked for, candidate of it": {
			[]string{commit, "tag v1.1.0"},
			Asked{Tag: "v1.2.0-rc.1"},
			"nothing has changed since v1.1.0",
		},
		"asked for, of the candidate": {
			[]string{commit, "tag v1.0.0", commit, "tag v1.1.0-rc.1"},
			Asked{Tag: "v1.1.0"},
			"v1.1.0 asked for by -tag",
		},
		"pushed": {
			[]string{commit, "tag v1.0.0", commit},
			Asked{Pushed: "v1.0.1"},
			"v1.0.1 the pushed tag",
		},
		"pushed, on a release's commit": {
			[]string{commit, "tag v1.0.0"},
			Asked{Pushed: "v1.0.1"},
			"v1.0.1 the pushed tag",
		},
		"pushed, hostile": {
			[]string{commit},
			Asked{Pushed: "v1.0.0\n::error::x"},
			`"v1.0.0\n::error::x" is not a release tag`,
		},
		"pushed, something else": {[]string{commit}, Asked{Pushed: "nightly"}, `"nightly" is not a release tag`},
		"tag at HEAD": {
			[]string{commit, "tag v1.0.0"},
			Asked{},
			"v1.0.0 the tag at HEAD; nothing has changed since",
		},
		"annotated tag at HEAD": {[]string{commit, "tag -a -m x v1.0.0"}, Asked{}, "v1.0.0 the tag at HEAD"},
		"two tags at HEAD": {
			[]string{commit, "tag v1.9.0", "tag v1.10.0", "tag other"},
			Asked{},
			"v1.10.0 the tag at HEAD",
		},
		"the lower of two at HEAD": {
			[]string{commit, "tag v1.9.0", "tag v1.10.0"},
			Asked{Tag: "v1.9.0"},
			"v1.9.0 asked for by -tag",
		},
		"prerelease at HEAD": {[]string{commit, "tag v1.0.0-rc.1"}, Asked{}, "v1.0.0-rc.1 the tag at HEAD"},
		"detached": {
			[]string{commit, "tag v1.0.0", commit, "checkout -q --detach"},
			Asked{},
			"v1.0.1 proposed",
		},
		"a patch": {
			[]string{commit, "tag v1.7.2", commit},
			Asked{},
			"v1.7.3 proposed: a patch after v1.7.2: 1 commit, no feature and no breaking change",
		},
		"a minor": {
			[]string{commit, "tag v1.7.2", commit, feature, commit},
			Asked{},
			"v1.8.0 proposed: a minor after v1.7.2: feat: y",
		},
		"a major": {
			[]string{commit, "tag v1.7.2", feature, breaking},
			Asked{},
			"v2.0.0 proposed: a major after v1.7.2: feat!: y",
		},
		"before 1.0.0": {
			[]string{commit, "tag v0.7.2", breaking},
			Asked{},
			"v0.8.0 proposed: a minor after v0.7.2",
		},
		"after a candidate": {
			[]string{commit, "tag v1.7.2", commit, "tag v1.8.0-rc.1", commit},
			Asked{},
			"v1.8.0 proposed: a patch after v1.7.2: 2 commits, no feature and no breaking change; v1.8.0-rc.1 is " +
				"in its history and leads to v1.8.0",
		},
		"beyond a candidate": {
			[]string{commit, "tag v1.7.2", commit, "tag v1.7.3-rc.1", feature},
			Asked{},
			"v1.8.0 proposed",
		},
		"tag of another branch": {
			append(append([]string{commit, "tag v1.7.2"}, side...), "tag v3.0.0", "checkout -q main", commit),
			Asked{},
			"v1.7.3 proposed",
		},
		"taken by another branch": {
			append(append([]string{
				commit,
				"tag v1.7.2",
			}, side...), "tag v1.7.3", "tag v1.7.4", "checkout -q main", commit),
			Asked{},
			"v1.7.5 proposed: a patch after v1.7.2: 1 commit, no feature and no breaking change; v1.7.3, v1.7.4 " +
				"already taken",
		},
		"two-part legacy tag": {
			[]string{commit, "tag v0.1", commit},
			Asked{},
			"v0.1.1 proposed: a patch after v0.1",
		},
		"two-part legacy tag at HEAD": {[]string{commit, "tag v0.1"}, Asked{}, "nothing has changed since v0.1"},
		"never released":              {[]string{commit}, Asked{}, "v0.1.0 proposed: there is no release yet"},
		"only a candidate":            {[]string{commit, "tag v0.1.0-rc.1", commit}, Asked{}, "v0.1.0 proposed"},
		"a tag of a tag": {
			[]string{commit, "tag -a -m x inner", "tag -a -m x v1.0.0 inner"},
			Asked{},
			"v1.0.0 the tag at HEAD",
		},
		"behind a release": {
			[]string{commit, "tag v1.7.2", feature, "commit -q --allow-empty -m z", "tag v1.8.0", "checkout -q HEAD~1"},
			Asked{},
			"is older than v1.8.0, which has it in its history",
		},
		"below its own candidate": {
			[]string{commit, "tag v1.0.0", commit, "tag v2.0.0-rc.1"},
			Asked{Tag: "v1.0.1"},
			"v1.0.1 is not higher than v2.0.0-rc.1, which is this commit",
		},
		"a tag that is no commit": {
			[]string{
				commit,
				"tag v9.0.0 HEAD^{tree}",
				"tag -a -m x inner v9.0.0",
				"tag -a -m x v9.0.1 inner",
				"tag v1.0.0",
				"commit -q --allow-empty -m z",
			},
			Asked{},
			"v1.0.1 proposed",
		},
		"the end of numbers": {
			[]string{commit, "tag v1.0.9007199254740991", commit},
			Asked{},
			"npm cannot read",
		},
		"hostile tags there": {
			[]string{commit, "tag v1.0.0$(id)", "tag v1.0.0;x", "tag v99999999999999999999.0.0", "tag v1.0.0'", commit},
			Asked{},
			"v0.1.0 proposed",
		},
		"two roots": {
			[]string{
				commit,
				"tag v1.0.0",
				"checkout -q --orphan other",
				feature,
				"tag v0.9.0",
				"merge -q --allow-unrelated-histories -m merge main",
			},
			Asked{},
			"v1.1.0 proposed",
		},
		"no commit": {nil, Asked{}, "has no commit yet"},
	} {
		t.Run(name, func(t *testing.T) {
			repo := repository(t, test.commands...)
			made, err := Make(t.Context(), request(t, repo, test.asked))
			got := made.Tag + " " + made.Source
			if len(made.Reasons) > 0 {
				got += ": " + strings.Join(made.Reasons, "; ")
			}
			if err != nil {
				got = err.Error()
			}
			if !strings.Contains(got, test.want) || strings.Contains(got, "\n") {
				t.Errorf("%q, expected %q", got, test.want)
			}
			if err == nil && (len(made.Commit) != 40 || made.CommitTime.IsZero() || "v"+made.Version != made.Tag) {
				t.Errorf("plan %+v", made)
			}
		})
	}
}

// TestMakeFindsNothingToRelease has a feature that was reverted.
func TestMakeFindsNothingToRelease(t *testing.T) {
	t.Parallel()
	repo := repository(t, commit, "tag v1.0.0")
	if err := os.WriteFile(filepath.Join(repo.Dir, "a"), []byte("a"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"add", "-A"}, {"commit", "-qm", "feat: a"}, {"revert", "--no-edit", "HEAD"}} {
		testkit.Git(t, repo.Dir, args...)
	}
	if made, err := Make(
		t.Context(),
		request(t, repo, Asked{}),
	); err == nil ||
		err.Error() != "nothing has changed since v1.0.0 that was not reverted: there is nothing to release" {
		t.Errorf("%s, %v", made.Tag, err)
	}
	testkit.Git(t, repo.Dir, "checkout", "-q", "-b", "hotfix/v1.0.1")
	if made, err := Make(
		t.Context(),
		request(t, repo, Asked{}),
	); err == nil ||
		!strings.HasPrefix(err.Error(), "nothing has changed since v1.0.0 that was not reverted") {
		t.Errorf("%s, %v", made.Tag, err)
	}
}

// TestMakeAsksTheVersionFilesFirst proposes the version in the version files of an app
// that was never tagged, and reports a version file that cannot be read.
func TestMakeAsksTheVersionFilesFirst(t *testing.T) {
	t.Parallel()
	repo := repository(t, commit)
	for name, content := range map[string]string{
		"VERSION":      "1.4.0\n",
		"release.yaml": "versionFiles: [{path: VERSION}]\n",
	} {
		if err := os.WriteFile(filepath.Join(repo.Dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r := request(t, repo, Asked{})
	var err error
	if r.App, err = app.Find(repo.Dir); err != nil {
		t.Fatal(err)
	}
	made, err := Make(t.Context(), r)
	if err != nil || made.Tag != "v1.4.0" ||
		!strings.Contains(strings.Join(made.Reasons, "; "), "the version files say 1.4.0") {
		t.Errorf("%s, %v, %v", made.Tag, made.Reasons, err)
	}
	if err := os.Remove(filepath.Join(repo.Dir, "VERSION")); err != nil {
		t.Fatal(err)
	}
	if made, err := Make(
		t.Context(),
		r,
	); err != nil || made.Tag != "v0.1.0" || len(made.Evidence.Notices) != 1 ||
		!strings.Contains(made.Evidence.Notices[0], "version file VERSION: there is no such file") {
		t.Errorf("%s, %v, %v", made.Tag, made.Evidence.Notices, err)
	}
}

func TestMakeInABareRepository(t *testing.T) {
	t.Parallel()
	repo := repository(t, commit, "tag v1.0.0", feature)
	bare := filepath.Join(t.TempDir(), "app.git")
	testkit.Git(t, repo.Dir, "clone", "-q", "--bare", ".", bare)
	made, err := Make(t.Context(), request(t, git.Repo{Dir: bare, Run: testkit.Runner()}, Asked{}))
	if err != nil || made.Tag != "v1.1.0" || made.Dirty {
		t.Errorf("%s, %v", made.Tag, err)
	}
}

func TestMakeOutsideARepository(t *testing.T) {
	t.Parallel()
	repo := git.Repo{Dir: t.TempDir(), Run: testkit.Runner()}
	if _, err := Make(
		t.Context(),
		request(t, repo, Asked{}),
	); err == nil ||
		!strings.HasSuffix(err.Error(), "is not in a git repository") {
		t.Errorf("error %v", err)
	}
}

func TestMakeRefusesAShallowClone(t *testing.T) {
	t.Parallel()
	origin := repository(t, commit, "tag v1.7.2", "commit -q --allow-empty -m y", "commit -q --allow-empty -m z")
	shallow := repository(
		t,
		"remote add origin file://"+origin.Dir,
		"fetch -q --depth 1 origin main",
		"checkout -q FETCH_HEAD",
	)
	for _, asked := range []Asked{{}, {Tag: "v1.7.3"}, {Pushed: "v1.7.3"}} {
		if _, err := Make(
			t.Context(),
			request(t, shallow, asked),
		); err == nil ||
			!strings.Contains(err.Error(), "git fetch --unshallow --tags") {
			t.Errorf("%+v: error %v", asked, err)
		}
	}
}

func TestMakeTellsOfUncommittedChanges(t *testing.T) {
	t.Parallel()
	repo := repository(t, commit)
	if made, err := Make(t.Context(), request(t, repo, Asked{})); err != nil || made.Dirty {
		t.Errorf("%+v, %v", made, err)
	}
	if err := os.WriteFile(filepath.Join(repo.Dir, "new"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if made, err := Make(t.Context(), request(t, repo, Asked{})); err != nil || !made.Dirty {
		t.Errorf("%+v, %v", made, err)
	}
}

// TestLatest checks the rule: the highest stable version. The registry knows where
// latest is; the tags know where it should be.
func TestLatest(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		tag      string
		tags     []string // besides, not in its history when they begin with ~
		registry Registry
		want     string // moves or not, and the text
		skips    string
	}{
		"the first": {"v0.1.0", nil, Registry{}, "true will be 0.1.0; there is none yet", ""},
		"by the tags": {
			"v1.7.3",
			[]string{"v1.7.2"},
			Registry{Silence: "x was not reachable"},
			"true moves from 1.7.2 to 1.7.3",
			"",
		},
		"by the registry": {
			"v1.7.3",
			[]string{"v1.7.2"},
			Registry{Asked: true, Version: "1.7.1", Digest: "sha256:1"},
			"true moves from 1.7.1 to 1.7.3",
			"",
		},
		"none in the registry": {
			"v1.7.3",
			[]string{"v1.7.2"},
			Registry{Asked: true},
			"true will be 1.7.3; there is none yet",
			"",
		},
		"there already": {
			"v1.7.3",
			[]string{"v1.7.2"},
			Registry{Asked: true, Version: "1.7.3", Digest: "sha256:1"},
			"false stays at 1.7.3 already",
			"",
		},
		"a v in the registry": {
			"v1.7.3",
			nil,
			Registry{Asked: true, Version: "v1.7.3", Digest: "sha256:1"},
			"false stays at 1.7.3 already",
			"",
		},
		"an old line": {
			"v1.6.5",
			[]string{"v1.6.4", "~v1.7.2"},
			Registry{},
			"false stays at 1.7.2, which is higher",
			"",
		},
		"an old line, asked": {
			"v1.6.5",
			[]string{"v1.6.4", "~v1.7.2"},
			Registry{Asked: true, Version: "1.7.2", Digest: "sha256:1"},
			"false stays at 1.7.2, which is higher",
			"",
		},
		"a prerelease": {
			"v2.0.0-rc.1",
			[]string{"v1.7.2"},
			Registry{},
			"false stays at 1.7.2: v2.0.0-rc.1 is a prerelease",
			"",
		},
		"the first prerelease": {"v0.1.0-rc.1", nil, Registry{}, "false stays unset: v0.1.0-rc.1 is a prerelease", ""},
		"without another": {
			"v1.7.4",
			[]string{"v1.7.1", "~v1.7.3"},
			Registry{},
			"true moves from 1.7.3 to 1.7.4",
			"v1.7.3",
		},
		"a foreign latest": {
			"v1.7.3",
			[]string{"v1.7.2"},
			Registry{Asked: true, Digest: "sha256:1"},
			"true moves from sha256:1 to 1.7.3",
			"",
		},
		"a foreign latest, old": {
			"v1.6.5",
			[]string{"~v1.7.2"},
			Registry{Asked: true, Version: "nightly", Digest: "sha256:1"},
			"false stays at sha256:1, which is higher",
			"",
		},
		"candidates don't": {
			"v1.7.3",
			[]string{"v1.7.2", "v1.8.0-rc.1"},
			Registry{},
			"true moves from 1.7.2 to 1.7.3",
			"",
		},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := version.ParseTag(test.tag)
			if err != nil {
				t.Fatal(err)
			}
			var s state
			for _, name := range test.tags {
				name, elsewhere := strings.CutPrefix(name, "~")
				tags := releases([]git.Tag{{Name: name, Commit: name}})
				s.tags = append(s.tags, tags...)
				if !elsewhere {
					s.ancestors = append(s.ancestors, tags...)
				}
			}
			got := latest(v, s, test.registry)
			if text := fmt.Sprint(got.Moves, " ", got.Text); text != test.want || got.Skips != test.skips {
				t.Errorf("%q without %q, expected %q without %q", text, got.Skips, test.want, test.skips)
			}
			if to := v.String(); got.Moves != (got.To == to && got.From != to) {
				t.Errorf("moves %v from %q to %q", got.Moves, got.From, got.To)
			}
		})
	}
}

func TestPrevious(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		commands []string
		revision string
		want     string
	}{
		"of HEAD": {
			[]string{commit, "tag v1.0.0", "commit -q --allow-empty -m y"},
			"HEAD",
			"v1.0.0",
		},
		"of a tag": {
			[]string{commit, "tag v1.0.0", "commit -q --allow-empty -m y", "tag -a -m x v1.1.0"},
			"v1.1.0",
			"v1.0.0",
		},
		"two tags on the commit": {
			[]string{commit, "tag v1.0.0", "commit -q --allow-empty -m y", "tag v1.1.0", "tag v1.1.1"},
			"HEAD",
			"v1.0.0",
		},
		"two tags on the one before": {
			[]string{commit, "tag v1.0.0", "tag -a -m x v1.0.1", "commit -q --allow-empty -m y"},
			"HEAD",
			"v1.0.1",
		},
		"not a candidate": {
			[]string{
				commit,
				"tag v1.0.0",
				"commit -q --allow-empty -m y",
				"tag v1.1.0-rc.1",
				"commit -q --allow-empty -m z",
			},
			"HEAD",
			"v1.0.0",
		},
		"a candidate of a candidate": {
			[]string{
				commit,
				"tag v1.0.0",
				"commit -q --allow-empty -m y",
				"tag v1.1.0-rc.1",
				"commit -q --allow-empty -m z",
				"tag v1.1.0-rc.2",
			},
			"v1.1.0-rc.2",
			"v1.1.0-rc.1",
		},
		"not a tag of another branch": {
			[]string{
				commit,
				"tag v1.0.0",
				"checkout -q -b side",
				"commit -q --allow-empty -m side",
				"tag v3.0.0",
				"checkout -q main",
				"commit -q --allow-empty -m y",
			},
			"HEAD",
			"v1.0.0",
		},
		"by version, not by name": {
			[]string{
				commit,
				"tag v1.9.0",
				"commit -q --allow-empty -m y",
				"tag v1.10.0",
				"commit -q --allow-empty -m z",
			},
			"HEAD",
			"v1.10.0",
		},
		"a legacy tag": {[]string{commit, "tag v0.1", "commit -q --allow-empty -m y"}, "HEAD", "v0.1"},
		"not a tag of something else": {
			[]string{commit, "tag nightly", "tag v1", "tag vendor-1.0.0", "commit -q --allow-empty -m y"},
			"HEAD",
			"",
		},
		"two roots": {
			[]string{
				commit,
				"tag v1.0.0",
				"checkout -q --orphan other",
				"commit -q --allow-empty -m other",
				"tag v0.9.0",
				"merge -q --allow-unrelated-histories -m merge main",
			},
			"HEAD",
			"v1.0.0",
		},
		"none": {[]string{commit}, "HEAD", ""},
		"of HEAD, a candidate": {
			[]string{
				commit,
				"tag v1.0.0",
				"commit -q --allow-empty -m y",
				"tag v1.1.0-rc.1",
				"commit -q --allow-empty -m z",
				"tag v1.1.0-rc.2",
			},
			"HEAD",
			"v1.1.0-rc.1",
		},
		"a revision that is negative":  {[]string{commit}, "^HEAD", "error: there is no commit called \"^HEAD\""},
		"a revision that is not there": {[]string{commit}, "v9.9.9", "error: there is no commit called \"v9.9.9\""},
		"a revision that is an option": {[]string{commit}, "--all", "error: there is no commit called \"--all\""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Previous(t.Context(), repository(t, test.commands...), test.revision)
			if err != nil {
				got = "error: " + err.Error()
			}
			if got != test.want && (err == nil || !strings.HasPrefix(got, test.want)) {
				t.Errorf("%q, expected %q", got, test.want)
			}
		})
	}
}

func TestWebAddress(t *testing.T) {
	t.Parallel()
	for remote, want := range map[string]string{
		"https://github.com/hughkantsime/runsodin.git":             "https://github.com/hughkantsime/runsodin",
		"https://user:secret@github.com/hughkantsime/runsodin.git": "https://github.com/hughkantsime/runsodin",
		"git@github.com:hughkantsime/runsodin.git":                 "https://github.com/hughkantsime/runsodin",
		"ssh://git@github.com:22/hughkantsime/runsodin":            "https://github.com/hughkantsime/runsodin",
		"/srv/git/runsodin.git":                                    "",
		"../runsodin":                                              "",
		"":                                                         "",
	} {
		if got := WebAddress(remote); got != want {
			t.Errorf("%q: %q, expected %q", remote, got, want)
		}
	}
}
