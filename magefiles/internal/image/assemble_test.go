package image

import (
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
	"github.com/hughkantsime/odin-release/magefiles/internal/plan"
)

// must is a value without its error.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// export writes what BuildKit exports of an image for some architectures: an
// index in a layout, with provenance for each.
func export(t *testing.T, version, commit string, architectures ...string) string {
	t.Helper()
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, architecture := range architectures {
		built := must(mutate.Config(empty.Image, v1.Config{Labels: map[string]string{versionKey: version, revisionKey: commit}}))
		config := must(built.ConfigFile()).DeepCopy()
		config.OS, config.Architecture = "linux", architecture
		built = must(mutate.ConfigFile(built, config))
		provenance := must(mutate.Append(empty.Image, mutate.Addendum{Layer: static.NewLayer([]byte("provenance of "+architecture), inToto)}))
		index = mutate.AppendManifests(index,
			mutate.IndexAddendum{Add: built, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: architecture}}},
			mutate.IndexAddendum{Add: provenance, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "unknown", Architecture: "unknown"},
				Annotations: map[string]string{referenceType: attestation, referenceDigest: must(built.Digest()).String()}}})
	}
	dir := t.TempDir()
	must(layout.Write(dir, mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: index})))
	return dir
}

// Parts that were built apart come to the image that was built at once, in
// whatever order they come.
func TestAssemble(t *testing.T) {
	const commit = "0123456789012345678901234567890123456789"
	options := Options{Image: app.Image{Name: "example.org/a", Platforms: []string{"linux/amd64", "linux/arm64"}},
		Plan: plan.Plan{Version: "1.7.3", Commit: commit}, SBOM: []byte(`{"spdxVersion": "SPDX-2.3"}`)}
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
		"there is no image for linux/arm64":                                    {amd64},
		"it is 1.7.2 of commit 0123456, and what is built is 1.7.3 of 0123456": {amd64, export(t, "1.7.2", commit, "arm64")},
		"it is 1.7.3 of commit fedcba9, and what is built is 1.7.3 of 0123456": {amd64, export(t, "1.7.3", "fedcba9876543210", "arm64")},
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
