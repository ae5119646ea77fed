package publish

import "errors"

// NotesAgree checks that what the pipeline wrote of a release's notes is what its record says,
// to the byte. What people have written around it is theirs. Of a draft the next run writes it
// again: there, it only must lead to the image of the record.
func NotesAgree(body string, state State, draft bool) error {
	notes, more, err := written(body, state)
	switch {
	case err != nil || draft || state.Notes == "": // earlier versions of odin-release did not record it
		return err
	case more != stateNotes(state):
		return errors.New("after the image, they say something else than the record")
	case sumOf([]byte(notes)) != state.Notes:
		return errors.New("what the commits tell was changed: its SHA-256 is " + sumOf([]byte(notes)) +
			", and the record says " + state.Notes)
	}
	return nil
}
