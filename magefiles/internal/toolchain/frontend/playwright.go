package frontend

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// browsers are programs that Playwright can use instead of its own Chromium.
var browsers = []string{"chromium", "chromium-browser", "google-chrome"}

// Browser returns the path of the machine's Chromium or Chrome, or "" if there is none.
func Browser(runner *run.Runner) string {
	for _, name := range browsers {
		if path, err := runner.Find(name); err == nil {
			return path
		}
	}
	return ""
}

// playwrightConfigs are the files in which Playwright finds its configuration
// (https://playwright.dev/docs/test-configuration).
var playwrightConfigs = []string{
	"playwright.config.ts", "playwright.config.js", "playwright.config.mts", "playwright.config.mjs",
	"playwright.config.cts", "playwright.config.cjs",
}

// wrapper is a configuration that wraps the app's own.
//
//go:embed playwright.config.ts.txt
var wrapper string

// wrapperFile is the path of the wrapper in a copy of the app, beside the app's configuration.
const wrapperFile = "odin-release.playwright.config.ts"

// Playwright runs a suite in a browser (https://playwright.dev/docs/test-cli) and writes its results to junitFile.
// Unless the suite's arguments name a configuration (-c, --config), the app's configuration is wrapped: the base
// URL is BASE_URL, and if Playwright has not installed its own Chromium, it uses the machine's browser.
func (t Toolchain) Playwright(ctx context.Context, step app.Step, junitFile string) error {
	command, err := t.command(ctx, step, "playwright", "test", "--reporter=list,junit")
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(step.Args, func(arg string) bool {
		return arg == "-c" || strings.HasPrefix(arg, "--config")
	}) {
		if err := t.wrap(step.Directory); err != nil {
			return fmt.Errorf("%s: %w", step.Name, err)
		}
		command.Args = append(command.Args, "--config="+wrapperFile)
	}
	command.Env = append(command.Env, "PLAYWRIGHT_JUNIT_OUTPUT_FILE="+junitFile,
		"PLAYWRIGHT_CHROMIUM_EXECUTABLE_PATH="+Browser(t.Run))
	_, err = t.Run.Run(ctx, command)
	return err
}

// wrap writes the wrapper into the folder of the copy that the suite runs in.
func (t Toolchain) wrap(directory string) error {
	own := "const own = {};"
	for _, name := range playwrightConfigs {
		if _, err := os.Stat(t.App.Path(directory, name)); err == nil {
			own = fmt.Sprintf("import own from './%s';", name)
			break
		}
	}
	return os.WriteFile(t.App.Path(directory, wrapperFile), []byte(own+"\n"+wrapper), 0o644)
}
