package targets

// install returns how to get a program on this operating system: the packages for apt-get on Linux, the formula for
// Homebrew on macOS, and the page of its downloads.
func (m machine) install(packages, formula, page string) string {
	switch m.system {
	case "linux":
		return "apt-get install " + packages + ", or " + page
	case "darwin":
		return "brew install " + formula + ", or " + page
	}
	return page
}

// engineRemedy returns how to get a container engine with Buildx.
func (m machine) engineRemedy() string {
	const start = "start Docker, or install it: https://docs.docker.com/"
	switch m.system {
	case "linux":
		return start + "engine/install/; on Debian and Ubuntu, build sets it up if it runs as root"
	case "darwin":
		return start + "desktop/setup/install/mac-install/"
	}
	return start + "get-started/get-docker/"
}

// chromiumRemedy returns how to get a browser for Playwright.
func (m machine) chromiumRemedy() string {
	const own = "npx playwright install chromium"
	if m.system == "linux" {
		return own + ", or apt-get install chromium"
	}
	return own
}
