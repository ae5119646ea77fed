//go:build scenario

package targets_test

import (
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/registry"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/seed"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/tinyapp"
)

// build leaves in dist what the target build does.
func (s *scene) build(t *testing.T) {
	t.Helper()
	if planned := s.run(t, "plan"); planned.code != 0 {
		t.Fatalf("plan: exit code %d\n%s", planned.code, planned.stderr)
	}
	dist := filepath.Join(s.dir(), "dist")
	decided, err := plan.Read(filepath.Join(dist, "plan.json"))
	if err != nil {
		t.Fatal(err)
	}
	s.writeLayout(t, filepath.Join(dist, "image.oci"), "1.7.3", decided.Commit, decided.Tree)
	change(t, dist, "sbom.spdx.json", "", "{}\n")
	if _, err := artifact.Checksums(dist, []string{"sbom.spdx.json"}); err != nil {
		t.Fatal(err)
	}
	sums, err := artifact.Measure(dist, "checksums.txt")
	if err != nil {
		t.Fatal(err)
	}
	change(
		t,
		dist,
		"build.json",
		"",
		fmt.Sprintf(
			`{"tag": %q, "commit": %q, "tree": %q, "checksums": %q}`,
			decided.Tag,
			decided.Commit,
			decided.Tree,
			sums.SHA256,
		),
	)
}

// release returns a release of the scene, as this process does it.
func (s *scene) release(t *testing.T, decided plan.Plan) publish.Release {
	t.Helper()
	found, err := app.Find(s.dir())
	if err != nil {
		t.Fatal(err)
	}
	r := publish.Release{Plan: decided, Config: found.Config, Say: func(string, ...any) {}, Warn: t.Logf}
	r.Repository = github.Repository{Owner: "hughkantsime", Name: "runsodin"}
	var registryErr error
	r.GitHub, err = github.New(s.world.GitHub(), s.keys.token, r.Repository, http.DefaultTransport)
	r.Registry, registryErr = registry.Open(s.world.Registry()+"/"+sceneRepository,
		registry.Access{Token: s.keys.password, TokenHost: s.world.Registry(), Alone: true})
	if err := errors.Join(err, registryErr); err != nil {
		t.Fatal(err)
	}
	return r
}

// seed gives the stand-ins what v1.7.2 left.
func (s *scene) seed(t *testing.T) {
	t.Helper()
	dist := t.TempDir()
	layout := filepath.Join(dist, "image.oci")
	image := seed.Image{Layout: layout, Digest: s.writeLayout(t, layout, "1.7.2", "", "").Digest}
	r := s.release(t, plan.Plan{Tag: "v1.7.2", Version: "1.7.2"})
	err := errors.Join(
		seed.Push(t.Context(), r.Registry, "1.7.2", image),
		seed.Publish(t.Context(), r.GitHub.Releases, "v1.7.2"),
	)
	if err != nil {
		t.Fatal(err)
	}
}

// prove records the published image as healthy, without a start of it.
func (s *scene) prove(t *testing.T) {
	t.Helper()
	decided, err := plan.Read(filepath.Join(s.dir(), "dist", "plan.json"))
	if err != nil {
		t.Fatal(err)
	}
	built, err := image.Inspect(filepath.Join(s.dir(), "dist", "image.oci"))
	if err != nil {
		t.Fatal(err)
	}
	var healthy []verify.Health
	for _, platform := range built.Platforms {
		healthy = append(healthy, verify.Health{Platform: platform.Name, Digest: platform.Digest})
	}
	if _, err := s.release(t, decided).Prove(t.Context(), healthy); err != nil {
		t.Fatal(err)
	}
}

// writeLayout writes the app's image of a version as build does. The one of
// 1.7.2 is a good one.
func (s *scene) writeLayout(t *testing.T, dir, version, commit, tree string) image.Summary {
	t.Helper()
	platforms, env := []string{"linux/amd64", "linux/arm64"}, []string{"VERSION=" + version, "PAGE=" + version}
	if version == "1.7.3" {
		platforms, env = s.platforms, append(env, s.env...)
	} else if !slices.Contains(platforms, s.platforms[0]) {
		platforms = append(platforms, s.platforms[0])
	}
	var images []v1.Image
	for _, platform := range platforms {
		images = append(images, tinyapp.Image(t, platform, s.layer(t, strings.TrimPrefix(platform, "linux/")), env...))
	}
	tinyapp.WriteLayoutOf(t, dir, version, commit, tree, images...)
	summary, err := image.Inspect(dir)
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

// layer has the app's program for an architecture.
func (s *scene) layer(t *testing.T, architecture string) v1.Layer {
	t.Helper()
	if s.pretended {
		return static.NewLayer([]byte("no program"), types.OCILayer)
	}
	if architecture == "s390x" { // no machine can start it, whatever emulators it has
		nobody, err := tinyapp.Pack([]byte("nobody can run this"))
		if err != nil {
			t.Fatal(err)
		}
		return nobody
	}
	return tinyapp.Layer(t, architecture)
}
