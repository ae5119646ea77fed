package audit

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
)

// provenance checks that what GitHub has signed of where the files, and the image, come from
// is said of these.
func (i *inspection) provenance() {
	const files, image = "provenance", "provenance, by GitHub, of the image"
	attested := recorded(i.state, build.ProvenanceFile)
	if attested {
		i.origin(files, build.ProvenanceFile, func(said signature.Statement) error {
			return attests(said, i.state.Files)
		})
	} else {
		i.absent(files, "GitHub has attested none of the files")
	}
	switch {
	case i.state.Image == nil && recorded(i.state, build.ImageProvenanceFile):
		i.add(image, "", fmt.Errorf("there is %s, and the record has no image", build.ImageProvenanceFile))
	case i.state.Image == nil:
	case recorded(i.state, build.ImageProvenanceFile):
		i.origin(image, build.ImageProvenanceFile, func(said signature.Statement) error {
			if !said.About(i.state.Image.Digest) {
				return fmt.Errorf("it says nothing of %s", i.state.Image.Digest)
			}
			return nil
		})
	case attested && !recorded(i.state, build.PublicKeyFile): // nobody would have signed it
		i.add(image, "", fmt.Errorf("there is none, although %s is there for the files", build.ProvenanceFile))
	default:
		i.absent(image, "GitHub has not attested it")
	}
}

// origin checks a file with a signed statement of where something comes from.
func (i *inspection) origin(what, file string, about func(signature.Statement) error) {
	seen, found := "", signature.Bundle{}
	data, err := i.fileIn(file)
	if err == nil {
		found, err = signature.Parse(data)
	}
	unsigned := i.Rehearsal && i.key == nil && found.Certificate == nil
	if err == nil && !unsigned {
		seen, err = i.signedBy(found)
	}
	if err == nil && found.Statement.PredicateType != signature.Provenance {
		err = fmt.Errorf("it is a statement of type %s", found.Statement.PredicateType)
	}
	if err == nil {
		err = about(found.Statement)
	}
	if err == nil && unsigned {
		i.absent(what, "it is that of a stand-in for GitHub, which signs nothing")
		return
	}
	i.add(what, seen, err)
}

// actions is who vouches for the identity of a workflow's run.
const actions = "https://token.actions.githubusercontent.com"

// signedBy returns who has signed the provenance: the release workflow in a run of the repository, or
// the key.
func (i *inspection) signedBy(found signature.Bundle) (string, error) {
	if found.Certificate == nil {
		switch {
		case i.key == nil && recorded(i.state, build.PublicKeyFile):
			return "", NotChecked(errors.New("there is no key to check it with"))
		case i.key == nil:
			return "", errors.New("it has no certificate")
		}
		return i.key.Hint(), found.Verify(*i.key)
	}
	by, err := found.VerifyCertificate()
	if err == nil {
		err = i.ran(by, i.state.Commit)
	}
	if err == nil && !i.signer().is(by.Workflow) {
		err = i.stranger(by.Workflow)
	}
	return by.Workflow, err
}

// ran checks that somebody is a workflow's run of the repository for a commit, and for no other tag.
// A run by hand may have been for a branch.
func (a Audit) ran(by signature.Identity, commit string) error {
	tag, tagged := strings.CutPrefix(by.Ref, "refs/tags/")
	switch {
	case by.Issuer != actions:
		return fmt.Errorf("it was signed by somebody that %s vouches for, and not by a workflow of GitHub", by.Issuer)
	case !strings.EqualFold(by.Repository, onGitHub+a.Repository.String()):
		return fmt.Errorf("it was signed by a workflow of %s", by.Repository)
	case by.Commit != commit:
		return fmt.Errorf("it was signed by a workflow for the commit %s, and the release was made from %s",
			by.Commit, commit)
	case tagged && tag != a.Tag:
		return fmt.Errorf("it was signed by a workflow for the tag %s", tag)
	}
	return nil
}

// attests checks that a statement says where files come from, by their names: where all of them that
// checksums.txt lists do, and of nothing else. Without a key, nobody has signed the record: who
// changes it must not leave out, or add, what was not attested.
func attests(said signature.Statement, files []artifact.File) error {
	for _, file := range files {
		about := func(subject signature.Subject) bool { return isOf(subject, file) }
		if !unlisted(file.Name) && !slices.ContainsFunc(said.Subject, about) {
			return fmt.Errorf("it says nothing of %s (%s)", file.Name, file.SHA256)
		}
	}
	for _, subject := range said.Subject {
		if !slices.ContainsFunc(files, func(file artifact.File) bool { return isOf(subject, file) }) {
			return fmt.Errorf("it is about %s (%s), too, which the record does not list",
				subject.Name, subject.Digest["sha256"])
		}
	}
	return nil
}

// isOf reports whether what a statement is about is a file.
func isOf(subject signature.Subject, file artifact.File) bool {
	return subject.Name == file.Name && subject.Digest["sha256"] == file.SHA256
}
