//go:build scenario

package targets_test

import (
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestNightlySampleInABrowser builds the sample, starts its image, and looks with Playwright
// whether the footer shows the version that the API reports.
func TestNightlySampleInABrowser(t *testing.T) {
	t.Parallel()
	dir := sample(t)
	change(t, dir, "release.yaml", "", "suites:\n"+
		"  - {name: browser, kind: playwright, directory: e2e, needs: [image]}\n"+
		"build: {image: {platforms: [linux/"+runtime.GOARCH+"]}}\n")
	change(t, dir, "e2e/package.json", "", `{"private": true, "devDependencies": {"@playwright/test": "1.65.1"}}`)
	change(t, dir, "e2e/footer.spec.ts", "", `import { test, expect } from '@playwright/test';

test('the footer shows the version', async ({ page, request }) => {
  const { version } = await (await request.get('/api/v1/health')).json();
  await page.goto('/');
  await expect(page.locator('footer')).toContainText(version);
});
`)
	lock := exec.CommandContext(t.Context(), "npm", "install", "--package-lock-only", "--no-audit", "--no-fund")
	lock.Dir = filepath.Join(dir, "e2e")
	if out, err := lock.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, again := range []string{"", "reused"} {
		result := pipeline(t, dir, nil, "test", "-only=browser")
		if result.code != 0 || !strings.Contains(result.stdout, "browser") || !strings.Contains(result.stdout, again) {
			t.Fatalf("exit code %d, expected %q\n%s%s", result.code, again, result.stdout, result.stderr)
		}
	}
}
