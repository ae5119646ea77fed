package targets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
)

// summaryVariable names the file of the step summary
// (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands).
const summaryVariable = "GITHUB_STEP_SUMMARY"

func inActions() bool { return os.Getenv("GITHUB_ACTIONS") == "true" }

// complained tells what a run failed of, where GitHub Actions shows that: as an
// annotation, at its place in release.yaml if it has one, and in the step
// summary. It gives the error back, for Mage to print.
func complained(err error) error {
	if err == nil || !inActions() {
		return err
	}
	complain(os.Stderr, err)
	return errors.New(report.Harmless(err.Error()))
}

func complain(errs io.Writer, err error) {
	if place := configPlace.FindStringSubmatch(err.Error()); place != nil {
		line, _ := strconv.Atoi(place[1])
		column, _ := strconv.Atoi(place[2])
		report.Finding{
			File: app.ConfigFile, Line: line, Column: column, Severity: report.Error, Message: err.Error(),
		}.Annotate(errs, "odin-release", inWorkspace())
	} else {
		report.Annotate(errs, report.Error, "odin-release", err.Error())
	}
	_ = report.AppendTo(os.Getenv(summaryVariable), func(out io.Writer) error { // the annotation is there
		fmt.Fprint(out, "> [!CAUTION]\n")
		for line := range strings.Lines(err.Error()) {
			fmt.Fprintf(out, "> %s  \n", changelog.Escape(strings.TrimSuffix(line, "\n")))
		}
		_, err := fmt.Fprintln(out)
		return err
	})
}

// inWorkspace returns the path from the root of a workflow's checkout to the current folder, which ends with
// a slash, or "". GitHub names the root in a variable
// (https://docs.github.com/en/actions/reference/workflows-and-actions/variables).
func inWorkspace() string {
	here, err := os.Getwd()
	if err != nil {
		return ""
	}
	path, err := filepath.Rel(os.Getenv("GITHUB_WORKSPACE"), here)
	if err != nil || path == "." || !filepath.IsLocal(path) {
		return ""
	}
	return filepath.ToSlash(path) + "/"
}

// configPlace is how an error of release.yaml begins.
var configPlace = regexp.MustCompile("^" + regexp.QuoteMeta(app.ConfigFile) + `:([0-9]+):([0-9]+): `)

// harmless returns a writer of what tools say: GitHub Actions takes no orders from it.
func harmless(out io.Writer) io.Writer {
	if !inActions() {
		return out
	}
	return report.HarmlessWriter{Out: out}
}

// annotateVersions annotates the places that have another version.
func annotateVersions(
	ctx context.Context, screen *report.Screen, severity report.Severity, behind []app.VersionPlace, wanted string,
) {
	var findings []report.Finding
	for _, place := range behind {
		findings = append(findings, report.Finding{File: place.Path, Line: place.Line, Severity: severity,
			Message: fmt.Sprintf("the version here is %s, but the release is %s", place.Version, wanted)})
	}
	screen.Annotate(ctx, "version", findings)
}
