package detect_test

import (
	"slices"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app/detect"
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

// TestMalformedVersion says which file has a version of another form.
func TestMalformedVersion(t *testing.T) {
	const tag = "; is the version the tag alone?"
	for name, test := range map[string]struct {
		released, text, advice string
		files                  map[string]string
	}{
		"two parts": {"", "which files contain the version? package.json has 1.2, which is not MAJOR.MINOR.PATCH",
			"versionFiles: [{path: package.json}] with a version such as 1.2.0 in it, or keep it if the version is " +
				"only the tag",
			map[string]string{"package.json": `{"version": "1.2"}`}},
		"two files": {"", "which files contain the version? package.json has 1.2, VERSION has 7: none of them is " +
			"MAJOR.MINOR.PATCH", "", map[string]string{"package.json": `{"version": "1.2"}`, "VERSION": "7\n"}},
		"with a release": {"1.2.0", "no file contains 1.2.0: VERSION has 1.2, which is not MAJOR.MINOR.PATCH" + tag,
			"versionFiles: [{path: VERSION}] with 1.2.0 in it, or keep it", map[string]string{"VERSION": "1.2\n"}},
		"no version": {"", "which files contain the version? None of package.json, package-lock.json, " +
			"pyproject.toml, uv.lock, VERSION has one, and no release has a tag", "",
			map[string]string{"package.json": "{}"}},
		"another folder's": {"1.2.0", "no file contains 1.2.0" + tag, "", map[string]string{"docs/VERSION": "7\n"}},
	} {
		test.files["Dockerfile"] = "FROM scratch\n"
		found := look(t, checkout(t, fixture{repository: "ada/shop", version: test.released, files: test.files}))
		at := slices.IndexFunc(found.Questions, func(q detect.Question) bool { return q.Keys[0] == "versionFiles" })
		if at < 0 {
			t.Errorf("%s: there is no question", name)
			continue
		}
		asks := found.Questions[at]
		if asks.Text != test.text || test.advice != "" && asks.Advice != test.advice {
			t.Errorf("%s: %q, advice %q", name, asks.Text, asks.Advice)
		}
	}
}
