//go:build scenario

package targets_test

import (
	"net/http"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"

	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/hughkantsime/odin-release/magefiles/internal/image"
)

// build leaves in dist what the target build does.
func (s *scene) build(t *testing.T) {
	t.Helper()
	if planned := s.run(t, "plan"); planned.code != 0 {
		t.Fatalf("plan: exit code %d\n%s", planned.code, planned.stderr)
	}
	dist := filepath.Join(s.dir(), "dist")
	s.writeLayout(t, filepath.Join(dist, "image.oci"), "1.7.3", testkit.Git(t, s.dir(), "rev-parse", "HEAD"))
	change(t, dist, "sbom.spdx.json", "", "{}\n")
	if _, err := artifact.Checksums(dist, []string{"sbom.spdx.json"}); err != nil {
		t.Fatal(err)
	}
}

// release is a release of the scene, as this process does it.
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
	r.Registry, registryErr = image.OpenRegistry(s.world.Registry()+"/"+sceneRepository,
		image.Access{Token: s.keys.password, TokenHost: s.world.Registry(), Alone: true})
	if err := errors.Join(err, registryErr); err != nil {
		t.Fatal(err)
	}
	return r
}

// relive gives the stand-ins what v1.7.2 left.
func (s *scene) relive(t *testing.T) {
	t.Helper()
	dist := t.TempDir()
	built := publish.Artifacts{Dir: dist, Image: s.writeLayout(t, filepath.Join(dist, "image.oci"), "1.7.2", "")}
	if err := s.release(t, plan.Plan{Tag: "v1.7.2", Version: "1.7.2"}).Relive(t.Context(), built); err != nil {
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
	if _, err := s.release(t, decided).Prove(t.Context(), []image.Health{{Platform: "linux/amd64", Digest: inLayout(t, s.dir())}}); err != nil {
		t.Fatal(err)
	}
}

// tinyApp is the app's program for both platforms, as layers of an image.
var tinyApp = sync.OnceValues(func() (map[string]v1.Layer, error) {
	dir, err := os.MkdirTemp("", "odin-scenario-tiny-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	layers := map[string]v1.Layer{}
	for _, architecture := range []string{"amd64", "arm64"} {
		file := filepath.Join(dir, architecture)
		build := exec.Command("go", "build", "-ldflags=-s -w", "-o", file, "../internal/image/testdata/app")
		build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+architecture)
		if out, err := build.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("build the tiny app: %w: %s", err, out)
		}
		if layers[architecture], err = programLayer(file); err != nil {
			return nil, err
		}
	}
	return layers, nil
})

// programLayer is a layer with the one file /app.
func programLayer(file string) (v1.Layer, error) {
	program, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var content bytes.Buffer
	archive := tar.NewWriter(&content)
	err = archive.WriteHeader(&tar.Header{Name: "app", Mode: 0o755, Size: int64(len(program))})
	if err == nil {
		_, err = archive.Write(program)
	}
	if err := errors.Join(err, archive.Close()); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content.Bytes())), nil })
}

// writeLayout writes the app's image of a version as build does. The one of
// 1.7.2 is a good one.
func (s *scene) writeLayout(t *testing.T, dir, version, commit string) image.Summary {
	t.Helper()
	platforms, env := []string{"linux/amd64", "linux/arm64"}, []string{"VERSION=" + version, "PAGE=" + version}
	if version == "1.7.3" {
		platforms, env = s.platforms, append(env, s.env...)
	}
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, platform := range platforms {
		index = mutate.AppendManifests(index, s.forPlatform(t, strings.TrimPrefix(platform, "linux/"), env))
	}
	annotated := mutate.Annotations(index, map[string]string{"org.opencontainers.image.version": version, "org.opencontainers.image.revision": commit})
	if _, err := layout.Write(dir, annotated.(v1.ImageIndex)); err != nil {
		t.Fatal(err)
	}
	summary, err := image.Inspect(dir)
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

// forPlatform is the image of one platform.
func (s *scene) forPlatform(t *testing.T, architecture string, env []string) mutate.IndexAddendum {
	t.Helper()
	layer := static.NewLayer([]byte("no program"), types.OCILayer)
	if !s.pretended {
		layers, err := tinyApp()
		if err != nil {
			t.Fatal(err)
		}
		layer = layers[architecture]
	}
	built, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		t.Fatal(err)
	}
	config, err := built.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	config.OS, config.Architecture = "linux", architecture
	config.Config = v1.Config{Entrypoint: []string{"/app"}, Env: env}
	if built, err = mutate.ConfigFile(built, config); err != nil {
		t.Fatal(err)
	}
	return mutate.IndexAddendum{Add: built, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: architecture}}}
}
