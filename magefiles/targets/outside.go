package targets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/announce"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/registry"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/web"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
)

// delivery is the way of a release to the outside.
type delivery struct{ *session }

func (s *session) delivery() delivery { return delivery{s} }

// outside is where a release goes to, and with which credentials.
type outside struct {
	api        string            // GitHub's API root, "" for the public one
	server     string            // GitHub's web address, "" for the public one
	repository string            // owner/name on GitHub, "" for where origin is
	token      string            // for GitHub and its registry
	webhooks   map[string]string // by kind of channel
	registry   string            // host that stands for the one in the image's name, "" for that itself

	reach   web.Option                                                 // how servers are reached
	alone   bool                                                       // Docker's credentials are not used
	command func(ctx context.Context, p *session, args []string) error // runs what rebuilds the docs site
	key     func(*app.App) ([]byte, error)                             // reads the signing key; nil for none
	// approve has a person approve a release.
	approve func(ctx context.Context, p *session, review publish.Review) error
	// approver returns who has approved a release.
	approver func(ctx context.Context, p *session, of publish.Release) publish.Approved
}

// secretVariables are the variables with credentials for the outside. They are
// not passed to tools, whose code comes from many hands.
var secretVariables = append([]string{
	"GITHUB_TOKEN",
	"GH_TOKEN",
	"ACTIONS_ID_TOKEN_REQUEST_TOKEN",
	"ACTIONS_ID_TOKEN_REQUEST_URL",
}, webhookVariables()...)

// fromEnvironment returns the outside as the environment names it, in GitHub Actions
// above all
// (https://docs.github.com/en/actions/reference/workflows-and-actions/variables).
func fromEnvironment() outside {
	token := os.Getenv("GITHUB_TOKEN")
	if token == "" {
		token = os.Getenv("GH_TOKEN")
	}
	webhooks := map[string]string{}
	for _, kind := range app.ChannelKinds {
		webhooks[kind] = os.Getenv(announce.Variable(kind))
	}
	return outside{
		api: os.Getenv("GITHUB_API_URL"), server: os.Getenv("GITHUB_SERVER_URL"),
		repository: os.Getenv("GITHUB_REPOSITORY"), token: token,
		webhooks: webhooks, reach: web.Proxy(http.ProxyFromEnvironment), command: runDocs,
		key: keyHere, approve: askApproval, approver: approver,
	}
}

// standIns returns the outside that stand-ins on this machine serve. Nothing else is
// reached, nobody's credentials are used, and nothing of the user's is deployed.
func standIns(world *standin.World, repository string) outside {
	webhooks := map[string]string{}
	for _, kind := range app.ChannelKinds {
		webhooks[kind] = world.Channel(kind)
	}
	return outside{
		api: world.GitHub(), repository: repository, token: standInToken, webhooks: webhooks,
		registry: world.Registry(), reach: web.LoopbackOnly(), alone: true, command: showDocs,
		approve: showApproval, approver: rehearser,
	}
}

// nowhere returns the outside of what only works on a repository.
func nowhere() outside {
	return outside{reach: web.LoopbackOnly(), alone: true, command: showDocs}
}

// purpose returns what an image of that name is built for: a rehearsal where neither
// the registry nor GitHub is beyond this machine.
func (o outside) purpose(name string) image.Purpose {
	if o.registry != "" {
		name = o.registry
	}
	if onLoopback(o.api) && onLoopback("http://"+name) {
		return image.ForRehearsal
	}
	return image.ForRelease
}

func onLoopback(address string) bool {
	parsed, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(parsed.Hostname())
	return ip != nil && ip.IsLoopback()
}

// secrets returns what nobody should read.
func (o outside) secrets() []string {
	list := []string{strings.TrimSpace(o.token)}
	for _, kind := range app.ChannelKinds {
		list = append(list, announce.Secrets(kind, o.webhooks[kind])...)
	}
	return list
}

// transport returns the way to all servers of the outside, with a policy for what
// fails. At log level trace each request is logged.
func (o outside) transport(log *logrus.Logger, policy web.Policy) http.RoundTripper {
	options := []web.Option{web.Notice(func(line string) { log.Warn(line) })}
	if o.reach != nil {
		options = append(options, o.reach)
	}
	return traced{uploads{web.New(policy, options...)}, log}
}

// optional returns the transport to servers whose answer is not needed: one that cannot be
// reached is asked once.
func (o outside) optional(log *logrus.Logger) http.RoundTripper {
	return o.transport(log, web.Policy{FinalIfUnreachable: true})
}

type traced struct {
	next http.RoundTripper
	log  *logrus.Logger
}

func (t traced) RoundTrip(request *http.Request) (*http.Response, error) {
	start := time.Now()
	response, err := t.next.RoundTrip(request)
	outcome := "no answer"
	if response != nil {
		outcome = response.Status
	}
	// The query may be signed, and then is a key to what it names.
	t.log.Tracef(
		"%s %s%s: %s after %s",
		request.Method,
		request.URL.Host,
		request.URL.Path,
		outcome,
		time.Since(start).Round(time.Millisecond),
	)
	return response, err
}

// errNowhere means that the repository on GitHub is not known.
var errNowhere = errors.New("find the repository on GitHub")

// newRelease returns the release of a plan with all that it acts on. A problem is
// something that is not configured: the rest can be looked at all the same. With errNowhere, which is one of the
// problems then, the release has no GitHub, and only checks accepts it.
func (p delivery) newRelease(
	decided plan.Plan,
	notes []byte,
) (release publish.Release, problems []publish.Check, err error) {
	release = publish.Release{
		Plan:     decided,
		Notes:    notes,
		Config:   p.app.Config,
		Snapshot: &publish.Snapshot{},
		Say:      p.screen.Log.Infof,
		Warn:     func(format string, args ...any) { p.screen.Warn("release", fmt.Sprintf(format, args...)) },
	}
	if release.Registry, err = p.registry(); err != nil {
		return release, nil, err
	}
	release.Open = func(name string) (*registry.Repository, error) { return p.openImage(name, p.transport) }
	for _, each := range app.FurtherImages(p.app.Config) {
		opened, err := release.Open(each.Image.Name)
		if err != nil {
			return release, nil, err
		}
		release.Images = append(release.Images, publish.Repository{Name: each.Image.Name, Registry: opened})
	}
	if release.Key, err = p.signing().key(); err != nil {
		problems = append(problems, publish.Check{Name: "sign the release", Problem: err})
	}
	if _, err := p.signing().findings(signature.Scanned{}); err != nil {
		problems = append(problems, publish.Check{Name: "attest what does not affect the image", Problem: err})
	}
	if p.outside.token == "" {
		problems = append(problems, publish.Check{Name: "log in to GitHub", Problem: errors.New(
			"GITHUB_TOKEN is not set; set it to a token with contents: write (and packages: write for ghcr.io)")})
	}
	if p.app.Config.Announce.Absent == "" {
		channels, unset := p.channels()
		release.Channels, problems = channels, append(problems, unset...)
	}
	if release.Repository, err = p.outside.here(decided.Repository); err != nil {
		problems = append(problems, publish.Check{Name: errNowhere.Error(), Problem: err})
		return release, problems, fmt.Errorf("%w: %w", errNowhere, err)
	}
	if release.GitHub, err = github.New(p.outside.api, p.outside.token, release.Repository, p.transport); err != nil {
		return release, nil, err
	}
	release.Command = func(ctx context.Context, args []string) error { return p.outside.command(ctx, p.session, args) }
	return release, problems, nil
}

// checks looks at what a release needs beyond this machine, and on it to start
// an image: everything, so that all problems are reported at once.
func (p delivery) checks(ctx context.Context, release publish.Release, problems []publish.Check) []publish.Check {
	if err := p.outside.misnamed(p.app, release.Plan.Repository); err != nil { // another app's registry is not asked
		return append(problems, publish.Check{Name: "the name of the image", Problem: err})
	}
	checks := append(release.Preflight(ctx), problems...)
	if release.Registry != nil {
		checks = append(checks, publish.Check{Name: "start the image", Problem: verify.CanRun(ctx, p.run)})
	}
	if release.Plan.Dirty {
		checks = append(
			checks,
			publish.Check{
				Name: "a clean tree",
				Problem: errors.New(
					"there are changes that are not committed: they would not be in the tag that is released",
				),
			},
		)
	}
	return checks
}

// preflight makes sure that nothing is built which could not be released.
func (p delivery) preflight(ctx context.Context, release publish.Release, problems []publish.Check) error {
	checks := p.checks(ctx, release, problems)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err := p.savePreflight(checks); err != nil {
		return err
	}
	var failed []error
	for _, check := range checks {
		if check.Problem != nil {
			failed = append(failed, fmt.Errorf("%s: %w", check.Name, check.Problem))
		}
	}
	if len(failed) > 0 {
		return fmt.Errorf("preflight failed; nothing was built:\n%w", errors.Join(failed...))
	}
	p.screen.Log.Infof("preflight: %d checks, all well", len(checks))
	return nil
}

// savePreflight leaves what was looked at in dist.
func (p delivery) savePreflight(checks []publish.Check) error {
	seen := make([]struct {
		Check   string `json:"check"`
		Problem string `json:"problem"` // "" when all is well
	}, len(checks))
	for i, check := range checks {
		seen[i].Check = check.Name
		if check.Problem != nil {
			seen[i].Problem = p.redactor.Text(check.Problem.Error())
		}
	}
	content, err := json.MarshalIndent(seen, "", "  ")
	if err != nil {
		return err
	}
	return p.app.Save("preflight.json", append(content, '\n'))
}
