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
