package app

import (
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/mention"
)

// TestTags looks which tags files may name.
func TestTags(t *testing.T) {
	var config Config
	config.Publish = Publish{Tags: []string{"latest", "X.Y"}, VersionTag: "v{version}", OtherTags: []string{"edge"}}
	config.Changelog.File = "CHANGELOG.md"
	versions := []string{"0.1", "1.7.2", "1.8.0"}
	tags := NewTags(config, versions)
	const advice = "name v1.8.0 or latest there, change publish.versionTag, or add %s to publish.otherTags if " +
		"something else publishes it"
	for tag, want := range map[string]string{
		"v1.8.0": "", "v1.7.2": "", "v0.1": "", "latest": "", "edge": "", "v1.8": "", "v1.7": "",
		"1.8.0":  "a.md:3 names ghcr.io/ada/shop:1.8.0: the tag of 1.8.0 is v1.8.0",
		"v1.9.0": "a.md:3 names ghcr.io/ada/shop:v1.9.0: no such tag gets published",
		"v1":     "a.md:3 names ghcr.io/ada/shop:v1: no such tag gets published",
		"v1.6":   "a.md:3 names ghcr.io/ada/shop:v1.6: no such tag gets published",
		"stable": "a.md:3 names ghcr.io/ada/shop:stable: no such tag gets published",
	} {
		found := mention.Mention{File: "a.md", Line: 3, Name: "ghcr.io/ada/shop", Tag: tag}
		if got := tags.Problem(found); got != want {
			t.Errorf("%s: %q", tag, got)
		}
		if got := tags.Advice(found); got != strings.Replace(advice, "%s", tag, 1) {
			t.Errorf("%s: %q", tag, got)
		}
		found.File = "CHANGELOG.md"
		if got := tags.Problem(found); got != "" {
			t.Errorf("%s in the changelog: %q", tag, got)
		}
	}
}

// TestTagErrors has forms of tags, and build arguments, that are refused.
func TestTagErrors(t *testing.T) {
	for yaml, want := range map[string]string{
		"publish: {versionTag: v1}":                         `:1:23: "v1" is not the form of an image tag`,
		"publish: {versionTag: '{version}-{version}'}":      `is not the form of an image tag`,
		"publish: {versionTag: '-{version}'}":               `is not the form of an image tag`,
		"publish: {versionTag: 'v{version} '}":              `is not the form of an image tag`,
		"publish: {versionTag: '1.{version}'}":              `is not the form of an image tag`,
		"publish: {versionTag: '{version}.0'}":              `is not the form of an image tag`,
		"publish: {versionTag: ''}":                         `versionTag is empty and would be ignored`,
		"publish: {otherTags: [a/b]}":                       `:1:23: "a/b" is not an image tag`,
		"publish: {otherTags: [latest]}":                    `latest is one of publish.tags`,
		"build: {image: {args: {V: 'x{other}'}}}":           `unknown placeholder {other}, known are {version}`,
		"repository: {inputs: ['libs/*']}":                  `:1:23: "libs/*" is not a path inside the repository`,
		"repository: {inputs: [../libs]}":                   `:1:23: "../libs" is not a path inside the repository`,
		"build: {lfs: {allow: [../x]}}":                     `"../x" is not a pattern of paths inside the app`,
		"build: {lfs: {allow: ['[x']}}":                     `inside the app: syntax error in pattern`,
		"build: {lfs: {allow: ['!x']}}":                     `a pattern that begins with ! is not`,
		"build: {vendor: {compiler: 'python:3.11'}}":        `"python:3.11" is not an image with its digest, so `,
		"migrations: [{paths: [a], command: '{image}{x}'}]": `unknown placeholder {x}`,
		"migrations: [{paths: [a], command: '{Tag}'}]":      `unknown placeholder {Tag}`,
		"build: {image: {args: {V: '{version-2}'}}}":        `unknown placeholder {version-2}`,
		"migrations: [{paths: [a], command: '{the tag}'}]":  `unknown placeholder {the tag}`,
		"publish: {title: '{version} {}'}":                  `unknown placeholder {}`,
		"build: {image: {absent: x}, vendor: {compiler: 'a@sha256:" +
			strings.Repeat("0", 64) + "'}}": `, and build.image is absent`,
		"verify: {needs: [postgresql], " +
			"env: {A: '{database. }'}}": `unknown placeholder {database. }`,
	} {
		root := t.TempDir()
		write(t, root, ConfigFile, yaml+"\n")
		if _, err := Find(root); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v", yaml, err)
		}
	}
	root := t.TempDir()
	write(t, root, ConfigFile, "publish: {versionTag: 'py3.11-v{version}'}\n"+
		"build: {image: {args: {V: '{version}', JSON: '{\"a\": {}}', C: '{commit}'}}}\n"+
		"migrations: [{paths: [a], command: 'find {file} -exec {image} {} +'}]\n")
	if _, err := Find(root); err != nil {
		t.Error(err)
	}
}
