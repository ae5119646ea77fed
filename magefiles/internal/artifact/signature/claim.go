package signature

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Claim is something that is said of an image or a file, and signed.
type Claim struct {
	Name      string // such as SBOM
	Type      string // of the predicate
	Predicate json.RawMessage
}

// Origin is where an artifact was built from.
type Origin struct {
	Repository string // web address
	Tag        string
	Commit     string
	Tree       string // git tree hash of what was built
}

// Made returns the claim that an artifact was built by this pipeline from an origin
// (https://slsa.dev/spec/v1.0/provenance). It has no times, and nothing of the machine.
func Made(from Origin) (Claim, error) {
	type object map[string]any
	predicate, err := json.Marshal(object{
		"buildDefinition": object{
			"buildType":          pipeline + "/release@v1",
			"externalParameters": object{"repository": from.Repository, "tag": from.Tag},
			"resolvedDependencies": []object{{
				"uri":    "git+" + from.Repository + "@refs/tags/" + from.Tag,
				"digest": map[string]string{"gitCommit": from.Commit, "gitTree": from.Tree},
			}},
		},
		"runDetails": object{"builder": object{"id": pipeline}},
	})
	return Claim{Name: "provenance", Type: Provenance, Predicate: predicate}, err
}

const pipeline = "https://github.com/hughkantsime/odin-release"

// openVEX is the part of an OpenVEX document that is checked
// (https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md).
type openVEX struct {
	Context    string    `json:"@context"`
	ID         string    `json:"@id"`
	Author     string    `json:"author"`
	Timestamp  string    `json:"timestamp"`
	Statements []finding `json:"statements"`
}

// finding says whether a vulnerability affects an artifact.
type finding struct {
	Vulnerability struct {
		Name string `json:"name"`
	} `json:"vulnerability"`
	Status          string `json:"status"`
	Justification   string `json:"justification"`
	ImpactStatement string `json:"impact_statement"`
	ActionStatement string `json:"action_statement"`
}

// Affecting returns the claim which findings of scanners affect an artifact, from a document
// in the format of OpenVEX 0.2. A finding that does not affect it needs a reason.
func Affecting(document []byte) (Claim, error) {
	var read openVEX
	if err := json.Unmarshal(document, &read); err != nil {
		return Claim{}, err
	}
	switch {
	case read.Context != VEX:
		return Claim{}, fmt.Errorf("its @context is %q, expected %s", read.Context, VEX)
	case read.ID == "" || read.Author == "" || read.Timestamp == "":
		return Claim{}, errors.New("it needs an @id, an author and a timestamp")
	case len(read.Statements) == 0:
		return Claim{}, errors.New("it has no statements")
	}
	for i, each := range read.Statements {
		if problem := each.problem(); problem != "" {
			return Claim{}, fmt.Errorf("statements[%d] (%s): %s", i, each.Vulnerability.Name, problem)
		}
	}
	return Claim{Name: "VEX", Type: VEX, Predicate: document}, nil
}

// problem returns what a statement lacks, "" if it is complete.
func (f finding) problem() string {
	switch {
	case f.Vulnerability.Name == "":
		return "it needs the name of a vulnerability"
	case !slices.Contains([]string{"not_affected", "affected", "fixed", "under_investigation"}, f.Status):
		return fmt.Sprintf("unknown status %q, expected not_affected, affected, fixed or under_investigation", f.Status)
	case f.Status == "not_affected" && f.Justification == "" && f.ImpactStatement == "":
		return "not_affected needs a justification or an impact_statement"
	case f.Status == "affected" && f.ActionStatement == "":
		return "affected needs an action_statement"
	}
	return ""
}
