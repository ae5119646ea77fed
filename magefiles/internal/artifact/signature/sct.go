package signature

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	_ "embed"
	"encoding/asn1"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
)

// ctfe is the public key of the log in which Sigstore's authority records the certificates
// that it issues (https://github.com/sigstore/root-signing, the target trusted_root.json).
//
//go:embed ctfe.pem
var ctfe []byte

// timestamps is the extension with what certificate logs say of a certificate (RFC 6962, 3.3).
var timestamps = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 2}

// recordedIn checks that a log with one of the keys has promised to show a certificate to
// everybody, before its issuer signed it (RFC 6962, 3.2).
func recordedIn(logs []Public, leaf, issuer *x509.Certificate) error {
	list, err := timestampsOf(leaf)
	if err != nil {
		return fmt.Errorf("read what logs say of its certificate: %w", err)
	}
	issued, err := unstamped(leaf)
	if err != nil {
		return fmt.Errorf("read its certificate: %w", err)
	}
	by := sha256.Sum256(issuer.RawSubjectPublicKeyInfo)
	problem := errors.New("its certificate is not in a log")
	for _, each := range list {
		key, err := keyOfLog(logs, each.log)
		if err == nil && !key.verifies(each.said(by, issued), each.signature) {
			err = fmt.Errorf("the log %x has not signed what its certificate says", each.log)
		}
		if err == nil {
			return nil
		}
		problem = fmt.Errorf("its certificate: %w", err)
	}
	return problem
}

// stamp is the signed timestamp of a certificate log.
type stamp struct {
	log, time, extensions, signature []byte
}

// said returns what a log has signed of a certificate without timestamps (RFC 6962, 3.2).
func (s stamp) said(issuer [sha256.Size]byte, issued []byte) []byte {
	said := append([]byte{0, 0}, s.time...) // version 1, a certificate's timestamp
	said = append(said, 0, 1)               // of a certificate that is about to be issued
	said = append(said, issuer[:]...)
	said = append(said, byte(len(issued)>>16), byte(len(issued)>>8), byte(len(issued)))
	said = append(said, issued...)
	said = binary.BigEndian.AppendUint16(said, uint16(len(s.extensions)))
	return append(said, s.extensions...)
}

// timestampsOf reads the timestamps that a certificate contains.
func timestampsOf(of *x509.Certificate) ([]stamp, error) {
	for _, extension := range of.Extensions {
		if !extension.Id.Equal(timestamps) {
			continue
		}
		var packed []byte
		if _, err := asn1.Unmarshal(extension.Value, &packed); err != nil {
			return nil, err
		}
		all, rest, is := vector(packed)
		if !is || len(rest) > 0 {
			return nil, errors.New("the list is damaged")
		}
		var list []stamp
		for len(all) > 0 {
			var each []byte
			if each, all, is = vector(all); !is {
				return nil, errors.New("the list is damaged")
			}
			read, err := parseStamp(each)
			if err != nil {
				return nil, err
			}
			list = append(list, read)
		}
		return list, nil
	}
	return nil, errors.New("there is nothing")
}

// parseStamp reads a timestamp: its version, the log, the time, extensions, and a signature
// with the algorithms that it was made by.
func parseStamp(data []byte) (stamp, error) {
	const fixed = 1 + sha256.Size + 8
	if len(data) < fixed || data[0] != 0 {
		return stamp{}, errors.New("a timestamp is damaged, or not of version 1")
	}
	read := stamp{log: data[1 : 1+sha256.Size], time: data[1+sha256.Size : fixed]}
	extensions, rest, is := vector(data[fixed:])
	if !is || len(rest) < 2 || rest[0] != 4 { // SHA-256 (RFC 5246, 7.4.1.4.1)
		return stamp{}, errors.New("a timestamp is damaged, or not signed with SHA-256")
	}
	read.extensions = extensions
	if read.signature, rest, is = vector(rest[2:]); !is || len(rest) > 0 {
		return stamp{}, errors.New("a timestamp is damaged")
	}
	return read, nil
}

// vector splits bytes that begin with their length, in two bytes, off (RFC 5246, 4.3).
func vector(data []byte) (content, rest []byte, is bool) {
	if len(data) < 2 {
		return nil, nil, false
	}
	length := int(binary.BigEndian.Uint16(data))
	if len(data) < 2+length {
		return nil, nil, false
	}
	return data[2 : 2+length], data[2+length:], true
}

// toBeSigned is the part of a certificate that its issuer signs (RFC 5280, 4.1).
type toBeSigned struct {
	Version    int `asn1:"optional,explicit,default:0,tag:0"`
	Serial     *big.Int
	Algorithm  pkix.AlgorithmIdentifier
	Issuer     asn1.RawValue
	Validity   asn1.RawValue
	Subject    asn1.RawValue
	Key        asn1.RawValue
	Extensions []pkix.Extension `asn1:"omitempty,optional,explicit,tag:3"`
}

// unstamped returns what is signed of a certificate, without the timestamps.
func unstamped(of *x509.Certificate) ([]byte, error) {
	var read toBeSigned
	rest, err := asn1.Unmarshal(of.RawTBSCertificate, &read)
	if err != nil {
		return nil, err
	}
	again, err := asn1.Marshal(read)
	if err != nil || len(rest) > 0 || !bytes.Equal(again, of.RawTBSCertificate) {
		return nil, errors.New("it is not encoded as expected")
	}
	var others []pkix.Extension
	for _, extension := range read.Extensions {
		if !extension.Id.Equal(timestamps) {
			others = append(others, extension)
		}
	}
	read.Extensions = others
	return asn1.Marshal(read)
}
