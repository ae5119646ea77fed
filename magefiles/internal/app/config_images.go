package app

import (
	"cmp"
	"maps"
	"slices"
)

// FurtherImage is an image of a release besides the app's own. Settings that it does not set are those of the app's
// own image, except for the target and the arguments.
type FurtherImage struct {
	// Name is the image's repository, in the same registry as build.image.name.
	// Example: ghcr.io/ada/shop-agent
	Name string `yaml:"name" jsonschema:"required"`
	// Context is the build context's folder; by default that of build.image.
	// Example: agent
	Context string `yaml:"context"`
	// Dockerfile is the file to build; by default that of build.image.
	// Example: agent/Dockerfile
	Dockerfile string `yaml:"dockerfile"`
	// Target is the stage of the Dockerfile to build; by default the last one.
	// Example: agent
	Target string `yaml:"target"`
	// Args are build arguments, as in build.image.args. Those of build.image are not used.
	// Example: {AGENT_VERSION: '{version}'}
	Args map[string]string `yaml:"args"`
	// Verify says how the image is started on each platform before it gets its tags. Without a command and a path,
	// it is only pulled.
	Verify FurtherVerify `yaml:"verify"`
}

// FurtherVerify says how a further image is started, and what it must do.
type FurtherVerify struct {
	// Command is run in the image in place of the image's own command, after its entrypoint.
	// It must exit with 0.
	// Example: [shop-agent, --version]
	Command []string `yaml:"command"`
	// Health is the path that must answer with status 200.
	// Example: /healthz
	Health string `yaml:"health"`
	// Port is the port that the program listens on in its container; by default that of
	// verify.port.
	// Example: 9000
	Port int `yaml:"port"`
	// Env is the container's environment.
	// Example: {AGENT_MODE: check}
	Env map[string]string `yaml:"env"`
	// Timeout limits the time until the command ends or the path answers; by default that of verify.timeout.
	// Example: 1m
	Timeout Duration `yaml:"timeout"`
}

// NamedImage is an image of a release under its key in build.images.
type NamedImage struct {
	Key    string // "" for the app's own image
	Image  Image
	Verify FurtherVerify // of a further image
}

// Images returns the images of a release, the app's own first and then the others in the order of their keys. It
// returns none if the app has no image.
func Images(c Config) []NamedImage {
	if c.Build.Image.Absent != "" {
		return nil
	}
	list := []NamedImage{{Image: c.Build.Image}}
	for _, key := range slices.Sorted(maps.Keys(c.Build.Images)) {
		list = append(list, further(c, key))
	}
	return list
}

// further returns a further image, with the settings that it takes from the app's own.
func further(c Config, key string) NamedImage {
	own, more := c.Build.Image, c.Build.Images[key]
	image := own
	image.Name, image.Target, image.Args = more.Name, more.Target, more.Args
	image.Context = cmp.Or(more.Context, own.Context)
	image.Dockerfile = cmp.Or(more.Dockerfile, own.Dockerfile)
	verify := more.Verify
	verify.Port = cmp.Or(verify.Port, c.Verify.Port)
	verify.Timeout = cmp.Or(verify.Timeout, c.Verify.Timeout)
	return NamedImage{key, image, verify}
}

// FurtherImages returns Images without the app's own.
func FurtherImages(c Config) []NamedImage {
	if list := Images(c); len(list) > 0 {
		return list[1:]
	}
	return nil
}

// Environ returns the container's environment as "KEY=value".
func (v FurtherVerify) Environ() []string { return environ(v.Env) }
