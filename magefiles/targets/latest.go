package targets

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
)

// recentLatest is what the registry said in the last minutes, else what it says now. Only what is published needs more.
func (p decisions) recentLatest(ctx context.Context) plan.Registry {
	var kept plan.Registry
	age, known := recent(p.latestFile(), &kept)
	if !known {
		return p.askLatest(ctx)
	}
	if minutes := int(age.Round(time.Minute).Minutes()); minutes > 0 {
		p.screen.Log.Infof("latest: the answer of the registry from %d min ago is used; plan asks again", minutes)
	}
	return kept
}

// recent reads an answer that was kept in the last minutes, and says how old it is.
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

// latestFile keeps the registry's answer for an image, for this app.
func (p decisions) latestFile() string {
	return p.cache.Path("latest", cache.Key(p.app.Root, p.app.Config.Build.Image.Name)+".json")
}

// keepLatest keeps an answer. That it can't costs a request the next time.
func (p decisions) keepLatest(ctx context.Context, answer plan.Registry) plan.Registry {
	keepRecent(ctx, p.latestFile(), answer)
	return answer
}

func keepRecent(ctx context.Context, file string, answer any) {
	data, err := json.Marshal(answer)
	if err != nil || ctx.Err() != nil || os.MkdirAll(filepath.Dir(file), 0o755) != nil {
		return
	}
	if os.WriteFile(file+".new", data, 0o644) == nil {
		_ = os.Rename(file+".new", file)
	}
}

// recentLast is what is recorded of the last release on GitHub, as it was in the last minutes. It
// changes only when another one comes out.
func (p decisions) recentLast(ctx context.Context) plan.Last {
	var kept plan.Last
	if p.app.Foreign || p.app.Config.Build.Image.Absent != "" || !p.app.Config.Verify.KeepsData() {
		return kept
	}
	client, where, err := p.publicGitHub(ctx)
	if err != nil {
		p.screen.Log.Debugf("the last release is not asked whether it can be rolled back: %v", err)
		return plan.Last{}
	}
	file := p.cache.Path("last", cache.Key(p.app.Root, where)+".json")
	if _, known := recent(file, &kept); known {
		return kept
	}
	ctx, cancel := context.WithTimeout(ctx, lastPatience)
	defer cancel()
	tag, back, err := publish.LastBack(ctx, client)
	if err != nil {
		p.screen.Log.Debugf("the last release does not say whether it can be rolled back: %v", err)
	}
	kept = plan.Last{Tag: tag, Back: back}
	keepRecent(ctx, file, kept)
	return kept
}

// lastPatience is how long GitHub is waited for: a plan can be made without its answer.
const lastPatience = 5 * time.Second

// publicGitHub is GitHub for questions whose answers are not needed, and which one it is.
func (p decisions) publicGitHub(ctx context.Context) (client *github.Client, where string, err error) {
	name := p.outside.repository
	if name == "" {
		if name, err = p.address(ctx); err != nil {
			return nil, "", err
		}
	}
	repository, err := github.ParseRepository(name)
	if err != nil {
		return nil, "", err
	}
	client, err = github.New(p.outside.api, p.outside.token, repository, p.outside.optional(p.screen.Log))
	return client, p.outside.api + " " + repository.String(), err
}
