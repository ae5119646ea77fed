package targets

import (
	"fmt"
	"os"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/report/progress"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// expect tells a display which steps of a target have not ended yet.
func expect(display *progress.Display, steps *step.Graph, target *step.Step) {
	var titles []string
	step.Walk(target, func(s *step.Step) {
		if _, ended := steps.Of(s); s.Work != nil && !ended {
			titles = append(titles, s.Title)
		}
	})
	display.Expect(titles...)
}

// reasonLines is how many lines the reasons of all failures take at most, so that they
// are on the screen together with what follows.
const reasonLines = 24

// failure returns the error of a run of a target: the errors of the steps that failed, shortened to
// fit on a screen, each with the file that has its output. If no step failed, it returns err.
func failure(of *app.App, steps *step.Graph, target *step.Step, err error) error {
	var failed []step.Outcome
	step.Walk(target, func(s *step.Step) {
		outcome, ran := steps.Of(s)
		if ran && s.Work != nil && outcome.State.Status == step.Failed && outcome.Err != nil {
			failed = append(failed, outcome)
		}
	})
	if err == nil || len(failed) == 0 {
		return err
	}
	var lines []string
	told := map[string]bool{}
	for _, outcome := range failed {
		if text := outcome.Err.Error(); !told[text] { // what two steps need has failed once for both
			told[text] = true
			if _, isLocal := outcome.Step.Work.(*step.Local); isLocal && !strings.Contains(text, outcome.Step.Title) {
				text = outcome.Step.Title + ": " + text
			}
			lines = append(lines, cut(text, max(3, reasonLines/len(failed)-1))...)
		}
		if file := of.Path(app.DistDir, logFile(outcome.Step.Title)); filled(file) {
			lines = append(lines, "  its output: "+nearby(file))
		}
	}
	if len(failed) > 1 {
		titles := make([]string, len(failed))
		for i, outcome := range failed {
			titles[i] = outcome.Step.Title
		}
		lines = append(lines, fmt.Sprintf("%d steps failed: %s", len(failed), strings.Join(titles, ", ")))
	}
	return shown{strings.Join(lines, "\n"), err}
}

// shown is an error with another text.
type shown struct {
	text  string
	cause error
}

func (s shown) Error() string { return s.text }

func (s shown) Unwrap() error { return s.cause }

// cut leaves so many lines of a text: its first, and its last ones, where tools say why
// they failed.
func cut(text string, most int) []string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if len(lines) <= most {
		return lines
	}
	return append([]string{lines[0], "  …"}, lines[len(lines)-most+2:]...)
}

func filled(file string) bool {
	info, err := os.Stat(file)
	return err == nil && info.Size() > 0
}
