package image

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
)

// must returns a value and panics on an error.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// export writes what BuildKit exports for some architectures: an index in a layout,
// with provenance for each.
func export(t *testing.T, version, commit string, architectures ...string) string {
	t.Helper()
	return exportLabelled(t, map[string]string{VersionKey: version, revisionKey: commit}, architectures...)
}

func exportLabelled(t *testing.T, labels map[string]string, architectures ...string) string {
	t.Helper()
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, architecture := range architectures {
		built := must(mutate.Config(empty.Image, v1.Config{Labels: labels}))
		config := must(built.ConfigFile()).DeepCopy()
		config.OS, config.Architecture = "linux", architecture
		built = must(mutate.ConfigFile(built, config))
		provenance := must(
			mutate.Append(
				empty.Image,
				mutate.Addendum{Layer: static.NewLayer([]byte("provenance of "+architecture), inToto)},
			),
		)
		index = mutate.AppendManifests(
			index,
			mutate.IndexAddendum{
				Add:        built,
				Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: architecture}},
			},
			mutate.IndexAddendum{
				Add: provenance,
				Descriptor: v1.Descriptor{
					Platform: &v1.Platform{OS: "unknown", Architecture: "unknown"},
					Annotations: map[string]string{
						ReferenceType:   attestation,
						referenceDigest: must(built.Digest()).String(),
					},
				},
			},
		)
	}
	dir := t.TempDir()
	must(layout.Write(dir, mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: index})))
	return dir
}

// Parts that were built separately give the same image as one build, in any order.
func TestAssemble(t *testing.T) {
	const commit = "0123456789012345678901234567890123456789"
	options := Options{Image: app.Image{Name: "example.org/a", Platforms: []string{"linux/amd64", "linux/arm64"}},
		Of: Subject{Version: "1.7.3", Commit: commit}, SBOM: []byte(`{"spdxVersion": "SPDX-2.3"}`)}
	assembled := func(parts ...string) (Summary, error) {
		options.Dest = filepath.Join(t.TempDir(), "image.oci")
		return Assemble(parts, options)
	}
	whole, err := assembled(export(t, "1.7.3", commit, "arm64", "amd64"))
	if err != nil {
		t.Fatal(err)
	}
	amd64, arm64 := export(t, "1.7.3", commit, "amd64"), export(t, "1.7.3", commit, "arm64")
	for _, parts := range [][]string{{amd64, arm64}, {arm64, amd64}} {
		apart, err := assembled(parts...)
		if err != nil || apart.Digest != whole.Digest || apart.Version != "1.7.3" || apart.Revision != commit ||
			len(apart.Platforms) != 2 || apart.Platforms[0].Name != "linux/amd64" {
			t.Errorf("%+v, expected %+v; %v", apart, whole, err)
		}
	}
	for want, parts := range map[string][]string{
		"there is no image for linux/arm64": {amd64},
		"its labels say 1.7.2 of commit 0123456, expected 1.7.3 of 0123456": {
			amd64,
			export(t, "1.7.2", commit, "arm64"),
		},
		"its labels say 1.7.3 of commit fedcba9, expected 1.7.3 of 0123456": {
			amd64,
			export(t, "1.7.3", "fedcba9876543210", "arm64"),
		},
		"no such file": {amd64, filepath.Join(t.TempDir(), "none")},
		"BuildKit exported 4 manifests, expected one index": {options.Dest},
	} {
		if got, err := assembled(parts...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v, %v, expected %q", got, err, want)
		}
		if _, err := Inspect(options.Dest); err == nil {
			t.Errorf("%s: something was left", want)
		}
	}
}

// One part that is not for release marks the whole image, including its index, and each
// platform's image is marked by itself.
func TestAssembleNotForRelease(t *testing.T) {
	const commit = "0123456789012345678901234567890123456789"
	options := Options{Image: app.Image{Name: "example.org/a", Platforms: []string{"linux/amd64", "linux/arm64"}},
		Of: Subject{Version: "1.7.3", Commit: commit}}
	amd64 := export(t, "1.7.3", commit, "amd64")
	for value, want := range map[string]string{
		"made for tests": "made for tests",
		"":               "its label " + notForRelease + " says so",
	} {
		arm64 := exportLabelled(
			t,
			map[string]string{VersionKey: "1.7.3", revisionKey: commit, notForRelease: value},
			"arm64",
		)
		options.Dest = filepath.Join(t.TempDir(), "image.oci")
		summary, err := Assemble([]string{amd64, arm64}, options)
		if err != nil || summary.NotForRelease != want {
			t.Fatalf("%q, expected %q; %v", summary.NotForRelease, want, err)
		}
		index := must(layout.ImageIndexFromPath(options.Dest))
		if got := must(index.IndexManifest()).Annotations[notForRelease]; got != want {
			t.Errorf("the index says %q, expected %q", got, want)
		}
		// An index without the label hides nothing.
		silent := filepath.Join(t.TempDir(), "image.oci")
		must(layout.Write(silent, mutate.Annotations(index, map[string]string{notForRelease: ""}).(v1.ImageIndex)))
		dropAnnotation(t, filepath.Join(silent, "index.json"))
		if summary, err := Inspect(silent); err != nil || summary.NotForRelease != want {
			t.Errorf("without the annotation: %q, expected %q; %v", summary.NotForRelease, want, err)
		}
	}
	options.Dest = filepath.Join(t.TempDir(), "image.oci")
	if summary, err := Assemble(
		[]string{amd64, export(t, "1.7.3", commit, "arm64")},
		options,
	); err != nil ||
		summary.NotForRelease != "" {
		t.Errorf("%q, expected nothing; %v", summary.NotForRelease, err)
	}
}

// Base images made by earlier versions have a description but no label that says that
// they are not for release.
func TestAssembleOnFormerBaseImages(t *testing.T) {
	const commit = "0123456789012345678901234567890123456789"
	options := Options{
		Image: app.Image{Name: "example.org/a", Platforms: []string{"linux/amd64"}},
		Of:    Subject{Version: "1.7.3", Commit: commit},
	}
	const refused = "its label org.opencontainers.image.description says that a base image is not the official one"
	for said, want := range map[string]string{
		"Equivalent made by odin-release scripts/engine from Debian packages; not the official image": refused,
		"Releases made by odin-release": "",
	} {
		part := exportLabelled(
			t,
			map[string]string{VersionKey: "1.7.3", revisionKey: commit, description: said},
			"amd64",
		)
		options.Dest = filepath.Join(t.TempDir(), "image.oci")
		if summary, err := Assemble([]string{part}, options); err != nil || summary.NotForRelease != want {
			t.Errorf("%q: %q, expected %q; %v", said, summary.NotForRelease, want, err)
		}
	}
}

func dropAnnotation(t *testing.T, file string) {
	t.Helper()
	var index v1.IndexManifest
	if err := json.Unmarshal(must(os.ReadFile(file)), &index); err != nil {
		t.Fatal(err)
	}
	delete(index.Annotations, notForRelease)
	if err := os.WriteFile(file, must(json.Marshal(index)), 0o644); err != nil {
		t.Fatal(err)
	}
}
