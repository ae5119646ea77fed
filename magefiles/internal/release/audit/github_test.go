package audit

import (
	"os"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
)

// attestor is the workflow that has signed what is in testdata.
const attestor = "github/artifact-attestations-workflows/.github/workflows/attest.yml"

// What GitHub has signed for a run is the provenance of what it names: of these files, made by a workflow of this
// repository from this commit.
func TestSignedByGitHub(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../artifact/signature/testdata/github.sigstore.json")
	if err != nil {
		t.Fatal(err)
	}
	bundle, err := signature.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	by, err := bundle.VerifyCertificate()
	if err != nil {
		t.Fatal(err)
	}
	subject := bundle.Statement.Subject[0]
	check := func(change func(i *inspection)) Row {
		i := &inspection{reading: reading{content: map[string][]byte{build.ProvenanceFile: data}}}
		i.Repository, err = github.ParseRepository(strings.TrimPrefix(by.Repository, "https://github.com/"))
		if err != nil {
			t.Fatal(err)
		}
		i.Tag, i.Signer = "v1.8.0", attestor
		i.state.Commit = by.Commit
		i.state.Files = []artifact.File{
			{Name: subject.Name, SHA256: subject.Digest["sha256"]}, {Name: build.ProvenanceFile},
		}
		change(i)
		i.provenance()
		return i.rows[0]
	}
	for _, rehearsal := range []bool{false, true} { // a signature is verified there, too
		row := check(func(i *inspection) { i.Rehearsal = rehearsal })
		if row.Problem != nil || row.Absent != "" || row.Seen != by.Workflow {
			t.Errorf("%+v", row)
		}
		for want, change := range map[string]func(i *inspection){
			"it says nothing of": func(i *inspection) { i.state.Files[0].SHA256 = strings.Repeat("0", 64) },
			"for the commit":     func(i *inspection) { i.state.Commit = strings.Repeat("0", 40) },
			"by a workflow of":   func(i *inspection) { i.Repository, _ = github.ParseRepository("ada/shop") },
			"not by hughkantsime/odin-release/.github/workflows/release.yml": func(i *inspection) { i.Signer = "" },
			"not by github/artifact-attestations-workflows/.github/workflows/attest.yml@v1": func(i *inspection) {
				i.Signer = attestor + "@v1"
			},
			"the signature is not": func(i *inspection) {
				text := strings.Replace(string(data), `"sig": "MEYCIQ`, `"sig": "MEYCIA`, 1)
				i.content[build.ProvenanceFile] = []byte(text)
			},
		} {
			row := check(func(i *inspection) { change(i); i.Rehearsal = rehearsal })
			if row.Problem == nil || !strings.Contains(row.Problem.Error(), want) {
				t.Errorf("expected %q: %+v", want, row)
			}
		}
	}
}

// What was signed for another tag of the same commit, such as that of a release candidate, is not
// taken for this one's. A run by hand is for a branch.
func TestSignedForATag(t *testing.T) {
	t.Parallel()
	of := Audit{Tag: "v1.8.0"}
	of.Repository, _ = github.ParseRepository("ada/shop")
	for ref, want := range map[string]string{
		"refs/tags/v1.8.0": "", "refs/heads/main": "", "refs/heads/v1.7.0": "",
		"refs/tags/v1.8.0-rc.1": "it was signed by a workflow for the tag v1.8.0-rc.1",
	} {
		by := signature.Identity{Issuer: actions, Repository: onGitHub + "Ada/Shop", Commit: "c0ffee", Ref: ref}
		err := of.ran(by, "c0ffee")
		if (err == nil) != (want == "") || err != nil && err.Error() != want {
			t.Errorf("%s: %v", ref, err)
		}
	}
}

// Of a draft, the workflow that attested it is only warned about: it is the one that makes it public.
func TestDraftOfAnotherWorkflow(t *testing.T) {
	t.Parallel()
	i := &inspection{}
	i.Draft = &github.Release{}
	const address = onGitHub + "ada/ci/.github/workflows/release.yml@refs/heads/main"
	for range 2 { // of the files, and of the image
		if err := i.stranger(address); err != nil {
			t.Error(err)
		}
	}
	if len(i.warned) != 1 || !strings.HasSuffix(
		i.warned[0], " -signer=ada/ci/.github/workflows/release.yml@refs/heads/main") {
		t.Errorf("%q", i.warned)
	}
	if i.Signer = ReleaseWorkflow; i.stranger(address) == nil {
		t.Error("it is not refused although the workflow is asked for")
	}
}

func TestSigner(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Signer{
		string(ReleaseWorkflow): ReleaseWorkflow,
		"https://github.com/ada/ci/.github/workflows/out.yml@refs/heads/main": "ada/ci/.github/workflows/out.yml@refs/heads/main",
		"ada/ci": "", "ada/ci/out.yml": "", "/ci/.github/workflows/out.yml": "", "ada/ci/.github/workflows/": "",
		"ada/ci/.github/workflows/../out.yml": "", "ada/ci/.github/workflows/out.yml@": "",
		"https://example.org/ada/ci/.github/workflows/out.yml": "",
	} {
		if got, err := ParseSigner(text); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	const pinned = ReleaseWorkflow + "@refs/tags/v2.0.0"
	for address, want := range map[string][2]bool{ // of the workflow, and of it at a ref
		"https://github.com/hughkantsime/odin-release/.github/workflows/release.yml@refs/tags/v2.0.0": {true, true},
		"https://github.com/HughKantsime/Odin-Release/.github/workflows/release.yml@refs/tags/v2.0.0": {true, true},
		"https://github.com/hughkantsime/odin-release/.github/workflows/release.yml@refs/tags/v2.0.1": {true, false},
		"https://github.com/hughkantsime/odin-release/.github/workflows/release.yml":                  {true, false},
		"https://github.com/hughkantsime/odin-release/.github/workflows/Release.yml@refs/tags/v2.0.0": {false, false},
		"https://github.com/hughkantsime/odin-release/.github/workflows/check.yml@refs/tags/v2.0.0":   {false, false},
		"https://github.com/hughkantsime/odin-release2/.github/workflows/release.yml@refs/tags/v2":    {false, false},
		"https://gitlab.com/hughkantsime/odin-release/.github/workflows/release.yml@refs/tags/v2.0.0": {false, false},
		"https://github.com/ada/shop/.github/workflows/release.yml@refs/tags/v2.0.0":                  {false, false},
		"": {false, false},
	} {
		if got := [2]bool{ReleaseWorkflow.is(address), pinned.is(address)}; got != want {
			t.Errorf("%q: %v", address, got)
		}
	}
}
