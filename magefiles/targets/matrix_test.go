package targets

import (
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sirupsen/logrus"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
)

func TestJobs(t *testing.T) {
	for name, test := range map[string]struct {
		config    string
		suites    []job
		platforms []job
		warning   string
	}{
		"the documented shape": {"", []job{{
			Name: "backend:unit",
			File: "backend-unit",
		}, {Name: "backend:integration", File: "backend-integration", Postgresql: "postgres:15"},
			{Name: "frontend:test", File: "frontend-test"}, {Name: "backend:contract", File: "backend-contract"}},
			[]job{
				{Name: "linux/amd64", File: "linux-amd64", Runner: "ubuntu-24.04"},
				{Name: "linux/arm64", File: "linux-arm64", Runner: "ubuntu-24.04-arm"},
			}, ""},
		"what an app has not": {"suites: [{name: backend:integration, absent: none}, {name: load, kind: command, " +
			"command: [k6], needs: [postgresql]}]\npostgresql: {image: 'postgres:17'}\nbuild: {image: {absent: none}}",
			[]job{{
				Name: "backend:unit",
				File: "backend-unit",
			}, {Name: "backend:integration", File: "backend-integration"},
				{
					Name: "frontend:test",
					File: "frontend-test",
				}, {
					Name: "backend:contract",
					File: "backend-contract",
				}, {Name: "load", File: "load", Postgresql: "postgres:17"}},
			[]job{{File: "none", Runner: "ubuntu-24.04"}}, ""},
		"runners of its own": {"build: {image: {platforms: [linux/arm64, linux/arm/v7], runners: {linux/arm64: " +
			"big-arm}}}", nil,
			[]job{
				{Name: "linux/arm64", File: "linux-arm64", Runner: "big-arm"},
				{Name: "linux/arm/v7", File: "linux-arm-v7", Runner: "ubuntu-24.04"},
			},
			"names no runner for linux/arm/v7"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("GITHUB_ACTIONS", "false")
			var log strings.Builder
			screen := &report.Screen{Log: logrus.New(), Errs: io.Discard}
			screen.Log.SetOutput(&log)
			checks, suites, platforms := jobsOf(screen, appOf(t, test.config).Config)
			if len(checks) != 4 || checks[1] != (job{Name: "backend:typeCheck", File: "backend-typeCheck"}) {
				t.Errorf("checks %+v", checks)
			}
			if diff := cmp.Diff(test.suites, suites); diff != "" && test.suites != nil {
				t.Errorf("suites (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.platforms, platforms); diff != "" {
				t.Errorf("platforms (-want +got):\n%s", diff)
			}
			if test.warning == "" && log.Len() > 0 || !strings.Contains(log.String(), test.warning) {
				t.Errorf("log %q, expected %q", log.String(), test.warning)
			}
		})
	}
}

// appOf returns an app with a release.yaml.
func appOf(t *testing.T, config string) *app.App {
	t.Helper()
	dir := t.TempDir()
	writeFile(t, dir+"/"+app.ConfigFile, config)
	found, err := app.Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func writeFile(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
