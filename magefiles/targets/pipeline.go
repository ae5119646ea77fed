// Package targets is what a person types: the targets of the release pipeline,
// for mage:import.
package targets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/magefile/mage/mg"
	"github.com/sirupsen/logrus"
	"golang.org/x/sync/errgroup"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/registry"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/web"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/snapshot"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/scratch"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/backend"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/frontend"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/tools"
)

// pipeline is an app and the tools to work on it.
type pipeline struct {
	app       *app.App
	source    *app.App // what tools work on: app, or a copy of it
	repo      git.Repo
	history   func() changelog.History
	outside   outside
	transport http.RoundTripper                    // to all servers of the outside
	registry  func() (*registry.Repository, error) // nil when the app has no image
	latest    func() plan.Registry                 // what latest was in the registry when it was first asked
	purpose   image.Purpose                        // of the app's image

	sayBuilder *sync.Once    // which builder it is, if what it builds may not be released
	redactor   *run.Redactor // of out and errs
	run        *run.Runner
	scratch    *scratch.Run // for temporary files and containers
	out        io.Writer    // what is shown
	errs       io.Writer    // annotations
	log        *logrus.Logger
	backend    backend.Toolchain
	frontend   frontend.Toolchain
}

// inApp runs work on the app in the current folder. Besides SIGINT, which mage
// turns into a cancelled context, it hears SIGTERM and SIGHUP.
func inApp(ctx context.Context, work func(context.Context, *pipeline) error) error {
	found, err := app.Find(".")
	if err != nil {
		return complained(err)
	}
	return withApp(ctx, found, work)
}

// stray refuses what Mage would misunderstand: a version or a commit among the
// targets, since it would tell only when the ones before it have run (release
// v1.8.0 would have released what is checked out), and a flag that is given
// twice, since the last one alone would count.
func stray(args []string) error {
	given := map[string]bool{}
	for i, arg := range args {
		flag, _, _ := strings.Cut(arg, "=")
		_, err := version.ParseTag(arg)
		switch {
		case strings.HasPrefix(arg, "-") && given[flag]:
			return fmt.Errorf(
				"%s is given twice: give all its values once, with commas in between, if it takes more than one",
				flag,
			)
		case strings.HasPrefix(arg, "-"):
			given[flag] = true
			continue
		case err == nil && i > 0 && strings.EqualFold(args[i-1], "hotfix"):
			return fmt.Errorf("%s is no target: where a hotfix begins is given as -from=%s", arg, arg)
		case err == nil && (i == 0 || !strings.EqualFold(args[i-1], "rollback")):
			return fmt.Errorf("%s is no target: a version is given as -tag=%s", arg, arg)
		case hash.MatchString(arg):
			return fmt.Errorf("%s is no target: commits are given as -pick=SHA,SHA", arg)
		}
		given = map[string]bool{} // of the next target
	}
	return nil
}

// hash is the name of a commit, as git log --oneline prints it or whole.
var hash = regexp.MustCompile("^[0-9a-f]{7,40}$")

// withApp runs work on an app, for a person or for CI.
func withApp(ctx context.Context, found *app.App, work func(context.Context, *pipeline) error) error {
	if err := stray(os.Args[1:]); err != nil {
		return complained(err)
	}
	if !found.Foreign { // whose dist may be its own
		if err := found.Ignore(); err != nil {
			return complained(err)
		}
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	return complained(working(ctx, found, fromEnvironment(), work))
}

// working runs work on an app whose releases go to an outside. Nothing that it
// says has a secret in it.
func working(ctx context.Context, found *app.App, out outside, work func(context.Context, *pipeline) error) error {
	redactor := run.NewRedactor(append(secrets(), out.secrets()...)...)
	shown, told := redactor.Writer(os.Stdout), redactor.Writer(os.Stderr)
	defer func() { _ = errors.Join(shown.Close(), told.Close()) }() // a terminal's own trouble
	p, err := newPipeline(ctx, found, out, run.Locked(harmless(shown)), run.Locked(harmless(told)))
	if err != nil {
		return err
	}
	p.redactor = redactor
	p.sweep(ctx)
	defer func() {
		if err := p.scratch.Close(); err != nil {
			fmt.Fprintln(p.errs, "Warning: temporary files were not removed:", err)
		}
	}()
	err = work(ctx, p)
	if errors.Is(err, context.Canceled) {
		return errors.New("interrupted")
	}
	if err == nil {
		return nil
	}
	return errors.New(redactor.Text(err.Error()))
}

// secrets are the values in the environment that nobody should read, besides
// those of the outside.
func secrets() []string {
	address, err := url.Parse(os.Getenv("TEST_DATABASE_URL"))
	if err != nil {
		return nil
	}
	password, _ := address.User.Password()
	return []string{password}
}

// sweep removes what killed runs left, of whatever target and app.
func (p *pipeline) sweep(ctx context.Context) {
	p.scratch.Sweep(ctx, p.run)
	if err := snapshot.RemoveLeft(p.backend.Cache); err != nil {
		fmt.Fprintln(p.errs, "Warning: a killed run left copies that cannot be removed:", err)
	}
}

func newPipeline(ctx context.Context, found *app.App, outside outside, out, errs io.Writer) (*pipeline, error) {
	home, err := os.UserCacheDir()
	if err != nil {
		return nil, fmt.Errorf("find the cache folder: %w", err)
	}
	runner := &run.Runner{Env: run.Without(run.Environ(os.Environ()), secretVariables...), Out: out}
	if mg.Verbose() {
		runner.Verbose = errs // what a program reads is on standard output
	}
	store := cache.Dir(filepath.Join(home, "odin-release"))
	kit := tools.Tools{Run: runner, Cache: store, MayInstall: tools.CanInstall(runner)}
	log := logrus.New()
	if level, ok := os.LookupEnv("LOG_LEVEL"); ok {
		parsed, err := logrus.ParseLevel(level)
		if err != nil {
			return nil, fmt.Errorf("LOG_LEVEL: %w", err)
		}
		log.SetLevel(parsed)
	}
	log.SetOutput(out)
	log.SetFormatter(&logrus.TextFormatter{DisableTimestamp: true, ForceColors: coloured()})
	temporary := scratch.New(
		store.Path("runs"),
		func(format string, args ...any) { fmt.Fprintf(errs, "Warning: "+format+"\n", args...) },
	)
	found.Temporary = temporary.DirIn
	repo := git.Repo{Dir: found.Root, Run: runner}
	p := &pipeline{
		app:        found,
		source:     found,
		sayBuilder: new(sync.Once),
		run:        runner,
		scratch:    temporary,
		out:        out,
		errs:       errs,
		log:        log,
		repo:       repo,
		outside:    outside,
		transport:  outside.transport(log, web.Policy{}),
		purpose:    outside.purpose(found.Config.Build.Image.Name),
		history:    sync.OnceValue(func() changelog.History { return newHistory(ctx, repo, found.Config.Changelog) }),
		backend:    backend.Toolchain{App: found, Run: runner, Cache: store, Tools: kit, Scratch: temporary},
		frontend:   frontend.Toolchain{App: found, Run: runner, Cache: store, Tools: kit, Refused: &frontend.Refused{}},
	}
	p.registry = sync.OnceValues(func() (*registry.Repository, error) { return p.openRegistry(p.transport) })
	p.latest = sync.OnceValue(func() plan.Registry { return p.askLatest(ctx) })
	return p, nil
}

// coloured tells whether a person sees the output, in a terminal or on GitHub's
// page of a run, and wants it in colour (https://no-color.org). Otherwise a
// program reads it.
func coloured() bool {
	info, err := os.Stdout.Stat()
	return (inActions() || err == nil && info.Mode()&os.ModeCharDevice != 0) &&
		os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// sideBySide does the work of all steps, and gives what came of each, in their
// order: as many at a time as there are processors, two at least, since each
// also waits. One that fails does not stop another.
func sideBySide[T any](steps []app.Step, work func(app.Step) T) []T {
	results := make([]T, len(steps))
	var group errgroup.Group
	group.SetLimit(max(2, runtime.NumCPU()))
	for i, step := range steps {
		group.Go(func() error {
			results[i] = work(step)
			return nil
		})
	}
	_ = group.Wait() // what went wrong is in the results
	return results
}

// phase is a named part of a release.
type phase struct {
	name string
	run  func(context.Context) error
}

// skip is why a phase had nothing to do.
type skip string

func (s skip) Error() string { return string(s) }

// inOrder runs phases one after the other and stops at the first that fails.
// It ends with a table of all of them.
func (p *pipeline) inOrder(ctx context.Context, phases ...phase) error {
	rows := make([][]string, 0, len(phases))
	var failed error
	for _, each := range phases {
		if failed != nil {
			rows = append(rows, []string{each.name, "not run", ""})
			continue
		}
		p.log.WithField("phase", each.name).Info("started")
		start := time.Now()
		outcome := "ok"
		var skipped skip
		switch err := each.run(ctx); {
		case ctx.Err() != nil:
			failed, outcome = fmt.Errorf("%s was interrupted; run it again at any time", each.name), "interrupted"
		case errors.As(err, &skipped):
			outcome = string(skipped)
		case err != nil:
			failed, outcome = fmt.Errorf("%s failed: %w", each.name, err), "FAILED"
		}
		took := report.Seconds(time.Since(start))
		level := logrus.InfoLevel
		if failed != nil {
			level = logrus.ErrorLevel
		}
		p.log.WithField("phase", each.name).WithField("took", took).Log(level, outcome)
		rows = append(rows, []string{each.name, outcome, took})
		p.spent(each.name, each.name, start, failed != nil)
	}
	p.table("", []string{"phase", "result", ">time"}, rows)
	p.timeline()
	return failed
}
