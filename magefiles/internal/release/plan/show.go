package plan

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/evidence"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// line is one decision, as a label and a text.
type line struct{ label, text string }

// decisions lists the plan's decisions in the order in which readers ask for them.
// Texts are plain, with code between backticks.
func (p Plan) decisions() []line {
	kind := "stable"
	if p.Prerelease {
		kind = "prerelease"
	}
	lines := []line{
		{"version", fmt.Sprintf("%s (%s), %s", p.Version, kind, p.Source)},
	}
	for _, reason := range p.Reasons {
		lines = append(lines, line{"because", reason})
	}
	lines = append(lines,
		line{"verdict", p.Verdict.Text},
	)
	if p.Hotfix != nil {
		lines = append(lines, p.Hotfix.decisions()...)
	}
	lines = append(lines,
		line{"commit", commitText(p)},
		line{"config", p.Configuration},
		line{"changes", changesText(p)},
		line{"latest", fmt.Sprintf("%s (by %s)", p.Latest.Text, p.Latest.By)},
	)
	if warning := p.Latest.Warning(); warning != "" {
		lines = append(lines, line{"", "WARNING: " + warning})
	}
	lines = append(lines, p.WayBack.lines(p.Baseline)...)
	lines = append(lines, line{"docs", docsText(p.Evidence.Docs)})
	if p.Approval != "" {
		lines = append(lines, line{"approval", "a person approves it before it is public, in the environment `" +
			p.Approval + "`"})
	}
	if len(p.VersionFiles) > 0 {
		lines = append(lines, line{"files", versionsText(p)})
	}
	return slices.DeleteFunc(lines, func(each line) bool { return each.text == "" })
}

func commitText(p Plan) string {
	text := git.Short(p.Commit) + " of " + p.CommitTime.Format("2006-01-02")
	if p.Branch != "" {
		text += " on " + p.Branch
	} else {
		text += ", HEAD detached"
	}
	if p.Repository != "" {
		text += ", " + p.Repository
	}
	if p.Dirty {
		text += "; the tree has changes that are not committed"
	}
	return text
}

func changesText(p Plan) string {
	people := len(p.People)
	text := count(p.Commits, "commit")
	if people > 0 {
		text += " by " + count(people, "contributor")
	}
	if p.Previous == "" {
		return text + "; no release before"
	}
	return text + " since " + p.Previous
}

func docsText(changed []string) string {
	if len(changed) == 0 {
		return "unchanged"
	}
	return "changed: " + List(changed, 3)
}

// List joins the first few names and says how many more there are.
func List(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

func versionsText(p Plan) string {
	behind := p.Behind()
	switch all := len(p.VersionFiles); {
	case len(behind) == 0 && all == 1:
		return "the version entry is " + p.Version
	case len(behind) == 0:
		return fmt.Sprintf("all %d version entries are %s", all, p.Version)
	}
	text := fmt.Sprintf("%d of %d version entries differ", len(behind), len(p.VersionFiles))
	if len(behind) == 1 {
		text += "s"
	}
	if p.Tagged {
		text = "WARNING: " + text + ", although " + p.Tag + " is tagged; the build will contain these versions"
	} else {
		text += " and will be updated"
	}
	return text + ": " + List(Places(behind), 6)
}

// Places lists each place of a version with the version found there.
func Places(places []app.VersionPlace) []string {
	list := make([]string, len(places))
	for i, place := range places {
		list[i] = fmt.Sprintf("%s:%d (%s)", place.Path, place.Line, place.Version)
	}
	return list
}

// WriteTerminal shows the plan as a person reads it in a terminal.
func (p Plan) WriteTerminal(out io.Writer) error {
	var text bytes.Buffer
	fmt.Fprintf(&text, "%s\n", p.Tag)
	for _, each := range p.decisions() {
		if each.label == "config" && p.Configuration != app.ConfigFile+notCommitted {
			continue // whoever gave it knows
		}
		if each.label == "verdict" && !p.Verdict.Holds {
			each.text = "WARNING: " + each.text
		}
		fmt.Fprintf(&text, "  %-9s %s\n", each.label, changelog.Plain(each.text))
	}
	if len(p.Evidence.Findings)+len(p.Evidence.Notices) > 0 {
		text.WriteString("\nWhat the changes ask for\n")
	}
	for _, finding := range p.Evidence.Findings {
		fmt.Fprintf(
			&text,
			"  %-6s %s (%s)\n",
			finding.Asks,
			changelog.Plain(finding.What),
			changelog.Plain(finding.Where),
		)
	}
	for _, notice := range p.Evidence.Notices {
		fmt.Fprintf(&text, "  %-6s %s\n", "?", changelog.Plain(notice))
	}
	if len(p.Evidence.Steps) > 0 {
		text.WriteString("\nHow to upgrade\n")
	}
	for i, step := range p.Evidence.Steps {
		fmt.Fprintf(&text, "  %d. %s\n", i+1, changelog.Plain(sentence(step)))
		for _, detail := range step.Details {
			fmt.Fprintf(&text, "     - %s\n", changelog.Plain(detail))
		}
		if step.Command != "" {
			fmt.Fprintf(&text, "     $ %s\n", changelog.Plain(step.Command))
		}
	}
	_, err := out.Write(text.Bytes())
	return err
}

func sentence(step evidence.Step) string {
	if step.Breaking {
		return "BREAKING: " + step.Text
	}
	return step.Text
}

// warnings returns the warnings that must stand out.
func (p Plan) warnings() []string {
	var list []string
	if !p.Verdict.Holds {
		list = append(list, p.Verdict.Text)
	}
	if warning := p.Latest.Warning(); warning != "" {
		list = append(list, warning)
	}
	if warning := p.WayBack.Warning(p.Baseline); warning != "" {
		list = append(list, warning)
	}
	if warning := p.Hotfix.Warning(); warning != "" {
		list = append(list, warning)
	}
	if p.Hotfix != nil && len(p.Hotfix.Refused) > 0 {
		list = append(list, "refused, more than a fix: "+strings.Join(p.Hotfix.Refused, ", "))
	}
	return list
}

// WriteMarkdown shows the plan as Markdown, for GitHub's step summary and for
// pull requests. sections and links are for the notes at its end.
func (p Plan) WriteMarkdown(out io.Writer, sections []changelog.Section, links changelog.Links) error {
	var text bytes.Buffer
	fmt.Fprintf(&text, "## Plan of %s\n\n", changelog.Escape(p.Tag))
	for _, warning := range p.warnings() {
		fmt.Fprintf(&text, "> [!WARNING]\n> %s\n\n", changelog.Escape(warning))
	}
	p.WriteDecisions(&text)
	p.WriteEvidence(&text)
	text.WriteString("<details><summary>Release notes</summary>\n\n")
	if err := p.WriteNotes(&text, sections, links); err != nil {
		return err
	}
	text.WriteString("\n</details>\n\n")
	_, err := out.Write(text.Bytes())
	return err
}

// WriteDecisions writes the version and why it is that one, as a Markdown table.
func (p Plan) WriteDecisions(out io.Writer) {
	fmt.Fprint(out, "| | |\n|---|---|\n")
	for _, each := range p.decisions() {
		fmt.Fprintf(out, "| %s | %s |\n", each.label, changelog.Cell(each.text))
	}
	fmt.Fprintln(out)
}

// WriteEvidence writes what the changes require as a Markdown section, or nothing if they require nothing.
func (p Plan) WriteEvidence(out io.Writer) {
	if len(p.Evidence.Findings)+len(p.Evidence.Notices) == 0 {
		return
	}
	fmt.Fprint(out, "### What the changes ask for\n\n| asks for | what | where |\n|---|---|---|\n")
	for _, finding := range p.Evidence.Findings {
		asks := finding.Asks.String()
		if finding.Asks == version.Major {
			asks = "**major**"
		}
		fmt.Fprintf(out, "| %s | %s | %s |\n", asks, changelog.Cell(finding.What), changelog.Cell(finding.Where))
	}
	for _, notice := range p.Evidence.Notices {
		fmt.Fprintf(out, "| ? | %s | |\n", changelog.Cell(notice))
	}
	fmt.Fprintln(out)
}

// WriteNotes writes the release notes, dist/notes.md: the steps of an upgrade, the
// changes, the contributors, and a link that compares with the previous release.
func (p Plan) WriteNotes(out io.Writer, sections []changelog.Section, links changelog.Links) error {
	if p.written != "" {
		_, err := io.WriteString(out, p.written)
		return err
	}
	notes := p.notes
	notes.Lead = upgradeText(p)
	return changelog.WriteNotes(out, notes, sections, links)
}

// upgradeText returns the section of the notes about the upgrade, or "" if it needs no steps.
func upgradeText(p Plan) string {
	if len(p.Evidence.Steps) == 0 {
		return ""
	}
	var text strings.Builder
	text.WriteString("## Upgrading\n\n")
	if p.Baseline != "" && p.Baseline != p.Previous {
		fmt.Fprintf(&text, "From %s:\n\n", changelog.Escape(p.Baseline))
	}
	for _, step := range p.Evidence.Steps {
		text.WriteString("- ")
		if step.Breaking {
			text.WriteString("**Breaking:** ")
		}
		fmt.Fprintf(&text, "%s\n", changelog.Escape(step.Text))
		for _, detail := range step.Details {
			fmt.Fprintf(&text, "  - %s\n", changelog.Escape(detail))
		}
		if step.Command != "" {
			fmt.Fprintf(&text, "\n  ```sh\n  %s\n  ```\n\n", changelog.Plain(step.Command))
		}
	}
	return strings.TrimRight(text.String(), "\n") + "\n\n"
}
