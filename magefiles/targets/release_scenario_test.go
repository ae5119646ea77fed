//go:build scenario

package targets_test

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// TestScenarioReleaseCheck is the whole release check of the sample, and a
// look into everything it leaves in dist.
func TestScenarioReleaseCheck(t *testing.T) {
	t.Parallel()
	dir := sample(t)
	result := pipeline(t, dir, nil, "releaseCheck")
	if result.code != 0 || result.stderr != "" ||
		!strings.Contains(result.stdout, "Warning: v1.7.3 is a patch release, but 5 changes ask for a minor") {
		t.Fatalf("exit code %d, stderr %s", result.code, result.stderr)
	}
	for _, name := range []string{"plan", "lint", "test", "build", "backend:lint", "backend:typeCheck",
		"frontend:lint", "frontend:typeCheck",
		"backend:unit", "backend:integration", "frontend:test", "backend:contract"} {
		if got := cell(result.stdout, name); got != "ok" {
			t.Errorf("%s: %q", name, got)
		}
	}
	nothingBut(t, dir, "dist/", "frontend/node_modules/")
	testkit.Golden(t, "testdata/release-check.txt", closing(result.stdout))
	for _, file := range []string{"plan.json", "lint/backend-lint.json", "lint/backend-typeCheck.json",
		"lint/frontend-lint.json",
		"lint/frontend-typeCheck.json", "test/backend-unit.xml", "test/backend-integration.xml",
		"test/frontend-test.xml",
		"test/backend-contract.xml", "frontend.tar.gz", "openapi.json", "sbom.spdx.json", "vendor/linux-arm64",
		"vendor/linux-amd64"} {
		if _, err := os.Stat(filepath.Join(dir, "dist", file)); err != nil {
			t.Error(err)
		}
	}
	sums := exec.CommandContext(t.Context(), "sha256sum", "--check", "--strict", "--quiet", "checksums.txt")
	sums.Dir = filepath.Join(dir, "dist")
	if out, err := sums.CombinedOutput(); err != nil {
		t.Errorf("checksums: %v\n%s", err, out)
	}
	t.Run("SBOM", func(t *testing.T) { inspectSBOM(t, filepath.Join(dir, "dist", "sbom.spdx.json")) })
	t.Run("image", func(t *testing.T) { inspectImage(t, dir) })
	t.Run("reproducible", func(t *testing.T) { buildAgain(t, dir) })
}

// inspectSBOM looks whether the packages of both languages have their hash and, nearly all, a licence; and those from
// PyPI, mostly, a supplier. The three from npm do not say who made them.
func inspectSBOM(t *testing.T, file string) {
	var bill struct {
		Packages []struct {
			SPDXID, Supplier, LicenseDeclared string
			Checksums                         []struct{ Algorithm, ChecksumValue string }
		}
	}
	if err := json.Unmarshal([]byte(readFile(t, file)), &bill); err != nil {
		t.Fatal(err)
	}
	all, licensed, supplied := map[string]int{}, map[string]int{}, map[string]int{}
	for _, each := range bill.Packages {
		kind, _, _ := strings.Cut(strings.TrimPrefix(each.SPDXID, "SPDXRef-"), "-")
		algorithm := map[string]string{"pypi": "SHA256", "npm": "SHA512"}[kind]
		if algorithm == "" {
			continue
		}
		all[kind]++
		if len(each.Checksums) == 0 || each.Checksums[0].Algorithm != algorithm {
			t.Errorf("%s has the hashes %v", each.SPDXID, each.Checksums)
		}
		for of, said := range map[*map[string]int]string{&licensed: each.LicenseDeclared, &supplied: each.Supplier} {
			if said != "NOASSERTION" && said != "" {
				(*of)[kind]++
			}
		}
	}
	for kind, least := range map[string]int{"pypi": all["pypi"] / 2, "npm": 0} {
		t.Logf("%s: %d packages, %d licences, %d suppliers", kind, all[kind], licensed[kind], supplied[kind])
		if all[kind] == 0 || licensed[kind] < all[kind]*9/10 || supplied[kind] < least {
			t.Errorf("%s: %d packages, %d licences, %d suppliers", kind, all[kind], licensed[kind], supplied[kind])
		}
	}
}

// inspectImage looks into the OCI layout.
func inspectImage(t *testing.T, dir string) {
	index, err := layout.ImageIndexFromPath(filepath.Join(dir, "dist", "image.oci"))
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	var platforms, attested []string
	for _, descriptor := range manifest.Manifests {
		if descriptor.Platform.OS == "unknown" {
			attested = append(attested, descriptor.Annotations["vnd.docker.reference.digest"])
			checkAttestations(t, index, descriptor)
			continue
		}
		platforms = append(platforms, descriptor.Platform.OS+"/"+descriptor.Platform.Architecture)
		checkPlatform(t, index, descriptor, testkit.Git(t, dir, "rev-parse", "HEAD"))
	}
	if diff := cmp.Diff([]string{"linux/amd64", "linux/arm64"}, platforms); diff != "" {
		t.Errorf("index.json lists (-want +got):\n%s", diff)
	}
	slices.Sort(attested)
	images := []string{manifest.Manifests[0].Digest.String(), manifest.Manifests[1].Digest.String()}
	slices.Sort(images)
	if diff := cmp.Diff(images, attested); diff != "" {
		t.Errorf("attested (-want +got):\n%s", diff)
	}
	if manifest.Annotations["org.opencontainers.image.version"] != "1.7.3" {
		t.Errorf("annotations of the index: %v", manifest.Annotations)
	}
}

// checkPlatform looks for the labels, the frontend with its version, and the
// compiled code of the platform's own wheels.
func checkPlatform(t *testing.T, index v1.ImageIndex, descriptor v1.Descriptor, commit string) {
	t.Helper()
	built, err := index.Image(descriptor.Digest)
	if err != nil {
		t.Fatal(err)
	}
	config, err := built.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"version":  "1.7.3",
		"revision": commit,
		"source":   "https://github.com/hughkantsime/runsodin",
		"created":  "2026-05-04T09:00:00Z",
	}
	for key, value := range want {
		if got := config.Config.Labels["org.opencontainers.image."+key]; got != value {
			t.Errorf("label %s: %q, expected %q", key, got, value)
		}
	}
	machine := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[descriptor.Platform.Architecture]
	found := map[string]bool{}
	eachFile(t, built, func(name string, content func() string) {
		switch {
		case name == "opt/odin/frontend/index.html":
			found["the frontend"] = true
		case strings.HasPrefix(name, "opt/odin/frontend/assets/") && strings.HasSuffix(name, ".js"):
			found["the version in the frontend"] = found["the version in the frontend"] ||
				strings.Contains(content(), "1.7.3")
		case strings.HasPrefix(name, "opt/odin/lib/") && strings.HasSuffix(name, "-"+machine+"-linux-gnu.so"):
			found["compiled code for "+machine] = true
		case strings.HasPrefix(name, "opt/odin/lib/") && strings.HasSuffix(name, "-linux-gnu.so"):
			t.Errorf("%s is for another machine than %s", name, machine)
		case strings.HasPrefix(name, "opt/odin/lib/supervisor/"):
			found["supervisord"] = true
		}
	})
	for _, what := range []string{
		"the frontend",
		"the version in the frontend",
		"compiled code for " + machine,
		"supervisord",
	} {
		if !found[what] {
			t.Errorf("%s/%s has not got %s", descriptor.Platform.OS, descriptor.Platform.Architecture, what)
		}
	}
}

func eachFile(t *testing.T, built v1.Image, look func(name string, content func() string)) {
	t.Helper()
	reader := mutate.Extract(built)
	defer reader.Close()
	for archive := tar.NewReader(reader); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		look(strings.TrimPrefix(header.Name, "./"), func() string {
			data, err := io.ReadAll(archive)
			if err != nil {
				t.Fatal(err)
			}
			return string(data)
		})
	}
}

// checkAttestations looks for provenance and SBOM beside a platform's image.
func checkAttestations(t *testing.T, index v1.ImageIndex, descriptor v1.Descriptor) {
	t.Helper()
	attested, err := index.Image(descriptor.Digest)
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := attested.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	subject := descriptor.Annotations["vnd.docker.reference.digest"]
	for _, layer := range manifest.Layers {
		blob, err := attested.LayerByDigest(layer.Digest)
		if err != nil {
			t.Fatal(err)
		}
		reader, err := blob.Uncompressed()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(reader)
		if err != nil || reader.Close() != nil {
			t.Fatal(err)
		}
		wants := []string{strings.TrimPrefix(subject, "sha256:")}
		if predicate := layer.Annotations["in-toto.io/predicate-type"]; strings.HasPrefix(
			predicate,
			"https://slsa.dev/provenance/",
		) {
			wants = append(wants, "node:22-slim", "python:3.11-slim") // mode=max names the materials
		} else if predicate != "https://spdx.dev/Document" {
			t.Errorf("an attestation of type %s", predicate)
		} else {
			wants = append(wants, "pkg:pypi/fastapi@", "pkg:npm/react@")
		}
		for _, want := range wants {
			if !strings.Contains(string(data), want) &&
				!strings.Contains(string(data), strings.ReplaceAll(want, ":", "@")) {
				t.Errorf("%s of %s does not name %s", layer.Annotations["in-toto.io/predicate-type"], subject, want)
			}
		}
	}
	if len(manifest.Layers) != 2 {
		t.Errorf("%d attestations for %s, expected provenance and SBOM", len(manifest.Layers), subject)
	}
}

// buildAgain builds the image once more with no cache: each platform's digest
// stays what it was.
func buildAgain(t *testing.T, dir string) {
	first, err := image.Inspect(filepath.Join(dir, "dist", "image.oci"))
	if err != nil {
		t.Fatal(err)
	}
	runner := &run.Runner{Env: run.Environ(os.Environ()), Out: run.Locked(io.Discard)}
	decided, err := plan.Read(filepath.Join(dir, "dist", "plan.json"))
	if err != nil {
		t.Fatal(err)
	}
	found, err := app.Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	config := found.Config.Build.Image
	if !testkit.All() {
		config.Platforms, first.Platforms = config.Platforms[:1], first.Platforms[:1] // in the same order
	}
	engine, err := image.FindEngine(t.Context(), runner, config, image.ForRelease)
	if err != nil {
		t.Fatal(err)
	}
	dist := filepath.Join(dir, "dist")
	again, err := image.Build(
		t.Context(),
		runner,
		image.Options{
			Engine: engine,
			Image:  config,
			Of: image.Subject{
				Version: decided.Version, Commit: decided.Commit, CommitTime: decided.CommitTime, Tree: decided.Tree,
				Repository: decided.Repository,
			},
			NoCache: true,
			Source: filepath.Join(
				dist,
				"source",
			),
			Vendor: filepath.Join(dist, "vendor"),
			Dest:   filepath.Join(t.TempDir(), "image.oci"),
		},
	)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first.Platforms, again.Platforms); diff != "" {
		t.Errorf("built again (-first +again):\n%s", diff)
	}
}

var (
	times   = regexp.MustCompile(`[0-9]+ min [0-9]+ s|[0-9]+\.[0-9] s`)
	digests = regexp.MustCompile(`sha256:[0-9a-f]{64}`)
	sizes   = regexp.MustCompile(`[0-9]+(\.[0-9])? [kMG]?B\b`)
	commits = regexp.MustCompile(`\([0-9a-f]{12}\), in .*:`)
	commit  = regexp.MustCompile(`\b[0-9a-f]{7}\b( of [0-9]{4}-[0-9]{2}-[0-9]{2})?`)
	latest  = regexp.MustCompile(`^  latest .*`) // what it is, a registry may say
	padding = regexp.MustCompile(` {2,}`)
)

// planned is a heading of a plan.
var planned = regexp.MustCompile(`^(v[0-9]+\.[0-9]+\.[0-9]+|What .*|How to upgrade)\n$`)

// unindented reports whether a line is of the log or of a tool, rather than of a table: those
// are indented.
func unindented(line string) bool {
	indented := strings.HasPrefix(line, "  ") || strings.TrimSpace(line) == "" || strings.HasSuffix(line, ":\n") ||
		planned.MatchString(line)
	return !indented || strings.Contains(line, " │ ") || strings.Contains(line, "──")
}

// closing returns what the pipeline prints of its own at the end of a run, without
// what differs from run to run.
func closing(output string) string {
	var lines []string
	for line := range strings.Lines(output) {
		if unindented(line) {
			continue
		}
		for _, each := range []struct {
			pattern *regexp.Regexp
			with    string
		}{
			{times, "TIME"},
			{digests, "DIGEST"},
			{sizes, "SIZE"},
			{commits, "(COMMIT), in DIST:"},
			{commit, "COMMIT"},
			{latest, "  latest LATEST"},
			{padding, "  "},
		} {
			line = each.pattern.ReplaceAllString(line, each.with)
		}
		lines = append(lines, line)
	}
	return strings.TrimSpace(strings.Join(slices.Compact(lines), "")) + "\n"
}
