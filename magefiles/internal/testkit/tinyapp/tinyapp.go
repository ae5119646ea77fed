// Package tinyapp makes images of a tiny app, for tests that push, pull or
// start one.
package tinyapp

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// The apps' programs. Environment variables choose how they behave.
const (
	source         = "github.com/hughkantsime/odin-release/magefiles/internal/release/verify/testdata/app"
	databaseSource = "github.com/hughkantsime/odin-release/magefiles/internal/release/verify/testdata/database"
)

var layers sync.Map // of func() (v1.Layer, error), by program and architecture

// Layer returns a layer with the app for an architecture of Linux, built once.
func Layer(t testing.TB, architecture string) v1.Layer {
	t.Helper()
	return layer(t, source, architecture)
}

// DatabaseLayer is Layer for the app that only has an API and stores its data in PostgreSQL.
func DatabaseLayer(t testing.TB, architecture string) v1.Layer {
	t.Helper()
	return layer(t, databaseSource, architecture)
}

// DatabaseProgram returns the program of DatabaseLayer.
func DatabaseProgram(t testing.TB, architecture string) []byte {
	t.Helper()
	return program(t, databaseSource, architecture)
}

// Program returns the program of Layer.
func Program(t testing.TB, architecture string) []byte {
	t.Helper()
	return program(t, source, architecture)
}

func program(t testing.TB, source, architecture string) []byte {
	t.Helper()
	program, err := compile(t.Context(), source, architecture)
	if err != nil {
		t.Fatal(err)
	}
	return program
}

func layer(t testing.TB, source, architecture string) v1.Layer {
	t.Helper()
	ctx := context.WithoutCancel(t.Context()) // other tests use it too
	once, _ := layers.LoadOrStore(source+" "+architecture, sync.OnceValues(func() (v1.Layer, error) {
		program, err := compile(ctx, source, architecture)
		if err != nil {
			return nil, err
		}
		return Pack(program)
	}))
	layer, err := once.(func() (v1.Layer, error))()
	if err != nil {
		t.Fatal(err)
	}
	return layer
}

func compile(ctx context.Context, source, architecture string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "odin-tiny-app-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "app")
	build := exec.CommandContext(ctx, "go", "build", "-ldflags=-s -w", "-o", file, source)
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+architecture)
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the tiny app: %w: %s", err, out)
	}
	return os.ReadFile(file)
}

// Pack returns a layer with a program as its only file, /app.
func Pack(program []byte) (v1.Layer, error) {
	var content bytes.Buffer
	archive := tar.NewWriter(&content)
	err := archive.WriteHeader(&tar.Header{Name: "app", Mode: 0o755, Size: int64(len(program))})
	if err == nil {
		_, err = archive.Write(program)
	}
	if err := errors.Join(err, archive.Close()); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(
		func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content.Bytes())), nil },
	)
}

// Image returns an image for a platform, such as linux/arm64, that starts /app of a
// layer with an environment.
func Image(t testing.TB, platform string, layer v1.Layer, env ...string) v1.Image {
	t.Helper()
	of, err := v1.ParsePlatform(platform)
	if err != nil {
		t.Fatal(err)
	}
	built, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		t.Fatal(err)
	}
	config, err := built.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	config.OS, config.Architecture = of.OS, of.Architecture
	config.Config = v1.Config{Entrypoint: []string{"/app"}, Env: env}
	if built, err = mutate.ConfigFile(built, config); err != nil {
		t.Fatal(err)
	}
	return built
}

// WriteLayout writes images of several platforms to an OCI layout, as one image with a
// version and a commit.
func WriteLayout(t testing.TB, dir, version, commit string, images ...v1.Image) {
	t.Helper()
	WriteLayoutOf(t, dir, version, commit, "", images...)
}

// WriteLayoutOf is WriteLayout for an image that names the git tree that it was built
// from.
func WriteLayoutOf(t testing.TB, dir, version, commit, tree string, images ...v1.Image) {
	t.Helper()
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, image := range images {
		config, err := image.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		index = mutate.AppendManifests(
			index,
			mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: config.Platform()}},
		)
	}
	annotated := mutate.Annotations(
		index,
		map[string]string{"org.opencontainers.image.version": version, "org.opencontainers.image.revision": commit,
			"io.github.hughkantsime.odin-release.tree": tree},
	)
	if _, err := layout.Write(dir, annotated.(v1.ImageIndex)); err != nil {
		t.Fatal(err)
	}
}
