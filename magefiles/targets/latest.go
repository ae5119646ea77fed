package targets

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/registry"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
)

// lookups asks servers for what a plan can be made without. A server that cannot be reached is asked
// once. Recent answers are kept.
type lookups struct {
	app     *app.App
	cache   cache.Dir
	log     *logrus.Logger
	outside outside
	address func(context.Context) (string, error)                 // of the remote origin, "" without one
	image   func(http.RoundTripper) (*registry.Repository, error) // opens the repository of the app's image
}

func (s *session) lookups() lookups {
	return lookups{
		app: s.app, cache: s.cache, log: s.screen.Log, outside: s.outside, address: s.inspected.address,
		image: s.delivery().openRegistry,
	}
}

// latest returns what the registry says of latest now.
func (l lookups) latest(ctx context.Context) plan.Registry {
	config := l.app.Config.Build.Image
	switch {
	case l.app.Foreign:
		return plan.Registry{}
	case config.Absent != "":
		return plan.Registry{Silence: "no image: " + config.Absent}
	}
	address, _ := l.address(ctx)
	if l.outside.misnamed(l.app, address) != nil {
		return plan.Registry{Silence: "build.image.name is not set"}
	}
	opened, err := l.image(l.outside.optional(l.log))
	if err != nil {
		return plan.Registry{Silence: err.Error()}
	}
	answer := plan.Registry(opened.Latest(ctx))
	keepRecent(ctx, l.latestFile(), answer)
	return answer
}

// recentLatest returns what the registry said in the last minutes, else what it says now. That is
// enough for what publishes nothing.
func (l lookups) recentLatest(ctx context.Context) plan.Registry {
	var kept plan.Registry
	age, known := recent(l.latestFile(), &kept)
	if !known {
		return l.latest(ctx)
	}
	if minutes := int(age.Round(time.Minute).Minutes()); minutes > 0 {
		l.log.Infof("latest: the answer of the registry from %d min ago is used; plan asks again", minutes)
	}
	return kept
}

// recent reads an answer that was kept in the last minutes. It returns its age, and whether there is one.
func recent(file string, kept any) (age time.Duration, known bool) {
	info, err := os.Stat(file)
	if err != nil || time.Since(info.ModTime()) > latestHolds || time.Until(info.ModTime()) > 0 {
		return 0, false
	}
	data, err := os.ReadFile(file)
	return time.Since(info.ModTime()), err == nil && json.Unmarshal(data, kept) == nil
}

// latestHolds is how long a registry's answer is good enough for a check.
const latestHolds = 10 * time.Minute

// latestFile returns the file that keeps the registry's answer for the image of this app.
func (l lookups) latestFile() string {
	return l.cache.Path("latest", cache.Key(l.app.Root, l.app.Config.Build.Image.Name)+".json")
}

// keepRecent keeps an answer in a file. It reports no error: without the file, the server is asked again.
func keepRecent(ctx context.Context, file string, answer any) {
	data, err := json.Marshal(answer)
	if err != nil || ctx.Err() != nil || os.MkdirAll(filepath.Dir(file), 0o755) != nil {
		return
	}
	if os.WriteFile(file+".new", data, 0o644) == nil {
		_ = os.Rename(file+".new", file)
	}
}

// last returns what GitHub records of the last release, as it was in the last minutes. It changes
// only with the next release.
func (l lookups) last(ctx context.Context) plan.Last {
	var kept plan.Last
	if l.app.Foreign || l.app.Config.Build.Image.Absent != "" || !l.app.Config.Verify.KeepsData() {
		return kept
	}
	client, where, err := l.gitHub(ctx)
	if err != nil {
		l.log.Debugf("the last release is not asked whether it can be rolled back: %v", err)
		return plan.Last{}
	}
	file := l.cache.Path("last", cache.Key(l.app.Root, where)+".json")
	if _, known := recent(file, &kept); known {
		return kept
	}
	ctx, cancel := context.WithTimeout(ctx, lastPatience)
	defer cancel()
	tag, back, err := publish.LastBack(ctx, client)
	if err != nil {
		l.log.Debugf("the last release does not say whether it can be rolled back: %v", err)
	}
	kept = plan.Last{Tag: tag, Back: back}
	keepRecent(ctx, file, kept)
	return kept
}

// lastPatience is how long GitHub is waited for: a plan can be made without its answer.
const lastPatience = 5 * time.Second

// gitHub returns a client for the repository of the app, and what identifies that repository.
func (l lookups) gitHub(ctx context.Context) (client *github.Client, where string, err error) {
	address, err := l.address(ctx)
	if err != nil && l.outside.repository == "" {
		return nil, "", err
	}
	repository, err := l.outside.here(address)
	if err != nil {
		return nil, "", err
	}
	client, err = github.New(l.outside.api, l.outside.token, repository, l.outside.optional(l.log))
	return client, l.outside.api + " " + repository.String(), err
}
