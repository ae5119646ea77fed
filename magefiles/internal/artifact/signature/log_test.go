package signature

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// byGitHub returns an attestation that actions/attest-build-provenance made in 2024 (from the test
// data of GitHub's CLI, whose licence is MIT).
func byGitHub(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "github.sigstore.json"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestGitHubsOwn(t *testing.T) {
	found, err := Parse(byGitHub(t))
	if err != nil {
		t.Fatal(err)
	}
	by, err := found.VerifyCertificate()
	want := Identity{
		"https://github.com/github/artifact-attestations-workflows/.github/workflows/attest.yml@" +
			"09b495c3f12c7881b3cc17209a327792065c1a1d",
		"https://token.actions.githubusercontent.com", "https://github.com/malancas/attest-demo",
		"95baf27389e83e6a5c48f42e190d48d7abcea19e", "refs/heads/main",
	}
	if err != nil || by != want {
		t.Errorf("%v: %+v", err, by)
	}
}

// None of what a certificate, a signature and a log say can be changed by one byte.
func TestGitHubsOwnChanged(t *testing.T) {
	whole := byGitHub(t)
	var read struct {
		VerificationMaterial map[string]any
		DSSEEnvelope         map[string]any `json:"dsseEnvelope"`
	}
	if err := json.Unmarshal(whole, &read); err != nil {
		t.Fatal(err)
	}
	for where, part := range leaves("", read.VerificationMaterial, leaves("", read.DSSEEnvelope, map[string]string{})) {
		at := bytes.Index(whole, []byte(part))
		if at < 0 || len(part) < 2 {
			t.Fatalf("%s: %q is not in the bundle", where, part)
		}
		var places []int
		step := 1 + len(part)/200                    // some hundred of a long one
		for i := at; i < at+len(part)-4; i += step { // the last characters may have bits that are not used
			places = append(places, i)
		}
		for _, i := range testkit.Sample(places, 8) {
			changed := bytes.Clone(whole)
			changed[i] ^= 1
			found, err := Parse(changed)
			if err == nil {
				_, err = found.VerifyCertificate()
			}
			if err == nil {
				t.Errorf("byte %d of %s can be changed: %q", i-at, where, changed[max(at, i-10):i+10])
			}
		}
	}
}

// leaves adds the texts within a document to a list, by where they are.
func leaves(where string, value any, into map[string]string) map[string]string {
	switch of := value.(type) {
	case map[string]any:
		for key, each := range of {
			leaves(where+"/"+key, each, into)
		}
	case []any:
		for i, each := range of {
			leaves(fmt.Sprintf("%s/%d", where, i), each, into)
		}
	case string:
		// The line with the signature of a checkpoint begins with the name of the log, which is signed further up.
		for i, line := range strings.Split(of, "\n") {
			words := strings.Fields(line)
			if len(words) > 0 && words[0] == "—" {
				line = words[len(words)-1]
			}
			if line != "" {
				into[fmt.Sprintf("%s:%d", where, i)] = line
			}
		}
	}
	return into
}

func FuzzLog(f *testing.F) {
	found, err := Parse(byGitHub(f))
	if err != nil {
		f.Fatal(err)
	}
	proof := found.entries[0].Proof
	f.Add(proof.Checkpoint.Envelope, proof.Index, proof.TreeSize, bytes.Join(proof.Hashes, nil), found.Certificate)
	f.Fuzz(func(t *testing.T, note string, index, size int64, hashes, der []byte) {
		key, err := ParsePublic(rekor)
		if err != nil {
			t.Fatal(err)
		}
		changed := inclusion{Index: index, TreeSize: size, RootHash: proof.RootHash, Hashes: slices.Collect(
			slices.Chunk(hashes, 32))}
		changed.Checkpoint.Envelope = note
		if (entry{Log: found.entries[0].Log, Body: []byte("forged"), Proof: changed}).included(key) == nil {
			t.Error("the log has what it was never told")
		}
		if leaf, err := x509.ParseCertificate(der); err == nil {
			_ = recordedIn([]Public{key}, leaf, leaf)
		}
	})
}
