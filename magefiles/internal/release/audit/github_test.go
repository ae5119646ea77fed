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
		i := &inspection{content: map[string][]byte{build.ProvenanceFile: data}}
		i.Repository, err = github.ParseRepository(strings.TrimPrefix(by.Repository, "https://github.com/"))
		if err != nil {
			t.Fatal(err)
		}
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
