// Package targets is what a person types: the targets of the release pipeline,
// for mage:import, and what each of them depends on.
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
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/magefile/mage/mg"
	"github.com/sirupsen/logrus"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/registry"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/web"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/checks"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/work"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/report/progress"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/snapshot"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
	_ "github.com/hughkantsime/odin-release/magefiles/internal/system/heap" // before the others are initialised
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/scratch"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/backend"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/frontend"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/tools"
)

// session is an app, and what its targets work with.
type session struct {
	app     *app.App
	repo    git.Repo
	run     *run.Runner
	scratch *scratch.Run // for temporary files and containers
	cache   cache.Dir
	jobs    int    // how many steps run at once; 0 for as many as there are processors
	runID   string // identifies this process, or all jobs of a workflow's run
	view
	remote

	place     work.Place // in the user's checkout; steps work in copies
	copies    *work.Copies
	trees     work.Trees
	planner   plan.Planner
	inspected *inspected
	store     *step.Store
	services  checks.Services
	builder   *build.Builder
}

// view is where a person sees what happens.
type view struct {
	screen   *report.Screen
	display  *progress.Display
	redactor *run.Redactor // of what is shown
}

// remote is the outside, and how it is reached.
type remote struct {
	outside   outside
	transport http.RoundTripper                    // to all servers of the outside
	registry  func() (*registry.Repository, error) // opens the repository of the image once; nil if there is no image
}

// inApp runs work on the app in the current folder. Besides SIGINT, which mage
// turns into a cancelled context, it hears SIGTERM and SIGHUP.
func inApp(ctx context.Context, work func(context.Context, *session) error) error {
	if err := lineChecked(); err != nil { // before anything is wrong with the app
		return complained(err)
	}
	found, err := shared.find()
	if err != nil {
		return complained(err)
	}
	return withApp(ctx, found, work)
}

// withApp runs work on an app, for a person or for CI.
func withApp(ctx context.Context, found *app.App, work func(context.Context, *session) error) error {
	if err := lineChecked(); err != nil {
		return complained(err)
	}
	if !found.Foreign { // whose dist may be its own
		if err := found.Ignore(); err != nil {
			return complained(err)
		}
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	return complained(working(ctx, found, fromEnvironment(), func(ctx context.Context, p *session) error {
		sayConfig(p.screen.Errs, found)
		return work(ctx, p)
	}))
}

// working runs work on an app whose releases go to an outside. Nothing that it
// says has a secret in it.
func working(ctx context.Context, found *app.App, out outside, work func(context.Context, *session) error) error {
	redactor := run.NewRedactor(slices.Concat(secrets(), out.secrets(), keySecrets(found))...)
	display := newDisplay(redactor)
	shown, errs := redactor.Writer(display), redactor.Writer(besides(display))
	defer func() { _ = errors.Join(shown.Close(), errs.Close(), display.Close()) }() // a terminal's own trouble
	p, err := newSession(ctx, found, out, run.Locked(harmless(shown)), run.Locked(harmless(errs)))
	if err != nil {
		return err
	}
	p.redactor, p.display, p.screen.Width = redactor, display, display.Width
	defer context.AfterFunc(ctx, func() { display.Interrupt(saidByMage(ctx)) })()
	p.sweep(ctx)
	defer func() {
		if err := p.scratch.Close(); err != nil {
			fmt.Fprintln(p.screen.Errs, "Warning: temporary files were not removed:", err)
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

// secrets returns the values in the environment that nobody should read, besides
// those of the outside.
func secrets() []string {
	address, err := url.Parse(os.Getenv("TEST_DATABASE_URL"))
	if err != nil {
		return nil
	}
	password, _ := address.User.Password()
	return []string{password}
}

// sweep removes what killed runs left: temporary files, containers and copies, of all targets and apps.
func (p *session) sweep(ctx context.Context) {
	p.scratch.Sweep(ctx, p.run)
	if err := snapshot.RemoveLeft(p.place.Backend.Cache); err != nil {
		fmt.Fprintln(p.screen.Errs, "Warning: a killed run left copies that cannot be removed:", err)
	}
}

func newSession(ctx context.Context, found *app.App, outside outside, out, errs io.Writer) (*session, error) {
	home, err := os.UserCacheDir()
	if err != nil {
		return nil, fmt.Errorf("find the cache folder: %w", err)
	}
	log, err := newLog(out)
	if err != nil {
		return nil, err
	}
	jobs, err := jobsAtOnce()
	if err != nil {
		return nil, err
	}
	store := cache.Dir(filepath.Join(home, "odin-release"))
	runner := &run.Runner{
		Env: run.Without(
			run.Environ(os.Environ()),
			slices.Concat(secretVariables, keyVariables(found), run.Volatile,
				[]string{jobsVariable, logVariable, distVariable, configVariable})...),
		Out: out,
	}
	if mg.Verbose() {
		runner.Verbose = errs // what a program reads is on standard output
	}
	repo := git.Repo{Dir: found.Root, Run: runner}
	s := &session{
		app: found, repo: repo, run: runner, cache: store, jobs: jobs, runID: runID(),
		scratch: scratch.New(store.Path("runs"), func(format string, args ...any) {
			fmt.Fprintf(errs, "Warning: "+format+"\n", args...)
		}),
		view: view{
			screen: &report.Screen{
				Out:     out,
				Errs:    errs,
				Log:     log,
				Actions: inActions(),
				Plain:   dumb(),
				Prefix:  repo.WorkTree().Prefix,

				SummaryFile: os.Getenv(summaryVariable),
				OutputFile:  os.Getenv("GITHUB_OUTPUT"),
			},
			display:  progress.New(progress.Options{Out: out}),
			redactor: run.NewRedactor(),
		},
		remote:    remote{outside: outside, transport: outside.transport(log, web.Policy{})},
		inspected: &inspected{repo: repo},
		store:     &step.Store{Cache: store, App: found.Root, Dist: found.Path(app.DistDir)},
	}
	found.Temporary = s.scratch.DirIn
	s.equip(ctx)
	return s, nil
}

// runID identifies the run: that of a workflow, with all its jobs and attempts, or this process.
func runID() string {
	if id := os.Getenv("GITHUB_RUN_ID"); id != "" && inActions() {
		return id
	}
	return fmt.Sprintf("%x-%x", time.Now().UnixNano(), os.Getpid())
}

// jobsVariable limits how many steps work at once: 1 runs them one after the other. No result depends on it.
const jobsVariable = "ODIN_JOBS"

// jobsAtOnce returns the limit that is set, 0 without one.
func jobsAtOnce() (int, error) {
	text, set := os.LookupEnv(jobsVariable)
	if !set || text == "" {
		return 0, nil
	}
	jobs, err := strconv.Atoi(text)
	if err != nil || jobs < 1 {
		return 0, fmt.Errorf("%s: %q is not a number of steps, 1 or more", jobsVariable, text)
	}
	return jobs, nil
}

func newLog(out io.Writer) (*logrus.Logger, error) {
	log := logrus.New()
	if level := os.Getenv("LOG_LEVEL"); level != "" {
		parsed, err := logrus.ParseLevel(level)
		if err != nil {
			return nil, fmt.Errorf("LOG_LEVEL: unknown level %q, expected one of %s", level, levels())
		}
		log.SetLevel(parsed)
	}
	if err := checkLogVariable(); err != nil {
		return nil, err
	}
	log.SetOutput(out)
	log.SetFormatter(report.Format{Colour: coloured()})
	return log, nil
}

// equip sets up everything that works on the app.
func (p *session) equip(ctx context.Context) {
	kit := tools.Tools{Run: p.run, Cache: p.cache, MayInstall: tools.CanInstall(p.run)}
	p.place = work.Place{
		App: p.app, Source: p.app, Run: p.run, Scratch: p.scratch,
		Backend:  backend.Toolchain{App: p.app, Run: p.run, Cache: p.cache, Tools: kit, Scratch: p.scratch},
		Frontend: frontend.Toolchain{App: p.app, Run: p.run, Cache: p.cache, Tools: kit, Refused: &frontend.Refused{}},
	}
	p.copies = &work.Copies{Place: p.place}
	history := sync.OnceValue(func() changelog.History { return newHistory(ctx, p.repo, p.app) })
	p.registry = sync.OnceValues(func() (*registry.Repository, error) { return p.delivery().openRegistry(p.transport) })
	apis := importer{
		app: p.app, repo: p.repo, run: p.run, scratch: p.scratch, cache: p.cache, place: &p.place, screen: p.screen,
	}
	p.planner = plan.Planner{
		App: p.app, Repo: p.repo, History: history, Store: p.store, API: apis.apiAt,
		Registry: sync.OnceValue(func() plan.Registry { return p.lookups().latest(ctx) }),
		Last:     sync.OnceValue(func() plan.Last { return p.lookups().last(ctx) }),
		Program:  work.Program(), Tools: kit.Identities,
	}
	p.trees = work.Trees{App: p.app, Repo: p.repo, History: history, Scratch: p.scratch, Notes: p.planner.NotesOf}
	opening := p.trees
	opening.Places = p.inspected.places
	p.trees.Opened = sync.OnceValues(func() (*snapshot.Store, error) { return opening.Open(ctx) })
	p.builder = &build.Builder{
		App: p.app, Run: p.run, Scratch: p.scratch, Screen: p.screen, Tools: kit, MayInstall: kit.MayInstall,
		TestBed: os.Getenv(build.TestBedVariable),
		Purpose: p.outside.purpose(p.app.Config.Build.Image.Name),
	}
	p.services = checks.Services{
		Run: p.run, Scratch: p.scratch, Image: p.app.Config.Postgresql.Image, Say: p.screen.Log.Infof,
	}
	if kit.MayInstall {
		p.services.StartEngine = p.builder.Start
	}
}
