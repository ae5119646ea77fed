// Package overview collects what is in dist for the report of a run.
package overview

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/report/page"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
)

// Source is where the content of a report comes from.
type Source struct {
	App   *app.App
	Cache cache.Dir
	Plan  *plan.Plan // nil if no version is planned
	Notes string     // the release notes as Markdown
}

// Complete adds the content of dist to a report that has its steps. It omits what cannot be read. It also stores in
// the cache what a later release will be compared with.
func (s Source) Complete(r page.Report) page.Report {
	r.App = appName(s)
	r.Release, r.Notes = s.release(r.Steps), s.Notes
	r.Checks, r.Suites = s.checks(r.Steps), s.suites(r.Steps)
	r.Untold = untold(s, r)
	if s.Plan == nil || !concerns(r.Steps, "build", "publish", "verify", "promote", "notify") {
		return r
	}
	now := s.built()
	if now == nil {
		return r
	}
	before := s.last()
	r.Last = page.Last{Tag: before.Tag, Source: before.source}
	r.Image, r.Packages, r.Files = s.image(now, before), packages(now, before), filesOf(now, before)
	r.Images = s.furtherImages()
	r.Verify = s.commands(r)
	if !s.Plan.Dirty && ended(r.Steps, "checksums") {
		s.Keep()
	}
	return r
}

// appName returns what the report calls the app: what its announcements do or, when it announces nothing and
// sets no name, its repository or folder.
func appName(s Source) string {
	announce := s.App.Config.Announce
	if announce.Name != "" && (announce.Absent == "" || s.App.Where("announce.name") != "") {
		return announce.Name
	}
	if s.Plan != nil && s.Plan.Repository != "" {
		return path.Base(s.Plan.Repository)
	}
	return filepath.Base(s.App.Root)
}

// concerns reports whether a run included a step of one of the phases.
func concerns(steps []report.Span, phases ...string) bool {
	return slices.ContainsFunc(steps, func(step report.Span) bool {
		return slices.Contains(phases, step.Phase) && step.State != report.NotRun
	})
}

// ended reports whether a step of the run is done.
func ended(steps []report.Span, name string) bool {
	return slices.ContainsFunc(steps, func(step report.Span) bool {
		return step.Name == name && (step.State == report.Done || step.State == report.Reused)
	})
}

// release returns what the plan says about the release.
func (s Source) release(steps []report.Span) *page.Release {
	if s.Plan == nil {
		return nil
	}
	p := s.Plan
	shown := &page.Release{
		Version: p.Version, Tag: p.Tag, Commit: p.Commit, Branch: p.Branch, Repository: p.Repository,
		CommitTime: p.CommitTime, Dirty: p.Dirty, Folder: p.Folder, Configuration: p.Configuration,
		Previous: p.Previous, Source: p.Source, Reasons: p.Reasons,
		Verdict: p.Verdict.Text, Holds: p.Verdict.Holds, Latest: p.Latest.Text, Commits: p.Commits, People: p.People,
		WayBack: s.wayBack(), Approved: s.recorded().Approved.Text(),
		Notices: p.Evidence.Notices,
	}
	if p.Baseline != "" {
		shown.Is, shown.Asks = p.Verdict.Is.String(), p.Verdict.Asks.String()
	}
	if p.Repository != "" && slices.ContainsFunc(steps, func(step report.Span) bool {
		return step.Phase == "promote" && step.State == report.Done
	}) {
		shown.Address = p.Repository + "/releases/tag/" + p.Tag
	}
	for _, found := range p.Evidence.Findings {
		shown.Evidence = append(shown.Evidence, page.Evidence{
			Source: string(found.Source), Asks: found.Asks.String(), What: found.What, Where: found.Where,
		})
	}
	for _, step := range p.Evidence.Steps {
		shown.Upgrade = append(shown.Upgrade, page.Upgrade{
			Breaking: step.Breaking, Text: step.Text, Details: step.Details, Command: step.Command,
		})
	}
	return shown
}

// wayBack returns the verdict of the verification or, before that, what the plan knows.
func (s Source) wayBack() string {
	if text := s.recorded().Back().Text(); text != "" {
		return text
	}
	return s.Plan.WayBack.Text(s.Plan.Baseline)
}

// recorded returns the record of the release, or the zero value if dist has none.
func (s Source) recorded() publish.State {
	record, err := publish.ParseState(s.dist().read(publish.StateFile))
	if err != nil || record.Tag != s.Plan.Tag || record.Commit != s.Plan.Commit {
		return publish.State{}
	}
	return record
}

// dist is an app whose dist is read.
type dist struct{ *app.App }

func (s Source) dist() dist { return dist{s.App} }

// file returns the path of a file in dist.
func (d dist) file(name string) string { return d.Path(app.DistDir, name) }

// read returns the content of a file in dist, or nil if it cannot be read.
func (d dist) read(name string) []byte {
	content, err := os.ReadFile(d.file(name))
	if err != nil {
		return nil
	}
	return content
}

// commands returns the commands that verify what was built. Most of them only work when the release is published.
func (s Source) commands(r page.Report) []page.Command {
	repository := strings.TrimPrefix(s.Plan.Repository, "https://github.com/")
	if repository == s.Plan.Repository {
		repository = ""
	}
	var list []page.Command
	add := func(what, command string) { list = append(list, page.Command{What: what, Command: command}) }
	check := "sha256sum --check checksums.txt"
	if repository != "" {
		check = "gh release download " + s.Plan.Tag + " --repo " + repository + "\n" + check
	}
	if len(r.Files) > 0 {
		add("The files are those of the release:", check)
	}
	image := ""
	if r.Image != nil && r.Image.Digest != "" {
		image = r.Image.Name + "@" + r.Image.Digest
		add("The registry has this image, for these platforms:", "docker buildx imagetools inspect "+image)
	}
	if repository == "" {
		return list
	}
	if image != "" {
		add("The release workflow of the repository built the image, if that is how it was released:",
			"gh attestation verify oci://"+image+" --repo "+repository)
	}
	for _, file := range r.Files {
		if path.Ext(file.Name) == ".gz" {
			add("Likewise for a file:", "gh attestation verify "+file.Name+" --repo "+repository)
			break
		}
	}
	return list
}
