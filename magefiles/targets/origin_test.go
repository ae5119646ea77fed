package targets

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/web"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// TestOrigin takes the repository of a remote on GitHub, and on a server that the environment
// names. Of any other host it says so.
func TestOrigin(t *testing.T) {
	const instead = "set GITHUB_REPOSITORY to owner/name of the repository on GitHub"
	enterprise := outside{server: "https://ghe.example.org", api: "https://api.tenant.example.com/"}
	for _, each := range []struct {
		outside outside
		remote  string
		want    string // the repository, or the error
	}{
		{outside{}, "https://github.com/me/shop.git", "me/shop"},
		{outside{}, "git@GitHub.com:me/shop.git", "me/shop"},
		{outside{}, "ssh://git@ssh.github.com:443/me/shop.git", "me/shop"},
		{outside{}, "https://gitlab.com/me/shop", "origin is on gitlab.com, not on GitHub; " + instead},
		{outside{}, "git@gitlab.com:me/shop.git", "origin is on gitlab.com, not on GitHub; " + instead},
		{outside{}, "https://github.com.example.org/me/shop",
			"origin is on github.com.example.org, not on GitHub; " + instead},
		{outside{}, "git@github-work:me/shop.git", "me/shop"},
		{outside{}, "http://github-work/me/shop", "origin is on github-work, not on GitHub; " + instead},
		{outside{}, "/srv/shop.git", "origin /srv/shop.git is not on GitHub; " + instead},
		{outside{}, "", "there is no remote origin on GitHub; " + instead +
			", or origin to https://github.com/OWNER/NAME"},
		{enterprise, "git@ghe.example.org:me/shop.git", "me/shop"},
		{enterprise, "https://tenant.example.com/me/shop", "me/shop"},
		{enterprise, "https://gitlab.com/me/shop", "origin is on gitlab.com, not on GitHub; " + instead},
		{outside{api: "http://127.0.0.1:4000/"}, "http://127.0.0.1:5000/me/shop", "me/shop"},
		{outside{repository: "ada/app"}, "https://gitlab.com/me/shop", "ada/app"},
	} {
		got, err := each.outside.here(each.remote)
		said := got.String()
		if err != nil {
			said = err.Error()
		}
		if said != each.want {
			t.Errorf("%s: %s, expected %s", each.remote, said, each.want)
		}
	}
}

// TestMisnamed refuses the name of another app's image, unless it goes to stand-ins.
func TestMisnamed(t *testing.T) {
	const config, documented = "announce: {absent: nobody}\n", "https://github.com/hughkantsime/RunsODIN"
	for _, each := range []struct {
		config, remote string
		outside        outside
		want           string // how the error begins
	}{
		{config, documented, outside{}, ""},
		{config, "git@github.com:Me/shop", outside{}, "build.image.name: the image of Me/shop would be published as " +
			"ghcr.io/hughkantsime/runsodin; to correct it: build: {image: {name: ghcr.io/me/shop}}"},
		{config, "https://gitlab.com/me/shop", outside{}, "build.image.name: no remote origin on GitHub says"},
		{config, "", outside{}, "build.image.name: no remote origin on GitHub says whose it is, and the default "},
		{config, "", outside{repository: "hughkantsime/runsodin"}, ""},
		{config, documented, outside{repository: "me/shop"}, "build.image.name: the image of me/shop would be"},
		{config, "", outside{alone: true}, ""},
		{"build: {image: {name: ghcr.io/me/shop}}\n", "", outside{}, ""},
		{"build: {image: {absent: none}}\n", "", outside{}, ""},
	} {
		found, err := app.Find(testkit.Files(t, map[string]string{app.ConfigFile: each.config}))
		if err != nil {
			t.Fatal(err)
		}
		err = each.outside.misnamed(found, each.remote)
		if (err == nil) != (each.want == "") || err != nil && !strings.HasPrefix(err.Error(), each.want) {
			t.Errorf("%s, %q: %v, expected %q", each.config, each.remote, err, each.want)
		}
	}
}

// TestMisnamedIsRefused builds no image with the name of another app's, and asks no registry for it.
func TestMisnamedIsRefused(t *testing.T) {
	t.Setenv("GITHUB_ACTIONS", "")
	dir := shop(t)
	const config = "versionFiles: {absent: the tag}\nverify: {processes: {absent: none}}\n"
	if err := os.WriteFile(filepath.Join(dir, app.ConfigFile), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	testkit.Git(t, dir, "add", "--all")
	testkit.Git(t, dir, "commit", "--quiet", "--message", "feat: a release")
	found, err := app.Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	p, err := newSession(t.Context(), found, outside{reach: web.LoopbackOnly()}, io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	p.redactor = run.NewRedactor()
	const want = "build.image.name: the image of ada/shop would be published as ghcr.io/hughkantsime/runsodin"
	refused := func(what string, err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	decided, err := p.decisions().planStandalone(t.Context(), plan.Asked{}, func(plan.Plan) error { return nil })
	refused("plan", err)
	if decided.Tag == "" || p.planner.Registry() != (plan.Registry{Silence: "build.image.name is not set"}) {
		t.Errorf("%s: the registry is asked: %+v", decided.Tag, p.planner.Registry())
	}
	refused("build", finder{graph: newGraph(t.Context(), p, options{})}.Do(t.Context()))
	release, problems, err := p.delivery().newRelease(decided, nil)
	if err != nil {
		t.Fatal(err)
	}
	checks := p.delivery().checks(t.Context(), release, problems)
	last := checks[len(checks)-1]
	if refused("preflight", last.Problem); last.Name != "the name of the image" || len(checks) != len(problems)+1 {
		t.Errorf("preflight asks the registry, too: %+v", checks)
	}
	var none []publish.Check
	if err := p.delivery().preflight(t.Context(), release, none); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("preflight: %v", err)
	}
}
