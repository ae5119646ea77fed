package mention_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/mention"
)

// TestTags finds the tags of an image in the forms that files have.
func TestTags(t *testing.T) {
	for line, want := range map[string]string{
		"docker pull ghcr.io/ada/shop:1.8.0":                      "1.8.0",
		"    image: ghcr.io/ada/shop:v1.8.0 # pinned":             "v1.8.0",
		`    image: "ghcr.io/ada/shop:1.8"`:                       "1.8",
		"  image: ghcr.io/ada/shop":                               "latest",
		"  - image: 'ghcr.io/ada/shop'":                           "latest",
		"  image: ghcr.io/ada/shop@sha256:00":                     "",
		"Run `ghcr.io/ada/shop:1.8.0`.":                           "1.8.0",
		"Run ghcr.io/ada/shop:1.8.0.":                             "1.8.0",
		"the image ghcr.io/ada/shop has":                          "",
		"image: ghcr.io/ada/shop:${VERSION:-latest}":              "latest",
		"image: ghcr.io/ada/shop:v${VERSION-1.8.0}":               "v1.8.0",
		"image: ghcr.io/ada/shop:${VERSION}":                      "",
		"image: ghcr.io/ada/shop:${VERSION:?set it}":              "",
		"image: ghcr.io/ada/shop:v$VERSION":                       "",
		"docker pull ghcr.io/ada/shop:<version>":                  "",
		"docker pull ghcr.io/ada/shop:v{version}":                 "",
		"docker pull ghcr.io/ada/shop:vX.Y.Z":                     "",
		"docker pull ghcr.io/ada/shop:NEWER":                      "",
		"docker pull ghcr.io/ada/shop:1.8.0@sha256:00":            "1.8.0",
		"docker pull ghcr.io/ada/shop-docs:2":                     "",
		"docker pull ghcr.io/ada/shop/web:2":                      "",
		"docker pull ghcr.io/ada/shop.web:2":                      "",
		"docker pull my.ghcr.io/ada/shop:2":                       "",
		"skopeo copy docker://ghcr.io/ada/shop:1 docker://b":      "1",
		"FROM ghcr.io/ada/shop:1 AS a, ghcr.io/ada/shop:2":        "1 2",
		"https://ghcr.io/ada/shop":                                "",
		"IMAGE=ghcr.io/ada/shop:latest;docker pull ghcr.io/ada/x": "latest",
	} {
		var tags []string
		for _, found := range mention.New("ghcr.io/ada/shop").In(line) {
			tags = append(tags, found.Tag)
		}
		if got := strings.Join(tags, " "); got != want {
			t.Errorf("%s: %q, expected %q", line, got, want)
		}
	}
}

// TestDockerHub finds an image whose registry may be omitted.
func TestDockerHub(t *testing.T) {
	for _, name := range []string{"ada/shop", "docker.io/ada/shop"} {
		text := "ada/shop:1\ndocker.io/ada/shop:2\nghcr.io/ada/shop:3\nindex.docker.io/ada/shop:4\n"
		got := mention.New(name).Of("./a.md", []byte(text))
		want := []mention.Mention{
			{File: "a.md", Line: 1, Name: "ada/shop", Tag: "1"},
			{File: "a.md", Line: 2, Name: "docker.io/ada/shop", Tag: "2"},
			{File: "a.md", Line: 4, Name: "index.docker.io/ada/shop", Tag: "4"},
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// FuzzIn takes any line: a tag contains only characters that tags may have.
func FuzzIn(f *testing.F) {
	for _, seed := range []string{"", "ghcr.io/ada/shop:1", "image: ghcr.io/ada/shop", "ghcr.io/ada/shop:${A:-b}c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		for _, found := range mention.New("ghcr.io/ada/shop").In(line) {
			if found.Tag == "" || strings.ContainsAny(found.Tag, ":@/ ${}") || !strings.Contains(line, found.Name) {
				t.Errorf("%+v in %q", found, line)
			}
		}
	})
}
