package publish_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/announce"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/registry"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/web"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/seed"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/openapi"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/tinyapp"
)

// These tests release a small app to the stand-ins: a registry, GitHub with a
// real git repository behind it, held against GitHub's own description, and
// Discord. What is not here is the container: what proves an image is package
// image's, and the scenarios' of package targets.

const (
	repository = "hughkantsime/runsodin"
	token      = "ghp_c4naryT0kenOfNobody0123456789abcdef"
	hook       = "100000000000000001/c4nary-webh00k_token-0123456789"
)

var platforms = []string{"linux/amd64", "linux/arm64"}

// config returns the documented shape with one carrier.
func config(t testing.TB) app.Config {
	t.Helper()
	found, err := app.Default(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	found.Config.VersionFiles = []app.VersionFile{{Path: "VERSION"}}
	found.Config.Publish.Tags = []string{"latest", "X.Y"}
	return found.Config
}

// layoutOf writes an image of a version for the platforms to an OCI layout.
func layoutOf(t testing.TB, dir, version, commit string, platforms []string) image.Summary {
	t.Helper()
	return writeLayout(t, "the app", dir, version, commit, platforms)
}

func writeLayout(t testing.TB, what, dir, version, commit string, platforms []string) image.Summary {
	t.Helper()
	var images []v1.Image
	for _, platform := range platforms {
		layer := static.NewLayer([]byte(what+" "+version+" for "+platform), types.OCIUncompressedLayer)
		images = append(images, tinyapp.Image(t, platform, layer))
	}
	tinyapp.WriteLayout(t, dir, version, commit, images...)
	summary, err := image.Inspect(dir)
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

// build is a release that is built: what dist holds.
type build struct {
	Plan   plan.Plan
	Notes  string
	Config app.Config
	Built  publish.Artifacts
}

// stage is where releases of one app are played: its repository, and what the
// stand-ins keep.
type stage struct {
	dir       string
	config    app.Config
	protected bool // whether the default branch takes no pushes
	referrers bool // whether the registry has the API for referrers
	immutable bool // whether releases are immutable once they are out
	proven    *proven
}

// first is the stage that each test gets a copy of. It is made once: TestMain removes it.
var first struct {
	sync.Once
	stage
}

// newStage returns a stage of a test's own: the app's repository, and what another tool
// left in the stand-ins of v1.7.2: its image as latest, its release.
func newStage(t testing.TB) stage {
	t.Helper()
	first.Do(func() { first.stage = firstStage(t) })
	if first.proven == nil {
		t.Fatal("no stage could be made, which has failed another test")
	}
	s := first.copied(t)
	s.config = config(t)
	return s
}

func firstStage(t testing.TB) stage {
	t.Helper()
	dir, err := os.MkdirTemp("", "stage") //nolint:usetesting // it outlives the test
	if err != nil {
		t.Fatal(err)
	}
	first.dir = dir
	s := stage{dir: dir, config: config(t), proven: &proven{}}
	work := s.work()
	testkit.Git(t, s.dir, "init", "--quiet", "--initial-branch=main", work)
	s.commit(t, "chore(release): 1.7.2", "v1.7.2")
	world := s.open(t, nil)
	old := s.build(t, "v1.7.2")
	if err := play(
		t.Context(),
		world,
		old,
		func(ctx context.Context, r publish.Release) error {
			from := seed.Image{Layout: filepath.Join(old.Built.Dir, "image.oci"), Digest: old.Built.Image.Digest}
			return errors.Join(
				seed.Push(ctx, r.Registry, "1.7.2", from),
				seed.Publish(ctx, r.GitHub.Releases, "v1.7.2"),
			)
		},
	); err != nil {
		t.Fatal(err)
	}
	s.close(t, world)
	s.proven.digests = map[string]bool{old.Built.Image.Digest: true} // from now on names are checked
	return s
}

func (s stage) work() string { return filepath.Join(s.dir, "work") }
func (s stage) bare() string { return filepath.Join(s.dir, "origin.git") }

// commit makes a commit, whose carrier has 1.7.2, tags it and pushes the tags.
func (s stage) commit(t testing.TB, subject string, tags ...string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(s.work(), "VERSION"), []byte("1.7.2\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	testkit.Git(t, s.work(), "add", "--all")
	testkit.Git(t, s.work(), "commit", "--quiet", "--allow-empty", "--message", subject)
	for _, tag := range tags {
		testkit.Git(t, s.work(), "tag", tag)
	}
	if _, err := os.Stat(s.bare()); err != nil {
		testkit.Git(t, s.dir, "clone", "--quiet", "--bare", s.work(), s.bare())
		return
	}
	testkit.Git(t, s.work(), "push", "--quiet", "--tags", s.bare())
}

// build builds a tag's release.
func (s stage) build(t testing.TB, tag string) build {
	t.Helper()
	dist := filepath.Join(t.TempDir(), "dist")
	if err := os.MkdirAll(dist, 0o755); err != nil {
		t.Fatal(err)
	}
	version := strings.TrimPrefix(tag, "v")
	commit := testkit.Git(t, s.work(), "rev-parse", tag+"^{commit}")
	built := publish.Artifacts{
		Dir:   dist,
		Image: layoutOf(t, filepath.Join(dist, "image.oci"), version, commit, platforms),
	}
	for name, content := range map[string]string{
		"checksums.txt":   "none\n",
		"frontend.tar.gz": "the bundle of " + version,
		"openapi.json":    `{"version":"` + version + `"}`,
	} {
		if err := os.WriteFile(filepath.Join(dist, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		file, err := artifact.Measure(dist, name)
		if err != nil {
			t.Fatal(err)
		}
		built.Files = append(built.Files, file)
	}
	slices.SortFunc(built.Files, func(a, b artifact.File) int { return strings.Compare(a.Name, b.Name) })
	p := plan.Plan{
		Version:      version,
		Tag:          tag,
		Tagged:       true,
		Commit:       commit,
		Repository:   "https://github.com/" + repository,
		Prerelease:   strings.Contains(tag, "-"),
		VersionFiles: []app.VersionPlace{{Path: "VERSION", Line: 1, Version: "1.7.2"}},
		People:       []string{"Ada Lovelace"},
		Changes: []changelog.PlainSection{
			{Title: "Features", Entries: []string{"api: everything about " + version}},
		},
	}
	p.Evidence.Docs = []string{"docs/index.md"}
	return build{Plan: p, Notes: "## Features\n\n- everything about " + version + "\n", Config: s.config, Built: built}
}

// intercept stands before the stand-ins.
type intercept func(service string, next http.Handler) http.Handler

// open opens the stand-ins where they were left.
func (s stage) open(t testing.TB, around intercept) *standin.World {
	t.Helper()
	world, err := standin.Open(
		context.WithoutCancel(t.Context()),
		standin.Options{
			Dir:           filepath.Join(s.dir, "world"),
			Repository:    repository,
			Git:           s.bare(),
			DefaultBranch: "main",
			Token:         token,
			Webhook:       hook,
			Protected:     s.protected,
			Referrers:     s.referrers,
			Immutable:     s.immutable,
			Run:           testkit.Runner(),
			Intercept: func(service string, next http.Handler) http.Handler {
				if service == standin.GitHub {
					next = openapi.Contract(t, next)
				}
				next = s.proven.watch(t, service, next)
				if around != nil {
					next = around(service, next)
				}
				return next
			},
		},
	)
	if err != nil {
		t.Fatal(err)
	}
	return world
}

func (s stage) close(t testing.TB, world *standin.World) standin.State {
	t.Helper()
	state, err := world.State(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	if err := world.Close(); err != nil {
		t.Fatal(err)
	}
	return state
}

// copied returns a copy of the stage to play on.
func (s stage) copied(t testing.TB) stage {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(s.dir)); err != nil {
		t.Fatal(err)
	}
	s.dir, s.proven = dir, s.proven.copied()
	return s
}

// addresses are where the stand-ins listen.
type addresses struct{ GitHub, Registry, Webhook string }

func addressesOf(world *standin.World) addresses {
	return addresses{world.GitHub(), world.Registry(), world.Webhook()}
}

// impatient is the policy of tests: as the real one, only faster.
var impatient = web.Policy{Patience: 1500 * time.Millisecond, Pause: time.Millisecond, Longest: 2 * time.Second}

// said is what a release told.
type said struct {
	mu    sync.Mutex
	lines []string
}

func (s *said) sayf(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, fmt.Sprintf(format, args...))
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.lines, "\n")
}

// patient is for a request during which a whole release takes place.
var patient = web.Policy{Patience: time.Minute, Pause: time.Millisecond, Longest: 2 * time.Second}

// released returns the release of a build that acts on the stand-ins.
func released(where addresses, b build, told *said) (publish.Release, error) {
	return releasedThrough(web.New(impatient, web.LoopbackOnly()), where, b, told)
}

func releasedThrough(transport http.RoundTripper, where addresses, b build, told *said) (publish.Release, error) {
	r := publish.Release{Plan: b.Plan, Notes: []byte(b.Notes), Config: b.Config, Say: told.sayf,
		Warn: func(format string, args ...any) { told.sayf("WARNING: "+format, args...) }, Pause: time.Millisecond}
	var err, registryErr error
	r.Snapshot = &publish.Snapshot{}
	r.Repository = github.Repository{Owner: "hughkantsime", Name: "runsodin"}
	r.GitHub, err = github.New(where.GitHub, token, r.Repository, transport)
	hook, hookErr := announce.New(where.Webhook, transport)
	r.Channels = []publish.Channel{{Kind: announce.KindDiscord, Channel: hook}}
	r.Open = func(name string) (*registry.Repository, error) {
		_, path, _ := strings.Cut(name, "/")
		return registry.Open(
			where.Registry+"/"+path,
			registry.Access{Transport: transport, Token: token, TokenHost: where.Registry, Alone: true},
		)
	}
	r.Registry, registryErr = r.Open("ghcr.io/" + repository)
	for _, each := range b.Built.Images {
		opened, err := r.Open(each.Name)
		if err != nil {
			return r, err
		}
		r.Images = append(r.Images, publish.Repository{Name: each.Name, Registry: opened})
	}
	return r, errors.Join(err, hookErr, registryErr)
}

func play(ctx context.Context, world *standin.World, b build, act func(context.Context, publish.Release) error) error {
	r, err := released(addressesOf(world), b, &said{})
	if err != nil {
		return err
	}
	return act(ctx, r)
}

// all returns a whole release from what is built, as the target release does it.
func all(ctx context.Context, r publish.Release, built publish.Artifacts, override publish.Override) error {
	for _, check := range r.Preflight(ctx) {
		if check.Problem != nil {
			return fmt.Errorf("%s: %w", check.Name, check.Problem)
		}
	}
	if _, err := r.Publish(ctx, built); err != nil {
		return err
	}
	if _, err := prove(ctx, r); err != nil {
		return err
	}
	if _, err := r.Promote(ctx); err != nil {
		return err
	}
	_, err := r.Notify(ctx, override)
	return err
}

// prove records the published image as healthy, unless that is done already.
func prove(ctx context.Context, r publish.Release) (publish.State, error) {
	found, err := r.Observe(ctx)
	if err != nil || found.State == nil || found.State.Proven {
		return publish.State{}, errors.Join(err, missing(found))
	}
	there, err := r.Registry.Platforms(ctx, found.State.Image.Digest)
	if err != nil {
		return publish.State{}, err
	}
	var healthy []verify.Health
	for _, platform := range platforms {
		healthy = append(healthy, verify.Health{
			Platform: platform, Digest: there[platform], Upgraded: "1.7.2",
			Back: verify.Back{Verdict: verify.Reversible, To: "1.7.2"},
		})
	}
	for i, image := range found.State.Images {
		there, err := r.Images[i].Registry.Platforms(ctx, image.Digest)
		if err != nil {
			return publish.State{}, err
		}
		for _, platform := range platforms {
			healthy = append(healthy, verify.Health{
				Image: image.Name, Platform: platform, Digest: there[platform], Seen: "pulled",
			})
		}
	}
	return r.Prove(ctx, healthy)
}

// missing returns an error when no record was found.
func missing(found publish.Found) error {
	if found.State == nil {
		return errors.New("there is no record of the release")
	}
	return nil
}

// playAll plays a whole release on a stage and gives what the stand-ins ended
// up with, and what was said.
func (s stage) playAll(t testing.TB, b build) (standin.State, string, error) {
	t.Helper()
	world := s.open(t, nil)
	told := &said{}
	r, err := released(addressesOf(world), b, told)
	if err != nil {
		t.Fatal(err)
	}
	err = all(t.Context(), r, b.Built, publish.NoOverride)
	return s.close(t, world), told.String(), err
}

// script is what a child process plays.
type script struct {
	At       addresses
	Build    build
	Override publish.Override
}

// TestMain plays a script when this is a child process, which a test kills.
func TestMain(m *testing.M) {
	text := os.Getenv("ODIN_RELEASE_SCRIPT")
	if text == "" {
		code := m.Run()
		if first.dir != "" {
			_ = os.RemoveAll(first.dir) // of the system's folder for temporary files
		}
		os.Exit(code)
	}
	var s script
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		panic(err)
	}
	told := &said{}
	r, err := released(s.At, s.Build, told)
	if err == nil {
		err = all(context.Background(), r, s.Build.Built, s.Override)
	}
	fmt.Println(told)
	if err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
	os.Exit(0)
}
