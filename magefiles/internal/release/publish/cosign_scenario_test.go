//go:build scenario

package publish_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/registry"
	signing "github.com/hughkantsime/odin-release/magefiles/internal/release/build"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/cosign"
)

// judge is cosign, with a folder for its files.
type judge struct{ program, home string }

func newJudge(t *testing.T) judge {
	t.Helper()
	return judge{cosign.Program(t), t.TempDir()}
}

// accepts checks that cosign succeeds.
func (j judge) accepts(t *testing.T, args ...string) {
	t.Helper()
	out, err := cosign.Run(t.Context(), j.program, j.home, args...)
	if err != nil {
		t.Errorf("cosign %v: %v\n%s", args, err, out)
	}
}

// refuses checks that cosign finds no signature that holds.
func (j judge) refuses(t *testing.T, args ...string) {
	t.Helper()
	out, err := cosign.Run(t.Context(), j.program, j.home, args...)
	if err == nil {
		t.Errorf("cosign %v: it is accepted\n%s", args, out)
	}
	for _, other := range []string{"unknown flag", "no such file", "connection refused", "usage:"} {
		if strings.Contains(out, other) {
			t.Errorf("cosign %v: refused for another reason\n%s", args, out)
		}
	}
}

func writePublic(t *testing.T, key *signature.Key) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "cosign.pub")
	if err := os.WriteFile(file, key.Public.PEM(), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// cosign, which is not ours, accepts the index, the image of each platform and all files of
// a release, in a namespace without a network. It refuses another key and another content.
func TestNightlyCosignRelease(t *testing.T) {
	cosign.Program(t) // compiled while there is a network
	if !cosign.Isolated(t) {
		return
	}
	judge := newJudge(t)
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	other, err := signature.ParseKey(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []*signature.Key{newKey(t), other} {
		for _, referrers := range []bool{true, false} {
			judge.release(t, key, referrers)
		}
	}
}

// release releases to a registry of one kind, and checks what cosign says of all that.
func (j judge) release(t *testing.T, key *signature.Key, referrers bool) {
	t.Helper()
	s := newStage(t)
	s.referrers = referrers
	s.commit(t, "feat: more", "v1.7.3")
	b := s.build(t, "v1.7.3")
	b.Built.Claims = claims()
	var err error
	if b.Built.Files, err = signing.Sign(b.Built.Dir, b.Built.Files, key); err != nil {
		t.Fatal(err)
	}
	world := s.open(t, nil)
	err = play(t.Context(), world, b, func(ctx context.Context, r publish.Release) error {
		r.Key = key
		if err := all(ctx, r, b.Built, publish.NoOverride); err != nil {
			return err
		}
		j.image(t, world.Registry()+"/"+repository, b, key)
		return j.swapped(ctx, t, r, world.Registry()+"/"+repository, b, key)
	})
	s.close(t, world)
	if err != nil {
		t.Fatal(err)
	}
	j.files(t, b.Built, key)
}

// image checks what cosign says of an image.
func (j judge) image(t *testing.T, name string, b build, key *signature.Key) {
	t.Helper()
	ours, other := writePublic(t, key), writePublic(t, newKey(t))
	digests := []string{b.Built.Image.Digest}
	for _, platform := range b.Built.Image.Platforms {
		digests = append(digests, platform.Digest)
	}
	for _, digest := range digests {
		j.accepts(t, "verify", "--key", ours, "--insecure-ignore-tlog", name+"@"+digest)
		j.refuses(t, "verify", "--key", other, "--insecure-ignore-tlog", name+"@"+digest)
		attested := []string{
			"verify-attestation",
			"--key",
			ours,
			"--insecure-ignore-tlog",
			name + "@" + digest,
			"--type",
		}
		for _, claim := range claims() {
			j.accepts(t, append(attested, claim.Type)...)
		}
		j.accepts(t, append(attested, "spdxjson")...)
		j.refuses(t, append(attested, "cyclonedx")...)
	}
	j.accepts(t, "verify", "--key", ours, "--insecure-ignore-tlog", name+":1.7.3")
}

// swapped attaches the signature of one image to another one, which cosign refuses.
func (j judge) swapped(
	ctx context.Context, t *testing.T, r publish.Release, name string, b build, key *signature.Key,
) error {
	t.Helper()
	victim, err := r.Registry.Digest(ctx, "1.7.2")
	if err != nil {
		return err
	}
	signed, err := key.Sign(signature.Of("", b.Built.Image.Digest, signature.Signed, nil))
	if err != nil {
		return err
	}
	err = r.Registry.Referrers().Attach(ctx, victim, []registry.Bundle{
		{MediaType: signature.MediaType, PredicateType: signature.Signed, Content: signed},
	}, func(context.Context) error { return nil })
	j.refuses(t, "verify", "--key", writePublic(t, key), "--insecure-ignore-tlog", name+"@"+victim)
	return err
}

// files checks what cosign says of files.
func (j judge) files(t *testing.T, built publish.Artifacts, key *signature.Key) {
	t.Helper()
	ours, other := writePublic(t, key), writePublic(t, newKey(t))
	judged := 0
	for _, file := range built.Files {
		path := filepath.Join(built.Dir, file.Name)
		if strings.HasSuffix(file.Name, signature.Suffix) || file.Name == signing.PublicKeyFile {
			continue
		}
		judged++
		bundle := path + signature.Suffix
		j.accepts(t, "verify-blob", "--key", ours, "--insecure-ignore-tlog", "--bundle", bundle, path)
		j.refuses(t, "verify-blob", "--key", other, "--insecure-ignore-tlog", "--bundle", bundle, path)
		j.refuses(t, "verify-blob", "--key", ours, "--insecure-ignore-tlog", "--bundle", bundle, ours)
	}
	if judged != 3 {
		t.Errorf("%d files were judged", judged)
	}
}

// What is in the testdata of package signature is accepted by cosign, and cosign signs what
// package signature accepts.
func TestNightlyCosignFixtures(t *testing.T) {
	judge := newJudge(t)
	if !cosign.Isolated(t) {
		return
	}
	dir, err := filepath.Abs("../../artifact/signature/testdata")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(judge.home, "app.txt")
	if err := os.WriteFile(file, []byte("the app that everybody waits for\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"ecdsa", "ed25519"} {
		public := filepath.Join(dir, kind+".pub")
		judge.accepts(t, "verify-blob", "--key", public, "--insecure-ignore-tlog",
			"--bundle", filepath.Join(dir, kind+".sigstore.json"), file)
	}
	judge.accepts(t, "verify-blob-attestation", "--key", filepath.Join(dir, "ecdsa.pub"), "--insecure-ignore-tlog",
		"--type", "spdxjson", "--bundle", filepath.Join(dir, "cosign-ecdsa.sigstore.json"), file)
	judge.refuses(t, "verify-blob", "--key", filepath.Join(dir, "ecdsa.pub"), "--insecure-ignore-tlog",
		"--bundle", filepath.Join(dir, "ed25519.sigstore.json"), file)
}
