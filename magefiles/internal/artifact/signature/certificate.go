package signature

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	_ "embed"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"time"
)

// fulcio are the certificates of Sigstore's public certificate authority, of which the
// attestations of public repositories on GitHub are
// (https://github.com/sigstore/root-signing, the target trusted_root.json).
//
//go:embed fulcio.pem
var fulcio []byte

// Identity is who has signed with a certificate, as the certificate authority has seen it
// (https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md).
type Identity struct {
	Workflow   string // address of the workflow file, with the ref
	Issuer     string // who has vouched for the identity
	Repository string // address of the repository whose run it was
	Commit     string // of that repository
}

var (
	issuerExtension     = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, 8}
	repositoryExtension = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, 12}
	commitExtension     = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, 13}
)

// VerifyCertificate checks that the statement was signed with the bundle's certificate, and
// that Sigstore's public authority has issued that. The certificate is valid for some minutes
// only: that they were those of the signing, and that the signature is in the transparency
// log, is not checked; gh attestation verify does that.
func (b Bundle) VerifyCertificate() (Identity, error) { return b.verifyCertificate(fulcio) }

func (b Bundle) verifyCertificate(authority []byte) (Identity, error) {
	if b.Certificate == nil {
		return Identity{}, errors.New("it has no certificate")
	}
	leaf, err := x509.ParseCertificate(b.Certificate)
	if err != nil {
		return Identity{}, fmt.Errorf("read its certificate: %w", err)
	}
	options, err := issuedBy(authority, leaf.NotBefore.Add(time.Second))
	if err != nil {
		return Identity{}, err
	}
	if _, err := leaf.Verify(options); err != nil {
		return Identity{}, fmt.Errorf("its certificate is not one of Sigstore's public authority: %w", err)
	}
	key, is := leaf.PublicKey.(*ecdsa.PublicKey)
	sum := sha256.Sum256(encoded(b.envelope.PayloadType, b.envelope.Payload))
	if !is || !ecdsa.VerifyASN1(key, sum[:], b.envelope.Signatures[0].Sig) {
		return Identity{}, errors.New("the signature is not one of its certificate")
	}
	return identityOf(leaf), nil
}

// issuedBy is how a certificate is verified that authorities have issued: the one that has
// issued itself is the root.
func issuedBy(authority []byte, at time.Time) (x509.VerifyOptions, error) {
	options := x509.VerifyOptions{
		Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), CurrentTime: at,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning},
	}
	for block, rest := pem.Decode(authority); block != nil; block, rest = pem.Decode(rest) {
		each, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return options, err
		}
		if bytes.Equal(each.RawIssuer, each.RawSubject) {
			options.Roots.AddCert(each)
		} else {
			options.Intermediates.AddCert(each)
		}
	}
	return options, nil
}

func identityOf(leaf *x509.Certificate) Identity {
	var found Identity
	if len(leaf.URIs) == 1 {
		found.Workflow = leaf.URIs[0].String()
	}
	for _, extension := range leaf.Extensions {
		var text string
		if _, err := asn1.UnmarshalWithParams(extension.Value, &text, "utf8"); err != nil {
			continue
		}
		switch {
		case extension.Id.Equal(issuerExtension):
			found.Issuer = text
		case extension.Id.Equal(repositoryExtension):
			found.Repository = text
		case extension.Id.Equal(commitExtension):
			found.Commit = text
		}
	}
	return found
}
