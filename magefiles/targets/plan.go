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
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/web"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
)

// Plan shows every decision of a release before anything happens.
// The version is -tag's, else the pushed tag's in CI, else that of the tag at
// HEAD; without any it is proposed. Leaves plan.json and notes.md in dist.
// -format is terminal, markdown or json. Any git repository will do. On a
// hotfix's branch, -allow=NAME,NAME allows what is more than a fix.
func Plan(ctx context.Context, tag, format, allow *string) error {
	return inRepository(ctx, func(ctx context.Context, p *pipeline) error {
		write, err := p.planFormat(text(format))
		if err != nil {
			return err
		}
		asked, err := p.asked(tag, allow)
		if err != nil {
			return err
		}
		start := time.Now()
		decided, err := p.plan(ctx, asked)
		if err != nil {
			return err
		}
		if err := write(decided); err != nil {
			return err
		}
		err = p.weigh(ctx, decided)
		if p.app.Foreign {
			return err
		}
		p.spent("plan", "plan", start, err != nil)
		if inActions() {
			p.handOn(decided)
		}
		return err
	})
}

// planFormat is how to show a plan. What is not for the terminal has standard
// output for itself.
func (p *pipeline) planFormat(format string) (func(plan.Plan) error, error) {
	if format == "" || format == "terminal" {
		return func(decided plan.Plan) error { return decided.WriteTerminal(p.out) }, nil
	}
	p.log.SetOutput(p.errs)
	switch format {
	case "markdown":
		return func(decided plan.Plan) error {
			return decided.WriteMarkdown(os.Stdout, p.history().Sections, p.history().Links)
		}, nil
	case "json":
		return func(decided plan.Plan) error { return decided.WriteJSON(os.Stdout) }, nil
	}
	return nil, fmt.Errorf("-format=%s is not one of terminal, markdown, json", format)
}

// inRepository runs work on the app in the current folder or, where there is
// none, on the git repository.
func inRepository(ctx context.Context, work func(context.Context, *pipeline) error) error {
	found, err := app.Find(".")
	if errors.Is(err, app.ErrNoApp) {
		found, err = app.Default(".")
	}
	if err != nil {
		return complained(err)
	}
	return withApp(ctx, found, work)
}

// asked is what version is asked for, by a person or by CI
// (https://docs.github.com/en/actions/reference/workflows-and-actions/variables).
// CI's tag is not that of an app that is rehearsed.
func (p *pipeline) asked(tag, allow *string) (plan.Asked, error) {
	asked, err := given(tag, allow)
	if os.Getenv("GITHUB_REF_TYPE") == "tag" && !p.outside.loopback {
		asked.Pushed = os.Getenv("GITHUB_REF_NAME")
	}
	asked.Main = defaultBranch()
	return asked, err
}

// defaultBranch is the repository's default branch as GitHub tells it to a
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

// given is what -tag and -allow ask for. An empty -tag was meant to say
// something: a variable that is not set, say.
func given(tag, allow *string) (plan.Asked, error) {
	if tag != nil && *tag == "" {
		return plan.Asked{}, errors.New("-tag is empty: give a version, as in -tag=v1.8.0, or leave -tag out")
	}
	return plan.Asked{Tag: text(tag), Allow: text(allow)}, nil
}

// list is the value of a flag that takes several, with commas in between.
func list(value string) []string {
	values := strings.Split(value, ",")
	for i := range values {
		values[i] = strings.TrimSpace(values[i])
	}
	return slices.DeleteFunc(values, func(value string) bool { return value == "" })
}

// text is the value of a flag, "" when it was not given.
func text(flag *string) string {
	if flag == nil {
		return ""
	}
	return *flag
}

// plan makes the plan and leaves it in dist, with the notes.
func (p *pipeline) plan(ctx context.Context, asked plan.Asked) (plan.Plan, error) {
	decided, err := plan.Make(ctx, plan.Request{App: p.app, Repo: p.repo, History: p.history(), Asked: asked,
		Registry: p.latest})
	if err != nil {
		return plan.Plan{}, err
	}
	if p.app.Foreign {
		if bare, err := p.repo.Bare(ctx); err != nil || bare {
			return decided, err // there is no work tree to put dist in
		}
		tracked, err := p.repo.Tracked(ctx, app.DistDir)
		if err != nil {
			return plan.Plan{}, err
		}
		if tracked {
			fmt.Fprintf(
				p.errs,
				"%s is a folder of this project's own: plan.json and notes.md were not written there\n",
				app.DistDir,
			)
			return decided, nil
		}
	}
	if before, _ := p.planned(); !p.app.Foreign && !before.Same(decided) {
		if err := os.RemoveAll(p.app.Path(app.DistDir, timelineDir)); err != nil { // it is of another release
			return plan.Plan{}, err
		}
	}
	if !p.app.Foreign && !decided.Dirty { // a plan reads none of the files that are not committed: they may be large
		decided.Tree = p.treeOf(ctx, decided)
	}
	var notes bytes.Buffer
	if err := decided.WriteNotes(&notes, p.history().Sections, p.history().Links); err != nil {
		return plan.Plan{}, err
	}
	return decided, errors.Join(p.savePlan(decided), p.app.Save("notes.md", notes.Bytes()))
}

// savePlan leaves the plan in dist.
func (p *pipeline) savePlan(decided plan.Plan) error {
	var content bytes.Buffer
	if err := decided.WriteJSON(&content); err != nil {
		return err
	}
	return p.app.Save("plan.json", content.Bytes())
}

// planned is the plan that dist holds; with an error, that of no release.
func (p *pipeline) planned() (plan.Plan, error) {
	return plan.Read(p.app.Path(app.DistDir, "plan.json"))
}

// askLatest asks the registry what latest is now. A plan can do without the
// answer, so a registry that can't be reached is not asked again.
func (p *pipeline) askLatest(ctx context.Context) plan.Registry {
	config := p.app.Config.Build.Image
	switch {
	case p.app.Foreign:
		return plan.Registry{}
	case config.Absent != "":
		return plan.Registry{Silence: "no image: " + config.Absent}
	}
	registry, err := p.openRegistry(p.outside.transport(p.log, web.Policy{FinalIfUnreachable: true}))
	if err != nil {
		return plan.Registry{Silence: err.Error()}
	}
	return registry.Latest(ctx)
}

// weigh says loudly when the changes ask for more than the version is: once
// more at the end, as an annotation in GitHub Actions, and in its step summary.
// The policy may refuse.
func (p *pipeline) weigh(ctx context.Context, decided plan.Plan) error {
	refused := decided.Refused()
	if refused == nil && !decided.Verdict.Holds {
		p.warn("Version", decided.Verdict.Text)
	}
	if warning := decided.Latest.Warning(); warning != "" {
		p.warn("latest", warning)
	}
	if warning := decided.Hotfix.Warning(); warning != "" {
		p.warn("Hotfix", warning)
	}
	if decided.Tagged {
		p.annotateCarriers(ctx, report.Warning, decided.Behind(), decided.Version)
	}
	if err := p.summarise(func(out io.Writer) error {
		return decided.WriteMarkdown(out, p.history().Sections, p.history().Links)
	}); err != nil {
		return err
	}
	return refused
}
