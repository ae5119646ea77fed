package signature

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// rekor is the public key of Sigstore's transparency log, Rekor
// (https://github.com/sigstore/root-signing, the target trusted_root.json).
//
//go:embed rekor.pem
var rekor []byte

// entry is what a transparency log says of a signature
// (https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_rekor.proto).
type entry struct {
	Index          int64     `json:"logIndex,string"`
	Log            logID     `json:"logId"`
	Kind           kind      `json:"kindVersion"`
	IntegratedTime int64     `json:"integratedTime,string"` // in seconds since 1970
	Promise        promise   `json:"inclusionPromise"`
	Proof          inclusion `json:"inclusionProof"`
	Body           []byte    `json:"canonicalizedBody"`
}

type logID struct {
	KeyID []byte `json:"keyId"` // SHA-256 of the log's public key
}

type kind struct {
	Kind    string `json:"kind"`
	Version string `json:"version"`
}

type promise struct {
	SignedEntryTimestamp []byte `json:"signedEntryTimestamp"`
}

// inclusion is the proof that a log has an entry, at a size of the log.
type inclusion struct {
	Index      int64    `json:"logIndex,string"`
	RootHash   []byte   `json:"rootHash"`
	TreeSize   int64    `json:"treeSize,string"`
	Hashes     [][]byte `json:"hashes"`
	Checkpoint struct {
		Envelope string `json:"envelope"`
	} `json:"checkpoint"`
}

// logged checks that the signature of a bundle is in a transparency log that has one of the
// keys, and returns the time at which the log took it.
func (b Bundle) logged(logs []Public) (time.Time, error) {
	if len(b.entries) != 1 {
		return time.Time{}, fmt.Errorf("it has %d entries of a transparency log, expected one", len(b.entries))
	}
	found := b.entries[0]
	key, err := keyOfLog(logs, found.Log.KeyID)
	if err != nil {
		return time.Time{}, fmt.Errorf("its entry of a transparency log: %w", err)
	}
	for _, check := range []func() error{
		func() error { return b.about(found) },
		func() error { return found.promised(key) },
		func() error { return found.included(key) },
	} {
		if err := check(); err != nil {
			return time.Time{}, fmt.Errorf("its entry %d of the transparency log: %w", found.Index, err)
		}
	}
	return time.Unix(found.IntegratedTime, 0), nil
}

// keyOfLog returns the key with an identity: the SHA-256 of its PKIX form (RFC 6962, 3.2).
func keyOfLog(logs []Public, id []byte) (Public, error) {
	for _, key := range logs {
		if sum := sha256.Sum256(key.der); bytes.Equal(sum[:], id) {
			return key, nil
		}
	}
	return Public{}, fmt.Errorf("the log %x is not one that this odin-release knows; a newer one, or "+
		"gh attestation verify, may know it", id)
}

// about checks that an entry is that of the bundle's signature
// (https://github.com/sigstore/rekor/blob/main/pkg/types/dsse/v0.0.1/dsse_v0_0_1_schema.json).
func (b Bundle) about(found entry) error {
	if found.Kind != (kind{"dsse", "0.0.1"}) {
		return fmt.Errorf("it is of the kind %s %s, expected dsse 0.0.1", found.Kind.Kind, found.Kind.Version)
	}
	var body struct {
		APIVersion, Kind string
		Spec             struct {
			PayloadHash struct{ Algorithm, Value string }
			Signatures  []struct{ Signature, Verifier string }
		}
	}
	if err := json.Unmarshal(found.Body, &body); err != nil {
		return fmt.Errorf("read it: %w", err)
	}
	sum := sha256.Sum256(b.envelope.Payload)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: b.Certificate})
	switch {
	case body.Kind != found.Kind.Kind || body.APIVersion != found.Kind.Version:
		return errors.New("it is of another kind than it says")
	case body.Spec.PayloadHash.Algorithm != "sha256" || body.Spec.PayloadHash.Value != hex.EncodeToString(sum[:]):
		return errors.New("it is about another statement")
	case len(body.Spec.Signatures) != 1 ||
		body.Spec.Signatures[0].Signature != base64.StdEncoding.EncodeToString(b.envelope.Signatures[0].Sig):
		return errors.New("it is about another signature")
	case body.Spec.Signatures[0].Verifier != base64.StdEncoding.EncodeToString(certificate):
		return errors.New("it is about another certificate")
	}
	return nil
}

// promised checks the log's signature over the entry with its time
// (https://docs.sigstore.dev/logging/overview, the signed entry timestamp).
func (e entry) promised(key Public) error {
	said, err := plain(struct {
		Body           []byte `json:"body"` // the keys in this order: it is canonical JSON (RFC 8785)
		IntegratedTime int64  `json:"integratedTime"`
		LogID          string `json:"logID"`
		LogIndex       int64  `json:"logIndex"`
	}{e.Body, e.IntegratedTime, hex.EncodeToString(e.Log.KeyID), e.Index})
	if err == nil && !key.verifies(said, e.Promise.SignedEntryTimestamp) {
		err = errors.New("its time is not signed by the log")
	}
	return err
}

// included checks that the log had the entry when it signed its checkpoint.
func (e entry) included(key Public) error {
	root, err := e.Proof.root(e.Body)
	switch {
	case err != nil:
		return err
	case !bytes.Equal(root, e.Proof.RootHash):
		return errors.New("the proof that the log has it does not hold")
	}
	return e.Proof.checkpoint(key)
}

// root computes the root of the tree that has an entry, by the proof (RFC 9162, 2.1.3.2).
func (p inclusion) root(body []byte) ([]byte, error) {
	if p.Index < 0 || p.Index >= p.TreeSize {
		return nil, fmt.Errorf("the proof is about entry %d of %d", p.Index, p.TreeSize)
	}
	inner := bits.Len64(uint64(p.Index) ^ uint64(p.TreeSize-1))
	border := bits.OnesCount64(uint64(p.Index) >> inner)
	if len(p.Hashes) != inner+border {
		return nil, fmt.Errorf("the proof has %d hashes, expected %d", len(p.Hashes), inner+border)
	}
	node := hashOf(0, body)
	for i, sibling := range p.Hashes {
		if i < inner && p.Index>>i&1 == 0 {
			node = hashOf(1, node, sibling)
		} else {
			node = hashOf(1, sibling, node)
		}
	}
	return node, nil
}

// hashOf returns the hash of a leaf (0) or of an inner node (1) of a tree (RFC 9162, 2.1.1).
func hashOf(kind byte, parts ...[]byte) []byte {
	sum := sha256.New()
	sum.Write([]byte{kind})
	for _, part := range parts {
		sum.Write(part)
	}
	return sum.Sum(nil)
}

// checkpoint checks that the log has signed the size and the root of a proof. A checkpoint is
// a note (https://github.com/C2SP/C2SP/blob/main/tlog-checkpoint.md).
func (p inclusion) checkpoint(key Public) error {
	text, signatures, found := strings.Cut(p.Checkpoint.Envelope, "\n\n")
	text += "\n"
	lines := strings.Split(text, "\n")
	if !found || len(lines) < 4 {
		return errors.New("its checkpoint is incomplete")
	}
	if lines[1] != strconv.FormatInt(p.TreeSize, 10) ||
		lines[2] != base64.StdEncoding.EncodeToString(p.RootHash) {
		return errors.New("its checkpoint is that of another tree")
	}
	for line := range strings.Lines(signatures) {
		words := strings.Fields(line) // a dash, the name of the log, and four bytes of its key with the signature
		if len(words) != 3 || words[0] != "—" {
			continue
		}
		signed, err := base64.StdEncoding.DecodeString(words[2])
		id := sha256.Sum256(key.der)
		if err == nil && bytes.HasPrefix(signed, id[:4]) && key.verifies([]byte(text), signed[4:]) {
			return nil
		}
	}
	return errors.New("its checkpoint is not signed by the log")
}
