package frontend

import "testing"

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
