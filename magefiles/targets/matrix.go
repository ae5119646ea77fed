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
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
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

// passToJobs sets the outputs that the other jobs of a workflow read: the version, and a matrix with a
// job for each check, suite and platform of release.yaml.
func passToJobs(
	ctx context.Context, screen *report.Screen, repo git.Repo, config app.Config, decided plan.Plan,
) {
	screen.Output("version", decided.Version)
	screen.Output("tag", decided.Tag)
	lfs, err := repo.Content().UsesLFS(ctx, decided.Commit)
	screen.Output("lfs", strconv.FormatBool(lfs || err != nil)) // what is not needed costs only time
	screen.Output("on-image", strconv.FormatBool(len(app.ImageSuites(config)) > 0))
	screen.Output("approval", config.Publish.Approval)
	checks, suites, platforms := jobsOf(screen, config)
	for name, jobs := range map[string][]job{"checks": checks, "suites": suites, "platforms": platforms} {
		matrix, _ := json.Marshal(jobs) // plain values always encode
		screen.Output(name, string(matrix))
	}
}

// jobsOf returns the jobs for the checks, suites and platforms of release.yaml. There is always a
// platform, since GitHub refuses an empty matrix.
func jobsOf(screen *report.Screen, all app.Config) (checks, suites, platforms []job) {
	for _, check := range all.Checks {
		checks = append(checks, job{Name: check.Name, File: app.FileName(check.Name)})
	}
	for _, suite := range app.OtherSuites(all) {
		each := job{Name: suite.Name, File: app.FileName(suite.Name)}
		if suite.Absent == "" && slices.Contains(suite.Needs, "postgresql") {
			each.Postgresql = all.Postgresql.Image
		}
		suites = append(suites, each)
	}
	config := all.Build.Image
	home := config.Runners["linux/amd64"] // of a platform that has none of its own
	if config.Absent != "" {
		return checks, suites, []job{{File: "none", Runner: home}}
	}
	for _, platform := range config.Platforms {
		if config.Runners[platform] == "" {
			screen.Warn(
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
