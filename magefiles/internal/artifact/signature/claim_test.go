package signature_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

func TestMade(t *testing.T) {
	claim, err := signature.Made(signature.Origin{
		Repository: "https://github.com/ada/shop", Tag: "v1.8.0", Commit: "c0ffee", Tree: "7ee",
	})
	if err != nil || claim.Type != signature.Provenance {
		t.Fatalf("%v: %+v", err, claim)
	}
	var shown bytes.Buffer
	if err := json.Indent(&shown, claim.Predicate, "", "  "); err != nil {
		t.Fatal(err)
	}
	testkit.Golden(t, "testdata/provenance.json", shown.String()+"\n")
}

const vex = `{
  "@context": "https://openvex.dev/ns/v0.2.0",
  "@id": "https://github.com/ada/shop/security/vex.json",
  "author": "Ada Lovelace",
  "timestamp": "2026-06-01T09:00:00Z",
  "version": 1,
  "statements": [{
    "vulnerability": {"name": "CVE-2026-0001"},
    "products": [{"@id": "pkg:oci/shop"}],
    "status": "not_affected",
    "justification": "vulnerable_code_not_in_execute_path"
  }]
}`

func TestAffecting(t *testing.T) {
	claim, err := signature.Affecting([]byte(vex))
	if err != nil || claim.Type != signature.VEX {
		t.Fatalf("%v: %+v", err, claim)
	}
	for want, change := range map[string][2]string{
		"unexpected end of JSON":                   {vex[40:], ""},
		`its @context is "https://openvex.dev/ns"`: {"/v0.2.0", ""},
		"it needs an @id, an author":               {"Ada Lovelace", ""},
		"it has no statements":                     {`"statements"`, `"statement"`},
		"statements[0] (CVE-2026-0001): not_affected needs a justification or an impact_statement": {
			"vulnerable_code_not_in_execute_path", "",
		},
		"affected needs an action_statement":   {"not_affected", "affected"},
		`unknown status "unaffected"`:          {"not_affected", "unaffected"},
		"it needs the name of a vulnerability": {"CVE-2026-0001", ""},
	} {
		_, err := signature.Affecting([]byte(strings.Replace(vex, change[0], change[1], 1)))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, expected %s", err, want)
		}
	}
}

func TestAffect(t *testing.T) {
	image := signature.Scanned{
		Image: "ghcr.io/ada/Shop", Tag: "1.8.0", Digest: "sha256:" + strings.Repeat("0", 64),
		Repository: "https://github.com/ada/shop", Time: time.Unix(1780300800, 0),
	}
	claim, err := signature.Affect(image, []signature.Finding{
		{
			Vulnerability: "CVE-2026-0001", Package: "pkg:pypi/jinja2@3.1.6", Status: "not_affected",
			Justification: "vulnerable_code_not_in_execute_path", Why: "no template is written by users",
		},
		{Vulnerability: "CVE-2026-0002", Status: "affected", Why: "do not open the port to the internet"},
		{Vulnerability: "CVE-2026-0003", Status: "under_investigation", Why: "since Monday"},
	})
	if err != nil || claim.Type != signature.VEX {
		t.Fatalf("%v: %+v", err, claim)
	}
	var shown bytes.Buffer
	if err := json.Indent(&shown, claim.Predicate, "", "  "); err != nil {
		t.Fatal(err)
	}
	testkit.Golden(t, "testdata/vex.json", shown.String()+"\n")
}
