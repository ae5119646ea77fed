package targets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
)

// staging prepares what a rehearsal begins with.
type staging struct{ *session }

func (s *session) staging() staging { return staging{s} }

// Rehearse runs a whole release against stand-ins on loopback.
//
// It needs a container engine if the app has an image, and no credentials. It works on a clone of the app in the
// current folder, or on the bundled sample: with -sample, and in a folder without an app.
//
// Leaves in dist: rehearsal/
//
// Example: rehearse -fresh
func Rehearse(
	ctx context.Context,
	tag *string, // rehearse `VERSION`, such as v1.8.0
	allow *string, // allow changes on a hotfix branch that are more than a fix, by their `NAMES`, with commas between
	fresh *bool, // forget what earlier rehearsals published
	sample *bool, // rehearse the bundled sample, also where there is an app
) error {
	found, err := shared.findAny(is(sample))
	if err != nil {
		return complained(err)
	}
	folder := rehearsalFolder(is(sample))
	return withApp(ctx, found, func(ctx context.Context, p *session) error {
		dir, err := p.app.Dist(folder)
		if err != nil {
			return err
		}
		unlock, err := cache.Dir(dir).Lock(ctx, "rehearsal") // two at once take turns
		if err != nil {
			return err
		}
		defer unlock()
		task := p.display.Begin("copy of the app", 0)
		stage, err := p.staging().stage(ctx, folder)
		task.End()
		if err != nil {
			return err
		}
		return stage.rehearse(ctx, tag, allow, is(fresh))
	})
}

// rehearsalFolder returns the folder of dist for a rehearsal. Where the sample is asked for, an
// app may be here whose own rehearsals are to stay as they are.
func rehearsalFolder(sample bool) string {
	if sample {
		return "rehearsal/sample"
	}
	return "rehearsal"
}

// stage is where a rehearsal takes place: a clone of the app, and what the
// stand-ins keep.
type stage struct {
	*session

	dir   string   // dist/rehearsal
	clone *app.App // in a clone of the repository
}

// aside returns a folder of the rehearsal, such as that of a clone.
func (s stage) aside(name string) string { return filepath.Join(s.dir, name) }

// stage puts a copy of the app aside in a folder of dist, or of the sample where the app is foreign.
func (p staging) stage(ctx context.Context, folder string) (stage, error) {
	clone, err := p.app.Dist(folder, "app")
	if err != nil {
		return stage{}, err
	}
	var copied *app.App
	if p.app.Foreign {
		p.screen.Log.Infof("rehearsing with the bundled sample, in %s", p.app.Rel(clone))
		if err = rehearsal.Materialise(ctx, p.run, clone); err == nil {
			copied, err = app.Find(clone)
		}
	} else {
		p.screen.Log.Infof("rehearsing with a clone of what is committed, in %s", p.app.Rel(clone))
		copied, err = p.cloned(ctx, clone)
	}
	if err != nil {
		return stage{}, err
	}
	return stage{p.session, filepath.Dir(clone), copied}, nil
}

// cloned returns the app in a clone of its repository. The app may be a folder of that.
func (p staging) cloned(ctx context.Context, clone string) (*app.App, error) {
	top, folder, err := p.repo.WorkTree().Top(ctx)
	if err != nil {
		return nil, err
	}
	if err := rehearsal.Clone(ctx, p.run, top, clone); err != nil {
		return nil, err
	}
	return p.configured(filepath.Join(clone, filepath.FromSlash(folder)))
}

// configured returns the app in a clone of it, with the configuration that it has here. If the clone has
// another one, since this one is not committed, it says so.
func (p staging) configured(clone string) (*app.App, error) {
	copied := p.app.At(clone)
	if p.app.Elsewhere != "" {
		return copied, nil
	}
	here, err := os.ReadFile(p.app.Path(app.ConfigFile))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	there, err := os.ReadFile(copied.Path(app.ConfigFile))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	if !bytes.Equal(here, there) {
		copied.Elsewhere = p.app.Path(app.ConfigFile)
		p.screen.Log.Warnf("%s is not committed: what is rehearsed is what is committed, with this configuration",
			app.ConfigFile)
	}
	return copied, nil
}

// standInToken is what the stand-ins take for a token.
const standInToken = "rehearsal-token-of-nobody"

// rehearse releases the clone to the stand-ins, and shows what they ended up
// with.
func (s stage) rehearse(ctx context.Context, tag, allow *string, fresh bool) (err error) {
	decided, err := s.decide(ctx, tag, allow)
	if err != nil {
		return err
	}
	act := decided.Tag + " of " + decided.Commit + "\n"
	if last, err := os.ReadFile(filepath.Join(s.dir, "world", "of")); fresh || err != nil || string(last) != act {
		if err := s.reset(ctx, act); err != nil {
			return err
		}
	}
	repository, err := s.repository(decided)
	if err != nil {
		return err
	}
	main, err := git.Repo{Dir: s.clone.Root, Run: s.run}.Branches().Default(ctx)
	if err != nil {
		return err
	}
	world, err := standin.Open(
		ctx,
		standin.Options{Dir: filepath.Join(s.dir, "world"), Repository: repository.String(), Others: s.others(),
			Git: s.aside("origin.git"), DefaultBranch: main, Token: standInToken, Run: s.run, Immutable: true},
	)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, world.Close()) }()
	out := standIns(world, repository.String())
	out.key = madeKey(filepath.Join(s.dir, "world"))
	if err := s.before(ctx, out, decided); err != nil {
		return err
	}
	if err := s.newest(ctx, out, decided); err != nil {
		return err
	}
	err = working(ctx, s.clone, out, func(ctx context.Context, p *session) error {
		asked, err := given(tag, allow) // CI's tag is not that of an app that is rehearsed
		if err != nil {
			return err
		}
		return runRelease(ctx, p, options{asked: asked})
	})
	state, unknown := world.State(context.WithoutCancel(ctx))
	if unknown != nil {
		return errors.Join(err, unknown)
	}
	fmt.Fprint(s.screen.Out, "\nWhat the stand-ins ended up with\n\n")
	state.Write(s.screen.Out, s.screen.Style())
	return err
}

// repository returns the one that is rehearsed. Where origin is none on the web, it has the name of
// the image, or of the folder of an app without one.
func (s stage) repository(decided plan.Plan) (github.Repository, error) {
	address := decided.Repository
	if address == "" {
		_, address, _ = strings.Cut(s.clone.Config.Build.Image.Name, "/")
		switch {
		case s.clone.Config.Build.Image.Absent != "":
			address = "rehearsal/" + filepath.Base(s.app.Root)
		case s.clone.Where("build.image.name") == "": // the default is the name of another app
			return github.Repository{}, errors.New("find the repository on GitHub that is rehearsed: there is no " +
				"remote origin on GitHub, and release.yaml does not set build.image.name; run git remote add origin " +
				"https://github.com/OWNER/NAME, or set the name")
		}
	}
	repository, err := github.ParseRepository(address)
	if err != nil {
		return repository, fmt.Errorf("find the repository on GitHub that is rehearsed: %w; set the remote origin", err)
	}
	return repository, nil
}

// others are repositories besides the app's own that are notified of a release.
func (s stage) others() []string {
	if name := s.clone.Config.Docs.Rebuild.Repository; name != "" {
		return []string{name}
	}
	return nil
}

// decide chooses the version that is rehearsed and tags the clone with it,
// unless that is done already.
func (s stage) decide(ctx context.Context, tag, allow *string) (plan.Plan, error) {
	var decided plan.Plan
	err := working(ctx, s.clone, nowhere(), func(ctx context.Context, p *session) error {
		defer p.display.Begin("version", 0).End()
		asked, err := given(tag, allow)
		if err != nil {
			return err
		}
		decided, err = p.decisions().decide(ctx, asked)
		if err == nil {
			err = decided.Refused() // before any time is spent
		}
		if err != nil || decided.Tagged {
			return err
		}
		p.screen.Log.Infof("no tag is on this commit: rehearsing it as %s", decided.Tag)
		if decided, err = p.staging().tagClone(ctx, decided); err != nil {
			return fmt.Errorf("tag the clone: %w", err)
		}
		return nil
	})
	return decided, err
}

// tagClone makes in a clone what tag would make here, and decides for that. On one
// day, the same commit comes of it.
func (p staging) tagClone(ctx context.Context, decided plan.Plan) (plan.Plan, error) {
	cut, err := p.tagger().cut(ctx, decided, time.Now().UTC())
	if err != nil {
		return plan.Plan{}, err
	}
	cut.Repo = rehearsal.Committer(p.repo, decided.CommitTime)
	if err := cut.Local(ctx); err != nil {
		return plan.Plan{}, err
	}
	if err := rehearsal.Follow(ctx, p.run, p.app.Root); err != nil {
		return plan.Plan{}, err
	}
	return p.decisions().decide(ctx, plan.Asked{Tag: decided.Tag})
}

// reset clears the stage for another act: what is released, as a line of text.
func (s stage) reset(ctx context.Context, act string) error {
	defer s.display.Begin("stand-ins", 0).End()
	world := filepath.Join(s.dir, "world")
	for _, each := range []string{world, s.clone.Path(app.DistDir)} {
		if err := os.RemoveAll(each); err != nil {
			return err
		}
	}
	if err := rehearsal.Mirror(ctx, s.run, s.aside("app"), s.aside("origin.git")); err != nil {
		return err
	}
	if err := os.MkdirAll(world, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(world, "of"), []byte(act), 0o644)
}
