package overview_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/sbom"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/overview"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/report/page"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/tinyapp"
)

// commit is that of each release here.
const commit = "3009d8d9008c11e273f598c28a24273fdeda4867"

// stand is an app with what a build left of a version.
type stand struct {
	*testing.T
	overview.Source
}

func newStand(t *testing.T, version, baseline string, kept cache.Dir) stand {
	t.Helper()
	found, err := app.Default(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := stand{t, overview.Source{App: found, Cache: kept, Notes: "## Fixes\n"}}
	s.Plan = &plan.Plan{
		Version: version, Tag: "v" + version, Commit: commit, Baseline: baseline, Previous: baseline,
		Repository: "https://github.com/o/r",
	}
	return s
}

// write writes a file of the app.
func (s stand) write(name, content string) {
	s.Helper()
	file := s.App.Path(name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		s.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		s.Fatal(err)
	}
}

// build leaves in dist what a build does.
func (s stand) build(packages ...sbom.Package) {
	s.Helper()
	s.write("dist/frontend.tar.gz", "the bundle of "+s.Plan.Version)
	document, err := sbom.Document(
		sbom.Subject{Name: "app", Version: s.Plan.Version, Created: time.Unix(0, 0)},
		packages,
		nil,
	)
	if err != nil {
		s.Fatal(err)
	}
	s.write("dist/sbom.spdx.json", string(document))
	if _, err := artifact.Checksums(s.App.Path("dist"), []string{"frontend.tar.gz", "sbom.spdx.json"}); err != nil {
		s.Fatal(err)
	}
	s.write("dist/build.json", fmt.Sprintf(`{"tag": %q, "commit": %q}`, s.Plan.Tag, commit))
	base := static.NewLayer([]byte("the base image"), types.OCIUncompressedLayer)
	var images []v1.Image
	for _, platform := range []string{"linux/amd64", "linux/arm64"} {
		own := static.NewLayer([]byte(s.Plan.Version+" for "+platform), types.OCIUncompressedLayer)
		image, err := mutate.AppendLayers(tinyapp.Image(s.T, platform, base), own)
		if err != nil {
			s.Fatal(err)
		}
		images = append(images, image)
	}
	tinyapp.WriteLayout(s.T, s.App.Path("dist", "image.oci"), s.Plan.Version, commit, images...)
}

// built returns the steps of a run that built.
func built() []report.Span {
	return []report.Span{{Phase: "build", Name: "checksums", State: report.Done}}
}

// What is built is compared with what an earlier build on this machine left.
func TestComparison(t *testing.T) {
	kept := cache.Dir(t.TempDir())
	before := newStand(t, "1.7.2", "", kept)
	before.build(sbom.Package{Type: "pypi", Name: "fastapi", Version: "1"})
	first := before.Complete(page.Report{Steps: built()})
	if first.Last.Tag != "" || first.Packages.Compared || first.Image.Platforms[0].LayersAreOfIt {
		t.Errorf("the first release is compared with something: %+v", first)
	}
	now := newStand(t, "1.7.3", "v1.7.2", kept)
	now.build(sbom.Package{Type: "pypi", Name: "fastapi", Version: "2"})
	r := now.Complete(page.Report{Steps: built()})
	if r.Last != (page.Last{Tag: "v1.7.2", Source: "as it was built on this machine"}) {
		t.Errorf("it is compared with %+v", r.Last)
	}
	want := &page.Packages{
		Count: 1, Compared: true, Before: 1,
		Changed: []page.Change{{Type: "pypi", Name: "fastapi", From: "1", To: "2"}},
	}
	if diff := cmp.Diff(want, r.Packages); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	layers := r.Image.Platforms[1].Layers
	if len(layers) != 2 || !layers[0].Same || layers[1].Same || r.Image.Platforms[1].Before == 0 {
		t.Errorf("%+v", r.Image.Platforms[1])
	}
	if len(r.Files) != 3 || r.Files[1].Name != "frontend.tar.gz" || r.Files[1].Before != r.Files[1].Size {
		t.Errorf("%+v", r.Files)
	}
	if text := fmt.Sprint(r.Verify); !strings.Contains(text, "gh release download v1.7.3 --repo o/r\nsha256sum") ||
		!strings.Contains(text, "imagetools inspect "+r.Image.Name+"@"+r.Image.Digest) {
		t.Errorf("it is verified by %s", text)
	}
}

// A release is compared with the last one as it was released, where that is known, by a job
// that has no image of its own, too.
func TestComparisonWithARelease(t *testing.T) {
	s := newStand(t, "1.7.3", "v1.7.2", cache.Dir(t.TempDir()))
	s.build(sbom.Package{Type: "pypi", Name: "fastapi", Version: "2"})
	previous := publish.State{Tag: "v1.7.2", Version: "1.7.2", Commit: commit, Files: []artifact.File{
		{Name: "frontend.tar.gz", Size: 7},
	}}
	s.write("dist/previous/release.json", string(previous.JSON()))
	with := s.Complete(page.Report{Steps: built()})
	if with.Last != (page.Last{Tag: "v1.7.2", Source: "as it was released"}) || with.Files[1].Before != 7 {
		t.Errorf("it is compared with %+v: %+v", with.Last, with.Files)
	}
	if err := os.RemoveAll(s.App.Path("dist", "image.oci")); err != nil {
		t.Fatal(err)
	}
	without := s.Complete(page.Report{Steps: built()})
	if diff := cmp.Diff(with.Image, without.Image); diff != "" || without.Image == nil {
		t.Errorf("a job without an image says (-with +without):\n%s", diff)
	}
	s.write("dist/previous/release.json", strings.ReplaceAll(string(previous.JSON()), "1.7.2", "1.7.3"))
	if r := s.Complete(page.Report{Steps: built()}); r.Last.Tag != "" {
		t.Errorf("it is compared with itself: %+v", r.Last)
	}
}

// What dist holds of another release, or of checks that did not run, is not shown.
func TestWhatIsOfAnotherRun(t *testing.T) {
	s := newStand(t, "1.7.3", "v1.7.2", cache.Dir(t.TempDir()))
	s.build()
	s.write("dist/lint/backend-lint.json", `[{"file": "a.py", "severity": "error", "message": "m"}]`)
	s.write("dist/test/backend-unit.xml", `<testsuite><testcase name="a"/></testsuite>`)
	if r := s.Complete(
		page.Report{Steps: []report.Span{{Phase: "lint", Name: "frontend:lint", State: report.Done}}},
	); len(
		r.Files,
	) > 0 || len(r.Checks) > 0 || len(r.Suites) > 0 ||
		r.Image != nil {
		t.Errorf("%+v", r)
	}
	s.Plan.Commit = strings.Repeat("0", 40)
	if r := s.Complete(page.Report{Steps: built()}); len(r.Files) > 0 || r.Image != nil {
		t.Errorf("of another commit: %+v", r)
	}
	s.Plan = nil
	if r := s.Complete(page.Report{Steps: built()}); r.Release != nil || len(r.Files) > 0 {
		t.Errorf("without a plan: %+v", r)
	}
}

// A finding is shown with its source, and a test that failed with its output. No link leads to
// a file outside of the app.
func TestFindingsAndTests(t *testing.T) {
	s := newStand(t, "1.7.3", "", cache.Dir(t.TempDir()))
	s.write("a.py", "one\ntwo\nthree\nfour\nfive\nsix\n")
	outside := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(outside, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, s.App.Path("link.py")); err != nil {
		t.Fatal(err)
	}
	var findings []report.Finding
	for _, place := range []string{"a.py:4", "a.py:99", "missing.py:1", "link.py:1", "../secret:1", "a.py:0"} {
		var finding report.Finding
		finding.File, _, _ = strings.Cut(place, ":")
		_, _ = fmt.Sscan(place[len(finding.File)+1:], &finding.Line)
		findings = append(findings, finding)
	}
	text, err := json.Marshal(findings)
	if err != nil {
		t.Fatal(err)
	}
	s.write("dist/lint/backend-lint.json", string(text))
	s.write("dist/test/backend-unit.xml",
		`<testsuite><testcase name="a" time="1"><failure message="m">out</failure></testcase></testsuite>`)
	r := s.Complete(page.Report{Steps: []report.Span{
		{Phase: "lint", Name: "backend:lint", State: report.Failed},
		{Phase: "test", Name: "backend:unit", State: report.Failed},
	}})
	want := []page.Line{
		{Number: 2, Text: "two"}, {Number: 3, Text: "three"}, {Number: 4, Text: "four", Here: true},
		{Number: 5, Text: "five"}, {Number: 6, Text: "six"},
	}
	if len(r.Checks) != 1 || len(r.Checks[0].Findings) != len(findings) {
		t.Fatalf("%+v", r.Checks)
	}
	for i, each := range r.Checks[0].Findings {
		if i > 0 {
			want = nil
		}
		if diff := cmp.Diff(want, each.Source); diff != "" {
			t.Errorf("%s:%d (-want +got):\n%s", each.File, each.Line, diff)
		}
	}
	tests := []page.Suite{{Name: "backend:unit", Cases: []page.Case{
		{Name: "a", Time: time.Second, Failed: true, Message: "m", Output: "out"},
	}}}
	if diff := cmp.Diff(tests, r.Suites); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A check or a suite that ran and left nothing, such as one that was interrupted, is part of the run all the same. What
// an earlier run left of it is not shown.
func TestUntold(t *testing.T) {
	s := newStand(t, "1.7.3", "", cache.Dir(t.TempDir()))
	s.write("dist/lint/backend-lint.json", `[{"file": "a.py", "severity": "error", "message": "earlier"}]`)
	s.write("dist/lint/frontend-lint.json", "[]")
	r := s.Complete(page.Report{Steps: []report.Span{
		{Phase: "lint", Name: "backend:lint", State: report.Interrupted},
		{Phase: "lint", Name: "frontend:lint", State: report.Done},
		{Phase: "lint", Name: "frontend:typeCheck", State: report.NotRun},
		{Phase: "test", Name: "backend:unit", State: report.Failed},
	}})
	want := page.Untold{
		Checks: []page.Ran{{Name: "backend:lint", State: report.Interrupted}},
		Suites: []page.Ran{{Name: "backend:unit", State: report.Failed}},
	}
	if diff := cmp.Diff(want, r.Untold); diff != "" || len(r.Checks) != 1 {
		t.Errorf("%d checks; (-want +got):\n%s", len(r.Checks), diff)
	}
}

// An app that announces nothing does not have the name of another one's announcements.
func TestName(t *testing.T) {
	for yaml, want := range map[string]string{
		"": "O.D.I.N.", "announce: {absent: no channel}\n": "r", "announce: {name: Shop}\n": "Shop",
		"announce: {absent: no channel, name: Shop}\n": "Shop",
	} {
		s := newStand(t, "1.7.3", "", cache.Dir(t.TempDir()))
		var err error
		if s.App, err = s.App.With("release.yaml", []byte(yaml)); err != nil {
			t.Errorf("%s: %v", yaml, err)
			continue
		}
		if got := s.Complete(page.Report{}).App; got != want {
			t.Errorf("%s: %s, expected %s", yaml, got, want)
		}
		if s.Plan = nil; want == "r" {
			want = filepath.Base(s.App.Root)
		}
		if got := s.Complete(page.Report{}).App; got != want {
			t.Errorf("%s, without a plan: %s, expected %s", yaml, got, want)
		}
	}
}

// The cache keeps a few builds of an app.
func TestFewBuildsAreKept(t *testing.T) {
	kept := cache.Dir(t.TempDir())
	for i := range 8 {
		s := newStand(t, fmt.Sprintf("1.0.%d", i), "", kept)
		s.build()
		s.Keep()
	}
	found, err := filepath.Glob(string(kept) + "/built/*/v1.0.*")
	if err != nil || len(found) != 5 {
		t.Errorf("%q, %v", found, err)
	}
}
