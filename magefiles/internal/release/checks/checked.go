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

// Checked is what came of a check that could do its work.
type Checked struct {
	Findings []report.Finding  `json:"findings"`
	Fixed    int               `json:"fixed,omitempty"` // findings of the baseline that are no more
	Coverage frontend.Coverage `json:"coverage"`        // of ESLint
	Updated  string            `json:"-"`               // what became of the baseline, ""
}

// Result says in a few words how a check ended that did not fail: ok stands for one
// that found nothing.
func (c Checked) Result(ok string) string {
	if found := report.Tolerated(c.Findings, report.Advisory); found > 0 {
		return report.AdvisoryCount(found)
	}
	if known := report.Tolerated(c.Findings, report.Known); known > 0 {
		return ok + ", " + count(known, "known finding")
	}
	return ok
}

// Notes are what a person should know of a check, besides its findings.
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

// shownSkipped is how many files are named that a tool does not look at.
const shownSkipped = 3

// settle says what the findings of a check mean. ran is how its tool ended.
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
	case check.Advisory || check.Baseline != "": // the tool did not look at everything
		return ran
	case report.Errors(checked.Findings) > 0 && (ran == nil || ended(ran)):
		return Verdict(check, checked.Findings)
	}
	return ran
}

// foundSomething reports whether the error of a tool only says that it has findings.
// The tools that are known exit with 1 then.
func foundSomething(ran error) bool {
	var exited *run.Error
	return errors.As(ran, &exited) && exited.Cause == nil && exited.Code == 1
}

// ended reports whether a tool came to its end, whatever its exit code.
func ended(ran error) bool {
	var exited *run.Error
	return errors.As(ran, &exited) && exited.Cause == nil
}

// startFailed are the exit codes of a shell for a program that is missing or cannot be
// started (POSIX, 2.8.2 Exit Status for Commands); higher ones tell of a signal.
const startFailed = 126

// failedCommand makes a finding of the exit code of an advisory command, since that is
// all that a command says of what it found.
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
