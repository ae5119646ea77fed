package publish

import (
	"bytes"
	"context"
	"errors"
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

// imageNotes returns the part of the notes that leads to the images.
func imageNotes(state State) string {
	heading := "Image"
	if len(state.Images) > 0 {
		heading += "s"
	}
	text := "\n## " + heading + "\n"
	for _, image := range state.All() {
		text += fmt.Sprintf("\n```sh\ndocker pull %s:%s\n```\n\n`%s`\n", image.Name, state.ImageTag(), image.Digest)
	}
	return text
}

// longestBody is the most that GitHub takes as a release's notes, in
// characters; a byte is one at most.
const longestBody = 125000

// roomForState is what is kept free for what the state tells, in bytes.
const roomForState = 8000

// notesOf returns what the commits tell in the notes of a release, as far as GitHub takes it. What
// is too long ends with where the rest is.
func notesOf(r Release) string {
	notes := r.Notes
	if cut := longestBody - roomForState; len(notes) > cut {
		notes = notes[:bytes.LastIndexByte(notes[:cut], '\n')+1]
		notes = fmt.Appendf(
			slices.Clone(notes),
			"\n… and more: these notes are longer than GitHub takes. All of it: `changelog -to=%s`\n",
			r.Plan.Tag,
		)
	}
	return string(notes)
}

// stateNotes returns the rest of the notes of a release: its image and, once that was verified,
// whether users can go back.
func stateNotes(state State) string {
	if state.Image == nil {
		return ""
	}
	return imageNotes(state) + backNotes(state)
}

// bodyOf returns the notes of the release. now is what its notes are: what the commits tell there
// is kept if it is what is recorded, although this run would tell something else.
func bodyOf(r Release, state State, now string) string {
	notes := notesOf(r)
	if kept, _, err := written(now, state); err == nil && sumOf([]byte(kept)) == state.Notes {
		notes = kept
	}
	return notesBegin + notes + stateNotes(state) + notesEnd
}

// written returns the part of a release's notes that the pipeline wrote: what the commits tell, and
// from the image on what the state does.
func written(body string, state State) (notes, more string, err error) {
	_, rest, begins := strings.Cut(strings.ReplaceAll(body, "\r\n", "\n"), notesBegin)
	inner, _, ends := strings.Cut(rest, notesEnd)
	switch {
	case !begins || !ends:
		return "", "", errors.New("they do not have the part that the pipeline wrote")
	case state.Image == nil:
		return inner, "", nil
	}
	at := strings.LastIndex(inner, imageNotes(state))
	if at < 0 {
		return "", "", errors.New("they do not name the image of the record, " + inWords(state))
	}
	return inner[:at], inner[at:], nil
}
