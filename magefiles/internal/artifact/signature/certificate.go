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
	Workflow   string // address of the workflow file, with the ref; one that was called may be in another repository
	Issuer     string // who has vouched for the identity
	Repository string // address of the repository whose run it was
	Commit     string // of that repository
	Ref        string // that the run was for, such as refs/tags/v1.8.0
}

var (
	issuerExtension     = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, 8}
	repositoryExtension = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, 12}
	commitExtension     = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, 13}
	refExtension        = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, 14}
)

// trust is whom a signature with a certificate depends on.
type trust struct {
	authority       []byte   // certificates in PEM
	certificateLogs []Public // in which the authority records what it issues
	logs            []Public // in which signatures are recorded
}

// sigstore is Sigstore's public instance.
func sigstore() (trust, error) {
	issued, err := ParsePublic(ctfe)
	if err != nil {
		return trust{}, err
	}
	signatures, err := ParsePublic(rekor)
	return trust{fulcio, []Public{issued}, []Public{signatures}}, err
}

// VerifyCertificate checks that the statement was signed with the bundle's certificate, that
// Sigstore's public authority has issued that and has recorded it in a log, and that the
// signature was recorded in the transparency log while the certificate was valid, which is
// some minutes. All of it is in the bundle: nothing is asked of Sigstore.
func (b Bundle) VerifyCertificate() (Identity, error) {
	of, err := sigstore()
	if err != nil {
		return Identity{}, err
	}
	return b.verifyCertificate(of)
}

func (b Bundle) verifyCertificate(of trust) (Identity, error) {
	if b.Certificate == nil {
		return Identity{}, errors.New("it has no certificate")
	}
	leaf, err := x509.ParseCertificate(b.Certificate)
	if err != nil {
		return Identity{}, fmt.Errorf("read its certificate: %w", err)
	}
	options, err := issuedBy(of.authority, leaf.NotBefore)
	if err != nil {
		return Identity{}, err
	}
	chains, err := leaf.Verify(options)
	if err != nil {
		return Identity{}, fmt.Errorf("its certificate is not one of Sigstore's public authority: %w", err)
	}
	if err := recordedIn(of.certificateLogs, leaf, chains[0][1]); err != nil {
		return Identity{}, err
	}
	key, is := leaf.PublicKey.(*ecdsa.PublicKey)
	sum := sha256.Sum256(encoded(b.envelope.PayloadType, b.envelope.Payload))
	if !is || !ecdsa.VerifyASN1(key, sum[:], b.envelope.Signatures[0].Sig) {
		return Identity{}, errors.New("the signature is not one of its certificate")
	}
	at, err := b.logged(of.logs)
	if err != nil {
		return Identity{}, err
	}
	if at.Before(leaf.NotBefore) || at.After(leaf.NotAfter) {
		return Identity{}, fmt.Errorf("it was signed at %s, and its certificate is valid from %s to %s",
			at.UTC().Format(time.RFC3339), leaf.NotBefore.Format(time.RFC3339), leaf.NotAfter.Format(time.RFC3339))
	}
	return identityOf(leaf), nil
}

// issuedBy returns how a certificate is verified that authorities have issued: the one that has
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
		case extension.Id.Equal(refExtension):
			found.Ref = text
		}
	}
	return found
}
