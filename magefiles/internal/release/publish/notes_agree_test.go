package publish

import (
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
)

// noted returns a release with its notes, and the state that it records.
func noted(notes string) (Release, State) {
	r := Release{Plan: plan.Plan{Version: "1.8.0", Tag: "v1.8.0"}, Notes: []byte(notes)}
	state := newState(r, Artifacts{Image: image.Summary{Digest: "sha256:" + strings.Repeat("a", 64)}})
	return r, state
}

// No byte of what the pipeline wrote can be changed; what people have written around it is theirs.
func TestNotesAgree(t *testing.T) {
	t.Parallel()
	r, state := noted("## Features\n\n- a shop\n")
	body := bodyOf(r, state, "")
	for _, fine := range []string{body, strings.ReplaceAll(body, "\n", "\r\n"), "Hello!\n\n" + body + "\nThanks."} {
		if err := NotesAgree(fine, state, false); err != nil {
			t.Errorf("%v: %q", err, fine)
		}
	}
	for at := range body {
		changed := []byte(body)
		changed[at] ^= 1
		if NotesAgree(string(changed), state, false) == nil {
			t.Errorf("byte %d (%q) can be changed", at, body[at:min(len(body), at+5)])
		}
	}
	edited := strings.Replace(body, "a shop", "a show", 1)
	if err := NotesAgree(edited, state, true); err != nil {
		t.Errorf("the notes of a draft, which are written again: %v", err)
	}
	state.Notes = ""
	if err := NotesAgree(edited, state, false); err != nil {
		t.Errorf("a record of an earlier version: %v", err)
	}
}

// What is recorded stays in the notes, although the run that makes them public would tell something else.
func TestNotesStay(t *testing.T) {
	t.Parallel()
	r, state := noted("- a shop\n")
	draft := "Hello!\n" + bodyOf(r, state, "")
	other := Release{Plan: r.Plan, Notes: []byte("- a shop, told by a newer version\n")}
	if got := bodyOf(other, state, draft); !strings.HasSuffix(draft, got) {
		t.Errorf("%q, expected the end of %q", got, draft)
	}
	edited := strings.Replace(draft, "a shop", "a show", 1)
	if got := bodyOf(r, state, edited); !strings.HasSuffix(draft, got) {
		t.Errorf("%q, expected the end of %q", got, draft)
	}
}

// Notes that are too long for GitHub fit with all that is added later.
func TestLongNotes(t *testing.T) {
	t.Parallel()
	r, state := noted(strings.Repeat("- one more change\n", longestBody/10))
	body := bodyOf(r, state, "")
	if len(body) > longestBody || !strings.Contains(body, "All of it: `changelog -to=v1.8.0`") {
		t.Errorf("%d bytes", len(body))
	}
	if err := NotesAgree(body, state, false); err != nil {
		t.Error(err)
	}
}
