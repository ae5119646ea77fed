package targets

import (
	"context"
	"errors"
	"path/filepath"
	"slices"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/frontend"
)

// onImage returns what the suites need that test the image.
func (m machine) onImage() []need {
	suites := slices.DeleteFunc(app.ImageSuites(m.config), func(suite app.Step) bool { return suite.Absent != "" })
	if len(suites) == 0 {
		return nil
	}
	list := []need{{
		"test", "containers, for the image",
		m.engineRemedy(),
		func(ctx context.Context) (string, error) { return verify.NativePlatform(ctx, m.run) },
	}}
	if slices.ContainsFunc(suites, func(suite app.Step) bool { return suite.Kind == "playwright" }) {
		list = append(list, need{
			"test",
			"Chromium, for Playwright",
			m.chromiumRemedy(),
			m.browser,
		})
	}
	return list
}

// browser finds the machine's browser, else one that Playwright installed.
func (m machine) browser(context.Context) (string, error) {
	if path := frontend.Browser(m.run); path != "" {
		return path, nil
	}
	home := m.run.Getenv("HOME")
	dirs := []string{ // https://playwright.dev/docs/browsers#managing-browser-binaries
		filepath.Join(home, ".cache", "ms-playwright"), filepath.Join(home, "Library", "Caches", "ms-playwright"),
	}
	if own := m.run.Getenv("PLAYWRIGHT_BROWSERS_PATH"); own != "" {
		dirs = []string{own}
	}
	for _, dir := range dirs {
		if found, err := filepath.Glob(filepath.Join(dir, "chromium-*")); err == nil && len(found) > 0 {
			return found[0], nil
		}
	}
	return "", errors.New("neither chromium, chromium-browser nor google-chrome is in PATH")
}
