package signature_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
)

func inPEM(t testing.TB, private any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// keys returns one of each kind.
func keys(t testing.TB) map[string]*signature.Key {
	t.Helper()
	first, err := signature.Generate()
	if err != nil {
		t.Fatal(err)
	}
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	second, err := signature.ParseKey(inPEM(t, private))
	if err != nil {
		t.Fatal(err)
	}
	return map[string]*signature.Key{"ECDSA P-256": first, "Ed25519": second}
}

func digestOf(text string) string { return fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(text))) }

func TestSignAndCheck(t *testing.T) {
	others := keys(t)
	for kind, key := range keys(t) {
		t.Run(kind, func(t *testing.T) {
			digest := digestOf("the app")
			statement := signature.Of("app.tar.gz", digest, signature.Signed, nil)
			bundle, err := key.Sign(statement)
			if err != nil {
				t.Fatal(err)
			}
			if again, err := key.Sign(statement); err != nil || !bytes.Equal(bundle, again) {
				t.Errorf("%v: the same key and statement gave another bundle", err)
			}
			got, err := signature.Check(bundle, key.Public, digest, signature.Signed)
			if err != nil || got.Subject[0].Name != "app.tar.gz" {
				t.Errorf("%v: %+v", err, got)
			}
			if _, err := signature.Check(bundle, key.Public, digestOf("other"), signature.Signed); err == nil ||
				!strings.Contains(err.Error(), "another content") {
				t.Errorf("a swapped digest: %v", err)
			}
			if _, err := signature.Check(bundle, key.Public, digest, signature.SPDX); err == nil ||
				!strings.Contains(err.Error(), "statement of type") {
				t.Errorf("another predicate: %v", err)
			}
			for other, wrong := range others {
				if _, err := signature.Check(bundle, wrong.Public, digest, signature.Signed); !errors.Is(
					err, signature.ErrSignature) {
					t.Errorf("a wrong key (%s): %v", other, err)
				}
			}
			public, err := signature.ParsePublic(key.Public.PEM())
			if err != nil || public.Hint() != key.Public.Hint() {
				t.Errorf("%v: %s, expected %s", err, public.Hint(), key.Public.Hint())
			}
			private, err := key.PEM()
			if err != nil {
				t.Fatal(err)
			}
			if reread, err := signature.ParseKey(private); err != nil || reread.Public.Hint() != key.Public.Hint() {
				t.Errorf("%v: the key is another one after it was written and read", err)
			}
		})
	}
}

// No byte of what was signed, or of the signature, can be changed.
func TestOneByte(t *testing.T) {
	for kind, key := range keys(t) {
		t.Run(kind, func(t *testing.T) {
			digest := digestOf("the app")
			signed, err := key.Sign(signature.Of("app", digest, signature.Signed, nil))
			if err != nil {
				t.Fatal(err)
			}
			var read map[string]any
			if err := json.Unmarshal(signed, &read); err != nil {
				t.Fatal(err)
			}
			envelope := read["dsseEnvelope"].(map[string]any)
			for _, part := range []string{
				envelope["payload"].(string),
				envelope["signatures"].([]any)[0].(map[string]any)["sig"].(string),
				envelope["payloadType"].(string),
			} {
				at := bytes.Index(signed, []byte(part))
				for i := at; i < at+len(part)-4; i++ { // the last characters may have bits that are not used
					changed := bytes.Clone(signed)
					changed[i] ^= 1
					if _, err := signature.Check(changed, key.Public, digest, signature.Signed); err == nil {
						t.Errorf("byte %d of %s can be changed", i-at, part)
					}
				}
			}
		})
	}
}

func TestParseKeyRefuses(t *testing.T) {
	other, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	weak, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string) []byte {
		return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: []byte("s3cret")})
	}
	for want, data := range map[string][]byte{
		"not in PEM": []byte("s3cret"),
		"it is encrypted (encrypted sigstore private key)": block("ENCRYPTED SIGSTORE PRIVATE KEY"),
		"it is encrypted (encrypted cosign private key)":   block("ENCRYPTED COSIGN PRIVATE KEY"),
		"it is encrypted (encrypted private key)":          block("ENCRYPTED PRIVATE KEY"),
		`its PEM block is "PUBLIC KEY"`:                    block("PUBLIC KEY"),
		"it is damaged":                                    block("PRIVATE KEY"),
		"its curve is P-384":                               inPEM(t, other),
		"it is a key of another kind":                      inPEM(t, weak),
	} {
		_, err := signature.ParseKey(data)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%v, expected %s", err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	key := keys(t)["Ed25519"]
	good, err := key.Sign(signature.Of("", digestOf("x"), signature.Signed, nil))
	if err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string][2]string{
		"it is of type":             {signature.MediaType, "application/json"},
		"its payload is of type":    {"application/vnd.in-toto+json", "text/plain"},
		"it has 0 signatures":       {`"signatures":[{`, `"signatures":[],"other":[{`},
		"read the bundle":           {`{"mediaType"`, `{{"mediaType"`},
		"its statement is of type ": {`"payload":"`, `"payload":"e30=","other":"`},
	} {
		_, err := signature.Parse(bytes.Replace(good, []byte(change[0]), []byte(change[1]), 1))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, expected %s", err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	key := keys(f)["Ed25519"]
	good, err := key.Sign(signature.Of("", digestOf("x"), signature.Signed, nil))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		read, err := signature.Parse(data)
		if err == nil && len(read.Statement.Subject) == 0 {
			t.Error("a statement about nothing was read")
		}
		if _, err := signature.Check(data, key.Public, digestOf("forged"), signature.Signed); err == nil {
			t.Error("what was never signed is accepted")
		}
	})
}
