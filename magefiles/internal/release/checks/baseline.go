package checks

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/work"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
)

// group is how a baseline counts findings. It has no line number, since that would change too often.
type group struct{ file, rule string }

func groupOf(finding report.Finding) group { return group{finding.File, cmp.Or(finding.Code, noRule)} }

// noRule stands for the rule of a finding that has none, such as a syntax error.
const noRule = "-"

// baseline is how many findings of each rule a check may have in each file.
type baseline map[group]int

// parseBaseline reads a baseline: a line for each rule in a file, with the number of
// findings, the rule and the file. Lines that begin with # are comments.
func parseBaseline(name string, data []byte) (baseline, error) {
	known := baseline{}
	number := 0
	for line := range bytes.Lines(data) {
		number++
		text := strings.TrimSpace(string(line))
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		fields := strings.SplitN(text, " ", 3)
		count, err := strconv.Atoi(fields[0])
		if err != nil || count < 1 || len(fields) < 3 {
			return nil, fmt.Errorf("%s:%d: %q is not a number, a rule and a file, such as: 2 F401 backend/app/main.py",
				name, number, text)
		}
		at := group{fields[2], fields[1]}
		if known[at] > 0 {
			return nil, fmt.Errorf("%s:%d: a line above has %s in %s, too; leave one of them",
				name, number, at.rule, at.file)
		}
		known[at] = count
	}
	return known, nil
}

// baselineOf returns the baseline for findings.
func baselineOf(findings []report.Finding) baseline {
	known := baseline{}
	for _, finding := range findings {
		known[groupOf(finding)]++
	}
	return known
}

// format returns the content of a baseline's file, sorted by file and rule.
func (b baseline) format(check string) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "# Known findings of %s: how many, of which rule, in which file.\n", check)
	for _, at := range slices.SortedFunc(maps.Keys(b), func(a, b group) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.rule, b.rule))
	}) {
		fmt.Fprintf(&out, "%d %s %s\n", b[at], at.rule, at.file)
	}
	return out.Bytes()
}

// tolerate marks the findings that are in the baseline. If a file has more findings of a rule than the baseline,
// nobody can tell which one is new, so none of them is marked. It returns how many findings are new, and how many
// are fixed.
func (b baseline) tolerate(findings []report.Finding) (added, fixed int) {
	now := baselineOf(findings)
	for i := range findings {
		if at := groupOf(findings[i]); now[at] <= b[at] {
			findings[i].Tolerated = report.Known
		}
	}
	for at, count := range now {
		added += max(0, count-b[at])
	}
	for at, count := range b {
		fixed += max(0, count-now[at])
	}
	return added, fixed
}

// compare compares the findings of a check with the baseline in the copy that was checked. With update, it removes
// fixed findings from the file in the user's checkout, or creates that file if it does not exist. It never adds a
// finding to a baseline.
func compare(place work.Place, check app.Step, checked *Checked, update bool) error {
	data, err := os.ReadFile(place.Source.Path(check.Baseline))
	if errors.Is(err, fs.ErrNotExist) {
		return create(place.App, check, checked, update)
	}
	if err != nil {
		return fmt.Errorf("%s: read the baseline: %w", check.Name, err)
	}
	known, err := parseBaseline(check.Baseline, data)
	if err != nil {
		return fmt.Errorf("%s: %w", check.Name, err)
	}
	added, fixed := known.tolerate(checked.Findings)
	switch {
	case added > 0:
		return exceeded(check, checked.Findings, added, update)
	case fixed > 0 && update:
		checked.Updated = fmt.Sprintf("removed %s from %s", count(fixed, "finding"), check.Baseline)
		return write(place.App, check, checked.Findings)
	}
	checked.Fixed = fixed
	return nil
}

// create writes the first baseline of a check, if the user asked for it.
func create(of *app.App, check app.Step, checked *Checked, update bool) error {
	found := count(len(checked.Findings), "finding")
	if _, err := os.Lstat(of.Path(check.Baseline)); err == nil {
		return fmt.Errorf("%s: git ignores the baseline %s, so a release does not have it: remove it from .gitignore",
			check.Name, check.Baseline)
	}
	if !update {
		return fmt.Errorf("%s: the baseline %s does not exist; to create it with today's %s: %s",
			check.Name, check.Baseline, found, updateCommand(check))
	}
	baselineOf(checked.Findings).tolerate(checked.Findings)
	checked.Updated = fmt.Sprintf("created %s with %s; commit it", check.Baseline, found)
	return write(of, check, checked.Findings)
}

// write writes findings as the baseline of a check.
func write(of *app.App, check app.Step, findings []report.Finding) error {
	file, err := of.Real(check.Baseline)
	if err == nil {
		err = os.WriteFile(of.Path(file), baselineOf(findings).format(check.Name), 0o644)
	}
	if err != nil {
		return fmt.Errorf("%s: write the baseline: %w", check.Name, err)
	}
	return nil
}

// exceeded returns the error of a check with findings that are not in its baseline.
func exceeded(check app.Step, findings []report.Finding, added int, update bool) error {
	candidates := slices.DeleteFunc(slices.Clone(findings), func(f report.Finding) bool { return f.Tolerated != "" })
	among := ""
	if added < len(candidates) {
		among = fmt.Sprintf(", among these %d", len(candidates))
	}
	kept := ""
	if update {
		kept = "\n  the baseline is unchanged: -update adds nothing to it; fix what is new first"
	}
	return fmt.Errorf("%s: %s not in %s%s:\n%s%s", check.Name, count(added, "finding"), check.Baseline, among,
		listed(candidates), kept)
}

// updateCommand returns the command that removes fixed findings from a baseline.
func updateCommand(check app.Step) string { return "lint -only=" + check.Name + " -update" }

// count formats a number and what is counted.
func count(number int, what string) string {
	if number == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", number, what)
}
