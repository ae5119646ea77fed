package signature

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/url"
	"strings"
	"testing"
	"time"
)

// authority issues certificates as Sigstore's does.
type authority struct {
	private *ecdsa.PrivateKey
	root    *x509.Certificate
	inPEM   []byte
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "root"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(4e9, 0), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, root, root, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	return authority{private, root, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}
}

// issue issues a certificate of ten minutes for a key, long ago.
func (a authority) issue(t *testing.T, key *Key, usage x509.ExtKeyUsage) []byte {
	t.Helper()
	workflow, err := url.Parse("https://github.com/ada/shop/.github/workflows/release.yml@refs/tags/v1.8.0")
	if err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: time.Unix(1e9, 0), NotAfter: time.Unix(1e9+600, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{usage}, URIs: []*url.URL{workflow},
	}
	for number, text := range map[int]string{8: "https://issuer.example", 12: "https://github.com/ada/shop", 13: "c0ffee"} {
		value, err := asn1.MarshalWithParams(text, "utf8")
		if err != nil {
			t.Fatal(err)
		}
		id := asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, number}
		leaf.ExtraExtensions = append(leaf.ExtraExtensions, pkix.Extension{Id: id, Value: value})
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, a.root, key.private.Public(), a.private)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestVerifyCertificate(t *testing.T) {
	key, err := Generate()
	if err != nil {
		t.Fatal(err)
	}
	signed, err := key.Sign(Of("app", strings.Repeat("0", 64), Provenance, nil))
	if err != nil {
		t.Fatal(err)
	}
	found, err := Parse(signed)
	if err != nil {
		t.Fatal(err)
	}
	known := newAuthority(t)
	found.Certificate = known.issue(t, key, x509.ExtKeyUsageCodeSigning)
	by, err := found.verifyCertificate(known.inPEM)
	want := Identity{
		"https://github.com/ada/shop/.github/workflows/release.yml@refs/tags/v1.8.0", "https://issuer.example",
		"https://github.com/ada/shop", "c0ffee",
	}
	if err != nil || by != want {
		t.Errorf("%v: %+v", err, by)
	}
	if _, err := found.VerifyCertificate(); err == nil || !strings.Contains(err.Error(), "not one of Sigstore's") {
		t.Errorf("another authority: %v", err)
	}
	found.Certificate = known.issue(t, key, x509.ExtKeyUsageServerAuth)
	if _, err := found.verifyCertificate(known.inPEM); err == nil {
		t.Error("a certificate for something else is accepted")
	}
	other, err := Generate()
	if err != nil {
		t.Fatal(err)
	}
	found.Certificate = known.issue(t, other, x509.ExtKeyUsageCodeSigning)
	if _, err := found.verifyCertificate(known.inPEM); err == nil ||
		err.Error() != "the signature is not one of its certificate" {
		t.Errorf("another key: %v", err)
	}
	found.Certificate = nil
	if _, err := found.verifyCertificate(known.inPEM); err == nil {
		t.Error("no certificate is accepted")
	}
}

// The certificates of the authority are complete: a root, and what it has issued.
func TestAuthority(t *testing.T) {
	var subjects []string
	for block, rest := pem.Decode(fulcio); block != nil; block, rest = pem.Decode(rest) {
		each, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		subjects = append(subjects, each.Subject.CommonName)
	}
	if got := fmt.Sprint(subjects); got != "[sigstore-intermediate sigstore]" {
		t.Error(got)
	}
}
