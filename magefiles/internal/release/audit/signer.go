package audit

import (
	"cmp"
	"fmt"
	"path"
	"strings"
)

// Signer is the workflow that signs where a release comes from, by its file:
// OWNER/REPOSITORY/.github/workflows/FILE. After an @, it may have the ref or the commit of that
// repository that must have been called; without one, any may.
type Signer string

// ReleaseWorkflow is the workflow of this project, which apps call.
const ReleaseWorkflow Signer = "hughkantsime/odin-release/.github/workflows/release.yml"

const onGitHub = "https://github.com/"

// ParseSigner reads how a person names a workflow: as a Signer, or by its address.
func ParseSigner(text string) (Signer, error) {
	text = strings.TrimPrefix(text, onGitHub)
	file, ref, pinned := strings.Cut(text, "@")
	parts := strings.SplitN(file, "/", 3)
	if len(parts) < 3 || parts[0] == "" || parts[1] == "" || pinned && ref == "" ||
		path.Dir(parts[2]) != ".github/workflows" || path.Clean(parts[2]) != parts[2] {
		return "", fmt.Errorf(
			"%q is no workflow: expected OWNER/REPOSITORY/.github/workflows/FILE, perhaps with @REF", text)
	}
	return Signer(text), nil
}

// is reports whether the address of a workflow's file, as a certificate has it, is this one. GitHub
// tells no upper from lower case in the name of a repository, but does in that of a file.
func (s Signer) is(address string) bool {
	text, github := strings.CutPrefix(address, onGitHub)
	file, ref, _ := strings.Cut(text, "@")
	wanted, at, pinned := strings.Cut(string(s), "@")
	its, is := strings.SplitN(file, "/", 3), strings.SplitN(wanted, "/", 3)
	return github && len(its) == 3 && len(is) == 3 && its[2] == is[2] && (!pinned || at == ref) &&
		strings.EqualFold(its[0], is[0]) && strings.EqualFold(its[1], is[1])
}

// signer returns the workflow that must have signed.
func (a Audit) signer() Signer { return cmp.Or(a.Signer, ReleaseWorkflow) }

// stranger returns the error of a signature by another workflow. A draft was attested by the workflow that
// is about to make it public: that may be a copy, which must be named to verify the release.
func (i *inspection) stranger(workflow string) error {
	if i.Draft != nil && i.Signer == "" {
		i.warn("it was attested by another workflow than %s: it is verified with -signer=%s",
			ReleaseWorkflow, strings.TrimPrefix(workflow, onGitHub))
		return nil
	}
	return fmt.Errorf("it was signed by the workflow %s, and not by %s; -signer names another one",
		workflow, i.signer())
}
