package signature

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// Key is a private key: ECDSA on the curve P-256, or Ed25519.
type Key struct {
	Public  Public
	private crypto.Signer
}

// Public is the public part of a key.
type Public struct {
	key crypto.PublicKey
	der []byte // PKIX
}

const newKey = "make one with: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out signing.key"

// Generate returns a new key, ECDSA on the curve P-256 as cosign generate-key-pair makes it.
func Generate() (*Key, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	return keyOf(private)
}

// ParseKey reads a private key in PEM: PKCS #8 (RFC 5958), or SEC 1 (RFC 5915) for ECDSA.
// An encrypted key is refused.
func ParseKey(data []byte) (*Key, error) {
	block, _ := pem.Decode(data)
	switch {
	case block == nil:
		return nil, errors.New("it is not in PEM; " + newKey)
	case strings.HasPrefix(block.Type, "ENCRYPTED"), block.Headers["DEK-Info"] != "":
		return nil, fmt.Errorf("it is encrypted (%s), which is not supported; store it unencrypted as a secret, or %s",
			strings.ToLower(block.Type), newKey)
	}
	var private any
	var err error
	switch block.Type {
	case "PRIVATE KEY":
		private, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		private, err = x509.ParseECPrivateKey(block.Bytes)
	default:
		return nil, fmt.Errorf("its PEM block is %q, expected PRIVATE KEY or EC PRIVATE KEY; %s", block.Type, newKey)
	}
	if err != nil {
		return nil, errors.New("it is damaged, or no private key") // the error may quote parts of it
	}
	signer, is := private.(crypto.Signer)
	if !is {
		return nil, errors.New("it cannot sign; " + newKey)
	}
	return keyOf(signer)
}

func keyOf(private crypto.Signer) (*Key, error) {
	public, err := publicOf(private.Public())
	if err != nil {
		return nil, err
	}
	return &Key{Public: public, private: private}, nil
}

// PEM returns the private key in PKCS #8.
func (k *Key) PEM() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k.private)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// sign signs data. Both kinds of signature are deterministic (RFC 6979, RFC 8032).
func (k *Key) sign(data []byte) ([]byte, error) {
	if _, is := k.private.(*ecdsa.PrivateKey); !is {
		return k.private.Sign(nil, data, crypto.Hash(0))
	}
	sum := sha256.Sum256(data)
	return k.private.Sign(nil, sum[:], crypto.SHA256)
}

// ParsePublic reads a public key in PEM, as cosign.pub has it.
func ParsePublic(data []byte) (Public, error) {
	block, _ := pem.Decode(data)
	if block == nil || block.Type != "PUBLIC KEY" {
		return Public{}, errors.New("it is no public key in PEM (PUBLIC KEY)")
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return Public{}, fmt.Errorf("it is damaged: %w", err)
	}
	return publicOf(key)
}

func publicOf(key crypto.PublicKey) (Public, error) {
	switch of := key.(type) {
	case ed25519.PublicKey:
	case *ecdsa.PublicKey:
		if of.Curve != elliptic.P256() {
			return Public{}, fmt.Errorf("its curve is %s, expected P-256; %s", of.Params().Name, newKey)
		}
	default:
		return Public{}, fmt.Errorf(
			"it is a key of another kind (%T), expected ECDSA P-256 or Ed25519; %s", key, newKey)
	}
	der, err := x509.MarshalPKIXPublicKey(key)
	return Public{key: key, der: der}, err
}

// PEM returns the key as cosign verify -key takes it.
func (p Public) PEM() []byte { return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: p.der}) }

// Hint identifies the key: the SHA-256 of its PKIX form, in base64.
func (p Public) Hint() string {
	sum := sha256.Sum256(p.der)
	return base64.StdEncoding.EncodeToString(sum[:])
}

func (p Public) verifies(data, signature []byte) bool {
	switch key := p.key.(type) {
	case ed25519.PublicKey:
		return ed25519.Verify(key, data, signature)
	case *ecdsa.PublicKey:
		sum := sha256.Sum256(data)
		return ecdsa.VerifyASN1(key, sum[:], signature)
	}
	return false
}
