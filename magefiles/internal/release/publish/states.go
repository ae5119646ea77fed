package publish

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// recordsBelow is where the states of releases are kept: that of v1.8.0 is release.json in
// the newest commit of the ref refs/odin-release/v1.8.0. A release that is out, and
// immutable, could not keep what changes later; and a ref, unlike the notes of a release,
// is changed by one of two runs only. Each state is a commit upon the one that it
// replaces, so that the ref has the whole history.
const recordsBelow = "odin-release/"

// RecordRef returns the ref that keeps the state of the release of a tag.
func RecordRef(tag string) string { return "refs/" + recordsBelow + tag }

// states reads and writes the states of releases.
type states struct {
	records keeper
	code    fileReader
	policy  step.Policy
}

// keeper keeps the history of files in refs.
type keeper interface {
	Head(ctx context.Context, name string) (commit string, err error)
	Append(ctx context.Context, name, parent, message string, files map[string][]byte) (commit string, err error)
}

// fileReader reads files of commits.
type fileReader interface {
	File(ctx context.Context, path, ref string) ([]byte, error)
}

// errChanged says that another run changed the state meanwhile.
var errChanged = errors.New(
	"another run of this release, or a rollback, is under way or has been meanwhile; when it has ended, run this again",
)

// kept is the state that is kept for a tag, of whatever release.
type kept struct {
	head  string // the commit that it is in; "" when there is none
	state *State // nil when there is none
}

// of returns the state if it is that of this release, else nil: a person may have deleted the
// release that it was of.
func (k kept) of(release *github.Release) *State {
	if k.state == nil || release == nil || k.state.Release != release.ID {
		return nil
	}
	return k.state
}

// read reads the state that is kept for a tag.
func (s states) read(ctx context.Context, tag string) (kept, error) {
	head, err := s.records.Head(ctx, recordsBelow+tag)
	if err != nil || head == "" {
		return kept{}, err
	}
	content, err := s.code.File(ctx, StateFile, head)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w: it is not in %s (%s)", errUnreadable, RecordRef(tag), head)
	}
	if err != nil {
		return kept{}, err
	}
	state, err := ParseState(content)
	if err != nil {
		return kept{}, fmt.Errorf("the release %s: %w", tag, err)
	}
	state.base, state.sum = head, sumOf(content)
	return kept{head, &state}, nil
}

// Recorded returns the state that is kept for a release; nil when there is none.
func Recorded(ctx context.Context, client *github.Client, release github.Release) (*State, error) {
	return states{records: client.Records, code: client.Code}.stored(ctx, release)
}

// stored returns the state of a release; nil when there is none.
func (s states) stored(ctx context.Context, release github.Release) (*State, error) {
	found, err := s.read(ctx, release.Tag)
	return found.of(&release), err
}

func sumOf(content []byte) string { return fmt.Sprintf("%x", sha256.Sum256(content)) }
