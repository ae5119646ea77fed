package detect_test

import (
	"slices"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app/detect"
)

// TestNoName asks for the name of an image that nothing names: by default it would have the
// name of another app.
func TestNoName(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"a project":    fixtures()["uv-project"].files,
		"a Dockerfile": {"Dockerfile": "FROM scratch\n"},
		"the defaults": {"Dockerfile": "FROM python\n", "backend/pyproject.toml": "[project]\nname = 'shop'\n",
			"frontend/package.json": npm("1.2.3", "vite")},
	} {
		found := look(t, checkout(t, fixture{files: files}))
		if found.App.Where("build.image.name") != "" {
			t.Errorf("%s: the image has a name:\n%s", name, found.Content)
		}
		at := slices.IndexFunc(found.Questions, func(q detect.Question) bool { return q.Keys[0] == "build.image.name" })
		const want = "no file names the image, and there is no remote origin on GitHub to name it after; " +
			"what is its name?"
		if at < 0 || found.Questions[at].Text != want {
			t.Errorf("%s: the questions are %v", name, found.Questions)
		}
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
