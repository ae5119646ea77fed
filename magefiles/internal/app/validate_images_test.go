package app_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
)

// A further image has of the app's own one what it does not set, except for the target and
// the arguments.
func TestFurtherImages(t *testing.T) {
	base, err := app.Default(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	found, err := base.With("release.yaml", []byte(`
build:
  image: {name: ghcr.io/ada/shop, context: src, target: app, args: {A: b}, platforms: [linux/amd64]}
  images:
    docs: {name: ghcr.io/ada/shop-docs, dockerfile: docs/Dockerfile, verify: {health: /, port: 80, timeout: 1m}}
    agent: {name: ghcr.io/ada/shop-agent, target: agent, args: {V: '{version}'}, verify: {command: [--version]}}
`))
	if err != nil {
		t.Fatal(err)
	}
	images := app.Images(found.Config)
	own := found.Config.Build.Image
	agent, docs := own, own
	agent.Name, agent.Target, agent.Args = "ghcr.io/ada/shop-agent", "agent", map[string]string{"V": "{version}"}
	docs.Name, docs.Target, docs.Args, docs.Dockerfile = "ghcr.io/ada/shop-docs", "", nil, "docs/Dockerfile"
	want := []app.NamedImage{
		{Image: own},
		{
			Key: "agent", Image: agent,
			Verify: app.FurtherVerify{Command: []string{"--version"}, Port: 8000, Timeout: found.Config.Verify.Timeout},
		},
		{Key: "docs", Image: docs, Verify: app.FurtherVerify{Health: "/", Port: 80, Timeout: images[2].Verify.Timeout}},
	}
	if diff := cmp.Diff(want, images); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want[1:], app.FurtherImages(found.Config)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if none := app.FurtherImages(base.Config); len(none) > 0 {
		t.Errorf("%+v", none)
	}
}

func TestFurtherImagesAreRefused(t *testing.T) {
	base, err := app.Default(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	const name = "name: ghcr.io/ada/agent"
	for text, want := range map[string]string{
		"a: {target: b}":                                       "an image needs a name",
		"a: {name: Ghcr.io/Ada}":                               `"Ghcr.io/Ada" is not the name of an image`,
		"a: {name: quay.io/ada/agent}":                         "is not in the registry of build.image.name, ghcr.io",
		"a: {name: ghcr.io/hughkantsime/runsodin}":             "is the name of build.image, too",
		"a: {" + name + "}, b: {" + name + "}":                 "is the name of build.images.a, too",
		"a: {" + name + "}, A: {name: ghcr.io/ada/other}":      "A and a would be written to the same folder",
		"a_b: {" + name + "}":                                  `the name "a_b" must be letters and digits`,
		"a: {" + name + ", context: ../x}":                     `"../x" is not a path inside the app`,
		"a: {" + name + ", dockerfile: /x}":                    `"/x" is not a path inside the app`,
		"a: {" + name + ", args: {A: '{tag}'}}":                "unknown placeholder {tag}",
		"a: {" + name + ", platforms: [linux/x]}":              "platforms",
		"a: {" + name + ", verify: {health: x}}":               `"x" does not begin with a slash`,
		"a: {" + name + ", verify: {health: /, command: [x]}}": "name a command or a path of health",
		"a: {" + name + ", verify: {port: 80}}":                "without a path of health",
		"a: {" + name + ", verify: {port: 70000, health: /}}":  "70000 is not a port",
		"a: {" + name + ", verify: {env: {A: b}}}":             "the image is not started",
	} {
		_, err := base.With("release.yaml", []byte("build: {images: {"+text+"}}\n"))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "release.yaml:1:") {
			t.Errorf("%s: %v, expected %s", text, err, want)
		}
	}
	_, err = base.With("release.yaml", []byte("build: {image: {absent: files}, images: {a: {"+name+"}}}\n"))
	if err == nil || !strings.Contains(err.Error(), "build.image is absent (files)") {
		t.Error(err)
	}
}
