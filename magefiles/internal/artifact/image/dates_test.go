package image

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

var commitTime = time.Date(2026, 5, 4, 12, 30, 0, 0, time.FixedZone("", 7200))

// packed returns a tar archive of files with these times.
func packed(t *testing.T, files map[string]time.Time) []byte {
	t.Helper()
	var archive bytes.Buffer
	writer := tar.NewWriter(&archive)
	for _, name := range []string{"new", "old"} {
		at, found := files[name]
		if !found {
			continue
		}
		header := &tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o755, Uid: 10001, Size: 4, ModTime: at,
			Format: tar.FormatPAX, PAXRecords: map[string]string{"SCHILY.xattr.user.a": "b"}}
		if err := writer.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		must(writer.Write([]byte("text")))
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}

// exportedImage returns an image as BuildKit exports it: a layer of a base image, and one that was built on it.
func exportedImage(t *testing.T) (exported v1.Image, base v1.Layer) {
	t.Helper()
	layers := []v1.Layer{
		static.NewLayer(packed(t, map[string]time.Time{"old": buildEpoch}), types.OCILayer),
		static.NewLayer(
			packed(t, map[string]time.Time{"new": buildEpoch, "old": time.Unix(7, 0)}),
			types.OCIUncompressedLayer,
		),
	}
	ids := []string{must(layers[0].DiffID()).String(), must(layers[1].DiffID()).String()}
	config := fmt.Sprintf(`{"os": "linux", "architecture": "arm64", "created": "1980-01-02T00:00:00Z",
		"config": {"Healthcheck": {"Test": ["CMD", "a<b"], "StartInterval": 5}}, "kept": {"a": 1},
		"history": [{"created": "2025-01-01T00:00:00Z", "created_by": "base"}, {"created_by": "old tool"},
			{"created": "1980-01-02T00:00:00Z", "created_by": "RUN new"}],
		"rootfs": {"type": "layers", "diff_ids": [%q, %q]}}`, ids[0], ids[1])
	manifest := &v1.Manifest{SchemaVersion: 2, MediaType: types.OCIManifestSchema1,
		Config: v1.Descriptor{MediaType: types.OCIConfigJSON},
		Layers: []v1.Descriptor{{}, {Annotations: map[string]string{rewrittenTo: "315619200"}}}}
	return must(remake(manifest, []byte(config), layers)), layers[0]
}

// What was built has the commit's time, in files and in the configuration. What
// is older, and the base image, stay as they are.
func TestDates(t *testing.T) {
	exported, base := exportedImage(t)
	dated := must(dates{commitTime, t.TempDir()}.image(exported))
	manifest, layers := must(dated.Manifest()), must(dated.Layers())
	if got := manifest.Layers[0].Digest; got != must(base.Digest()) {
		t.Errorf("the base image's layer became %s", got)
	}
	built := manifest.Layers[1]
	if built.MediaType != types.OCILayer || built.Annotations[rewrittenTo] != "1777890600" ||
		built.Digest != must(layers[1].Digest()) || built.Size != must(layers[1].Size()) {
		t.Errorf("the layer is %+v", built)
	}
	want := map[string]string{"new": "2026-05-04T10:30:00Z", "old": "1970-01-01T00:00:07Z"}
	if diff := cmp.Diff(want, times(t, layers[1])); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	var config map[string]any
	if err := json.Unmarshal(must(dated.RawConfigFile()), &config); err != nil {
		t.Fatal(err)
	}
	expected := map[string]any{
		"os": "linux", "architecture": "arm64", "created": "2026-05-04T10:30:00Z", "kept": map[string]any{"a": 1.0},
		"config": map[string]any{"Healthcheck": map[string]any{"Test": []any{"CMD", "a<b"}, "StartInterval": 5.0}},
		"history": []any{
			map[string]any{"created": "2025-01-01T00:00:00Z", "created_by": "base"},
			map[string]any{"created_by": "old tool"},
			map[string]any{"created": "2026-05-04T10:30:00Z", "created_by": "RUN new"},
		},
		"rootfs": map[string]any{"type": "layers", "diff_ids": []any{
			must(base.DiffID()).String(), must(layers[1].DiffID()).String()}},
	}
	if diff := cmp.Diff(expected, config); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
	if again := must(dates{commitTime, t.TempDir()}.image(exported)); must(again.Digest()) != must(dated.Digest()) {
		t.Error("made again, the digest is another one")
	}
}

// times returns the times of a layer's files. It checks their other properties, and the layer's DiffID.
func times(t *testing.T, layer v1.Layer) map[string]string {
	t.Helper()
	content := must(io.ReadAll(must(layer.Uncompressed())))
	if diff, _, err := v1.SHA256(bytes.NewReader(content)); err != nil || diff != must(layer.DiffID()) {
		t.Errorf("the layer's difference is %s, expected %s; %v", must(layer.DiffID()), diff, err)
	}
	found := map[string]string{}
	archive := tar.NewReader(bytes.NewReader(content))
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		if header.Uid != 10001 || header.Mode != 0o755 || header.PAXRecords["SCHILY.xattr.user.a"] != "b" ||
			string(must(io.ReadAll(archive))) != "text" {
			t.Errorf("%s is %+v", header.Name, header)
		}
		found[header.Name] = header.ModTime.UTC().Format(time.RFC3339)
	}
}

// Attestations name the image that is released, whichever form BuildKit gave them.
func TestAttestationOf(t *testing.T) {
	exported, _ := exportedImage(t)
	dated := must(dates{commitTime, t.TempDir()}.image(exported))
	old, digest := must(exported.Digest()), must(dated.Digest())
	statement := []byte(`{"subject": [{"digest": {"sha256": "` + old.Hex + `"}}]}`)
	former := must(mutate.Append(mutate.MediaType(empty.Image, types.OCIManifestSchema1), mutate.Addendum{
		Layer: static.NewLayer(statement, inToto), Annotations: map[string]string{predicateType: "provenance"}}))
	for name, beside := range map[string]v1.Image{"an image": former, "an artifact": artifact(t, former, exported)} {
		about := must(attestationOf(beside, old, dated))
		manifest := must(about.Manifest())
		if got := string(
			must(content(must(about.Layers())[0])),
		); got != strings.ReplaceAll(
			string(statement),
			old.Hex,
			digest.Hex,
		) {
			t.Errorf("%s: the statement is %s", name, got)
		}
		if got := manifest.Layers[0]; got.MediaType != inToto || got.Annotations[predicateType] != "provenance" {
			t.Errorf("%s: the statement is %+v", name, got)
		}
		if got := manifest.Subject; got != nil {
			t.Errorf("%s: the manifest has the subject %+v, which needs the Referrers API to push", name, got)
		}
		if config := string(must(about.RawConfigFile())); name == "an image" &&
			!strings.Contains(config, manifest.Layers[0].Digest.Hex) || name == "an artifact" && config != "{}" {
			t.Errorf("%s: the configuration is %s", name, config)
		}
	}
}

// artifact returns an attestation as BuildKit v0.34 exports it.
func artifact(t *testing.T, of v1.Image, subject v1.Image) v1.Image {
	t.Helper()
	manifest := must(of.Manifest()).DeepCopy()
	manifest.ArtifactType = "application/vnd.docker.attestation.manifest.v1+json"
	manifest.Config = v1.Descriptor{MediaType: "application/vnd.oci.empty.v1+json", Data: []byte("{}")}
	manifest.Subject = &v1.Descriptor{MediaType: types.OCIManifestSchema1, Digest: must(subject.Digest()),
		Size: must(subject.Size())}
	return must(remake(manifest, []byte("{}"), must(of.Layers())))
}
