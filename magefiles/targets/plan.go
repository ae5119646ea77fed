package targets

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/work"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
)

// decisions are about the version of a release; the plan in dist keeps them.
type decisions struct{ *session }

func (s *session) decisions() decisions { return decisions{s} }

// Plan shows every decision of a release before anything happens.
//
// The version is that of -tag, else of the pushed tag in GitHub Actions, else of the tag at HEAD, else a proposed one.
// Without -format, the steps of releaseCheck are listed too, with their state. It works in any git repository.
//
// Leaves in dist: plan.json, notes.md
//
// Example: plan -tag=v1.8.0 -format=markdown
func Plan(
	ctx context.Context,
	tag *string, // plan `VERSION`, such as v1.8.0, instead of the tag at HEAD or the proposed one
	format *string, // show the plan as `FORMAT`: terminal (the default), markdown or json
	allow *string, // allow changes on a hotfix branch that are more than a fix, by their `NAMES`, with commas between
) error {
	return inRepository(ctx, func(ctx context.Context, p *session) error {
		write, err := p.decisions().planFormat(text(format))
		if err != nil {
			return err
		}
		asked, err := requested(tag, allow)
		if err != nil {
			return err
		}
		decided, err := p.decisions().planStandalone(ctx, asked, write)
		switch {
		case decided.Tag == "" || p.app.Foreign:
		case inActions():
			passToJobs(ctx, p.screen, p.repo, p.app.Config, decided)
		case format == nil && !decided.Dirty: // a plan reads no files that are not committed: they may be large
			err = errors.Join(err, p.decisions().showSteps(ctx, asked))
		}
		return err
	})
}

// planStandalone makes the plan, shows it with write, and writes it to dist with the report of the run.
func (p decisions) planStandalone(
	ctx context.Context, asked plan.Asked, write func(plan.Plan) error,
) (decided plan.Plan, err error) {
	run := newStandalone(p.session, "plan")
	err = run.step(ctx, "plan", titlePlan, func() (err error) {
		if decided, err = p.plan(ctx, asked); err != nil {
			return err
		}
		if err := write(decided); err != nil {
			return err
		}
		if err := p.evaluate(ctx, decided); err != nil {
			return err
		}
		return misnamedHere(ctx, p.session)
	})
	run.leavePlan(ctx, decided, err)
	return decided, err
}

// showSteps lists how far each step of releaseCheck is for a plan, for people.
func (p decisions) showSteps(ctx context.Context, asked plan.Asked) error {
	g := newGraph(ctx, p.session, options{asked: asked, dry: true})
	return show(ctx, g, g.catalog().releaseCheck())
}

// planFormat returns how to show a plan. What is not for the terminal has standard
// output for itself.
func (p decisions) planFormat(format string) (func(plan.Plan) error, error) {
	if format == "" || format == "terminal" {
		return func(decided plan.Plan) error { return decided.WriteTerminal(p.screen.Out) }, nil
	}
	p.screen.Log.SetOutput(p.screen.Errs)
	switch format {
	case "markdown":
		return func(decided plan.Plan) error {
			return decided.WriteMarkdown(os.Stdout, p.planner.History().Sections, p.planner.History().Links)
		}, nil
	case "json":
		return func(decided plan.Plan) error { return decided.WriteJSON(os.Stdout) }, nil
	}
	return nil, fmt.Errorf("-format=%s is not one of terminal, markdown, json", format)
}

// inRepository runs work on the app in the current folder or, where there is
// none, on the git repository.
func inRepository(ctx context.Context, work func(context.Context, *session) error) error {
	found, err := shared.findAny(false)
	if err != nil {
		return complained(err)
	}
	return withApp(ctx, found, work)
}

// requested returns the version that a person or CI asks for
// (https://docs.github.com/en/actions/reference/workflows-and-actions/variables).
func requested(tag, allow *string) (plan.Asked, error) {
	asked, err := given(tag, allow)
	if os.Getenv("GITHUB_REF_TYPE") == "tag" {
		asked.Pushed = os.Getenv("GITHUB_REF_NAME")
	}
	asked.Main = defaultBranch()
	return asked, err
}

// defaultBranch returns the repository's default branch as GitHub tells it to a
// workflow (https://docs.github.com/en/webhooks/webhook-events-and-payloads#push),
// "" elsewhere.
func defaultBranch() string {
	var event struct {
		Repository struct {
			DefaultBranch string `json:"default_branch"`
		} `json:"repository"`
	}
	data, err := os.ReadFile(os.Getenv("GITHUB_EVENT_PATH"))
	if err != nil || json.Unmarshal(data, &event) != nil {
		return ""
	}
	return event.Repository.DefaultBranch
}

// given returns what -tag and -allow ask for. An empty -tag was meant to say
// something: a variable that is not set, say.
func given(tag, allow *string) (plan.Asked, error) {
	if tag != nil && *tag == "" {
		return plan.Asked{}, errors.New("-tag is empty: give a version, as in -tag=v1.8.0, or leave -tag out")
	}
	return plan.Asked{Tag: text(tag), Allow: text(allow)}, nil
}

// list returns the value of a flag that takes several, with commas in between.
func list(value string) []string {
	values := strings.Split(value, ",")
	for i := range values {
		values[i] = strings.TrimSpace(values[i])
	}
	return slices.DeleteFunc(values, func(value string) bool { return value == "" })
}

// text returns the value of a flag, "" when it was not given.
func text(flag *string) string {
	if flag == nil {
		return ""
	}
	return *flag
}

// decide makes a plan and writes nothing.
func (p decisions) decide(ctx context.Context, asked plan.Asked) (plan.Plan, error) {
	return plan.Make(ctx, plan.Request{
		App: p.app, Repo: p.repo, History: p.planner.History(), Asked: asked, API: p.planner.API,
	})
}

// plan makes a plan and writes it to dist, with the notes.
func (p decisions) plan(ctx context.Context, asked plan.Asked) (plan.Plan, error) {
	noted, _, err := p.planner.Decide(ctx, asked, false)
	if err != nil {
		return plan.Plan{}, err
	}
	if !p.app.Foreign && !noted.Plan.Dirty { // a plan reads no files that are not committed: they may be large
		noted.Plan.Tree = treeOf(ctx, p.trees, noted.Plan)
	}
	return noted.Plan, p.keepPlan(ctx, noted)
}

// treeOf returns the hash of the tree that is released for a plan, "" if there is
// none: a build reports why.
func treeOf(ctx context.Context, trees work.Trees, decided plan.Plan) string {
	r, err := trees.Release(ctx, decided)
	if err != nil {
		return ""
	}
	return r.Tree.Hash
}

// keepPlan writes a plan and its notes to dist, unless dist is a folder of the
// project's own.
func (p decisions) keepPlan(ctx context.Context, noted plan.Noted) error {
	if p.app.Foreign {
		if bare, err := p.repo.WorkTree().Bare(ctx); err != nil || bare {
			return err // there is no work tree to put dist in
		}
		tracked, err := p.repo.WorkTree().Tracked(ctx, app.DistDir)
		if err != nil {
			return err
		}
		if tracked {
			fmt.Fprintf(p.screen.Errs,
				"%s is a folder of this project's own: plan.json and notes.md were not written there\n", app.DistDir)
			return nil
		}
	} else if before, _ := savedPlan(p.app); !before.Same(noted.Plan) {
		if err := os.RemoveAll(p.app.Path(app.DistDir, timelineDir)); err != nil { // it is of another release
			return err
		}
	}
	return errors.Join(savePlan(p.app, noted.Plan), p.app.Save("notes.md", []byte(noted.Notes)))
}

// savePlan writes a plan to dist.
func savePlan(of *app.App, decided plan.Plan) error {
	var content bytes.Buffer
	if err := decided.WriteJSON(&content); err != nil {
		return err
	}
	return of.Save("plan.json", content.Bytes())
}

// savedPlan returns the plan that dist holds; with an error, that of no release.
func savedPlan(of *app.App) (plan.Plan, error) { return plan.Read(of.Path(app.DistDir, "plan.json")) }

// sameTree makes sure that the jobs of a workflow work on one tree: that of the plan, which an earlier one made.
func sameTree(before, now plan.Plan) error {
	if !inActions() || !before.Same(now) || before.Tree == "" || before.Tree == now.Tree {
		return nil
	}
	return fmt.Errorf("%s is the tree %s in the job that planned it, and %s in this one: the checkouts differ",
		now.Tag, work.ShortTree(before.Tree), work.ShortTree(now.Tree))
}

// evaluate says loudly when the changes ask for more than the version is: once
// more at the end, as an annotation in GitHub Actions, and in its step summary.
// The policy may refuse.
func (p decisions) evaluate(ctx context.Context, decided plan.Plan) error {
	refused := decided.Refused()
	if refused == nil && !decided.Verdict.Holds {
		p.screen.Warn("Version", decided.Verdict.Text)
	}
	if warning := decided.Latest.Warning(); warning != "" {
		p.screen.Warn("latest", warning)
	}
	if warning := decided.WayBack.Warning(decided.Baseline); warning != "" {
		p.screen.Warn("Way back", warning)
	}
	if warning := decided.Hotfix.Warning(); warning != "" {
		p.screen.Warn("Hotfix", warning)
	}
	if decided.Tagged {
		annotateVersions(ctx, p.screen, report.Warning, decided.Behind(), decided.Version)
	}
	if err := p.screen.Summarize(func(out io.Writer) error {
		return decided.WriteMarkdown(out, p.planner.History().Sections, p.planner.History().Links)
	}); err != nil {
		return err
	}
	return refused
}
