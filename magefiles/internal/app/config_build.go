package app

// Build says what is built and from what.
type Build struct {
	// Frontend is the Vite bundle.
	Frontend Bundle `yaml:"frontend"`
	// Vendor is the locked and vendored Python dependencies.
	Vendor Vendor `yaml:"vendor"`
	// Image is the container image.
	Image Image `yaml:"image"`
	// Images are further images, by a short name, such as one from another stage of the Dockerfile. They are built
	// together with build.image, for the same platforms, and get the same tags at the same time.
	Images map[string]FurtherImage `yaml:"images"`
	// LFS says which files may stay Git LFS pointers in a release.
	LFS LFS `yaml:"lfs"`
	// Files are other files of the release, such as compiled programs. Each entry has a command that makes its
	// files.
	Files []Files `yaml:"files"`
}

// Bundle is the frontend build.
type Bundle struct {
	// Directory is the folder with vite.config, package.json and the lock of npm, pnpm or
	// yarn.
	Directory string `yaml:"directory"`
	// Env is added to the build's environment.
	// Example: {VITE_MAP: "off"}
	Env map[string]string `yaml:"env"`
	// Inputs are paths that the build reads besides the frontend's side of the app, as for a check.
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
	// Source is what the lock is compiled from: pyproject.toml or requirements.in. It is not used for a uv.lock or
	// a poetry.lock, which belong to the pyproject.toml beside them.
	// Example: requirements.in
	Source string `yaml:"source"`
	// Lock is a requirements file with a hash for every distribution, or the uv.lock or
	// poetry.lock of a project.
	Lock string `yaml:"lock"`
	// Sdists are packages of the lock that only exist as source distributions. Their wheels are built with pinned
	// tools, and vendored with their own hashes. They must be pure Python, unless there is a compiler.
	// Example: [http-ece]
	Sdists []string `yaml:"sdists"`
	// Compiler is an image with Python, pip and a C compiler, named with its digest. The wheels of sdists are built
	// in it, without a network, for each platform of the image.
	// Example: python:3.11@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
	Compiler string `yaml:"compiler"`
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
	// Target is the stage of the Dockerfile to build; by default the last one.
	// Example: production
	Target string `yaml:"target"`
	// Args are build arguments; {version} and {commit} in a value are replaced.
	// Example: {APP_VERSION: '{version}', GIT_COMMIT: '{commit}'}
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

// LFS says which files may stay Git LFS (https://git-lfs.com) pointers in a release.
type LFS struct {
	// Allow are patterns of files and folders that may be Git LFS pointers instead of the files themselves. They
	// are written as in a .gitignore: a pattern without a slash applies in every folder; one with a slash is
	// relative to the app's root; ** stands for any folders. Any other pointer is an error.
	// Example: ['*.onnx', models/large]
	Allow []string `yaml:"allow"`
}

// Files are files of a release that a command makes.
type Files struct {
	// Name is the step's name.
	// Example: programs
	Name string `yaml:"name" jsonschema:"required"`
	// Command is the program and its arguments. It writes the files to the folder $OUTPUT_DIR. $VERSION is the
	// version, and $SOURCE_DATE_EPOCH the time of the commit.
	// Example: [scripts/programs]
	Command []string `yaml:"command" jsonschema:"required"`
	// Outputs are the names of the files that the command writes. It must write exactly these.
	// Example: [shop_linux_amd64.tar.gz, shop_darwin_arm64.tar.gz]
	Outputs []string `yaml:"outputs" jsonschema:"required"`
	// Directory is the folder that the command runs in; by default the app's root.
	// Example: cmd
	Directory string `yaml:"directory"`
	// Environment names a Python environment whose tools the command finds first.
	// Example: backend
	Environment string `yaml:"environment"`
	// Env is added to the command's environment.
	// Example: {CGO_ENABLED: "0"}
	Env map[string]string `yaml:"env"`
	// Tools are programs of the machine that the command runs, such as go. The files are made again if one of them
	// is replaced.
	// Example: [go]
	Tools []string `yaml:"tools"`
	// Inputs are paths that the command reads besides its own side of the app, as for a
	// check.
	// Example: [.git]
	Inputs []string `yaml:"inputs"`
	// Modules is the go.mod with the dependencies of the files. The SBOM lists its modules.
	// Example: go.mod
	Modules string `yaml:"modules"`
	// Timeout stops a command that hangs.
	// Example: 30m
	Timeout Duration `yaml:"timeout"`
}

// Step returns the command as a step of kind command.
func (f Files) Step() Step {
	return Step{
		Name: f.Name, Kind: "command", Command: f.Command, Directory: f.Directory, Environment: f.Environment,
		Env: f.Env, Tools: f.Tools, Inputs: f.Inputs, Timeout: f.Timeout,
	}
}

// Environ returns the build's environment as "KEY=value".
func (b Bundle) Environ() []string { return environ(b.Env) }
