package publish

import (
	"errors"
	"fmt"
	"strings"
)

// NotesAgree checks that the notes of a release lead to the image of its record: nothing of
// what was written by us names another digest.
func NotesAgree(body string, state State) error {
	_, rest, begins := strings.Cut(strings.ReplaceAll(body, "\r\n", "\n"), notesBegin)
	inner, _, ends := strings.Cut(rest, notesEnd)
	if !begins || !ends {
		return errors.New("they do not have the part that the pipeline wrote")
	}
	if state.Image != nil && !strings.Contains(inner, imageNotes(state)) {
		return fmt.Errorf("they do not name the image of the record, %s as %s", state.Named(), state.Image.Digest)
	}
	return nil
}
