package targets

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
)

// distVariable names dist in the steps of the workflows, which alone read it.
const distVariable = "ODIN_DIST"

// What the jobs of a workflow are for
// (https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/run-job-variations).

// job is one job of a matrix.
type job struct {
	Name       string `json:"name"`                 // of the check, suite or platform; "" where there is no image
	File       string `json:"file"`                 // the same as part of a file's name
	Runner     string `json:"runner,omitempty"`     // that a platform is native to
	Postgresql string `json:"postgresql,omitempty"` // the image of the server that a suite needs
}

// passToJobs gives the jobs of a workflow the version, and a matrix with a job for
// each check, each suite and each platform that release.yaml describes.
func (p decisions) passToJobs(ctx context.Context, decided plan.Plan) {
	p.screen.Output("version", decided.Version)
	p.screen.Output("tag", decided.Tag)
	lfs, err := p.repo.Content().UsesLFS(ctx, decided.Commit)
	p.screen.Output("lfs", strconv.FormatBool(lfs || err != nil)) // what is not needed costs only time
	p.screen.Output("on-image", strconv.FormatBool(len(app.ImageSuites(p.app.Config)) > 0))
	p.screen.Output("approval", p.app.Config.Publish.Approval)
	checks, suites, platforms := p.jobs()
	for name, jobs := range map[string][]job{"checks": checks, "suites": suites, "platforms": platforms} {
		matrix, _ := json.Marshal(jobs) // plain values always encode
		p.screen.Output(name, string(matrix))
	}
}

// jobs are never none at all: GitHub refuses an empty matrix.
func (p decisions) jobs() (checks, suites, platforms []job) {
	for _, check := range p.app.Config.Checks {
		checks = append(checks, job{Name: check.Name, File: app.FileName(check.Name)})
	}
	for _, suite := range app.OtherSuites(p.app.Config) {
		each := job{Name: suite.Name, File: app.FileName(suite.Name)}
		if suite.Absent == "" && slices.Contains(suite.Needs, "postgresql") {
			each.Postgresql = p.app.Config.Postgresql.Image
		}
		suites = append(suites, each)
	}
	config := p.app.Config.Build.Image
	home := config.Runners["linux/amd64"] // of a platform that has none of its own
	if config.Absent != "" {
		return checks, suites, []job{{File: "none", Runner: home}}
	}
	for _, platform := range config.Platforms {
		if config.Runners[platform] == "" {
			p.screen.Warn(
				"matrix",
				fmt.Sprintf(
					"build.image.runners names no runner for %s: it is built and verified on %s, which takes an "+
						"emulator",
					platform,
					home,
				),
			)
		}
		platforms = append(
			platforms,
			job{Name: platform, File: app.FileName(platform), Runner: cmp.Or(config.Runners[platform], home)},
		)
	}
	return checks, suites, platforms
}
