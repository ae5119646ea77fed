package targets

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// releaseNeeds returns the results of the preflight of a release from this machine, and the drafts that
// were never made public. Nothing of it counts as missing: most who use doctor never make a release.
func (p examiner) releaseNeeds(ctx context.Context) (rows, drafts [][]string) {
	row := func(what, found string) []string {
		return []string{"release", what, strings.ReplaceAll(found, "\n", "; ")}
	}
	if p.app.Foreign {
		return [][]string{row("an app", "not here")}, nil
	}
	decided, err := plan.Make(ctx, plan.Request{App: p.app, Repo: p.repo, History: p.planner.History()})
	if err != nil {
		rows = append(rows, row("a version", "not yet: "+err.Error()))
		decided.Repository, _ = plan.Address(ctx, p.repo) // the drafts are there without a version
	}
	planned := err == nil
	p.transport = p.outside.optional(p.screen.Log)
	release, problems, err := p.delivery().newRelease(decided, nil)
	nowhere := errors.Is(err, errNowhere)
	if err != nil && !nowhere {
		return append(rows, row("GitHub", "not yet: "+err.Error())), nil
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	if planned {
		problems = p.delivery().checks(ctx, release, problems)
	}
	if planned && !nowhere && p.app.Config.Publish.Approval != "" {
		problems = append(problems, publish.Check{Name: titleApproval, Problem: publish.Approvable(ctx, release)})
	}
	for _, check := range problems {
		found := "ok"
		if check.Problem != nil {
			found = "not yet: " + check.Problem.Error()
		}
		rows = append(rows, row(check.Name, found))
	}
	if nowhere {
		return rows, nil
	}
	if drafts, err = draftRows(ctx, release, time.Now()); err != nil {
		rows = append(rows, row("drafts", "not known: "+err.Error()))
	}
	return rows, drafts
}
