package targets

import (
	"context"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/report/page"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
)

// standalone is the run of a target that does steps of a release without a graph, such as plan. It writes
// a report, too. Targets that do no step of a release write none: tag, hotfix, rollback and version change a
// repository or a release, and the others only show something.
type standalone struct {
	*session
	target string

	mu    sync.Mutex
	steps []report.Span
}

func newStandalone(s *session, target string) *standalone {
	return &standalone{session: s, target: target}
}

// step does a step, and records when and how it ended.
func (a *standalone) step(ctx context.Context, phase, name string, work func() error) error {
	start := time.Now()
	err := work()
	span := spent(phase, name, start, err)
	if err != nil && ctx.Err() != nil {
		span.State = report.Interrupted
	}
	if !a.app.Foreign {
		a.timing().keep(span)
	}
	if err != nil {
		span.Why = a.redactor.Text(err.Error())
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.steps = append(a.steps, span)
	return err
}

// leave writes the report of the run for a plan, nil for none. A run without steps has no report.
func (a *standalone) leave(ctx context.Context, decided *plan.Plan, notes string, failed error) {
	if len(a.steps) == 0 || a.app.Foreign {
		return
	}
	sortSpans(a.steps)
	parts := []string{a.target}
	for _, step := range a.steps {
		parts = append(parts, step.Phase+" "+step.Name)
	}
	about := page.Report{Key: keyOf(decided, parts), Target: a.target, Steps: a.steps}
	a.reportFiles().leave(ctx, about, decided, notes, failed)
}

// leavePlan is leave for a plan that was made. A report of the same plan is not replaced: it shows more.
func (a *standalone) leavePlan(ctx context.Context, decided plan.Plan, failed error) {
	if decided.Tag == "" {
		a.leave(ctx, nil, "", failed)
		return
	}
	file := a.app.Path(app.DistDir, reportFile)
	if _, err := os.Stat(a.app.Path(app.DistDir, traceFile)); err == nil && failed == nil &&
		page.HasKeyOf(file, planKey(&decided)) {
		return
	}
	_, notes := savedRelease(a.app)
	a.leave(ctx, &decided, notes, failed)
}

// leaveOfDist is leave for the plan in dist.
func (a *standalone) leaveOfDist(ctx context.Context, failed error) {
	decided, notes := savedRelease(a.app)
	a.leave(ctx, decided, notes, failed)
}

// keyOf returns a key of what the report of a run shows: a plan, and what was done for it.
func keyOf(decided *plan.Plan, parts []string) string {
	slices.Sort(parts) // steps end in any order
	return planKey(decided) + "." + cache.Key(parts...)
}

// planKey returns a key of a plan, nil for none.
func planKey(decided *plan.Plan) string {
	if decided == nil {
		return cache.Key("no plan")
	}
	return cache.Key(decided.Tag, decided.Commit, strconv.FormatBool(decided.Dirty), decided.Verdict.Text)
}
