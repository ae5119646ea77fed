package targets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/junit"
)

// What GitHub Actions shows of a run
// (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands).

// warn tells of something: as an annotation where GitHub Actions shows those.
func (p *pipeline) warn(title, text string) {
	if inActions() {
		report.Annotate(p.errs, report.Warning, title, text)
		return
	}
	p.log.Warn(text)
}

func inActions() bool { return os.Getenv("GITHUB_ACTIONS") == "true" }

// summarise adds to the step summary of GitHub Actions, if there is one.
func (p *pipeline) summarise(write func(io.Writer) error) error {
	if err := appendTo("GITHUB_STEP_SUMMARY", write); err != nil {
		return fmt.Errorf("write the step summary: %w", err)
	}
	return nil
}

// appendTo adds to the file that a variable names, if it does.
func appendTo(variable string, write func(io.Writer) error) error {
	name := os.Getenv(variable)
	if name == "" {
		return nil
	}
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	return errors.Join(write(file), file.Close())
}

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
			File:     app.ConfigFile,
			Line:     line,
			Column:   column,
			Severity: report.Error,
			Message:  err.Error(),
		}.Annotate(
			errs,
			"odin-release",
			"",
		)
	} else {
		report.Annotate(errs, report.Error, "odin-release", err.Error())
	}
	_ = appendTo("GITHUB_STEP_SUMMARY", func(out io.Writer) error { // the annotation is there
		fmt.Fprint(out, "> [!CAUTION]\n")
		for line := range strings.Lines(err.Error()) {
			fmt.Fprintf(out, "> %s  \n", changelog.Escape(strings.TrimSuffix(line, "\n")))
		}
		_, err := fmt.Fprintln(out)
		return err
	})
}

// configPlace is how an error of release.yaml begins.
var configPlace = regexp.MustCompile("^" + regexp.QuoteMeta(app.ConfigFile) + `:([0-9]+):([0-9]+): `)

// harmless is a writer of what tools say: GitHub Actions takes no orders from it.
func harmless(out io.Writer) io.Writer {
	if !inActions() {
		return out
	}
	return report.HarmlessWriter{Out: out}
}

// table shows a table, under a title or "", and in the step summary too.
func (p *pipeline) table(title string, header []string, rows [][]string) {
	fmt.Fprintln(p.out)
	if title != "" {
		fmt.Fprintf(p.out, "%s:\n", title)
	}
	report.Table(p.out, header, rows)
	p.summary(func(out io.Writer) {
		if title != "" {
			fmt.Fprintf(out, "%s:\n\n", changelog.Escape(title))
		}
		escaped := make([][]string, len(rows))
		for i, row := range rows {
			for _, text := range row {
				escaped[i] = append(escaped[i], changelog.Cell(text))
			}
		}
		report.MarkdownTable(out, header, escaped)
		fmt.Fprintln(out)
	})
}

// summary adds to the step summary. That it can't is no reason to fail.
func (p *pipeline) summary(write func(io.Writer)) {
	if err := p.summarise(func(out io.Writer) error { write(out); return nil }); err != nil {
		p.log.Warn(err)
	}
}

// output gives a value to the steps and jobs that follow. It is of one line.
func (p *pipeline) output(name, value string) {
	if err := appendTo("GITHUB_OUTPUT", func(out io.Writer) error {
		_, err := fmt.Fprintf(out, "%s=%s\n", name, changelog.Plain(value))
		return err
	}); err != nil {
		p.log.Warnf("%s is not handed on: %v", name, err)
	}
}

// group folds the lines until its end; lines of several at a time are folded
// together.
func (p *pipeline) group(title string) (end func()) {
	if !inActions() {
		return func() {}
	}
	report.Group(p.out, title)
	return func() { report.EndGroup(p.out) }
}

// named is the name of the one step, or of what all of them are.
func named(all string, steps []app.Step) string {
	if len(steps) == 1 {
		return steps[0].Name
	}
	return all
}

// annotate annotates the findings of a target at their places.
func (p *pipeline) annotate(ctx context.Context, target string, findings []report.Finding) {
	if !inActions() || len(findings) == 0 {
		return
	}
	prefix, err := p.repo.Prefix(ctx)
	if err != nil {
		p.log.Warnf("%s: what it found is not annotated: %v", target, err)
		return
	}
	for _, finding := range findings {
		finding.Annotate(p.errs, target, prefix)
	}
}

// annotateCarriers annotates the places that carry another version.
func (p *pipeline) annotateCarriers(
	ctx context.Context,
	severity report.Severity,
	behind []app.VersionPlace,
	wanted string,
) {
	var findings []report.Finding
	for _, carrier := range behind {
		findings = append(findings, report.Finding{File: carrier.Path, Line: carrier.Line, Severity: severity,
			Message: fmt.Sprintf("it carries %s, and the version is %s", carrier.Version, wanted)})
	}
	p.annotate(ctx, "version", findings)
}

// failures are the failed tests of a suite as findings.
func (p *pipeline) failures(suite app.Step, results junit.Results) []report.Finding {
	var findings []report.Finding
	for _, failure := range results.Failures {
		finding := report.Finding{
			File:     suite.Directory,
			Severity: report.Error,
			Message:  failure.Test + ": " + failure.Message,
		}
		for _, place := range failure.Places {
			if file := p.ownFile(suite.Directory, place.File); file != "" {
				finding.File, finding.Line, finding.Column = file, place.Line, place.Column
				break
			}
		}
		findings = append(findings, finding)
	}
	return findings
}

// ownFile is a file of the app that a tool names by its path from where it ran,
// or from the root; "" when it is none, such as a package's.
func (p *pipeline) ownFile(directory, named string) string {
	for _, file := range []string{path.Join(directory, named), path.Clean(named)} {
		if info, err := os.Stat(
			p.source.Path(file),
		); err == nil && info.Mode().IsRegular() && !path.IsAbs(named) &&
			!strings.Contains(file, "node_modules/") {
			return file
		}
	}
	return ""
}
