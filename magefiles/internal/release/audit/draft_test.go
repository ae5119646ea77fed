package audit_test

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/audit"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// draft returns the audit of a draft.
func draft(t *testing.T, r publish.Release) audit.Audit {
	t.Helper()
	found, err := r.Observe(t.Context())
	if err != nil || found.Release == nil || !found.Release.Draft {
		t.Fatalf("%v: %+v", err, found)
	}
	return audit.Audit{Tag: "v1.8.0", GitHub: r.GitHub, Draft: found.Release, Registry: r.Open}
}

// Of a draft that nobody has signed, all else is checked, and what does not apply is not called well.
func TestUnsignedDraft(t *testing.T) {
	t.Parallel()
	s, commit := openScene(t)
	built := s.unsigned(t, commit)
	of := draft(t, s.publish(t, built, commit))
	result, shown := of.Run(t.Context()), bytes.Buffer{}
	for _, row := range result.Rows {
		fmt.Fprintf(&shown, "%s: %s\n", row.What, cmp.Or(row.Absent, "checked"))
	}
	if problem := result.Problem(); problem != nil {
		t.Fatal(problem)
	}
	testkit.Golden(t, "testdata/rows-unsigned.txt", shown.String())
	if checked, absent := result.Checked(), result.Absent(); checked != len(result.Rows)-6 || len(absent) != 6 {
		t.Errorf("%d of %d rows were checked, and %q do not apply", checked, len(result.Rows), absent)
	}
	digest := built.Image.Digest
	for row, changed := range map[string]*change{
		"file app.tar":           {text: s.half(t, "app.tar")},
		"checksums":              {text: s.half(t, build.ChecksumsFile)},
		"record":                 {path: "/downloads/", text: "\"tag\": \"v"},
		"record in the reposito": {path: "/contents/", text: "\"tag\": \"v"},
		"tag":                    {path: "/commits/", text: commit[:12]},
		"version of the image":   {path: "/manifests/" + digest, text: "org.opencontainers.image.version"},
		"image for linux/arm64":  {path: "/manifests/" + digest, text: built.Image.Platforms[1].Digest[:20]},
		"image for linux/amd64 (" + agent: {
			path: "/manifests/" + built.Images[0].Digest, text: built.Images[0].Platforms[0].Digest[:20],
		},
	} {
		s.change.Store(changed)
		problem := of.Run(t.Context()).Problem()
		s.change.Store(nil)
		if problem == nil || !strings.Contains("\n"+problem.Error(), "\n"+row) {
			t.Errorf("%s: %v", row, problem)
		}
	}
	of.Draft.Body = strings.ReplaceAll(of.Draft.Body, digest, "sha256:"+strings.Repeat("0", 64))
	if problem := of.Run(t.Context()).Problem(); problem == nil || !strings.HasPrefix(problem.Error(), "notes: ") {
		t.Errorf("notes of another image: %v", problem)
	}
}

// Attestations are those of the files and of the image. Nobody has signed those of a stand-in for GitHub: elsewhere,
// they are refused.
func TestAttestedDraft(t *testing.T) {
	t.Parallel()
	nobody, err := signature.Generate()
	if err != nil {
		t.Fatal(err)
	}
	other := []artifact.File{{Name: "app.tar", SHA256: strings.Repeat("0", 64)}}
	const noCertificate = "provenance: it has no certificate\n" +
		"provenance, by GitHub, of the image: it has no certificate"
	for name, test := range map[string]struct {
		files, image   bool // whether they are attested, and not something else
		more, renamed  bool // another file is attested, too; or a file under another name
		without        bool // the image is not attested at all
		problem, there string
	}{
		"as it should be": {files: true, image: true, problem: noCertificate},
		"other files":     {image: true, there: "provenance: it says nothing of app.tar"},
		"left out":        {files: true, more: true, image: true, there: "provenance: it is about tool.exe (0000"},
		"renamed":         {files: true, renamed: true, image: true, there: "provenance: it says nothing of app.tar"},
		"another image":   {files: true, there: "provenance, by GitHub, of the image: it says nothing of sha256:"},
		"no image":        {files: true, without: true, there: "provenance, by GitHub, of the image: there is none"},
	} {
		t.Run(name, func(t *testing.T) {
			s, commit := openScene(t)
			built := s.unsigned(t, commit)
			files, image := other, other
			if test.files {
				files = slices.Clone(built.Files)
			}
			if test.more {
				files = append(files, artifact.File{Name: "tool.exe", SHA256: strings.Repeat("0", 64)})
			}
			if test.renamed {
				files[0].Name = "other.tar"
			}
			if test.image {
				image = imageOf(built)
			}
			built.Files = append(built.Files, s.provenance(t, build.ProvenanceFile, nobody, files))
			if !test.without {
				built.Files = append(built.Files, s.provenance(t, build.ImageProvenanceFile, nobody, image))
			}
			of := draft(t, s.publish(t, built, commit))
			problem := of.Run(t.Context()).Problem()
			if problem == nil || !strings.HasPrefix(problem.Error(), test.problem) {
				t.Errorf("it is taken as signed: %v", problem)
			}
			of.Rehearsal = true
			result := of.Run(t.Context())
			switch problem := result.Problem(); {
			case test.there != "" && (problem == nil || !strings.HasPrefix(problem.Error(), test.there)):
				t.Errorf("expected %q: %v", test.there, problem)
			case test.there == "" && (problem != nil || len(result.Absent()) != 6 || len(result.Warnings) > 0):
				t.Errorf("%v, and %q do not apply", problem, result.Absent())
			}
		})
	}
}
