//go:build scenario

package targets_test

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// These scenarios release a tiny app, whose image takes no time to build, to
// the stand-ins. The compiled pipeline finds them as it finds the real ones in
// CI: by its environment and Docker's configuration.

const sceneRepository = "hughkantsime/runsodin"

// keys are the credentials of a scene, each for one of the stand-ins.
type keys struct{ token, webhook, password string }

// plainKeys are the credentials where nobody looks for them.
var plainKeys = keys{
	token:    "ghp_0123456789abcdefghijklmnopqrstuvwxyz",
	webhook:  standin.DefaultWebhook,
	password: "correct horse",
}

// script is what a scene begins with.
type script struct {
	keys keys // the zero value is plainKeys
	// env is how the image of v1.7.3 behaves (../internal/release/verify/testdata/app).
	env       []string
	platforms []string // that it is built for; nil for both
	timeout   string   // of verify; "" for one that is never reached
	settle    string   // of verify; "" for 1s
	pretended bool     // its image cannot be started
	around    func(service string, next http.Handler) http.Handler
}

// scene is an app's repository at v1.7.3, with dist as build leaves it, and the
// stand-ins, where v1.7.2 is the latest release.
type scene struct {
	script

	base  string // the folder of all of it
	world *standin.World
}

func (s *scene) dir() string { return filepath.Join(s.base, "app") }

// newScene sets a scene.
func newScene(t *testing.T, from script) *scene {
	t.Helper()
	if from.keys == (keys{}) {
		from.keys = plainKeys
	}
	if from.platforms == nil {
		from.platforms = []string{"linux/amd64", "linux/arm64"}
	}
	from.timeout, from.settle = cmp.Or(from.timeout, "90s"), cmp.Or(from.settle, "1s")
	s := &scene{script: from, base: t.TempDir()}
	s.makeRepository(t)
	s.open(t)
	s.seed(t)
	s.build(t)
	return s
}

// makeRepository makes the app's repository, and GitHub's of it. What tells
// where the registry listens is left out of git, since only the stand-in knows.
func (s *scene) makeRepository(t *testing.T) {
	t.Helper()
	testkit.Git(t, s.base, "init", "--quiet", "--initial-branch=main", "app")
	testkit.Git(t, s.dir(), "remote", "add", "origin", "https://github.com/"+sceneRepository)
	change(t, s.dir(), ".git/info/exclude", "", "release.yaml\n")
	for _, each := range []struct{ file, subject, tag string }{
		{"VERSION", "chore(release): 1.7.2", "v1.7.2"}, {"docs/index.md", "feat: shelves", "v1.7.3"},
	} {
		change(t, s.dir(), each.file, "", "1.7.2\n")
		testkit.Git(t, s.dir(), "add", "--all")
		testkit.Git(t, s.dir(), "commit", "--quiet", "--message", each.subject)
		testkit.Git(t, s.dir(), "tag", each.tag)
	}
	testkit.Git(t, s.base, "clone", "--quiet", "--bare", "app", "origin.git")
}

// open opens the stand-ins as they were left, and tells the app where they are.
func (s *scene) open(t *testing.T) {
	t.Helper()
	var err error
	s.world, err = standin.Open(
		context.WithoutCancel(t.Context()),
		standin.Options{
			Dir:        filepath.Join(s.base, "world"),
			Repository: sceneRepository,
			Git: filepath.Join(
				s.base,
				"origin.git",
			),
			Token:   s.keys.token,
			Webhook: s.keys.webhook,
			Run:     testkit.Runner(),
			Intercept: func(service string, next http.Handler) http.Handler {
				if service == standin.Registry {
					next = s.lock(next)
				}
				if s.around != nil {
					next = s.around(service, next)
				}
				return next
			},
		},
	)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.world.Close() })
	change(
		t,
		s.dir(),
		"release.yaml",
		"",
		fmt.Sprintf(sceneConfig, s.world.Registry(), sceneRepository, s.timeout, s.settle),
	)
	s.login(t, s.keys.password)
}

// login leaves a password for the registry where docker login does.
func (s *scene) login(t *testing.T, password string) {
	t.Helper()
	docker, err := json.Marshal(map[string]any{"auths": auths(s.world.Registry(), password)})
	if err != nil {
		t.Fatal(err)
	}
	change(t, s.base, "docker/config.json", "", string(docker))
}

// auths returns the logins as Docker's configuration has them: one.
func auths(host, password string) map[string]any {
	return map[string]any{host: map[string]string{"auth": base64.StdEncoding.EncodeToString([]byte("ada:" + password))}}
}

const sceneConfig = tinySteps + `versionFiles: [{path: VERSION}]
build:
  frontend: {absent: a tiny app}
  vendor: {absent: a tiny app}
  image: {name: %s/%s}
verify:
  timeout: %s
  settle: %s
  health: /health
  processes: [/app, status]
  probe: {path: /records, body: '{"name": "kept"}'}
`

// lock makes the registry take the password where the stand-in wants the token.
func (s *scene) lock(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, given, sent := r.BasicAuth(); sent && given == s.keys.password {
			r.SetBasicAuth(user, s.keys.token)
		} else if sent && given == s.keys.token {
			r.SetBasicAuth(user, "not the password")
		}
		next.ServeHTTP(w, r)
	})
}

// copied returns a copy of the scene, with stand-ins of its own.
func (s *scene) copied(t *testing.T, around func(string, http.Handler) http.Handler) *scene {
	t.Helper()
	other := &scene{script: s.script, base: t.TempDir()}
	other.around = around
	if err := os.CopyFS(other.base, os.DirFS(s.base)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(other.dir(), "release.yaml")); err != nil {
		t.Fatal(err)
	}
	other.open(t)
	return other
}

// environ returns what CI sets. Each scene has its own home and temporary folder.
func (s *scene) environ(t *testing.T) []string {
	t.Helper()
	home, temporary := filepath.Join(s.base, "home"), filepath.Join(s.base, "tmp")
	for _, dir := range []string{home, temporary} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return []string{"HOME=" + home, "XDG_CACHE_HOME=" + filepath.Join(home, ".cache"), "TMPDIR=" + temporary,
		"DOCKER_CONFIG=" + filepath.Join(s.base, "docker"), "DOCKER_HOST=" + engineHost(),
		"GITHUB_API_URL=" + s.world.GitHub(), "GITHUB_REPOSITORY=" + sceneRepository,
		"GITHUB_TOKEN=" + s.keys.token, "DISCORD_WEBHOOK_URL=" + s.world.Webhook()}
}

// engineHost is the engine's address, which the scene's own Docker configuration
// does not know.
var engineHost = sync.OnceValue(func() string {
	out, _ := exec.Command("docker", "context", "inspect", "--format", "{{.Endpoints.docker.Host}}").
		Output()
		// a test without an engine fails later
	return strings.TrimSpace(string(out))
})

// run runs targets of the compiled pipeline.
func (s *scene) run(t *testing.T, args ...string) ended {
	t.Helper()
	return pipeline(t, s.dir(), s.environ(t), args...)
}

func (s *scene) state(t *testing.T) standin.State {
	t.Helper()
	state, err := s.world.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// tagged returns the digest of a tag in the registry, "" for none.
func tagged(state standin.State, name string) string {
	for _, repository := range state.Registry {
		for _, tag := range repository.Tags {
			if tag.Name == name {
				return tag.Digest
			}
		}
	}
	return ""
}

// badge returns the tag of GitHub's latest release.
func badge(state standin.State) string {
	for _, release := range state.GitHub.Releases {
		if release.Latest {
			return release.Tag
		}
	}
	return ""
}

// releaseOf returns the release of a tag; there is one at most.
func releaseOf(t *testing.T, state standin.State, tag string) *standin.Release {
	t.Helper()
	var found *standin.Release
	for i, release := range state.GitHub.Releases {
		if release.Tag != tag {
			continue
		}
		if found != nil {
			t.Errorf("%s has two releases", tag)
		}
		found = &state.GitHub.Releases[i]
	}
	return found
}
