package app

import (
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// fileName matches the names of files that GitHub does not change when they are attached to a release.
var fileName = pattern.Lazy(`^[A-Za-z0-9][A-Za-z0-9._+-]*$`)

// ownSteps are the steps of every release. No other step may have their names.
var ownSteps = []string{
	"assemble", "attached", "backend:vendor", "builder", "checksums", "frontend:build", "image:build", "preflight",
}

// ownFiles are the files and folders of a release in dist, except the outputs of build.files.
var ownFiles = []string{
	"attached",
	"build.json",
	"checksums.txt",
	"cosign.pub",
	"frontend",
	"frontend.tar.gz",
	"image.oci",
	"image.provenance.sigstore.json",
	"images",
	"lint",
	"log",
	"notes.md",
	"openapi.json",
	"parts",
	"plan.json",
	"preflight.json",
	"previous",
	"provenance.sigstore.json",
	"rehearsal",
	"release.json",
	"report.html",
	"requirements.lock",
	"sbom.spdx.json",
	"source",
	"test",
	"timeline",
	"trace.json",
	"tree",
	"vendor",
	"vendor.tar.gz",
	"verify",
}

// validateFiles checks the entries of build.files.
func (c Config) validateFiles(doc document) []error {
	var problems []error
	steps, outputs := map[string]string{}, map[string]bool{}
	for _, name := range ownSteps {
		steps[FileName(name)] = name
	}
	for key := range c.Build.Images {
		name := "image:" + key + ":build"
		steps[FileName(name)] = name
	}
	for _, step := range slices.Concat(c.Checks, c.Suites) {
		steps[FileName(step.Name)] = step.Name
	}
	for i, files := range c.Build.Files {
		place := fmt.Sprintf("$.build.files[%d]", i)
		fail := func(key, format string, args ...any) {
			problems = append(problems, doc.errorAt(place+key, format, args...))
		}
		if files.Name == "" || len(files.Command) == 0 || len(files.Outputs) == 0 {
			fail("", "files need a name, the command that makes them, and outputs, which are their names")
			continue
		}
		if other := steps[FileName(files.Name)]; other != "" {
			fail(".name", "there is a step called %s already: rename %q", other, files.Name)
		} else if !stepName().MatchString(files.Name) {
			fail(".name", "the name %q must be letters and digits, with parts joined by : or -", files.Name)
		}
		steps[FileName(files.Name)] = files.Name
		if _, known := c.Environments[files.Environment]; files.Environment != "" && !known {
			fail(".environment", "%s: unknown environment %q, known are %s", files.Name, files.Environment,
				strings.Join(slices.Sorted(maps.Keys(c.Environments)), ", "))
		}
		for j, output := range files.Outputs {
			if problem := outputProblem(output, outputs); problem != "" {
				fail(fmt.Sprintf(".outputs[%d]", j), "%s: %s", files.Name, problem)
			}
			outputs[strings.ToLower(output)] = true
		}
	}
	problems = append(problems, validateAnnounce(c, doc)...)
	return append(problems, validatePublish(c, doc)...)
}

// builtFolders are the folders of dist whose files publish.attach may name.
var builtFolders = []string{"frontend", "vendor"}

// validatePublish checks the title, the notes and the files of a release.
func validatePublish(c Config, doc document) []error {
	var problems []error
	fail := func(key, format string, args ...any) { problems = append(problems, doc.errorAt(key, format, args...)) }
	title := c.Publish.Title
	if err := onlyPlaceholders(title, titlePlaceholders); err != nil {
		fail("$.publish.title", "%v", err)
	}
	switch {
	case !strings.Contains(title, "{version}") && !strings.Contains(title, "{tag}"):
		fail("$.publish.title", "the title %q needs {version} or {tag}, since each release has its own", title)
	case strings.ContainsAny(title, "\r\n"):
		fail("$.publish.title", "the title %q must be one line", title)
	}
	if how := c.Changelog.Written; how != "" && !slices.Contains(joins, how) {
		fail("$.changelog.written", "unknown value %q, expected one of %s", how, strings.Join(joins, ", "))
	}
	return append(problems, validateAttach(c, doc)...)
}

// validateAttach checks the patterns of the files that are attached.
func validateAttach(c Config, doc document) []error {
	var problems []error
	fail := func(key, format string, args ...any) { problems = append(problems, doc.errorAt(key, format, args...)) }
	for i, pattern := range c.Publish.Attach {
		key := fmt.Sprintf("$.publish.attach[%d]", i)
		folder, _, _ := strings.Cut(strings.TrimPrefix(path.Clean(pattern), DistDir+"/"), "/")
		_, err := path.Match(pattern, "")
		switch name := path.Base(pattern); {
		case pattern == "" || err != nil || !filepath.IsLocal(filepath.FromSlash(pattern)):
			fail(key, "%q is not a pattern of paths inside the app", pattern)
		case strings.HasPrefix(path.Clean(pattern), DistDir+"/") && !slices.Contains(builtFolders, folder):
			fail(key, "%s: of dist, only files of frontend and vendor can be attached; what build.files makes is "+
				"attached without being named", pattern)
		case !strings.ContainsAny(name, `*?[\`):
			if err := Attachable(c, name); err != nil {
				fail(key, "%v", err)
			}
		}
	}
	return problems
}

var (
	titlePlaceholders = []string{"{version}", "{tag}", "{app}"}
	joins             = []string{"before", "instead"}
)

// Attachable returns why a file with this name cannot be attached to the release in addition to the pipeline's own
// files, or nil.
func Attachable(c Config, name string) error {
	others := map[string]bool{}
	for _, files := range c.Build.Files {
		for _, output := range files.Outputs {
			others[strings.ToLower(output)] = true
		}
	}
	switch {
	case !fileName().MatchString(name):
		return fmt.Errorf("the file %q cannot be attached: GitHub would rename it; its name may have letters, digits "+
			"and any of . _ + -", name)
	case slices.Contains(ownFiles, strings.ToLower(name)):
		return fmt.Errorf("%s is a file that the pipeline makes itself: rename the one to attach", name)
	case others[strings.ToLower(name)]:
		return fmt.Errorf("%s is made by build.files, and attached already", name)
	}
	return nil
}

// outputProblem returns why an output cannot be a file of the release, or "". Names that differ only in case are
// the same file on macOS.
func outputProblem(output string, others map[string]bool) string {
	switch {
	case !fileName().MatchString(output):
		return fmt.Sprintf("the output %q is not a file name of letters, digits and any of . _ + -", output)
	case slices.Contains(ownFiles, strings.ToLower(output)):
		return fmt.Sprintf("%s is a file that the pipeline makes itself: give the output another name", output)
	case strings.HasSuffix(strings.ToLower(output), ".sigstore.json"):
		return fmt.Sprintf("%s has the name of a signature: give the output another name", output)
	case others[strings.ToLower(output)]:
		return fmt.Sprintf("two outputs are called %s", output)
	}
	return ""
}
