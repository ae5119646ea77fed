// Package signature signs files and images, and verifies signatures, in the formats of
// cosign 3: an in-toto statement in a DSSE envelope
// (https://github.com/secure-systems-lab/dsse/blob/master/envelope.md) in a Sigstore bundle
// (https://docs.sigstore.dev/about/bundle/). It needs the standard library alone: to sign
// and verify with a key, sigstore-go would bring 75 modules. The same key and statement
// give the same bytes.
package signature

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// MediaType is that of a bundle.
const MediaType = "application/vnd.dev.sigstore.bundle.v0.3+json"

// Suffix is what the name of a file's bundle has after the name of the file.
const Suffix = ".sigstore.json"

const payloadType = "application/vnd.in-toto+json"

// bundle is a Sigstore bundle as JSON
// (https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto).
type bundle struct {
	MediaType string   `json:"mediaType"`
	Material  material `json:"verificationMaterial"`
	Envelope  envelope `json:"dsseEnvelope"`
}

type material struct {
	PublicKey   *keyHint     `json:"publicKey,omitempty"`
	Certificate *certificate `json:"certificate,omitempty"`
	Entries     []entry      `json:"tlogEntries,omitempty"`
}

type keyHint struct {
	Hint string `json:"hint"`
}

type certificate struct {
	RawBytes []byte `json:"rawBytes"`
}

type envelope struct {
	Payload     []byte   `json:"payload"`
	PayloadType string   `json:"payloadType"`
	Signatures  []signed `json:"signatures"`
}

type signed struct {
	Sig []byte `json:"sig"`
}

// Sign returns a bundle with a statement that the key has signed.
func (k *Key) Sign(statement Statement) ([]byte, error) {
	payload, err := plain(statement)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	sig, err := k.sign(encoded(payloadType, payload))
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return plain(bundle{
		MediaType: MediaType,
		Material:  material{PublicKey: &keyHint{k.Public.Hint()}},
		Envelope:  envelope{Payload: payload, PayloadType: payloadType, Signatures: []signed{{sig}}},
	})
}

// plain is compact JSON in which no character is escaped for HTML.
func plain(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), err
}

// encoded is DSSE's pre-authentication encoding: what is signed.
func encoded(kind string, payload []byte) []byte {
	return fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(kind), kind, len(payload), payload)
}

// Bundle is a bundle that was read. Nothing of it is to be believed before it was verified.
type Bundle struct {
	Statement   Statement
	Hint        string // which key has signed it; "" for a certificate
	Certificate []byte // DER; nil for a key

	envelope envelope
	entries  []entry // of transparency logs
}

// Parse reads a bundle with a DSSE envelope. It verifies nothing.
func Parse(data []byte) (Bundle, error) {
	var read bundle
	if err := json.Unmarshal(data, &read); err != nil {
		return Bundle{}, fmt.Errorf("read the bundle: %w", err)
	}
	switch {
	case read.MediaType != MediaType:
		return Bundle{}, fmt.Errorf("it is of type %q, expected %s", read.MediaType, MediaType)
	case read.Envelope.PayloadType != payloadType:
		return Bundle{}, fmt.Errorf("its payload is of type %q, expected %s", read.Envelope.PayloadType, payloadType)
	case len(read.Envelope.Signatures) != 1:
		return Bundle{}, fmt.Errorf("it has %d signatures, expected one", len(read.Envelope.Signatures))
	}
	statement, err := parseStatement(read.Envelope.Payload)
	if err != nil {
		return Bundle{}, err
	}
	found := Bundle{Statement: statement, envelope: read.Envelope, entries: read.Material.Entries}
	if read.Material.PublicKey != nil {
		found.Hint = read.Material.PublicKey.Hint
	}
	if read.Material.Certificate != nil {
		found.Certificate = read.Material.Certificate.RawBytes
	}
	return found, nil
}

// ErrSignature says that a signature is not one of the key.
var ErrSignature = errors.New("the signature is not one of this key")

// Verify checks that a key has signed the statement.
func (b Bundle) Verify(key Public) error {
	if !key.verifies(encoded(b.envelope.PayloadType, b.envelope.Payload), b.envelope.Signatures[0].Sig) {
		return ErrSignature
	}
	return nil
}

// Check reads a bundle and checks that a key has signed a statement of a type about what
// has a digest. It returns the statement.
func Check(data []byte, key Public, digest, predicateType string) (Statement, error) {
	found, err := Parse(data)
	if err != nil {
		return Statement{}, err
	}
	if err := found.Verify(key); err != nil {
		return Statement{}, err
	}
	if !found.Statement.About(digest) {
		return Statement{}, fmt.Errorf("what was signed is another content, not %s", digest)
	}
	if found.Statement.PredicateType != predicateType {
		return Statement{}, fmt.Errorf("what was signed is a statement of type %s, expected %s",
			found.Statement.PredicateType, predicateType)
	}
	return found.Statement, nil
}
