package signature_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// judged is the file whose signatures are in testdata.
const judged = "the app that everybody waits for\n"

// fixedKeys returns the keys of testdata, made from words.
func fixedKeys(t testing.TB) map[string]*signature.Key {
	t.Helper()
	seed := sha256.Sum256([]byte("a key for tests, of nobody"))
	curve, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), seed[:])
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]*signature.Key{}
	for name, private := range map[string]any{"ecdsa": curve, "ed25519": ed25519.NewKeyFromSeed(seed[:])} {
		key, err := signature.ParseKey(inPEM(t, private))
		if err != nil {
			t.Fatal(err)
		}
		found[name] = key
	}
	return found
}

// What is in testdata was accepted by cosign (TestNightlyCosign): the same is signed today.
func TestFixtures(t *testing.T) {
	for name, key := range fixedKeys(t) {
		testkit.Golden(t, filepath.Join("testdata", name+".pub"), string(key.Public.PEM()))
		bundle, err := key.Sign(signature.Of("app.txt", digestOf(judged), signature.Signed, nil))
		if err != nil {
			t.Fatal(err)
		}
		testkit.Golden(t, filepath.Join("testdata", name+".sigstore.json"), string(bundle))
	}
}

// What cosign has signed is accepted. (With an Ed25519 key, cosign 3.1 signs files in a way that it refuses itself.)
func TestCosignsOwn(t *testing.T) {
	bundle, err := os.ReadFile(filepath.Join("testdata", "cosign-ecdsa.sigstore.json"))
	if err != nil {
		t.Fatal(err)
	}
	key := fixedKeys(t)["ecdsa"].Public
	if _, err := signature.Check(bundle, key, digestOf(judged), signature.SPDX); err != nil {
		t.Error(err)
	}
}
