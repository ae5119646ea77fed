package frontend

import (
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/manager"
)

func TestNpmReason(t *testing.T) {
	for printed, want := range map[string][2]string{
		`npm error code EUSAGE
npm error
npm error ` + "`npm ci`" + ` can only install packages when your package.json and package-lock.json or ` +
			`npm-shrinkwrap.json are in sync. Please update your lock file with ` +
			"`npm install`" + ` before continuing.
npm error
npm error Missing: local@1.0.0 from lock file
npm error Missing: local@1.0.0 from lock file
npm error Invalid: lock file's react@18.0.0 does not satisfy react@19.2.0
npm error
npm error Clean install a project
npm error
npm error Usage:
npm error npm ci
npm error A complete log of this run can be found in: /root/.npm/_logs/x.log
`: {"EUSAGE", "Missing: local@1.0.0 from lock file; Invalid: lock file's react@18.0.0 does not satisfy react@19.2.0"},
		`npm warn deprecated x
npm ERR! code ENOTFOUND
npm ERR! network request to the registry failed
npm ERR! network This is a problem related to network connectivity.
`: {"ENOTFOUND", "network request to the registry failed; network This is a problem related to network connectivity."},
		"npm error code E\nnpm error 1\nnpm error 2\nnpm error 3\nnpm error 4\nnpm error 5\nnpm error 6\nnpm " +
			"error 7\n": {
			"E",
			"1; 2; 3; 4; 5; and 2 more",
		},
		"Segmentation fault\n": {"", ""},
	} {
		if code, reason := npmReason(printed); code != want[0] || reason != want[1] {
			t.Errorf("%q: %s: %s, expected %s", printed, code, reason, want)
		}
	}
}

// TestReasons finds in what the managers print why they install nothing.
func TestReasons(t *testing.T) {
	for name, test := range map[string]struct {
		of             manager.Manager
		stdout, stderr string
		stale          bool
		want           string
	}{
		"pnpm, a stale lock": {manager.Manager{Name: "pnpm"}, "\u2009ERR_PNPM_OUTDATED_LOCKFILE\u2009 Cannot install " +
			`with "frozen-lockfile" because pnpm-lock.yaml is not up to date with <ROOT>/package.json

Note that in CI environments this setting is true by default. If you still need to run install in such cases, use "x"

  Failure reason:
  specifiers in the lockfile don't match specifiers in package.json:
* 1 dependencies were added: is-buffer@1.1.6
* 1 dependencies are mismatched:
  - semver (lockfile: 7.6.3, manifest: 7.6.2)

`, "", true, "specifiers in the lockfile don't match specifiers in package.json:; " +
			"* 1 dependencies were added: is-buffer@1.1.6; * 1 dependencies are mismatched:; " +
			"- semver (lockfile: 7.6.3, manifest: 7.6.2)"},
		"pnpm, no such package": {manager.Manager{Name: "pnpm"}, "Progress: resolved 1\n" +
			" ERR_PNPM_FETCH_404  GET https://registry.example/a: Not Found - 404\n\nThis error happened while " +
			"installing a direct dependency of x\n", "", false, "GET https://registry.example/a: Not Found - 404; " +
			"This error happened while installing a direct dependency of x"},
		"yarn 1, a stale lock": {manager.Manager{Name: "yarn"}, "yarn install v1.22.22\n",
			"error Your lockfile needs to be updated, but yarn was run with `--frozen-lockfile`.\n", true,
			"yarn says that it needs to be updated"},
		"yarn 1, no such package": {manager.Manager{Name: "yarn"}, "",
			"warning x\nerror Couldn't find package \"a\" on the \"npm\" registry.\n", false,
			`Couldn't find package "a" on the "npm" registry.`},
		"yarn 4, a stale lock": {manager.Manager{Name: "yarn", Berry: true}, `➤ YN0000: · Yarn 4.18.1
➤ YN0000: ┌ Resolution step
➤ YN0085: │ + is-buffer@npm:1.1.6, semver@npm:7.6.2
➤ YN0085: │ - semver@npm:7.6.3
➤ YN0000: └ Completed

➤ YN0000: ┌ Post-resolution validation
➤ YN0000: │  "is-number@npm:7.0.0":
➤ YN0028: │ +"is-buffer@npm:1.1.6":
➤ YN0028: │ +  version: 1.1.6
➤ YN0028: │ The lockfile would have been modified by this install, which is explicitly forbidden.
➤ YN0000: └ Completed
➤ YN0000: · Failed with errors in 0s 176ms
`, "", true, "+ is-buffer@npm:1.1.6, semver@npm:7.6.2; - semver@npm:7.6.3"},
		"yarn 4, another format": {manager.Manager{Name: "yarn", Berry: true}, "➤ YN0028: │ -  version: 8\n" +
			"➤ YN0028: │ +  version: 10\n➤ YN0028: │ The lockfile would have been modified\n", "", true,
			"- version: 8; + version: 10"},
		"yarn 4, no such package": {manager.Manager{Name: "yarn", Berry: true},
			"➤ YN0000: ┌ Resolution step\n➤ YN0035: │ a@npm:1.0.0: Package not found\n" +
				"➤ YN0035: │   Response Code: 404 (Not Found)\n➤ YN0000: · Failed with errors in 0s 150ms\n", "", false,
			"a@npm:1.0.0: Package not found; Response Code: 404 (Not Found)"},
	} {
		if stale, reason := reasonOf(test.of, test.stdout, test.stderr); stale != test.stale || reason != test.want {
			t.Errorf("%s: %t, %q", name, stale, reason)
		}
	}
}
