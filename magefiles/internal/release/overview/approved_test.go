package overview

import (
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// The report names who has approved the release, and not another one.
func TestApproved(t *testing.T) {
	of := &app.App{Root: t.TempDir()}
	record := publish.State{Tag: "v1.8.0", Commit: "c0ffee", Approved: &publish.Approved{
		By: []string{"ada"}, Environment: "production", Run: "https://github.com/ada/shop/actions/runs/7",
	}}
	if err := of.Save(publish.StateFile, record.JSON()); err != nil {
		t.Fatal(err)
	}
	for commit, want := range map[string]string{
		"c0ffee": "by ada, in production (https://github.com/ada/shop/actions/runs/7)", "beef": "",
	} {
		s := Source{App: of, Plan: &plan.Plan{Tag: "v1.8.0", Commit: commit}}
		if got := s.release(nil).Approved; got != want {
			t.Errorf("%s: %q, expected %q", commit, got, want)
		}
	}
}
