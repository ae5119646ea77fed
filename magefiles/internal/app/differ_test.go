package app

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDifferences changes settings of each form.
func TestDifferences(t *testing.T) {
	before, err := defaultConfig(Config{})
	if err != nil {
		t.Fatal(err)
	}
	after, _, err := merge(ConfigFile, []byte(`
checks: [{name: "backend:lint", timeout: 90s}]
suites: [{name: "backend:unit", absent: no tests}]
versionFiles: [{path: VERSION}]
verify: {page: {absent: an API alone}, port: 8080}
docs: {paths: [docs, site]}
`))
	if err != nil {
		t.Fatal(err)
	}
	got := Differences(before, after)
	want := []Difference{
		{"checks[backend:lint].timeout", "5m0s", "1m30s"},
		{"docs.paths", "[docs]", "[docs site]"},
		{"suites[backend:unit].absent", "", "no tests"},
		{"verify.page", "/", "absent: an API alone"},
		{"verify.port", "8000", "8080"},
		{"versionFiles[0].path", "frontend/package.json", "VERSION"},
		{"versionFiles[1].optional", "true", ""},
		{"versionFiles[1].path", "frontend/package-lock.json", ""},
		{"versionFiles[2].path", "backend/pyproject.toml", ""},
		{"versionFiles[3].optional", "true", ""},
		{"versionFiles[3].path", "backend/uv.lock", ""},
		{"versionFiles[4].path", "frontend/src/version.ts", ""},
		{"versionFiles[4].pattern", `APP_VERSION\s*=\s*['"]([^'"]+)['"]`, ""},
		{"versionFiles[5].optional", "true", ""},
		{"versionFiles[5].path", "VERSION", ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if same := Differences(after, after); same != nil {
		t.Errorf("a configuration differs from itself: %v", same)
	}
}

// TestWith reads a release.yaml that is not saved, as strictly as one that is.
func TestWith(t *testing.T) {
	found, err := Default(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	with, err := found.With("draft.yaml", []byte("verify: {health: /health}\n"))
	if err != nil || with.Config.Verify.Health != "/health" || with.Foreign || !found.Foreign {
		t.Errorf("%+v %v", with, err)
	}
	if at := with.Where("verify.health"); at != "draft.yaml:1:18" {
		t.Errorf("it is set at %q", at)
	}
	_, err = found.With("draft.yaml", []byte("verify: {helth: /health}\n"))
	if err == nil || !strings.HasPrefix(err.Error(), "draft.yaml:1:10: unknown key") {
		t.Errorf("an unknown key: %v", err)
	}
}
