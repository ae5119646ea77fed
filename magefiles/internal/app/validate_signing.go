package app

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// keyVariable is the prefix of the name of an environment variable with a key, as in cosign.
const keyVariable = "env://"

// variableName is the name of an environment variable.
var variableName = pattern.Lazy(`^[A-Za-z_][A-Za-z0-9_]*$`)

func (s Signing) validate(doc document) []error {
	return append(s.validateKey(doc), s.validateFindings(doc)...)
}

// The statuses of a finding, and the reasons why it does not affect an app
// (https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md#status-labels).
var (
	findingStatuses = []string{"not_affected", "affected", "fixed", "under_investigation"}
	justifications  = []string{
		"component_not_present", "vulnerable_code_not_present", "vulnerable_code_not_in_execute_path",
		"vulnerable_code_cannot_be_controlled_by_adversary", "inline_mitigations_already_exist",
	}
)

func (s Signing) validateFindings(doc document) []error {
	var problems []error
	if s.VEX != "" && len(s.Findings) > 0 {
		problems = append(problems, doc.errorAt("$.signing.findings",
			"signing.vex names a file that says it: leave one of the two out"))
	}
	for i, each := range s.Findings {
		if key, problem := each.problem(); problem != "" {
			problems = append(problems, doc.errorAt(fmt.Sprintf("$.signing.findings[%d]%s", i, key), "%s", problem))
		}
	}
	return problems
}

// problem returns what a finding lacks, and the key to set, or "" if it is complete.
func (f Finding) problem() (key, what string) {
	switch {
	case f.Vulnerability == "":
		return "", "it needs the name of a vulnerability, such as vulnerability: CVE-2026-0001"
	case !slices.Contains(findingStatuses, f.Status):
		return "", fmt.Sprintf("unknown status %q, expected one of %s", f.Status, strings.Join(findingStatuses, ", "))
	case f.Package != "" && !strings.HasPrefix(f.Package, "pkg:"):
		return ".package", fmt.Sprintf("%q is not the address of a package, such as pkg:pypi/jinja2@3.1.6", f.Package)
	case f.Justification != "":
		return ".justification", f.unjustified()
	case f.Status == "not_affected" && f.Why == "":
		return "", "not_affected needs a justification, or why"
	case f.Status == "affected" && f.Why == "":
		return "", "affected needs why, which says what users should do"
	}
	return "", ""
}

// unjustified returns why a finding's justification is not valid, or "".
func (f Finding) unjustified() string {
	switch {
	case f.Status != "not_affected":
		return "only what is not_affected has one: leave it out, or say why"
	case !slices.Contains(justifications, f.Justification):
		return fmt.Sprintf("unknown justification %q, expected one of %s",
			f.Justification, strings.Join(justifications, ", "))
	}
	return ""
}

func (s Signing) validateKey(doc document) []error {
	key := s.Key
	name, inVariable := strings.CutPrefix(key, keyVariable)
	switch {
	case inVariable && !variableName().MatchString(name):
		return []error{doc.errorAt("$.signing.key",
			"%q is not the name of an environment variable, such as %sSIGNING_KEY", name, keyVariable)}
	case !inVariable && strings.Contains(key, "://"):
		return []error{doc.errorAt("$.signing.key", "%q is neither a file nor %sNAME: keys in a key management "+
			"service are not supported", key, keyVariable)}
	case strings.Contains(key, "PRIVATE KEY"):
		return []error{
			doc.errorAt("$.signing.key", "it contains a private key, which everybody can read here: replace "+
				"the key, and name a file or %sNAME", keyVariable),
		}
	}
	return nil
}
