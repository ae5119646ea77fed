package audit_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/registry"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/web"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/audit"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/tinyapp"
)

const (
	repository = "ada/shop"
	agent      = "ghcr.io/ada/shop-agent" // a further image
	token      = "ghp_c4naryT0kenOfNobody0123456789abcdef"
	sbom       = `{"spdxVersion": "SPDX-2.3", "name": "shop"}`
)

// scene is a signed release on stand-ins, whose answers a test can change.
type scene struct {
	world  *standin.World
	key    *signature.Key
	state  publish.State
	dist   string
	change atomic.Pointer[change]
}

// change is a byte that is changed in the answers that have a text in them.
type change struct {
	method, path string // of the requests whose answers are changed; "" for any
	text         string // the byte after it is changed
	status       int    // that is answered instead, unless it is 0
	made         atomic.Int32
}

func (c *change) apply(r *http.Request, data []byte) []byte {
	if c.method != "" && c.method != r.Method || !strings.Contains(r.URL.Path, c.path) {
		return data
	}
	at := bytes.Index(data, []byte(c.text))
	if at < 0 || at+len(c.text) >= len(data) {
		return data
	}
	c.made.Add(1)
	changed := bytes.Clone(data)
	changed[at+len(c.text)] ^= 1
	return changed
}

// wrap changes the answers of a service: their bodies, and the digest that a header says.
func (s *scene) wrap(_ string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		change := s.change.Load()
		if change == nil {
			next.ServeHTTP(w, r)
			return
		}
		seen, made := httptest.NewRecorder(), change.made.Load()
		next.ServeHTTP(seen, r)
		maps.Copy(w.Header(), seen.Header())
		if digest := seen.Header().Get("Docker-Content-Digest"); digest != "" && r.Method == http.MethodHead {
			w.Header().Set("Docker-Content-Digest", string(change.apply(r, []byte(digest))))
		}
		body := change.apply(r, seen.Body.Bytes())
		if change.status != 0 && change.made.Load() > made {
			http.Error(w, "it is not said", change.status)
			return
		}
		w.WriteHeader(seen.Code)
		_, _ = w.Write(body)
	})
}

// newScene releases v1.8.0, signed with a key.
func newScene(t *testing.T) *scene {
	t.Helper()
	s, commit := openScene(t)
	var err error
	if s.key, err = signature.Generate(); err != nil {
		t.Fatal(err)
	}
	r := s.publish(t, s.build(t, commit), commit)
	r.Config.Publish.Approval = "production"
	if _, err := publish.Approve(t.Context(), r, publish.Approved{By: []string{"ada"}}); err != nil {
		t.Fatal(err)
	}
	if err := publish.Complete(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	s.auditDraft(t, r)
	if s.state, err = r.Promote(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// openScene opens the stand-ins, with a repository whose commit is v1.8.0.
func openScene(t *testing.T) (s *scene, commit string) {
	t.Helper()
	dir := t.TempDir()
	work, bare := filepath.Join(dir, "work"), filepath.Join(dir, "origin.git")
	testkit.Git(t, dir, "init", "--quiet", "--initial-branch=main", work)
	testkit.Git(t, work, "commit", "--quiet", "--allow-empty", "--message", "feat: a shop")
	testkit.Git(t, work, "tag", "v1.8.0")
	testkit.Git(t, dir, "clone", "--quiet", "--bare", work, bare)
	s = &scene{dist: filepath.Join(dir, "dist")}
	var err error
	s.world, err = standin.Open(context.WithoutCancel(t.Context()), standin.Options{
		Dir: filepath.Join(dir, "world"), Repository: repository, Git: bare, Token: token,
		Run: testkit.Runner(), Intercept: s.wrap,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.world.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, testkit.Git(t, work, "rev-parse", "HEAD")
}

// build makes what is released, with all that may be signed of it.
func (s *scene) build(t *testing.T, commit string) publish.Artifacts {
	t.Helper()
	built := s.unsigned(t, commit)
	built.Files = append(built.Files, s.provenance(t, build.ProvenanceFile, s.key, built.Files),
		s.provenance(t, build.ImageProvenanceFile, s.key, imageOf(built)))
	var err error
	if built.Files, err = build.Sign(s.dist, built.Files, s.key); err != nil {
		t.Fatal(err)
	}
	return built
}

// imageOf returns the image as what a statement is about.
func imageOf(built publish.Artifacts) []artifact.File {
	return []artifact.File{{SHA256: strings.TrimPrefix(built.Image.Digest, "sha256:")}}
}

// unsigned makes what is released.
func (s *scene) unsigned(t *testing.T, commit string) publish.Artifacts {
	t.Helper()
	dist := s.dist
	summary := writeImage(t, filepath.Join(dist, "image.oci"), "the app", commit)
	more := publish.BuiltImage{
		Name: agent, Layout: "agent.oci", Summary: writeImage(t, filepath.Join(dist, "agent.oci"), "the agent", commit),
	}
	names := []string{"app.tar", build.SBOMFile}
	for name, content := range map[string]string{"app.tar": "the app in an archive", build.SBOMFile: sbom} {
		if err := os.WriteFile(filepath.Join(dist, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	files, err := artifact.Checksums(dist, names)
	if err != nil {
		t.Fatal(err)
	}
	sums, err := artifact.Measure(dist, build.ChecksumsFile)
	if err != nil {
		t.Fatal(err)
	}
	files, images := append(files, sums), []publish.BuiltImage{more}
	return publish.Artifacts{Dir: dist, Files: files, Image: summary, Images: images, Claims: []signature.Claim{
		{Name: "SBOM", Type: signature.SPDX, Predicate: []byte(sbom)},
		{Name: "provenance", Type: signature.Provenance, Predicate: []byte("{}")},
		{Name: "VEX", Type: signature.VEX, Predicate: []byte("{}")},
	}}
}

// writeImage writes an image to an OCI layout.
func writeImage(t *testing.T, layout, what, commit string) image.Summary {
	t.Helper()
	var images []v1.Image
	for _, platform := range []string{"linux/amd64", "linux/arm64"} {
		images = append(images, tinyapp.Image(
			t, platform, static.NewLayer([]byte(what+" for "+platform), types.OCIUncompressedLayer)))
	}
	tinyapp.WriteLayout(t, layout, "1.8.0", commit, images...)
	summary, err := image.Inspect(layout)
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

// provenance writes a statement of where files come from, as the workflow leaves it.
func (s *scene) provenance(t *testing.T, name string, by *signature.Key, files []artifact.File) artifact.File {
	t.Helper()
	statement := signature.Of("", "", signature.Provenance, nil)
	statement.Subject = nil
	for _, file := range files {
		statement.Subject = append(
			statement.Subject, signature.Subject{Name: file.Name, Digest: map[string]string{"sha256": file.SHA256}})
	}
	bundle, err := by.Sign(statement)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.dist, name), bundle, 0o644); err != nil {
		t.Fatal(err)
	}
	file, err := artifact.Measure(s.dist, name)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// clients returns those for the stand-ins.
func (s *scene) clients(t *testing.T) (*github.Client, func(name string) (*registry.Repository, error)) {
	t.Helper()
	transport := web.New(
		web.Policy{Patience: time.Second, Pause: time.Millisecond, Longest: 2 * time.Second}, web.LoopbackOnly())
	parsed, err := github.ParseRepository(repository)
	if err != nil {
		t.Fatal(err)
	}
	client, err := github.New(s.world.GitHub(), token, parsed, transport)
	if err != nil {
		t.Fatal(err)
	}
	return client, func(name string) (*registry.Repository, error) {
		return registry.Open(strings.Replace(name, "ghcr.io", s.world.Registry(), 1), registry.Access{
			Transport: transport, Token: token, TokenHost: s.world.Registry(), Alone: true,
		})
	}
}

// publish publishes it as a draft that was seen healthy.
func (s *scene) publish(t *testing.T, built publish.Artifacts, commit string) publish.Release {
	t.Helper()
	found, err := app.Default(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	found.Config.Build.Image.Name = "ghcr.io/" + repository
	r := publish.Release{
		Plan:  plan.Plan{Version: "1.8.0", Tag: "v1.8.0", Tagged: true, Commit: commit},
		Notes: []byte("## Features\n\n- a shop\n"), Config: found.Config, Key: s.key,
		Say: func(string, ...any) {}, Warn: t.Logf, Pause: time.Millisecond,
	}
	r.GitHub, r.Open = s.clients(t)
	own, ownErr := r.Open("ghcr.io/" + repository)
	more, moreErr := r.Open(agent)
	if err := errors.Join(ownErr, moreErr); err != nil {
		t.Fatal(err)
	}
	r.Registry, r.Images = own, []publish.Repository{{Name: agent, Registry: more}}
	var healthy []verify.Health
	for _, platform := range built.Image.Platforms {
		healthy = append(healthy, verify.Health{Platform: platform.Name, Digest: platform.Digest})
	}
	for _, platform := range built.Images[0].Platforms {
		healthy = append(healthy, verify.Health{Image: agent, Platform: platform.Name, Digest: platform.Digest})
	}
	_, first := r.Publish(t.Context(), built)
	_, second := r.Prove(t.Context(), healthy)
	if err := errors.Join(first, second, publish.Complete(t.Context(), r)); err != nil {
		t.Fatal(err)
	}
	return r
}

// auditDraft checks the release before it is made public: it is well, and not with a byte changed.
func (s *scene) auditDraft(t *testing.T, r publish.Release) {
	t.Helper()
	found, err := r.Observe(t.Context())
	if err != nil || found.Release == nil || !found.Release.Draft {
		t.Fatalf("%v: %+v", err, found)
	}
	draft := audit.Audit{
		Tag: "v1.8.0", GitHub: r.GitHub, Key: &s.key.Public, Draft: found.Release,
		Registry: r.Open,
	}
	if problem := draft.Run(t.Context()).Problem(); problem != nil {
		t.Errorf("a draft: %v", problem)
	}
	s.change.Store(&change{text: s.half(t, "app.tar")})
	defer s.change.Store(nil)
	if problem := draft.Run(t.Context()).Problem(); problem == nil ||
		!strings.Contains(problem.Error(), "file app.tar: its SHA-256 is ") {
		t.Errorf("a draft with a byte changed: %v", problem)
	}
}

func (s *scene) audit(t *testing.T, key *signature.Public) audit.Result {
	t.Helper()
	client, images := s.clients(t)
	return audit.Audit{
		Tag: "v1.8.0", GitHub: client, Key: key,
		Registry: images,
	}.Run(t.Context())
}

// changeFor returns a byte to change for a row: the one after a text in an answer.
func (s *scene) changeFor(t *testing.T, row string) *change {
	t.Helper()
	image, named := *s.state.Image, "/"+repository+"/manifests/"
	if own, is := strings.CutSuffix(row, " ("+agent+")"); is {
		row, image, named = own, s.state.Images[0], "/"+repository+"-agent/manifests/"
	}
	digest := image.Digest
	known := map[string]*change{
		"release":                             {path: "/releases/tags/", text: `"tag_name":"v`},
		"record":                              {path: "/downloads/", text: "\"tag\": \"v"},
		"record in the repository":            {path: "/contents/", text: "\"tag\": \"v"},
		"signature of release.json":           {text: s.halfOfStateSignature(t)},
		"tag":                                 {path: "/commits/", text: s.state.Commit[:12]},
		"notes":                               {path: "/releases/tags/", text: "`" + digest[:20]},
		"approval":                            {text: `"as": "sha256:`},
		"other files":                         {path: "/assets", text: `"name":"`},
		"checksums":                           {text: s.half(t, build.ChecksumsFile)},
		"key":                                 {text: s.half(t, build.PublicKeyFile)},
		"provenance":                          {text: s.half(t, build.ProvenanceFile)},
		"provenance, by GitHub, of the image": {text: s.half(t, build.ImageProvenanceFile)},
		"image 1.8.0":                         {method: http.MethodHead, path: named + "1.8.0", text: "sha256:"},
		"image latest":                        {method: http.MethodHead, path: named + "latest", text: "sha256:"},
		"version of the image":                {path: "/manifests/" + digest, text: "org.opencontainers.image.version"},
	}
	if found := known[row]; found != nil {
		return found
	}
	what, of, _ := strings.Cut(row, " ")
	switch what {
	case "file":
		return &change{text: s.half(t, of)}
	case "image":
		return &change{path: "/manifests/" + digest, text: platformOf(t, image, strings.TrimPrefix(of, "for "))[:20]}
	}
	of = strings.TrimPrefix(of, "of ")
	statement := signature.Of("", digest, signature.Signed, nil)
	switch {
	case what == "SBOM":
		statement = signature.Of("", digest, signature.SPDX, []byte(sbom))
	case what == "provenance":
		statement = signature.Of("", digest, signature.Provenance, nil)
	case what == "VEX":
		statement = signature.Of("", digest, signature.VEX, nil)
	case of != "the image" && !strings.HasPrefix(of, "linux/"):
		return &change{text: s.half(t, of+signature.Suffix)}
	}
	if of != "the image" {
		statement.Subject[0].Digest["sha256"] = strings.TrimPrefix(platformOf(t, image, of), "sha256:")
	}
	bundle, err := s.key.Sign(statement)
	if err != nil {
		t.Fatal(err)
	}
	return &change{path: "/blobs/", text: string(bundle[:len(bundle)-40])}
}

// halfOfStateSignature returns the first half of what signs release.json.
func (s *scene) halfOfStateSignature(t *testing.T) string {
	t.Helper()
	sum := fmt.Sprintf("%x", sha256.Sum256(s.state.Published().JSON()))
	bundle, err := s.key.Sign(signature.Of(publish.StateFile, sum, signature.Signed, nil))
	if err != nil {
		t.Fatal(err)
	}
	return string(bundle[:len(bundle)/2])
}

// half returns the first half of a file of the release.
func (s *scene) half(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(s.dist, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data[:len(data)/2])
}

func platformOf(t *testing.T, image publish.Image, name string) string {
	t.Helper()
	for _, platform := range image.Platforms {
		if platform.Name == name {
			return platform.Digest
		}
	}
	t.Fatalf("no platform %s", name)
	return ""
}

// Of a release that is as it should be, each row is well; and each is not once a byte is
// changed in what it is about.
func TestEachRow(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	whole := s.audit(t, &s.key.Public)
	var shown bytes.Buffer
	for _, row := range whole.Rows {
		fmt.Fprintln(&shown, row.What)
		if row.Problem != nil {
			t.Errorf("%s: %v", row.What, row.Problem)
		}
	}
	testkit.Golden(t, "testdata/rows.txt", shown.String())
	if t.Failed() {
		return
	}
	for _, row := range whole.Rows {
		t.Run(strings.ReplaceAll(row.What, "/", "-"), func(t *testing.T) {
			changed := s.changeFor(t, row.What)
			s.change.Store(changed)
			defer s.change.Store(nil)
			for _, now := range s.audit(t, &s.key.Public).Rows {
				if now.What == row.What && now.Problem != nil {
					t.Log(now.Problem)
					return
				}
			}
			t.Errorf("a byte can be changed (%d times)", changed.made.Load())
		})
	}
	s.refused(t, whole)
}

// refused refuses the answers with what each row is about: that shows nothing wrong, and is not well.
func (s *scene) refused(t *testing.T, whole audit.Result) {
	t.Helper()
	for _, row := range whole.Rows {
		changed := s.changeFor(t, row.What)
		changed.status = http.StatusForbidden
		s.change.Store(changed)
		result := s.audit(t, &s.key.Public)
		s.change.Store(nil)
		if result.Problem() == nil || result.Wrong() > 0 || changed.made.Load() == 0 {
			t.Errorf("%s: %d answers refused, %d wrong: %v",
				row.What, changed.made.Load(), result.Wrong(), result.Problem())
		}
	}
}

// What is signed by another key than the one that is asked for is refused, and so is what
// nothing has signed.
func TestWrongKey(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	other, err := signature.Generate()
	if err != nil {
		t.Fatal(err)
	}
	problem := s.audit(t, &other.Public).Problem()
	if problem == nil || !strings.Contains(problem.Error(), "key: the release was signed with another key") {
		t.Error(problem)
	}
	if problem := s.audit(t, nil).Problem(); problem != nil {
		t.Error(problem)
	}
}

// A file that somebody has attached to a release that is public is refused. What lacks any signature is told
// from what is wrong.
func TestUnsigned(t *testing.T) {
	t.Parallel()
	s, commit := openScene(t)
	r := s.publish(t, s.unsigned(t, commit), commit)
	found, err := r.Observe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.attach(t, r, *found.Release, "tool.exe")
	of := audit.Audit{Tag: "v1.8.0", GitHub: r.GitHub, Draft: found.Release, Registry: r.Open}
	result := of.Run(t.Context())
	if warned := strings.Join(result.Warnings, "\n"); result.Problem() != nil || len(result.Warnings) != 2 ||
		!strings.Contains(warned, "nothing of it is signed, so that verify will refuse it") ||
		!strings.Contains(warned, "its record does not list tool.exe") {
		t.Errorf("a draft: %v, %q", result.Problem(), result.Warnings)
	}
	if _, err := r.Promote(t.Context()); err != nil {
		t.Fatal(err)
	}
	var problems []string
	for _, row := range s.audit(t, nil).Rows {
		if row.Problem != nil {
			problems = append(problems, fmt.Sprintf("%s: %v (%v)", row.What, row.Problem, row.Unsigned()))
		}
	}
	want := []string{
		"signatures: there is neither cosign.pub nor provenance.sigstore.json (true)",
		"other files: neither the record lists tool.exe, nor is it signed by anybody (false)",
	}
	if diff := cmp.Diff(want, problems); diff != "" {
		t.Error(diff)
	}
}

// attach attaches a file to a release, as somebody else does.
func (s *scene) attach(t *testing.T, r publish.Release, to github.Release, name string) {
	t.Helper()
	content := strings.NewReader(name)
	_, err := r.GitHub.Releases.Upload(t.Context(), to, name, "text/plain", content, content.Size())
	if err != nil {
		t.Fatal(err)
	}
}

// What a moving tag leads to since is said, and refused only if it says that it is this release.
func TestMovedOn(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	_, open := s.clients(t)
	from, err := open("ghcr.io/" + repository)
	if err != nil {
		t.Fatal(err)
	}
	for version, want := range map[string]string{
		"1.8.1": "image latest: it names 1.8.1", "": "image latest: it names sha256:",
		"1.8.0": "image latest: it names sha256:", "v1.8.0": "image latest: it names sha256:",
	} {
		layout := filepath.Join(t.TempDir(), "image.oci")
		tinyapp.WriteLayout(t, layout, version, s.state.Commit, tinyapp.Image(
			t, "linux/amd64", static.NewLayer([]byte("another app "+version), types.OCIUncompressedLayer)))
		made, err := image.Inspect(layout)
		if err == nil {
			err = from.Push(t.Context(), layout)
		}
		if err == nil {
			err = from.Tag(t.Context(), "latest", made.Digest)
		}
		if err != nil {
			t.Fatal(err)
		}
		result := s.audit(t, &s.key.Public)
		told, wrong := strings.Join(result.Absent(), "\n"), 0
		if problem := result.Problem(); problem != nil {
			told = problem.Error()
		}
		if strings.HasSuffix(version, "1.8.0") {
			wrong = 1
		}
		if result.Wrong() != wrong || !strings.HasPrefix(told, want) {
			t.Errorf("latest is %q: %d wrong, %s", version, result.Wrong(), told)
		}
	}
}

func TestNothingThere(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	client, _ := s.clients(t)
	result := audit.Audit{Tag: "v1.9.0", GitHub: client}.Run(t.Context())
	if problem := result.Problem(); problem == nil || problem.Error() != "release: there is no public release v1.9.0" ||
		result.Wrong() > 0 {
		t.Error(problem)
	}
	if err := s.world.Close(); err != nil {
		t.Fatal(err)
	}
	result = audit.Audit{Tag: "v1.8.0", GitHub: client}.Run(t.Context())
	if problem := result.Problem(); problem == nil || result.Wrong() > 0 {
		t.Errorf("without a network: %v", problem)
	}
}
