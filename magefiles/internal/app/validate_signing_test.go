package app_test

import (
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
)

func TestSigningKey(t *testing.T) {
	base, err := app.Default(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"env://SIGNING_KEY":                "",
		"keys/signing.key":                 "",
		"/etc/keys/signing.key":            "",
		"env://":                           `release.yaml:1:16: "" is not the name of an environment variable`,
		"env://A-B":                        `release.yaml:1:16: "A-B" is not the name of an environment variable`,
		"awskms:///alias/release":          "keys in a key management service are not supported",
		"-----BEGIN EC PRIVATE KEY-----AA": "it contains a private key",
		"":                                 "is empty and would be ignored",
	} {
		found, err := base.With("release.yaml", []byte("signing: {key: '"+key+"'}\n"))
		switch {
		case want == "" && (err != nil || found.Config.Signing.Key != key):
			t.Errorf("%q: %v", key, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: %v, expected %s", key, err, want)
		}
	}
	found, err := base.With("release.yaml", []byte("signing: {key: env://SIGNING_KEY}\n"))
	if err != nil || found.Config.Signing.Variable() != "SIGNING_KEY" || base.Config.Signing.Variable() != "" {
		t.Errorf("%v: %+v", err, found.Config.Signing)
	}
}

func TestFindings(t *testing.T) {
	base, err := app.Default(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	const cve = "vulnerability: CVE-1, "
	for text, want := range map[string]string{
		cve + "status: not_affected, justification: component_not_present":        "",
		cve + "status: not_affected, why: it is not used, package: 'pkg:npm/a@1'": "",
		cve + "status: fixed":                                       "",
		cve + "status: affected, why: upgrade soon":                 "",
		"status: fixed":                                             "it needs the name of a vulnerability",
		cve + "why: x":                                              `unknown status "", expected one of`,
		cve + "status: fine":                                        `unknown status "fine", expected one of`,
		cve + "status: not_affected":                                "not_affected needs a justification",
		cve + "status: affected":                                    "affected needs why",
		cve + "status: not_affected, justification: none":           `unknown justification "none"`,
		cve + "status: fixed, justification: component_not_present": "only what is not_affected has one",
		cve + "status: fixed, package: jinja2":                      `"jinja2" is not the address`,
	} {
		_, err := base.With("release.yaml", []byte("signing: {findings: [{"+text+"}]}\n"))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), "release.yaml:1:")) {
			t.Errorf("%s: %v, expected %q", text, err, want)
		}
	}
	_, err = base.With("release.yaml", []byte("signing: {vex: v.json, findings: [{"+cve+"status: fixed}]}\n"))
	if err == nil || !strings.Contains(err.Error(), "leave one of the two out") {
		t.Error(err)
	}
}
