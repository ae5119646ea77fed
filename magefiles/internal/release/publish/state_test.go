package publish_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// A state that an earlier odin-release recorded is read, and kept under the name
// of today.
func TestStateUnderOldNames(t *testing.T) {
	t.Parallel()
	old := `{"version":"1.7.3","tag":"v1.7.3","commit":"abc","prerelease":false,"files":null,"proven":true,` +
		`"docs":"done","carriers":"pull request #1","announced":{"state":"posted","message":"7"}}`
	state, err := publish.ParseState([]byte(old))
	if err != nil {
		t.Fatal(err)
	}
	want := publish.State{Version: "1.7.3", Tag: "v1.7.3", Commit: "abc", Proven: true, Docs: "done",
		VersionFiles: "pull request #1", Announced: publish.Announced{State: "posted", Message: "7"}}
	if diff := cmp.Diff(want, state, cmpopts.IgnoreUnexported(publish.State{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	written := string(state.JSON())
	if strings.Contains(written, "carriers") || !strings.Contains(written, `"versionFiles": "pull request #1"`) {
		t.Error(written)
	}
}

// A state of a newer odin-release is refused, rather than lost in part.
func TestStateOfANewerRelease(t *testing.T) {
	t.Parallel()
	_, err := publish.ParseState([]byte(`{"version":"1.7.3","tag":"v1.7.3","commit":"abc","mirrors":[]}`))
	if err == nil || !strings.Contains(err.Error(), "was it written by a newer odin-release?") {
		t.Error(err)
	}
}
