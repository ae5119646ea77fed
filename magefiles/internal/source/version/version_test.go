package version_test

import (
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
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
		"v1.0.0\n::error::x":         "is not a release tag",
		"--upload-pack=touch x":      "must begin with v",
		"v1.0.0'\"`":                 "is not a release tag",
		"v1.0.0\x00":                 "is not a release tag",
		"v1.0.0 v1.0.1":              "is not a release tag",
		"v9007199254740991.0.0":      "9007199254740991.0.0",
		"v9007199254740992.0.0":      "npm cannot read",
		"v1.0.18446744073709551615":  "npm cannot read",
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

func parse(t *testing.T, tag string) version.Version {
	t.Helper()
	v, err := version.ParseTag(tag)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestNext(t *testing.T) {
	for _, test := range []struct {
		tag  string
		bump version.Bump
		want string
	}{
		{"v1.7.2", version.Patch, "v1.7.3"}, {"v1.7.2", version.Minor, "v1.8.0"}, {"v1.7.2", version.Major, "v2.0.0"},
		{
			"v1.7.2",
			version.None,
			"v1.7.2",
		}, {"v0.0.0", version.Patch, "v0.0.1"}, {"v1.8.0-rc.1", version.Patch, "v1.8.0"},
	} {
		if got := parse(t, test.tag).Next(test.bump).Tag(); got != test.want {
			t.Errorf("%s after %s: %s, expected %s", test.bump, test.tag, got, test.want)
		}
	}
}

func TestBumpFrom(t *testing.T) {
	for _, test := range []struct {
		from, to string
		want     version.Bump
	}{
		{
			"v1.7.2",
			"v1.7.3",
			version.Patch,
		}, {"v1.7.2", "v1.8.0", version.Minor}, {"v1.7.2", "v2.0.0-rc.1", version.Major},
		{"v2.0.0-rc.1", "v2.0.0-rc.2", version.None}, {"v1.7.2", "v1.9.4", version.Minor},
	} {
		if got := parse(t, test.to).BumpFrom(parse(t, test.from)); got != test.want {
			t.Errorf("%s after %s: %s, expected %s", test.to, test.from, got, test.want)
		}
	}
	if got := parse(t, "v0.9.0").Asks(version.Major); got != version.Minor {
		t.Errorf("before 1.0.0 a breaking change asks for %s", got)
	}
}

func FuzzParseTag(f *testing.F) {
	for _, seed := range []string{
		"v1.8.0",
		"v1.8.0-rc.1",
		"v0.1",
		"-x",
		"v1.0.0+a",
		"v1.9.3",
		"v1.0.18446744073709551616",
		"v1.0.0\n",
		"v1.0.0-0.é",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, tag string) {
		if v, err := version.ParseTag(tag); err == nil && v.Tag() != tag {
			t.Errorf("%q was read as %s", tag, v.Tag())
		}
	})
}
