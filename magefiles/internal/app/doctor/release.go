package doctor

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/snapshot"
)

// versionFiles checks that each version file contains the version.
func (e *examination) versionFiles() {
	for i, versionFile := range e.App.Config.VersionFiles {
		if err := versionFile.Check(e.App.Root); err != nil {
			reason, _, _ := strings.Cut(strings.TrimPrefix(err.Error(), "version file "), "; ")
			e.add(
				fmt.Sprintf("versionFiles[%d]", i),
				"list the files that have the version: versionFiles: [{path: VERSION}], or versionFiles: {absent: why}",
				"%s",
				reason,
			)
		}
	}
}

// patterns checks the path patterns that release.yaml sets: one that matches nothing is
// a mistake, while a default may name files that an app does not have.
func (e *examination) patterns() {
	config := e.App.Config
	patterns := map[string][]string{"docs.paths": config.Docs.Paths, "settings.compose": config.Settings.Compose,
		"settings.environment": config.Settings.Environment, "settings.code": config.Settings.Code}
	for i, migrations := range config.Migrations {
		patterns[fmt.Sprintf("migrations[%d].paths", i)] = migrations.Paths
	}
	e.attached()
	e.pointersMeant()
	for _, key := range slices.Sorted(maps.Keys(patterns)) {
		for i, pattern := range patterns[key] {
			if at := fmt.Sprintf("%s[%d]", key, i); !e.isDefault(at) && !e.matches(pattern) {
				list, _, _ := strings.Cut(key, "[")
				e.add(
					at,
					"name another, or "+absentAt(list),
					"no file of the app is named by %s",
					pattern,
				)
			}
		}
	}
	rebuild := config.Docs.Rebuild
	if rebuild.Workflow != "" && rebuild.Repository == "" && rebuild.Absent == "" && len(rebuild.Command) == 0 {
		if reason := e.lacks(path.Join(".github/workflows", rebuild.Workflow)); reason != "" {
			e.add("docs.rebuild.workflow", "name another, or docs: {rebuild: {absent: why}}", "%s", reason)
		}
	}
}

// absentAt returns the line for release.yaml that declares a key absent: docs: {paths: {absent: why}} for docs.paths.
func absentAt(key string) string {
	outer, inner, nested := strings.Cut(key, ".")
	if !nested {
		return outer + ": {absent: why}"
	}
	return fmt.Sprintf("%s: {%s}", outer, absentAt(inner))
}

// attached checks the patterns of files that are attached, except outputs of the build, which do not exist yet.
func (e *examination) attached() {
	for i, pattern := range e.App.Config.Publish.Attach {
		if strings.HasPrefix(path.Clean(pattern), app.DistDir+"/") {
			continue
		}
		if !slices.ContainsFunc(e.Files, func(file string) bool {
			matched, err := path.Match(path.Clean(pattern), file)
			return err == nil && matched
		}) {
			e.add(fmt.Sprintf("publish.attach[%d]", i), "name a file of the app, as in publish: {attach: [install.sh]}",
				"no file of the app is named by %s", pattern)
		}
	}
}

// pointersMeant checks the patterns of files that may be Git LFS pointers.
func (e *examination) pointersMeant() {
	for i, pattern := range e.App.Config.Build.LFS.Allow {
		if e.Files != nil && !slices.ContainsFunc(e.Files, app.LFS{Allow: []string{pattern}}.Allows) {
			e.add(fmt.Sprintf("build.lfs.allow[%d]", i), "name another, or leave it out",
				"no file of the app is named by %s", pattern)
		}
	}
}

// image checks what the image is built from.
func (e *examination) image() {
	image := e.App.Config.Build.Image
	if image.Absent == "" {
		const absent = "build: {image: {absent: why}}"
		if reason := e.lacksFolder(image.Context); reason != "" {
			e.add("build.image.context", "name another, or "+absent, "%s", reason)
		}
		if reason := e.lacks(image.Dockerfile); reason != "" {
			e.add("build.image.dockerfile", "name another, or "+absent, "%s", reason)
		}
	}
	furtherImages(e)
	var pointers, submodules []string
	for _, file := range e.Files {
		if e.isDir(file) {
			submodules = append(submodules, file)
		} else if !e.App.Config.Build.LFS.Allows(file) && snapshot.IsPointer(e.App.Path(file)) {
			pointers = append(pointers, file)
		}
	}
	if len(pointers) > 0 {
		e.add(
			"build.image.context",
			"git lfs install && git lfs pull, or build: {lfs: {allow: ["+pointers[0]+"]}} if pointers are meant",
			"Git LFS pointers stand for the files themselves: %s",
			listed(pointers),
		)
	}
	if len(submodules) > 0 {
		e.add("build.image.context", "git rm --cached "+submodules[0]+", and commit the files themselves",
			"git submodules, whose files a release does not have: %s", listed(submodules))
	}
}

// furtherImages checks the settings of further images; the others are those of the app's own image.
func furtherImages(e *examination) {
	for _, each := range app.FurtherImages(e.App.Config) {
		key, set := "build.images."+each.Key, e.App.Config.Build.Images[each.Key]
		const help = "name another, or leave the line out to take that of build.image"
		if reason := e.lacksFolder(each.Image.Context); reason != "" && set.Context != "" {
			e.add(key+".context", help, "%s", reason)
		}
		if reason := e.lacks(each.Image.Dockerfile); reason != "" && set.Dockerfile != "" {
			e.add(key+".dockerfile", help, "%s", reason)
		}
	}
}

// verify checks the defaults of the verification against the tree, since an app of
// another shape answers otherwise. Values set in release.yaml are trusted.
func (e *examination) verify() {
	config, verify := e.App.Config, e.App.Config.Verify
	if config.Build.Image.Absent != "" {
		return
	}
	endpoints := e.endpoints()
	if e.isDefault("verify.health") && endpoints != nil && endpoints[verify.Health] == nil {
		e.add(
			"verify.health",
			"verify: {health: /path}",
			"%s has no %s%s",
			config.Contract.Spec.Value,
			verify.Health,
			candidates(endpoints, "health"),
		)
	}
	if e.isDefault("verify.page") && config.Build.Frontend.Absent != "" {
		e.add(
			"verify.page",
			"verify: {page: {absent: why}}, or verify: {page: /} if the image has one nevertheless",
			"the page %s must contain the version, but build.frontend is absent (%s)",
			verify.Page.Value,
			config.Build.Frontend.Absent,
		)
	}
	if dockerfile := e.read(
		config.Build.Image.Dockerfile,
	); e.isDefault("verify.processes") && dockerfile != nil &&
		!strings.Contains(string(dockerfile), "supervisor") {
		e.add(
			"verify.processes",
			"verify: {processes: {absent: why}}",
			"supervisord is asked for its programs, and %s does not name it",
			config.Build.Image.Dockerfile,
		)
	}
	if probe := verify.Probe; probe.Absent == "" && verify.KeepsData() && e.isDefault("verify.probe.path") &&
		endpoints != nil &&
		endpoints[probe.Path]["post"] == nil {
		const fix = `verify: {probe: {path: /path, body: '{"name": "probe"}'}}, or verify: {probe: {absent: why}}`
		e.add("verify.probe", fix,
			"the probe record is stored by POST %s, which %s does not have", probe.Path, config.Contract.Spec.Value)
	}
}

// candidates lists the endpoints that contain a word.
func candidates(endpoints map[string]map[string]any, word string) string {
	var list []string
	for _, path := range slices.Sorted(maps.Keys(endpoints)) {
		if strings.Contains(path, word) {
			list = append(list, path)
		}
	}
	if len(list) == 0 {
		return ""
	}
	return "; it has " + listed(list)
}

// documented is the repository that the defaults describe.
const documented = "hughkantsime/runsodin"

// ImageName returns why the image of an app would be published as that of another app, or nil.
func ImageName(tree Tree) *Problem {
	const key = "build.image.name"
	image := tree.App.Config.Build.Image
	switch {
	case image.Absent != "" || !tree.isDefault(key) || strings.EqualFold(tree.Repository, documented):
		return nil
	case tree.Repository == "":
		return &Problem{
			Key: key,
			What: "no remote origin on GitHub says whose it is, and the default " + image.Name +
				" is the image of another app",
			Fix: "git remote add origin https://github.com/OWNER/NAME, or build: {image: {name: ghcr.io/OWNER/NAME}}",
		}
	}
	return &Problem{
		Key:  key,
		What: fmt.Sprintf("the image of %s would be published as %s", tree.Repository, image.Name),
		Fix:  fmt.Sprintf("build: {image: {name: ghcr.io/%s}}", strings.ToLower(tree.Repository)),
	}
}

// names finds an app that would be published under another app's name.
func (e *examination) names() {
	config := e.App.Config
	if problem := ImageName(e.Tree); problem != nil {
		e.add(problem.Key, problem.Fix, "%s", problem.What)
	}
	if e.Repository == "" || strings.EqualFold(e.Repository, documented) {
		return
	}
	if config.Announce.Absent == "" && e.isDefault("announce.name") {
		e.add(
			"announce.name",
			fmt.Sprintf("announce: {name: %s}", path.Base(e.Repository)),
			"%s would be announced as %s",
			e.Repository,
			config.Announce.Name,
		)
	}
}
