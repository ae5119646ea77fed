package detect_test

import (
	"slices"
	"testing"
)

// TestVersionPlaces finds the version by what stands before it, and asks about any other
// place.
func TestVersionPlaces(t *testing.T) {
	for name, test := range map[string]struct{ text, pattern string }{
		"a constant":          {"const APP_VERSION = '1.2.3'\n", `APP_VERSION\s*=\s*'([\w.+-]+)`},
		"a key":               {"x: 1\napp_version: v1.2.3\n", `app_version:\s*v([\w.+-]+)`},
		"JSON":                {`{"appVersion": "1.2.3"}`, `appVersion":\s*"([\w.+-]+)`},
		"an image":            {"image: ghcr.io/ada/shop:1.2.3\n", `ghcr\.io/ada/shop:([\w.+-]+)`},
		"another number":      {"version = 11.2.3\n", ""},
		"a longer version":    {"version = 1.2.3.4\n", ""},
		"without a name":      {"released 1.2.3\n", "?"},
		"two of the same key": {"version: 1.2.3\nversion: 1.0.0\n", "?"},
	} {
		t.Run(name, func(t *testing.T) {
			of := fixtures()["api-alone"]
			of.files["some.txt"] = test.text
			found := look(t, checkout(t, of))
			got := ""
			for _, file := range found.App.Config.VersionFiles {
				if file.Path == "some.txt" {
					got = file.Pattern
				}
			}
			if asked(string(found.Content), "versionFiles") {
				got += "?"
			}
			if got != test.pattern {
				t.Errorf("%q, expected %q", got, test.pattern)
			}
		})
	}
}

// TestCurrentVersion takes the last release's version if a file has it, and otherwise that
// of the files, which may be ahead.
func TestCurrentVersion(t *testing.T) {
	for name, test := range map[string]struct {
		released string
		files    map[string]string
		want     []string
	}{
		"released": {"1.2.3", map[string]string{"VERSION": "1.2.3\n", "package.json": `{"version": "0.0.0"}`},
			[]string{"VERSION"}},
		"ahead": {"1.2.3", map[string]string{"VERSION": "1.3.0\n"}, []string{"VERSION"}},
		"most": {"", map[string]string{"VERSION": "1.3.0\n", "package.json": npm("1.3.0", "vite"),
			"pyproject.toml": "[project]\nversion = \"0.1.0\"\n"}, []string{"package.json", "VERSION"}},
		"a pattern alone": {"1.2.3", map[string]string{"chart.yaml": "appVersion: 1.2.3\n"}, []string{"chart.yaml"}},
		"the tag alone":   {"1.2.3", map[string]string{}, nil},
	} {
		test.files["Dockerfile"] = "FROM scratch\n"
		found := look(t, checkout(t, fixture{repository: "ada/shop", version: test.released, files: test.files}))
		var got []string
		for _, file := range found.App.Config.VersionFiles {
			got = append(got, file.Path)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, expected %v", name, got, test.want)
		}
	}
}
