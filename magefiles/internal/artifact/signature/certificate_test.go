package signature

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// authority issues certificates as Sigstore's does.
type authority struct {
	private *ecdsa.PrivateKey
	root    *x509.Certificate
	inPEM   []byte
	log     *Key // of its certificates, and of signatures
}

// trust is whom a signature with a certificate of the authority depends on.
func (a authority) trust() trust {
	return trust{a.inPEM, []Public{a.log.Public}, []Public{a.log.Public}}
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
	if root, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	log, err := Generate()
	if err != nil {
		t.Fatal(err)
	}
	return authority{private, root, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), log}
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
	for number, text := range map[int]string{
		8: "https://issuer.example", 12: "https://github.com/ada/shop", 13: "c0ffee", 14: "refs/tags/v1.8.0",
	} {
		value, err := asn1.MarshalWithParams(text, "utf8")
		if err != nil {
			t.Fatal(err)
		}
		id := asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, number}
		leaf.ExtraExtensions = append(leaf.ExtraExtensions, pkix.Extension{Id: id, Value: value})
	}
	create := func() []byte {
		der, err := x509.CreateCertificate(rand.Reader, leaf, a.root, key.private.Public(), a.private)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	leaf.ExtraExtensions = append(leaf.ExtraExtensions, a.stamp(t, create()))
	return create()
}

// stamp returns the extension that says that the log has a certificate.
func (a authority) stamp(t *testing.T, der []byte) pkix.Extension {
	t.Helper()
	issued, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	id := sha256.Sum256(a.log.Public.der)
	made := stamp{log: id[:], time: []byte{0, 0, 0, 0, 59, 154, 202, 0}}
	sig, err := a.log.sign(made.said(sha256.Sum256(a.root.RawSubjectPublicKeyInfo), issued.RawTBSCertificate))
	if err != nil {
		t.Fatal(err)
	}
	one := slices.Concat([]byte{0}, made.log, made.time, []byte{0, 0, 4, 3, 0, byte(len(sig))}, sig)
	list := append([]byte{0, byte(len(one))}, one...)
	value, err := asn1.Marshal(append([]byte{0, byte(len(list))}, list...))
	if err != nil {
		t.Fatal(err)
	}
	return pkix.Extension{Id: timestamps, Value: value}
}

// record records the signature of a bundle as the only one of the log.
func (a authority) record(t *testing.T, b *Bundle, at int64) {
	t.Helper()
	payload := sha256.Sum256(b.envelope.Payload)
	id := sha256.Sum256(a.log.Public.der)
	made := entry{Log: logID{id[:]}, Kind: kind{"dsse", "0.0.1"}, IntegratedTime: at}
	made.Body = fmt.Appendf(nil, `{"apiVersion":"0.0.1","kind":"dsse","spec":{"payloadHash":{"algorithm":"sha256",`+
		`"value":"%x"},"signatures":[{"signature":"%s","verifier":"%s"}]}}`, payload,
		base64.StdEncoding.EncodeToString(b.envelope.Signatures[0].Sig),
		base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: b.Certificate})))
	made.Proof = inclusion{TreeSize: 1, RootHash: hashOf(0, made.Body)}
	note := "log\n1\n" + base64.StdEncoding.EncodeToString(made.Proof.RootHash) + "\n"
	signed, err := a.log.sign([]byte(note))
	if err != nil {
		t.Fatal(err)
	}
	made.Proof.Checkpoint.Envelope = note + "\n— log " +
		base64.StdEncoding.EncodeToString(append(id[:4:4], signed...)) + "\n"
	if made.Promise.SignedEntryTimestamp, err = a.log.sign(fmt.Appendf(nil,
		`{"body":"%s","integratedTime":%d,"logID":"%x","logIndex":0}`,
		base64.StdEncoding.EncodeToString(made.Body), at, id)); err != nil {
		t.Fatal(err)
	}
	b.entries = []entry{made}
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
	known.record(t, &found, 1e9+10)
	by, err := found.verifyCertificate(known.trust())
	want := Identity{
		"https://github.com/ada/shop/.github/workflows/release.yml@refs/tags/v1.8.0", "https://issuer.example",
		"https://github.com/ada/shop", "c0ffee", "refs/tags/v1.8.0",
	}
	if err != nil || by != want {
		t.Errorf("%v: %+v", err, by)
	}
	if _, err := found.VerifyCertificate(); err == nil || !strings.Contains(err.Error(), "not one of Sigstore's") {
		t.Errorf("another authority: %v", err)
	}
	later := found
	known.record(t, &later, 1e9+601)
	if _, err := later.verifyCertificate(known.trust()); err == nil ||
		!strings.HasPrefix(err.Error(), "it was signed at 2001-09-09T01:56:41Z, and its certificate is valid from") {
		t.Errorf("too late: %v", err)
	}
	later.entries = nil
	if _, err := later.verifyCertificate(known.trust()); err == nil ||
		err.Error() != "it has 0 entries of a transparency log, expected one" {
		t.Errorf("not recorded: %v", err)
	}
	found.Certificate = known.issue(t, key, x509.ExtKeyUsageServerAuth)
	if _, err := found.verifyCertificate(known.trust()); err == nil {
		t.Error("a certificate for something else is accepted")
	}
	other, err := Generate()
	if err != nil {
		t.Fatal(err)
	}
	found.Certificate = known.issue(t, other, x509.ExtKeyUsageCodeSigning)
	if _, err := found.verifyCertificate(known.trust()); err == nil ||
		err.Error() != "the signature is not one of its certificate" {
		t.Errorf("another key: %v", err)
	}
	found.Certificate = nil
	if _, err := found.verifyCertificate(known.trust()); err == nil {
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
