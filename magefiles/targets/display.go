package targets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/magefile/mage/mg"
	"github.com/sirupsen/logrus"
	"golang.org/x/term"

	"github.com/hughkantsime/odin-release/magefiles/internal/report/progress"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// logVariable asks for all output of all steps, if its value is fullLog.
const (
	logVariable = "LOG"
	fullLog     = "full"
)

// checkLogVariable refuses another value.
func checkLogVariable() error {
	if value := os.Getenv(logVariable); value != "" && value != fullLog {
		return fmt.Errorf("%s: unknown value %q, expected %s, which shows the output of all steps, or none",
			logVariable, value, fullLog)
	}
	return nil
}

// levels returns the values of LOG_LEVEL, from the fewest messages to the most.
func levels() string {
	names := make([]string, len(logrus.AllLevels))
	for i, level := range logrus.AllLevels {
		names[i] = level.String()
	}
	return strings.Join(names, ", ")
}

// newDisplay returns where a run is shown: in a terminal with a live region. GitHub Actions
// shows all output, and folds it.
func newDisplay(redactor *run.Redactor) *progress.Display {
	options := progress.Options{
		Out:    os.Stdout,
		Full:   inActions() || mg.Verbose() || os.Getenv(logVariable) == fullLog,
		Redact: redactor.Text,
	}
	if draws(os.Stdout) {
		options.Size = func() (columns, rows int) {
			columns, rows, err := term.GetSize(int(os.Stdout.Fd()))
			if err != nil || columns <= 0 || rows <= 0 { // a terminal may not know its size
				return 80, 24
			}
			return columns, rows
		}
	}
	return progress.New(options)
}

// saidByMage returns what Mage has written to the terminal when it cancelled a context: it does so for
// SIGINT, while another signal is the cause that the context has.
func saidByMage(ctx context.Context) string {
	if !errors.Is(context.Cause(ctx), context.Canceled) || !draws(os.Stderr) {
		return ""
	}
	return "cancelling mage targets, waiting up to 5 seconds for cleanup..."
}

// besides returns where errors are shown: above the live region where they would be in its way.
func besides(display *progress.Display) io.Writer {
	if display.Live() && draws(os.Stderr) {
		return display
	}
	return os.Stderr
}

// dumb reports whether a screen reader or an editor says that it cannot draw.
func dumb() bool { return os.Getenv("TERM") == "dumb" }

// draws reports whether a file is a terminal that can draw lines again.
func draws(file *os.File) bool {
	return !inActions() && !dumb() && term.IsTerminal(int(file.Fd()))
}

// coloured reports whether a person sees the output, in a terminal or on GitHub's page
// of a run, and wants it in colour (https://no-color.org).
func coloured() bool {
	return (inActions() || draws(os.Stdout)) && os.Getenv("NO_COLOR") == "" && !dumb()
}
