package app

// Build says what is built and from what.
type Build struct {
	// Frontend is the Vite bundle.
	Frontend Bundle `yaml:"frontend"`
	// Vendor is the locked and vendored Python dependencies.
	Vendor Vendor `yaml:"vendor"`
	// Image is the container image.
	Image Image `yaml:"image"`
}

// Bundle is the frontend build.
type Bundle struct {
	// Directory is the folder with vite.config and package-lock.json.
	Directory string `yaml:"directory"`
	// Env is added to the build's environment.
	// Example: {VITE_MAP: "off"}
	Env map[string]string `yaml:"env"`
	// Inputs are paths that the build reads besides the frontend's side of the
	// app, as for a check.
	// Example: [backend/openapi.json]
	Inputs []string `yaml:"inputs"`
	// Timeout stops a build that hangs.
	Timeout Duration `yaml:"timeout"`
	// Absent says why this app has no frontend bundle.
	// Example: an API alone
	Absent string `yaml:"absent"`
}

// Vendor is the Python dependencies of the image, as wheels for each platform.
type Vendor struct {
	// Source is what the lock is compiled from: pyproject.toml or requirements.in.
	// Example: requirements.in
	Source string `yaml:"source"`
	// Lock is a requirements file with a hash for every distribution.
	Lock string `yaml:"lock"`
	// Python is the version of the interpreter in the image, such as "3.11".
	Python string `yaml:"python"`
	// Absent says why nothing is vendored.
	// Example: the image installs no Python packages
	Absent string `yaml:"absent"`
}

// Image is the container image of a release.
type Image struct {
	// Name is the image's repository, such as ghcr.io/owner/name, without a tag.
	// Example: ghcr.io/ada/shop
	Name string `yaml:"name"`
	// Context is the build context's folder.
	Context string `yaml:"context"`
	// Dockerfile is the file to build.
	Dockerfile string `yaml:"dockerfile"`
	// Platforms are the platforms to build, such as linux/amd64.
	// Example: [linux/amd64]
	Platforms []string `yaml:"platforms"`
	// Runners are the GitHub Actions runners on which each platform is native.
	// Example: {linux/arm64: my-arm-runner}
	Runners map[string]string `yaml:"runners"`
	// Args are build arguments.
	// Example: {DEBIAN: bookworm}
	Args map[string]string `yaml:"args"`
	// Builder names the Buildx builder to use.
	// Example: odin-release
	Builder string `yaml:"builder"`
	// Timeout stops a build that hangs.
	Timeout Duration `yaml:"timeout"`
	// Absent says why this app has no image.
	// Example: the app is published as files only
	Absent string `yaml:"absent"`
}

// Environ returns the build's environment as "KEY=value".
func (b Bundle) Environ() []string { return environ(b.Env) }
