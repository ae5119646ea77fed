package targets

import (
	"context"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// releaseNeeds returns the results of the preflight of a release from this machine, and the drafts that
// were never made public. Nothing of it counts as missing: most who use doctor never make a release.
func (p examiner) releaseNeeds(ctx context.Context) (rows, drafts [][]string) {
	row := func(what, found string) []string { return []string{"release", what, found} }
	if p.app.Foreign {
		return [][]string{row("an app", "not here")}, nil
	}
	decided, err := plan.Make(ctx, plan.Request{App: p.app, Repo: p.repo, History: p.planner.History()})
	if err != nil {
		return [][]string{row("a version", "not yet: "+err.Error())}, nil
	}
	p.transport = p.outside.optional(p.screen.Log)
	release, problems, err := p.delivery().newRelease(decided, nil)
	if err != nil {
		return [][]string{row("GitHub", "not yet: "+err.Error())}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	checks := p.delivery().checks(ctx, release, problems)
	if p.app.Config.Publish.Approval != "" {
		checks = append(checks, publish.Check{Name: titleApproval, Problem: publish.Approvable(ctx, release)})
	}
	for _, check := range checks {
		found := "ok"
		if check.Problem != nil {
			found = "not yet: " + check.Problem.Error()
		}
		rows = append(rows, row(check.Name, found))
	}
	return rows, draftRows(ctx, release, time.Now())
}
