package app

import (
	"strings"
	"testing"
)

// TestTools lists the programs that must be on the machine, and none that may be elsewhere.
func TestTools(t *testing.T) {
	for command, want := range map[string]string{
		"command: [nonexist, a]":                     "nonexist",
		"command: [nonexist], tools: [go, nonexist]": "go nonexist",
		"command: [scripts/a]":                       "",
		"command: [./a]":                             "",
		"command: [/opt/a]":                          "",
		"command: [a], environment: backend":         "",
		"command: [a], env: {PATH: /opt}":            "",
		"command: [a], env: {TZ: UTC}":               "a",
	} {
		for _, list := range []string{"checks", "suites"} {
			root := t.TempDir()
			write(t, root, ConfigFile, list+": [{name: own, kind: command, "+command+"}]\n")
			found, err := Find(root)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(found.Config.Tools(), " "); got != want {
				t.Errorf("%s: %s needs %q, expected %q", list, command, got, want)
			}
		}
	}
}

// TestNeedsErrors has checks and suites that cannot test the image.
func TestNeedsErrors(t *testing.T) {
	const suite = "{name: e2e, kind: command, command: [a], needs: "
	for yaml, want := range map[string]string{
		"checks: [" + suite + "[image]}]": "e2e: checks run before the image is built; make it a suite",
		"suites: [" + suite + "[redis]}]": `:1:58: e2e: unknown service "redis", known are postgresql, image`,

		"suites: [" + suite + "[image]}]\nbuild: {image: {absent: files only}}": "e2e: there is no image (files only)",

		"suites: [{name: e2e, kind: playwright, directory: e2e}]": "a browser visits a started app: needs",
		"suites: [{name: backend:contract, needs: [image]}]":      "the contract is compared without",
	} {
		root := t.TempDir()
		write(t, root, ConfigFile, yaml+"\n")
		if _, err := Find(root); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v", yaml, err)
		}
	}
	root := t.TempDir()
	write(t, root, ConfigFile, "suites:\n  - "+suite+"[postgresql, image]}\n"+
		"  - {name: browser, kind: playwright, directory: e2e, needs: [image]}\n")
	found, err := Find(root)
	if err != nil {
		t.Fatal(err)
	}
	if on, others := ImageSuites(found.Config), OtherSuites(found.Config); len(on) != 2 || len(others) != 4 {
		t.Errorf("%d suites need the image, and %d do not", len(on), len(others))
	}
}
