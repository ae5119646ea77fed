package plan

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/run"
)

// repository makes a git repository by the given git commands.
func repository(t *testing.T, commands ...string) git.Repo {
	t.Helper()
	dir := t.TempDir()
	for _, line := range append([]string{"init -q -b main"}, commands...) {
		command := exec.CommandContext(t.Context(), "git", append([]string{"-c", "user.name=Ada", "-c", "user.email=ada@example.org"}, strings.Fields(line)...)...)
		command.Dir, command.Env = dir, run.Environ(os.Environ())
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v\n%s", line, err, out)
		}
	}
	return git.Repo{Dir: dir, Run: &run.Runner{Env: run.Environ(os.Environ())}}
}

const commit = "commit -q --allow-empty -m x"

func TestMakeChoosesTheVersion(t *testing.T) {
	for name, test := range map[string]struct {
		commands []string
		tag      string
		want     string // tag and source, or the error
	}{
		"asked for":             {[]string{commit, "tag v1.0.0"}, "v2.0.0-rc.1", "v2.0.0-rc.1 asked for by -tag"},
		"asked for, badly":      {[]string{commit}, "2.0.0", "must begin with v"},
		"tag at HEAD":           {[]string{commit, "tag v1.0.0"}, "", "v1.0.0 tag at HEAD"},
		"annotated tag at HEAD": {[]string{commit, "tag -a -m x v1.0.0"}, "", "v1.0.0 tag at HEAD"},
		"two tags at HEAD":      {[]string{commit, "tag v1.9.0", "tag v1.10.0", "tag other"}, "", "v1.10.0 tag at HEAD"},
		"prerelease at HEAD":    {[]string{commit, "tag v1.0.0-rc.1"}, "", "v1.0.0-rc.1 tag at HEAD"},
		"next patch":            {[]string{commit, "tag v1.7.2", commit}, "", "v1.7.3 next patch after v1.7.2"},
		"next patch, not of rc": {[]string{commit, "tag v1.7.2", commit, "tag v1.8.0-rc.1", commit}, "", "v1.7.3 next patch after v1.7.2"},
		"tag of another branch": {[]string{commit, "tag v1.7.2", "checkout -q -b side", "commit -q --allow-empty -m side", "tag v3.0.0", "checkout -q main", commit}, "", "v1.7.3 next patch after v1.7.2"},
		"two-part legacy tag":   {[]string{commit, "tag v0.1", commit}, "", "v0.1.0 no release yet"},
		"never released":        {[]string{commit}, "", "v0.1.0 no release yet"},
		"no commit":             {nil, "", "read the commit at HEAD"},
	} {
		t.Run(name, func(t *testing.T) {
			made, err := Make(t.Context(), repository(t, test.commands...), test.tag)
			got := made.Tag + " " + made.Source
			if err != nil {
				got = err.Error()
			}
			if !strings.Contains(got, test.want) {
				t.Errorf("%q, expected %q", got, test.want)
			}
			if err == nil && (len(made.Commit) != 40 || made.CommitTime.IsZero() || "v"+made.Version != made.Tag) {
				t.Errorf("plan %+v", made)
			}
		})
	}
}

func TestMakeRefusesToGuessFromAShallowClone(t *testing.T) {
	origin := repository(t, commit, "tag v1.7.2", "commit -q --allow-empty -m y", "commit -q --allow-empty -m z")
	shallow := repository(t, "remote add origin file://"+origin.Dir, "fetch -q --depth 1 origin main", "checkout -q FETCH_HEAD")
	if _, err := Make(t.Context(), shallow, ""); err == nil || !strings.Contains(err.Error(), "git fetch --unshallow --tags") {
		t.Errorf("error %v", err)
	}
	if made, err := Make(t.Context(), shallow, "v1.7.3"); err != nil || made.Tag != "v1.7.3" {
		t.Errorf("%v, %v", made, err)
	}
}

func TestMakeTellsOfUncommittedChanges(t *testing.T) {
	repo := repository(t, commit)
	if made, err := Make(t.Context(), repo, ""); err != nil || made.Dirty {
		t.Errorf("%+v, %v", made, err)
	}
	if err := os.WriteFile(filepath.Join(repo.Dir, "new"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if made, err := Make(t.Context(), repo, ""); err != nil || !made.Dirty {
		t.Errorf("%+v, %v", made, err)
	}
}

func TestPrevious(t *testing.T) {
	for name, test := range map[string]struct {
		commands []string
		revision string
		want     string
	}{
		"of HEAD":                      {[]string{commit, "tag v1.0.0", "commit -q --allow-empty -m y"}, "HEAD", "v1.0.0"},
		"of a tag":                     {[]string{commit, "tag v1.0.0", "commit -q --allow-empty -m y", "tag -a -m x v1.1.0"}, "v1.1.0", "v1.0.0"},
		"two tags on the commit":       {[]string{commit, "tag v1.0.0", "commit -q --allow-empty -m y", "tag v1.1.0", "tag v1.1.1"}, "HEAD", "v1.0.0"},
		"two tags on the one before":   {[]string{commit, "tag v1.0.0", "tag -a -m x v1.0.1", "commit -q --allow-empty -m y"}, "HEAD", "v1.0.1"},
		"not a candidate":              {[]string{commit, "tag v1.0.0", "commit -q --allow-empty -m y", "tag v1.1.0-rc.1", "commit -q --allow-empty -m z"}, "HEAD", "v1.0.0"},
		"a candidate of a candidate":   {[]string{commit, "tag v1.0.0", "commit -q --allow-empty -m y", "tag v1.1.0-rc.1", "commit -q --allow-empty -m z", "tag v1.1.0-rc.2"}, "v1.1.0-rc.2", "v1.1.0-rc.1"},
		"not a tag of another branch":  {[]string{commit, "tag v1.0.0", "checkout -q -b side", "commit -q --allow-empty -m side", "tag v3.0.0", "checkout -q main", "commit -q --allow-empty -m y"}, "HEAD", "v1.0.0"},
		"by version, not by name":      {[]string{commit, "tag v1.9.0", "commit -q --allow-empty -m y", "tag v1.10.0", "commit -q --allow-empty -m z"}, "HEAD", "v1.10.0"},
		"a legacy tag":                 {[]string{commit, "tag v0.1", "commit -q --allow-empty -m y"}, "HEAD", "v0.1"},
		"not a tag of something else":  {[]string{commit, "tag nightly", "tag v1", "tag vendor-1.0.0", "commit -q --allow-empty -m y"}, "HEAD", ""},
		"two roots":                    {[]string{commit, "tag v1.0.0", "checkout -q --orphan other", "commit -q --allow-empty -m other", "tag v0.9.0", "merge -q --allow-unrelated-histories -m merge main"}, "HEAD", "v1.0.0"},
		"none":                         {[]string{commit}, "HEAD", ""},
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
	for remote, want := range map[string]string{
		"https://github.com/hughkantsime/runsodin.git":             "https://github.com/hughkantsime/runsodin",
		"https://user:secret@github.com/hughkantsime/runsodin.git": "https://github.com/hughkantsime/runsodin",
		"git@github.com:hughkantsime/runsodin.git":                 "https://github.com/hughkantsime/runsodin",
		"ssh://git@github.com:22/hughkantsime/runsodin":            "https://github.com/hughkantsime/runsodin",
		"/srv/git/runsodin.git":                                    "",
		"../runsodin":                                              "",
		"":                                                         "",
	} {
		if got := webAddress(remote); got != want {
			t.Errorf("%q: %q, expected %q", remote, got, want)
		}
	}
}
