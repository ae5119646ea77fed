package publish

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// What stands between these in a release's notes was written by us.
const (
	notesBegin = "<!-- odin-release: notes -->\n"
	notesEnd   = "<!-- odin-release: end of notes -->\n"
)

// untouched reports whether a release's notes are all ours.
func untouched(body string) bool {
	body = strings.ReplaceAll(body, "\r\n", "\n")
	inner, begins := strings.CutPrefix(body, notesBegin)
	_, after, ends := strings.Cut(inner, notesEnd)
	return begins && ends && after == ""
}

// editor changes a release.
type editor interface {
	Release(ctx context.Context, id int64) (github.Release, error)
	Edit(ctx context.Context, id int64, e github.Edit) (github.Release, error)
}

// writeNotes is the effect that a draft has the notes of this build, in the place
// of those of an earlier one. What else stands there is kept.
type writeNotes struct {
	forge   editor
	release *github.Release // as it was seen last
	body    func() string

	next string // what the draft is to have
	sent bool
}

// Title implements Effect.
func (w *writeNotes) Title() string { return "write the notes of " + w.release.Tag }

// Done implements step.Work.
func (w *writeNotes) Done(ctx context.Context) (step.State, error) {
	if w.sent {
		now, err := w.forge.Release(ctx, w.release.ID)
		if err == nil && now.Body == w.next {
			w.release.Body = w.next
		}
		return doneIf(now.Body == w.next, "the draft has other notes"), err
	}
	wanted := w.body()
	if !w.release.Draft || w.release.Body == wanted {
		return isDone(""), nil
	}
	// GitHub may give line ends back as browsers send them.
	before, rest, _ := strings.Cut(strings.ReplaceAll(w.release.Body, "\r\n", "\n"), notesBegin)
	_, after, ours := strings.Cut(rest, notesEnd)
	if w.release.Body != "" && !ours {
		return isDone("the draft has notes of its own: they are kept"), nil
	}
	w.next = before + wanted + after
	return doneIf(w.next == w.release.Body, "the draft has other notes"), nil
}

// Do implements step.Work.
func (w *writeNotes) Do(ctx context.Context) error {
	w.sent = true
	_, err := w.forge.Edit(ctx, w.release.ID, github.Edit{Body: &w.next})
	return err
}

// imageNotes is the part of the notes that leads to the image.
func imageNotes(state State) string {
	return fmt.Sprintf("\n## Image\n\n```sh\ndocker pull %s\n```\n\n`%s`\n", state.Named(), state.Image.Digest)
}

// longestBody is the most that GitHub takes as a release's notes, in
// characters; a byte is one at most.
const longestBody = 125000

// bodyOf is the notes of the release with its image and, once it was verified, whether users
// can go back. What is too long ends with where the rest is.
func bodyOf(r Release, state State) string {
	var more string
	if state.Image != nil {
		more = imageNotes(state) + backNotes(state)
	}
	notes := r.Notes
	if cut := longestBody - len(more) - 200; len(notes) > cut {
		notes = notes[:bytes.LastIndexByte(notes[:cut], '\n')+1]
		notes = fmt.Appendf(
			slices.Clone(notes),
			"\n… and more: these notes are longer than GitHub takes. All of it: `changelog -to=%s`\n",
			r.Plan.Tag,
		)
	}
	return notesBegin + string(notes) + more + notesEnd
}
