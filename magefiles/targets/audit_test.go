package targets

import (
	"errors"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/audit"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// What was not seen to be wrong is not called so.
func TestJudged(t *testing.T) {
	t.Parallel()
	well := audit.Row{What: "tag", Seen: "c0ffee"}
	wrong := audit.Row{What: "file app.tar", Problem: errors.New("its SHA-256 is another")}
	unsigned := audit.Row{What: "signatures", Problem: audit.ErrNothingSigned}
	unknown := audit.Row{What: "tag", Problem: audit.NotChecked(errors.New("GitHub answered 503"))}
	for want, rows := range map[string][]audit.Row{
		"": {well, {What: "approval", Absent: "the record names nobody"}},
		"v1.8.0 is not what was released: 1 of 3 checks failed; do not install it:\nfile app": {well, wrong, unsigned},
		"v1.8.0 is not what was released: 1 of 1 checks failed; do not install it:\ntag: Git": {unknown, wrong},
		"v1.8.0 could not be checked:\ntag: GitHub answered 503":                              {well, unknown},
		"v1.8.0 could not be checked, and nothing of it is signed:\ntag: Git":                 {unknown, unsigned},
		"nothing of v1.8.0 is signed: it is as its record says, and whoever":                  {well, unsigned},
	} {
		err := judged("v1.8.0", audit.Result{Rows: rows})
		if (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("expected %q: %v", want, err)
		}
	}
}

// A release without an image has none to build again.
func TestRebuiltWithoutImage(t *testing.T) {
	t.Parallel()
	rows := rebuilt(t.Context(), &session{}, publish.State{})
	if len(rows) != 1 || rows[0].Absent != "the app has none" || rows[0].Problem != nil {
		t.Errorf("%+v", rows)
	}
}
