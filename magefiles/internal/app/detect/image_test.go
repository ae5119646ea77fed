package detect_test

import (
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app/detect"
)

// TestNoName refuses an app whose image nothing names: by default it would have the name
// of another app.
func TestNoName(t *testing.T) {
	of := fixtures()["uv-project"]
	of.repository = ""
	_, err := detect.Look(checkout(t, of))
	want := "no file names the image, and there is no remote origin on GitHub to name it after; set it: git remote " +
		"add origin https://github.com/OWNER/NAME, then run init again"
	if err == nil || err.Error() != want {
		t.Errorf("%v, expected %s", err, want)
	}
}

// TestForeignImage asks about an image of a Compose file if no owner is known, and does
// not take one of another owner.
func TestForeignImage(t *testing.T) {
	of := fixtures()["uv-project"]
	of.files["compose.yaml"] = "services:\n  web:\n    image: ghcr.io/grace/proxy:1.0.0\n"
	if found := look(t, checkout(t, of)); found.App.Config.Build.Image.Name != "ghcr.io/ada/shop" {
		t.Errorf("the image is %s", found.App.Config.Build.Image.Name)
	}
	of.repository = ""
	found := look(t, checkout(t, of))
	if !asked(string(found.Content), "build.image.name") {
		t.Errorf("there is no question about the image:\n%s", found.Content)
	}
}

// TestCompose reads Compose files of unusual forms, and none that are not valid.
func TestCompose(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"an anchor": {"x-app: &app\n  image: ghcr.io/ada/store:${TAG:-latest}\nservices:\n  web:\n    <<: *app\n",
			"ghcr.io/ada/store"},
		"a digest":    {"services: {web: {image: 'ghcr.io/ada/store@sha256:00'}}", "ghcr.io/ada/store"},
		"a variable":  {"services: {web: {image: '${IMAGE}'}}", "ghcr.io/ada/shop"},
		"a list":      {"services: [web]", "ghcr.io/ada/shop"},
		"no services": {"volumes: {data: {}}", "ghcr.io/ada/shop"},
		"not YAML":    {"services: {", "ghcr.io/ada/shop"},
		"numbers":     {"services: {web: {image: 1, build: 2, volumes: 3}, 4: null}", "ghcr.io/ada/shop"},
	} {
		found := look(t, checkout(t, fixture{repository: "ada/shop", files: map[string]string{
			"Dockerfile": "FROM scratch\n", "compose.yaml": test.text,
		}}))
		if got := found.App.Config.Build.Image.Name; got != test.want {
			t.Errorf("%s: %s, expected %s", name, got, test.want)
		}
	}
}
