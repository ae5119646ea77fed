//go:build scenario

package frontend_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/frontend"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/junit"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/tools"
)

// TestNightlyPlaywright visits an app with the machine's browser, with each form of
// configuration that an app may have. The lock is made from the registry.
func TestNightlyPlaywright(t *testing.T) {
	root := testkit.Files(t, map[string]string{
		"release.yaml":     "",
		"e2e/package.json": `{"private": true, "devDependencies": {"@playwright/test": "1.65.1"}}`,
		"e2e/footer.spec.ts": "import { test, expect } from '@playwright/test';\n" +
			"test('the footer has the version', async ({ page }) => {\n  await page.goto('/');\n" +
			"  await expect(page.locator('footer')).toHaveText('1.8.0');\n});\n",
	})
	dir := filepath.Join(root, "e2e")
	install := exec.CommandContext(t.Context(), "npm", "install", "--package-lock-only", "--no-audit", "--no-fund")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	found, err := app.Find(root)
	if err != nil {
		t.Fatal(err)
	}
	version := "1.8.0"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "<!doctype html><footer>%s</footer>", version)
	}))
	defer server.Close()
	runner := testkit.Runner()
	runner.Out = io.Discard
	store := cache.Dir(t.TempDir())
	of := frontend.Toolchain{App: found, Run: runner, Cache: store, Tools: tools.Tools{Run: runner, Cache: store}}
	suite := app.Step{Name: "browser", Kind: "playwright", Directory: "e2e",
		Env: map[string]string{"BASE_URL": server.URL}}
	for name, config := range map[string]string{
		"":                      "",
		"playwright.config.ts":  "export default { projects: [{ name: 'one', use: { viewport: null } }] };\n",
		"playwright.config.js":  "module.exports = { webServer: { command: 'false' }, retries: 0 };\n",
		"playwright.config.mjs": "export default { use: { launchOptions: { args: ['--mute-audio'] } } };\n",
	} {
		t.Run("config "+name, func(t *testing.T) {
			if name != "" {
				file := filepath.Join(dir, name)
				if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
					t.Fatal(err)
				}
				defer os.Remove(file)
			}
			results := runPlaywright(t, of, suite)
			if results.Passed != 1 || results.Failed != 0 {
				t.Errorf("%+v", results)
			}
		})
	}
	version = "1.7.0"
	results := runPlaywright(t, of, suite)
	if results.Failed != 1 || !strings.Contains(results.Failures[0].Message, "toHaveText") {
		t.Errorf("another version: %+v", results)
	}
}

func runPlaywright(t *testing.T, of frontend.Toolchain, suite app.Step) junit.Results {
	t.Helper()
	file := filepath.Join(t.TempDir(), "results.xml")
	ran := of.Playwright(context.WithoutCancel(t.Context()), suite, file)
	results, err := junit.Read(file)
	if err != nil {
		t.Fatalf("%v\n%v", err, ran)
	}
	return results
}
