package targets

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
)

// signedApp returns an app with a key, and the key in PEM.
func signedApp(t *testing.T, from string) (*app.App, []byte) {
	t.Helper()
	found, err := app.Default(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	found.Config.Signing.Key = from
	key, err := signature.Generate()
	if err != nil {
		t.Fatal(err)
	}
	private, err := key.PEM()
	if err != nil {
		t.Fatal(err)
	}
	return found, private
}

func TestKeyHere(t *testing.T) {
	inVariable, private := signedApp(t, "env://ODIN_TEST_KEY")
	t.Setenv("ODIN_TEST_KEY", "")
	if _, err := keyHere(inVariable); err == nil || !strings.Contains(err.Error(), "ODIN_TEST_KEY is not set") {
		t.Error(err)
	}
	t.Setenv("ODIN_TEST_KEY", string(private))
	if got, err := keyHere(inVariable); err != nil || !bytes.Equal(got, private) {
		t.Errorf("%v", err)
	}
	inFile, private := signedApp(t, "keys/signing.key")
	if _, err := keyHere(inFile); err == nil || !strings.Contains(err.Error(), "signing.key") {
		t.Error(err)
	}
	file := inFile.Path("keys", "signing.key")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, private, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := keyHere(inFile); err != nil || !bytes.Equal(got, private) {
		t.Errorf("%v", err)
	}
}

// Tools do not get the key, and no line of it is shown.
func TestKeyIsSecret(t *testing.T) {
	found, private := signedApp(t, "env://ODIN_TEST_KEY")
	t.Setenv("ODIN_TEST_KEY", string(private))
	p, err := newSession(t.Context(), found, nowhere(), io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(p.run.Env, func(each string) bool { return strings.HasPrefix(each, "ODIN_TEST_KEY=") }) {
		t.Error("tools get the key")
	}
	secret := strings.Split(string(private), "\n")[1]
	err = working(t.Context(), found, nowhere(), func(context.Context, *session) error {
		return &os.PathError{Op: "read", Path: secret, Err: os.ErrNotExist}
	})
	if err == nil || strings.Contains(err.Error(), secret) {
		t.Error("an error shows the key")
	}
}

// A rehearsal goes on with the key that it has made.
func TestMadeKey(t *testing.T) {
	dir := t.TempDir()
	first, err := madeKey(dir)(nil)
	if err != nil {
		t.Fatal(err)
	}
	again, err := madeKey(dir)(nil)
	if err != nil || !bytes.Equal(first, again) {
		t.Errorf("%v: it is another key the second time", err)
	}
	if _, err := signature.ParseKey(first); err != nil {
		t.Error(err)
	}
}

// What does not affect the app is said with a reason, and signed.
func TestFindings(t *testing.T) {
	found, _ := signedApp(t, "env://ODIN_TEST_KEY")
	found.Config.Signing.VEX = "vex.json"
	p := signing{app: found}
	if _, err := p.findings(signature.Scanned{}); err == nil || !strings.Contains(err.Error(), "read signing.vex") {
		t.Error(err)
	}
	if err := os.WriteFile(found.Path("vex.json"), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := p.findings(
		signature.Scanned{},
	); err == nil ||
		!strings.Contains(err.Error(), "vex.json, of signing.vex: its @context") {
		t.Error(err)
	}
	found.Config.Signing.Key = ""
	if _, err := p.findings(
		signature.Scanned{},
	); err == nil ||
		!strings.Contains(err.Error(), "signing.key names no key") {
		t.Error(err)
	}
	found.Config.Signing.VEX = ""
	found.Config.Signing.Findings = []app.Finding{{Vulnerability: "CVE-2026-0001", Status: "fixed"}}
	if _, err := p.findings(signature.Scanned{}); err == nil ||
		!strings.Contains(err.Error(), "remove signing.findings") {
		t.Error(err)
	}
	found.Config.Signing.Key = "env://ODIN_TEST_KEY"
	claims, err := p.findings(signature.Scanned{Image: "ghcr.io/ada/shop"})
	if err != nil || len(claims) != 1 || !strings.Contains(string(claims[0].Predicate), "CVE-2026-0001") {
		t.Errorf("%v: %+v", err, claims)
	}
}
