//go:build scenario

package image_test

import (
	"archive/tar"
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// Everything runs on the target's platform, after a WORKDIR. The .pyc files are
// reproducible because Python sees SOURCE_DATE_EPOCH. The first stage takes long
// enough for a hint.
const runsOnTarget = `FROM python:3.11-slim AS compiled
ARG SOURCE_DATE_EPOCH
WORKDIR /opt/app
COPY app.py ./
RUN sleep 5 && python3 -m compileall -q app.py

FROM python:3.11-slim
WORKDIR /opt/app
COPY app.py ./
RUN mkdir data && cp app.py data/copy.py
COPY --from=compiled /opt/app/__pycache__ __pycache__
HEALTHCHECK --start-period=5s --start-interval=1s CMD ["true"]
`

// cacheBuild builds images from one folder.
type cacheBuild struct {
	options image.Options
	output  bytes.Buffer
	hints   []string
}

func newCacheBuild(t *testing.T) *cacheBuild {
	t.Helper()
	config := app.Image{Name: "example.org/cache", Dockerfile: "Dockerfile", Context: ".",
		Platforms: []string{"linux/amd64", "linux/arm64"}, Timeout: app.Duration(10 * time.Minute)}
	b := &cacheBuild{}
	engine, err := image.FindEngine(t.Context(), b.runner(), config, image.ForRehearsal)
	if err != nil {
		t.Fatal(err)
	}
	source := testkit.Files(t, map[string]string{
		"Dockerfile":    runsOnTarget,
		"app.py":        "print('" + rand.Text() + "')\n", // changes each time, so no layer with it is cached
		".dockerignore": "README.md\n",
	})
	b.options = image.Options{Engine: engine, Image: config, Source: source,
		Hint: func(text string) { b.hints = append(b.hints, text) }}
	return b
}

func (b *cacheBuild) runner() *run.Runner {
	return &run.Runner{Env: run.Environ(os.Environ()), Out: run.Locked(&b.output)}
}

// build builds a version whose commit is of the given day, and returns the layout and its summary.
func (b *cacheBuild) build(t *testing.T, version string, day int, noCache bool) (string, image.Summary) {
	t.Helper()
	options := b.options
	options.Of = image.Subject{Version: version, Commit: strings.Repeat(version[:1], 40),
		CommitTime: time.Date(2026, 5, day, 12, 0, 0, 0, time.UTC)}
	options.Dest, options.NoCache = filepath.Join(t.TempDir(), "image.oci"), noCache
	return options.Dest, b.run(t, options)
}

func (b *cacheBuild) run(t *testing.T, options image.Options) image.Summary {
	t.Helper()
	b.output.Reset()
	b.hints = nil
	summary, err := image.Build(t.Context(), b.runner(), options)
	if err != nil {
		t.Fatalf("%v\n%s", err, b.output.String())
	}
	return summary
}

var (
	instruction = regexp.MustCompile(`#([0-9]+) \[.* [0-9]+/[0-9]+\] (RUN|COPY|WORKDIR) `)
	cached      = regexp.MustCompile(`#([0-9]+) CACHED`)
)

// steps counts the instructions that BuildKit showed, and how many of them were cached.
func (b *cacheBuild) steps() (shown, reused int) {
	names := map[string]bool{}
	for _, match := range instruction.FindAllStringSubmatch(b.output.String(), -1) {
		names[match[1]] = true
	}
	for _, match := range cached.FindAllStringSubmatch(b.output.String(), -1) {
		if names[match[1]] {
			reused++
		}
	}
	return len(names), reused
}

// A commit that changes nothing in the context rebuilds no layer, on either platform. The result is the same as
// that of a build without a cache.
func TestScenarioCacheAcrossCommits(t *testing.T) {
	b := newCacheBuild(t)
	start := time.Now()
	before, first := b.build(t, "1.7.2", 4, false)
	t.Logf("without a cache: %.1f s", time.Since(start).Seconds())
	// On each platform WORKDIR, which may be known from before, a COPY for both stages, two RUN and another COPY.
	if shown, reused := b.steps(); shown != 10 || reused > 2 {
		t.Fatalf("%d of %d steps were cached at first:\n%s", reused, shown, b.output.String())
	}
	if len(b.hints) != 1 || !strings.HasPrefix(b.hints[0], "Dockerfile:1: stage compiled ran ") {
		t.Errorf("hints: %q", b.hints)
	}
	if err := os.WriteFile(filepath.Join(b.options.Source, "README.md"), []byte("new\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	start = time.Now()
	after, second := b.build(t, "1.7.3", 5, false)
	t.Logf("the next commit: %.1f s", time.Since(start).Seconds())
	if shown, reused := b.steps(); shown != 10 || reused != 10 {
		t.Errorf("%d of %d steps were cached:\n%s", reused, shown, b.output.String())
	}
	if len(b.hints) != 0 {
		t.Errorf("nothing ran, and the hints are %q", b.hints)
	}
	_, again := b.build(t, "1.7.3", 5, true)
	if diff := cmp.Diff(second.Platforms, again.Platforms); diff != "" {
		t.Errorf("without a cache (-cached +anew):\n%s", diff)
	}
	_, once := b.build(t, "1.7.2", 4, false)
	if diff := cmp.Diff(first.Platforms, once.Platforms); diff != "" {
		t.Errorf("the first commit after the second (-first +again):\n%s", diff)
	}
	for i, platform := range first.Platforms {
		compareDated(t, platform.Name, pick(t, before, platform.Digest), pick(t, after, second.Platforms[i].Digest))
	}
}

// A build that reuses the layers of an earlier layout gives the same image, even if files of that layout were
// changed.
func TestScenarioBuildOverAnEarlierLayout(t *testing.T) {
	b := newCacheBuild(t)
	options := b.options
	options.Of = image.Subject{Version: "1.7.2", Commit: strings.Repeat("1", 40),
		CommitTime: time.Unix(1_800_000_000, 0).UTC()}
	options.Dest = filepath.Join(t.TempDir(), "image.oci")
	first := b.run(t, options)
	damage(t, options.Dest)
	for range 2 {
		if diff := cmp.Diff(first.Platforms, b.run(t, options).Platforms); diff != "" {
			t.Errorf("over an earlier layout (-first +again):\n%s", diff)
		}
		for _, platform := range first.Platforms {
			if err := validate.Image(pick(t, options.Dest, platform.Digest)); err != nil {
				t.Errorf("%s: %v", platform.Name, err)
			}
		}
	}
}

// damage changes a byte of every blob of a layout.
func damage(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "blobs", "sha256", "*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		content[len(content)/2] ^= 1
		if err := errors.Join(os.Remove(file), os.WriteFile(file, content, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
}

// pick returns one image of a layout.
func pick(t *testing.T, dir, digest string) v1.Image {
	t.Helper()
	of, err := v1.NewHash(digest)
	if err != nil {
		t.Fatal(err)
	}
	path, err := layout.FromPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	found, err := path.Image(of)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// compareDated compares the images of two commits: only times differ, those of
// the base image's layers do not, and each is that of its commit.
func compareDated(t *testing.T, platform string, before, after v1.Image) {
	t.Helper()
	first, second := contents(t, before), contents(t, after)
	if len(first) != len(second) {
		t.Fatalf("%s: %d layers, then %d", platform, len(first), len(second))
	}
	dated := 0
	for i := range first {
		if first[i].digest == second[i].digest {
			continue
		}
		dated++
		if diff := cmp.Diff(first[i].files, second[i].files); diff != "" {
			t.Errorf("%s: layer %d (-first +second):\n%s", platform, i, diff)
		}
		if got := second[i].newest.Sub(first[i].newest); got != 24*time.Hour {
			t.Errorf("%s: layer %d is of %s, then of %s", platform, i, first[i].newest, second[i].newest)
		}
	}
	if dated != 4 {
		t.Errorf("%s: %d layers have the time of the commit, expected 4", platform, dated)
	}
	config, err := after.RawConfigFile()
	if err != nil || !bytes.Contains(config, []byte(`"created":"2026-05-05T12:00:00Z"`)) ||
		!bytes.Contains(config, []byte(`"StartInterval":1000000000`)) || bytes.Contains(config, []byte("1980-")) {
		t.Errorf("%s: %s, %v", platform, config, err)
	}
}

// layerFiles are the files of a layer, without their times.
type layerFiles struct {
	digest v1.Hash
	files  map[string]string
	newest time.Time
}

func contents(t *testing.T, of v1.Image) []layerFiles {
	t.Helper()
	layers, err := of.Layers()
	if err != nil {
		t.Fatal(err)
	}
	all := make([]layerFiles, 0, len(layers))
	for _, layer := range layers {
		digest, err := layer.Digest()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, layerFiles{digest: digest, files: map[string]string{}})
		readFiles(t, layer, &all[len(all)-1])
	}
	return all
}

func readFiles(t *testing.T, layer v1.Layer, into *layerFiles) {
	t.Helper()
	reader, err := layer.Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	archive := tar.NewReader(reader)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		into.files[header.Name] = header.FileInfo().Mode().String() + " " + string(data)
		if header.ModTime.After(into.newest) {
			into.newest = header.ModTime
		}
	}
}
