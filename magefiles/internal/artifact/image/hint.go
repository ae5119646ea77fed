package image

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// worthHint is the shortest time under emulation that is worth a hint.
const worthHint = 5 * time.Second

// hint returns a hint about the stage that ran longest under emulation although it could run on the builder's own
// platform, or "". output is the output of docker buildx build.
func (o Options) hint(output string) string {
	dockerfile, err := os.ReadFile(filepath.Join(o.Source, filepath.FromSlash(o.Image.Dockerfile)))
	if err != nil {
		return ""
	}
	candidates := builders(upTo(parseStages(string(dockerfile)), o.Image.Target))
	spent := o.emulated(output)
	maps.DeleteFunc(spent, func(name string, took time.Duration) bool {
		_, found := candidates[name]
		return !found || took < worthHint
	})
	if len(spent) == 0 {
		return ""
	}
	slowest := slices.MaxFunc(slices.Sorted(maps.Keys(spent)), func(a, b string) int {
		return cmp.Compare(spent[a], spent[b])
	})
	return fmt.Sprintf(
		"%s:%d: stage %s ran %s under emulation; if what is copied from it is the same on every platform, "+
			"or if it can cross-compile, use FROM --platform=$BUILDPLATFORM",
		path.Clean(o.Image.Dockerfile),
		candidates[slowest].line,
		slowest,
		report.Seconds(spent[slowest]),
	)
}

// How BuildKit shows an instruction and its end: "#12 [linux/arm64 web 4/5] RUN npm ci" and "#12 DONE 7.7s". Builds
// for a single platform do not show the platform.
var (
	shownRun  = pattern.Lazy(`^#([0-9]+) \[(?:([a-z0-9]+/[^ ]+) )?([^ ]+) +[0-9]+/[0-9]+\] RUN `)
	shownDone = pattern.Lazy(`^#([0-9]+) DONE ([0-9.]+)s$`)
)

// emulated returns how long the RUN instructions of each stage ran under emulation. Cached instructions did not
// run.
func (o Options) emulated(output string) map[string]time.Duration {
	stages, spent := map[string]string{}, map[string]time.Duration{}
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		if run := shownRun().FindStringSubmatch(line); run != nil {
			platform, _, _ := strings.Cut(run[2], "->") // the platform that it runs on, not the one that it builds for
			if platform == "" && len(o.Image.Platforms) == 1 {
				platform = o.Image.Platforms[0]
			}
			if o.Engine.emulates(platform) {
				stages[run[1]] = run[3]
			}
		}
		done := shownDone().FindStringSubmatch(line)
		if done == nil || stages[done[1]] == "" {
			continue
		}
		if seconds, err := strconv.ParseFloat(done[2], 64); err == nil {
			spent[stages[done[1]]] += time.Duration(seconds * float64(time.Second))
			delete(stages, done[1])
		}
	}
	return spent
}

// emulates reports whether no node of the builder runs the platform natively. A 32-bit platform counts as its
// 64-bit one, since most of these processors can run it.
func (e Engine) emulates(platform string) bool {
	wanted := architecture(platform)
	if wanted == "" || len(e.Native) == 0 {
		return false
	}
	return !slices.ContainsFunc(e.Native, func(native string) bool { return architecture(native) == wanted })
}

// architecture returns the 64-bit architecture of a platform such as linux/arm/v7.
func architecture(platform string) string {
	parts := strings.Split(platform, "/")
	if len(parts) < 2 {
		return ""
	}
	if wide, found := map[string]string{"386": "amd64", "arm": "arm64"}[parts[1]]; found {
		return wide
	}
	return parts[1]
}
