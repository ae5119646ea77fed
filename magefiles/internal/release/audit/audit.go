// Package audit checks a published release from the outside, for who is about to install
// it: what GitHub and the registry serve must be what the record of the release says, and
// must be signed.
package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/registry"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// Audit is a release that is checked, and with what.
type Audit struct {
	Tag        string // such as v1.8.0
	Repository github.Repository
	GitHub     *github.Client
	// Registry opens the repository of an image.
	Registry func(name string) (*registry.Repository, error)
	// Key is the key that must have signed; nil for the one that is with the release, which
	// shows only that all of it was signed by the same.
	Key *signature.Public
	// Signer is the workflow that must have attested where files and image come from; "" for
	// ReleaseWorkflow.
	Signer Signer
	// Draft is the release before it is made public; nil for the public one. The image of a
	// draft may have no name yet, and nothing of it need be signed.
	Draft *github.Release
	// Rehearsal means that GitHub is a stand-in, whose attestations nobody signs.
	Rehearsal bool
}

// inspection is an audit that is under way.
type inspection struct {
	Audit
	release github.Release
	state   publish.State
	attached
	reading
	report
	key *signature.Public
}

// Run checks everything. Of a release whose record cannot be read, nothing else is checked.
func (a Audit) Run(ctx context.Context) Result {
	i := &inspection{Audit: a, attached: attached{a.GitHub, map[string]github.Asset{}}}
	i.content, i.failed = map[string][]byte{}, map[string]error{}
	if i.record(ctx) {
		i.tag(ctx)
		i.notes()
		i.rows = append(i.rows, approval(i.state))
		i.files(ctx)
		i.checksums()
		i.keys()
		i.others()
		i.signatures(ctx)
		i.provenance()
		for n, image := range i.state.All() {
			i.image(ctx, image, called{image.Name, n == 0})
		}
		if i.state.Image == nil {
			i.absent("image", "the app has none")
		}
	}
	return Result{i.rows, i.state, i.warned}
}

// record finds the release and reads what it says of itself.
func (i *inspection) record(ctx context.Context) bool {
	found, err := i.Draft, error(nil)
	if found == nil {
		found, err = i.GitHub.Releases.ReleaseByTag(ctx, i.Tag)
	}
	switch {
	case err != nil:
		err = NotChecked(err)
	case found == nil:
		err = NotChecked(fmt.Errorf("there is no public release %s", i.Tag))
	case found.Tag != i.Tag:
		err = fmt.Errorf("it is that of %s", found.Tag)
	}
	if err != nil {
		return i.add("release", "", err)
	}
	i.release = *found
	i.add("release", found.URL, nil)
	data, err := i.stateFile(ctx, found.ID)
	if err == nil {
		i.content[publish.StateFile] = data
		err = consistent(i.state, i.release)
	}
	if !i.add("record", publish.StateFile, err) {
		return false
	}
	now, err := publish.Recorded(ctx, i.GitHub, i.release)
	if err = answered(err); err == nil {
		err = stands(now, data)
	}
	return i.add("record in the repository", publish.RecordRef(i.Tag), err)
}

// stateFile reads the file in which a release tells what it is. A release that has none, or one that this version does
// not understand, is one of another tool, or of another version.
func (i *inspection) stateFile(ctx context.Context, release int64) ([]byte, error) {
	assets, err := i.GitHub.Releases.Assets(ctx, release)
	if err != nil {
		return nil, NotChecked(err)
	}
	for _, asset := range assets {
		i.assets[asset.Name] = asset
	}
	data, err := i.download(ctx, publish.StateFile)
	if err == nil {
		i.state, err = publish.ParseState(data)
	}
	return data, NotChecked(err)
}

// stands checks that the record in the repository says the same as the file of the
// release, and that the release was not rolled back since.
func stands(now *publish.State, file []byte) error {
	switch {
	case now == nil:
		return errors.New("it does not exist, or is of another release")
	case now.RolledBack != "":
		return fmt.Errorf("the release was rolled back: %s", now.RolledBack)
	case !bytes.Equal(now.Published().JSON(), file):
		return fmt.Errorf("it says something else than %s", publish.StateFile)
	}
	return nil
}

// consistent checks what a record says of itself and of its release.
func consistent(s publish.State, with github.Release) error {
	switch {
	case s.Tag != with.Tag || s.Version != strings.TrimPrefix(with.Tag, "v"):
		return fmt.Errorf("it is that of %s (%s)", s.Tag, s.Version)
	case !s.Proven:
		return errors.New("the release was not seen healthy")
	case s.Prerelease != with.Prerelease:
		return fmt.Errorf("whether it is a prerelease is %v there, and %v on GitHub", s.Prerelease, with.Prerelease)
	case len(s.Files) == 0:
		return errors.New("it lists no files")
	}
	return nil
}

// tag checks that the tag is on the commit that was released.
func (i *inspection) tag(ctx context.Context) {
	commit, err := i.GitHub.Code.TagCommit(ctx, i.Tag)
	if err = NotChecked(err); err == nil && commit != i.state.Commit {
		err = fmt.Errorf("%s is the commit %q, and the release was made from %s", i.Tag, commit, i.state.Commit)
	}
	i.add("tag", i.state.Commit, err)
}

// notes checks that the notes say what the record does, where the pipeline wrote them.
func (i *inspection) notes() {
	i.add("notes", i.state.Notes, publish.NotesAgree(i.release.Body, i.state, i.Draft != nil))
}

// approval checks that what a person has approved, if that is recorded, is what the record says.
func approval(s publish.State) Row {
	row := Row{What: "approval", Absent: "the record names nobody"}
	if s.Approved != nil {
		row = Row{What: row.What, Seen: s.Approved.Text()}
		if s.Approved.As != s.Approval() {
			row.Problem = fmt.Errorf("%s was approved, and the record says %s", s.Approved.As, s.Approval())
		}
	}
	return row
}

// attached are the files of the release.
type attached struct {
	on     *github.Client
	assets map[string]github.Asset
}

func (a attached) download(ctx context.Context, name string) ([]byte, error) {
	var content bytes.Buffer
	err := a.downloadTo(ctx, name, &content)
	return content.Bytes(), err
}

func (a attached) downloadTo(ctx context.Context, name string, to io.Writer) error {
	asset, is := a.assets[name]
	if !is {
		return errors.New("it is not with the release")
	}
	return NotChecked(a.on.Releases.Download(ctx, asset.ID, to))
}

// isBundle reports whether a file is a signature or an attestation, and has none itself.
func isBundle(name string) bool { return strings.HasSuffix(name, signature.Suffix) }

// unlisted are the files that checksums.txt does not list: itself, and what signs it.
func unlisted(name string) bool {
	return name == build.ChecksumsFile || name == build.PublicKeyFile || isBundle(name)
}
