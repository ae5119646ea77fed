package version_test

import (
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/version"
)

func TestParseTag(t *testing.T) {
	for tag, want := range map[string]string{
		"v1.8.0":                     "1.8.0",
		"v0.0.1":                     "0.0.1",
		"v1.8.0-rc.1":                "1.8.0-rc.1",
		"1.8.0":                      "must begin with v",
		"v1.8":                       "is not a release tag",
		"v1.8.0.1":                   "is not a release tag",
		"v01.8.0":                    "is not a release tag",
		"v1.8.0-rc.01":               "is not a release tag",
		"v1.8.0+build":               "build metadata",
		"vv1.8.0":                    "is not a release tag",
		"v1.8.0\n":                   "is not a release tag",
		"-dryrun":                    "must begin with v",
		"v$(id)":                     "is not a release tag",
		"v1.8.0;id":                  "is not a release tag",
		"":                           "must begin with v",
		"v1.99999999999999999999.0":  "is not a release tag",
		"v1.0.0-" + longIdentifier(): "is not a release tag",
	} {
		got, err := version.ParseTag(tag)
		if err != nil {
			if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%q: error %q, expected %q", tag, err, want)
			}
			continue
		}
		if got.String() != want || got.Tag() != tag {
			t.Errorf("%q: %s", tag, got)
		}
	}
}

func longIdentifier() string { return strings.Repeat("a", 100) }

func TestNextPatch(t *testing.T) {
	for tag, want := range map[string]string{"v1.7.2": "v1.7.3", "v1.8.0-rc.1": "v1.8.0", "v0.0.0": "v0.0.1"} {
		v, err := version.ParseTag(tag)
		if err != nil {
			t.Fatal(err)
		}
		if got := v.NextPatch().Tag(); got != want {
			t.Errorf("after %s: %s, expected %s", tag, got, want)
		}
	}
}

func FuzzParseTag(f *testing.F) {
	for _, seed := range []string{"v1.8.0", "v1.8.0-rc.1", "v0.1", "-x", "v1.0.0+a"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, tag string) {
		if v, err := version.ParseTag(tag); err == nil && v.Tag() != tag {
			t.Errorf("%q was read as %s", tag, v.Tag())
		}
	})
}
