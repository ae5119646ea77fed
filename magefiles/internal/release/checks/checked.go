package checks

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/work"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/frontend"
)

// Checked is the result of a check whose tool was able to run.
type Checked struct {
	Findings []report.Finding  `json:"findings"`
	Fixed    int               `json:"fixed,omitempty"` // findings of the baseline that no longer exist
	Coverage frontend.Coverage `json:"coverage"`        // of ESLint
	Updated  string            `json:"-"`               // how the baseline was updated, or ""
}

// Result returns a few words on the result of a check that passed. ok is the result without findings.
func (c Checked) Result(ok string) string {
	if found := report.Tolerated(c.Findings, report.Advisory); found > 0 {
		return report.AdvisoryCount(found)
	}
	if known := report.Tolerated(c.Findings, report.Known); known > 0 {
		return ok + ", " + count(known, "known finding")
	}
	return ok
}

// Notes returns what a person should know about a check, besides its findings.
func (c Checked) Notes(check app.Step) []string {
	var notes []string
	if c.Fixed > 0 {
		notes = append(notes, fmt.Sprintf("fixed since %s was written: %s; to remove them from it: %s",
			check.Baseline, count(c.Fixed, "finding"), updateCommand(check)))
	}
	if c.Updated != "" {
		notes = append(notes, c.Updated)
	}
	if skipped := c.Coverage.Skipped; len(skipped) > 0 {
		shown := strings.Join(skipped[:min(shownSkipped, len(skipped))], ", ")
		if len(skipped) > shownSkipped {
			shown += ", …"
		}
		notes = append(notes, fmt.Sprintf("ESLint does not look at %d of %s: %s",
			len(skipped), count(c.Coverage.Sources, "source file"), shown))
	}
	return notes
}

// shownSkipped is how many of the files that a tool did not check are named.
const shownSkipped = 3

// settle decides what the findings of a check mean. ran is the error of its tool.
func settle(of work.Place, check app.Step, checked *Checked, ran error, update bool) error {
	explained := len(checked.Findings) > 0 && foundSomething(ran)
	switch {
	case check.Advisory && (ran == nil || explained):
		for i := range checked.Findings {
			checked.Findings[i].Tolerated = report.Advisory
		}
		return nil
	case check.Baseline != "" && (ran == nil || explained):
		return compare(of, check, checked, update)
	case check.Advisory || check.Baseline != "": // the tool did not check everything
		return ran
	case report.Errors(checked.Findings) > 0 && (ran == nil || ended(ran)):
		return Verdict(check, checked.Findings)
	}
	return ran
}

// foundSomething reports whether a tool's error only means that it has findings: the known tools then exit with 1.
func foundSomething(ran error) bool {
	var exited *run.Error
	return errors.As(ran, &exited) && exited.Cause == nil && exited.Code == 1
}

// ended reports whether a tool ran to its end, whatever its exit code.
func ended(ran error) bool {
	var exited *run.Error
	return errors.As(ran, &exited) && exited.Cause == nil
}

// startFailed is the lowest exit code of a shell for a program that is missing or cannot be started (POSIX, 2.8.2
// Exit Status for Commands). Higher ones mean that a signal ended it.
const startFailed = 126

// failedCommand turns the exit code of an advisory command into a finding, since a command says nothing else about
// what it found.
func failedCommand(check app.Step, ran error) ([]report.Finding, error) {
	var exited *run.Error
	if !check.Advisory || !errors.As(ran, &exited) || exited.Cause != nil {
		return nil, ran
	}
	if exited.Code < 1 || exited.Code >= startFailed {
		return nil, ran
	}
	message := fmt.Sprintf("%s exited with code %d", strings.Join(check.Command, " "), exited.Code)
	return []report.Finding{{File: app.ConfigFile, Severity: report.Error, Message: message}}, nil
}
