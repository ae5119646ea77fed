package targets

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/tagging"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// tagger makes and pushes tags.
type tagger struct{ *session }

func (s *session) tagger() tagger { return tagger{s} }

// Tag creates and pushes the tag of a release: -tag's or the proposed one.
//
// It writes the version into the version files, and its section into CHANGELOG.md, commits that, tags it, and pushes
// both or neither. It shows what it will do and asks.
//
// Leaves in dist: plan.json, notes.md
//
// Example: tag -tag=v1.8.0
func Tag(
	ctx context.Context,
	tag *string, // create the tag `VERSION`, such as v1.8.0, instead of the proposed one
	allow *string, // allow changes on a hotfix branch that are more than a fix, by `NAMES`; the commit records them
	yes *bool, // do it without a question
) error {
	return inApp(ctx, func(ctx context.Context, p *session) error {
		wanted, err := given(tag, allow)
		if err != nil {
			return err
		}
		decided, err := p.decisions().plan(ctx, wanted)
		if err != nil {
			return err
		}
		if err := decided.WriteTerminal(p.screen.Out); err != nil {
			return err
		}
		if err := p.decisions().evaluate(ctx, decided); err != nil {
			return err
		}
		cut, err := p.tagger().cut(ctx, decided, time.Now().UTC())
		if err != nil {
			return err
		}
		cut.Others = p.tagger().addedByHook
		steps, err := cut.Steps(ctx)
		if err != nil {
			return err
		}
		if len(steps) == 0 {
			fmt.Fprintf(p.screen.Out, "\n%s is tagged and pushed already: nothing to do\n", decided.Tag)
			return nil
		}
		fmt.Fprint(p.screen.Out, "\nWhat will be done\n")
		for i, step := range steps {
			fmt.Fprintf(p.screen.Out, "  %d. %s\n", i+1, step.Text)
		}
		if err := p.tagger().checksPassed(ctx, decided); err != nil {
			return err
		}
		if err := p.tagger().agreed(ctx, decided, yes != nil && *yes); err != nil {
			return err
		}
		for _, step := range steps {
			if err := step.Do(ctx); err != nil {
				return err
			}
			p.screen.Log.Infof("done: %s", step.Text)
		}
		_, err = p.decisions().plan(ctx, plan.Asked{Tag: decided.Tag}) // of the commit that carries the version
		return err
	})
}

// cut returns a plan on its way to be tagged on a day.
func (p tagger) cut(ctx context.Context, decided plan.Plan, day time.Time) (*tagging.Cut, error) {
	notes, err := p.planner.NotesOf(ctx, decided)
	if err != nil {
		return nil, err
	}
	cut := &tagging.Cut{App: p.app, Repo: p.shared(), Plan: decided}
	cut.Describe(notes, p.planner.History(), day)
	return cut, nil
}

// shared returns the repository for work with its remote. Here alone git has the
// token of the environment: its credential helper may need it.
func (p tagger) shared() git.Repo {
	return git.Repo{
		Dir: p.repo.Dir,
		Run: &run.Runner{Env: run.Without(run.Environ(os.Environ()), webhookVariables()...), Out: p.screen.Out},
	}
}

// agreed makes sure that what was shown may be done.
func (p tagger) agreed(ctx context.Context, decided plan.Plan, yes bool) error {
	switch {
	case yes:
		return nil
	case !term.IsTerminal(int(os.Stdin.Fd())):
		return fmt.Errorf(
			"nothing was done: there is no terminal to ask for a confirmation; to confirm: tag -tag=%s -yes",
			decided.Tag,
		)
	case !p.agrees(ctx, "Do it?"):
		return errors.New("nothing was done")
	}
	return nil
}
