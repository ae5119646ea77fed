package signature

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Predicate types: what a statement says of its subjects.
const (
	Signed     = "https://sigstore.dev/cosign/sign/v1" // nothing: that it was signed
	Provenance = "https://slsa.dev/provenance/v1"
	SPDX       = "https://spdx.dev/Document"
	VEX        = "https://openvex.dev/ns/v0.2.0"
)

const statementType = "https://in-toto.io/Statement/v1"

// Statement says something of a file or of an image
// (https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md).
type Statement struct {
	Type          string          `json:"_type"`
	Subject       []Subject       `json:"subject"`
	PredicateType string          `json:"predicateType"`
	Predicate     json.RawMessage `json:"predicate"`
}

// Subject is a file or a manifest.
type Subject struct {
	Name   string            `json:"name,omitempty"`
	Digest map[string]string `json:"digest"` // such as sha256, in hexadecimal
}

// Of returns a statement of one type about what has a digest. The name is that of a file, "" for
// an image, as cosign sign leaves it. A nil predicate is an empty one.
func Of(name, digest, predicateType string, predicate json.RawMessage) Statement {
	if predicate == nil {
		predicate = json.RawMessage("{}")
	}
	return Statement{
		Type: statementType, PredicateType: predicateType, Predicate: predicate,
		Subject: []Subject{{Name: name, Digest: map[string]string{"sha256": strings.TrimPrefix(digest, "sha256:")}}},
	}
}

// About reports whether one of the statement's subjects has a digest.
func (s Statement) About(digest string) bool {
	hex := strings.TrimPrefix(digest, "sha256:")
	return slices.ContainsFunc(s.Subject, func(each Subject) bool { return each.Digest["sha256"] == hex })
}

// parseStatement reads a statement of version 1, or 0.1, whose fields are the same.
func parseStatement(data []byte) (Statement, error) {
	var read Statement
	if err := json.Unmarshal(data, &read); err != nil {
		return Statement{}, fmt.Errorf("read its statement: %w", err)
	}
	if read.Type != statementType && read.Type != "https://in-toto.io/Statement/v0.1" {
		return Statement{}, fmt.Errorf("its statement is of type %q, expected %s", read.Type, statementType)
	}
	if len(read.Subject) == 0 {
		return Statement{}, errors.New("its statement has no subject")
	}
	return read, nil
}
