package targets

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
)

// recentLatest is what the registry said in the last minutes, else what it says now. Only what is published needs more.
func (p decisions) recentLatest(ctx context.Context) plan.Registry {
	file := p.latestFile()
	var kept plan.Registry
	info, err := os.Stat(file)
	if err != nil || time.Since(info.ModTime()) > latestHolds || time.Until(info.ModTime()) > 0 {
		return p.askLatest(ctx)
	}
	data, err := os.ReadFile(file)
	if err != nil || json.Unmarshal(data, &kept) != nil {
		return p.askLatest(ctx)
	}
	if age := time.Since(info.ModTime()).Round(time.Minute); age >= time.Minute {
		p.screen.Log.Infof("latest: the answer of the registry from %d min ago is used; plan asks again", int(age.Minutes()))
	}
	return kept
}

// latestHolds is how long a registry's answer is good enough for a check.
const latestHolds = 10 * time.Minute

// latestFile keeps the registry's answer for an image, for this app.
func (p decisions) latestFile() string {
	return p.cache.Path("latest", cache.Key(p.app.Root, p.app.Config.Build.Image.Name)+".json")
}

// keepLatest keeps an answer. That it can't costs a request the next time.
func (p decisions) keepLatest(ctx context.Context, answer plan.Registry) plan.Registry {
	file := p.latestFile()
	data, err := json.Marshal(answer)
	if err != nil || ctx.Err() != nil || os.MkdirAll(filepath.Dir(file), 0o755) != nil {
		return answer
	}
	if os.WriteFile(file+".new", data, 0o644) == nil {
		_ = os.Rename(file+".new", file)
	}
	return answer
}
