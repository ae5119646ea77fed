package report

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/sirupsen/logrus"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
)

// Screen is where a run shows what happens: the terminal and, in GitHub Actions,
// annotations, groups, outputs and the step summary
// (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands).
type Screen struct {
	Out     io.Writer // what is shown
	Errs    io.Writer // annotations, and what is not part of the result
	Log     *logrus.Logger
	Actions bool // whether GitHub Actions shows it

	// Width returns the columns of the terminal, or 0 where lines may be long. It may be nil.
	Width func() int

	// SummaryFile and OutputFile are the files that GitHub Actions reads the step's summary and outputs from; "" where
	// nobody does.
	SummaryFile, OutputFile string

	// Plain says that tables have no rules, which screen readers spell out.
	Plain bool

	// Prefix is what leads from the repository's root to the app's, for
	// annotations.
	Prefix func(context.Context) (string, error)
}

// Warn shows what must not be overlooked: as an annotation where GitHub Actions
// shows those.
func (s *Screen) Warn(title, text string) {
	if s.Actions {
		Annotate(s.Errs, Warning, title, text)
		return
	}
	s.Log.Warn(text)
}

// Table shows a table, under a title or "", and adds it to the step summary.
func (s *Screen) Table(title string, header []string, rows [][]string) {
	fmt.Fprintln(s.Out)
	if title != "" {
		fmt.Fprintf(s.Out, "%s:\n", title)
	}
	style := s.Style()
	style.Table(s.Out, header, Fit(header, rows, style.Width))
	s.Summary(func(out io.Writer) {
		if title != "" {
			fmt.Fprintf(out, "%s:\n\n", changelog.Escape(title))
		}
		escaped := make([][]string, len(rows))
		for i, row := range rows {
			for _, text := range row {
				escaped[i] = append(escaped[i], changelog.Cell(text))
			}
		}
		MarkdownTable(out, header, escaped)
		fmt.Fprintln(out)
	})
}

// Wrapped shows a table whose long cells are wrapped at words, and none of which is cut, as Wrap does.
func (s *Screen) Wrapped(header []string, rows [][]string) {
	style := s.Style()
	style.Table(s.Out, header, Wrap(header, rows, style.Width))
}

// Style returns how tables are drawn on this screen.
func (s *Screen) Style() Style {
	style := Style{Plain: s.Plain}
	if s.Width != nil {
		style.Width = s.Width()
	}
	return style
}

// Summary adds to the step summary of GitHub Actions, if there is one. Errors are
// ignored.
func (s *Screen) Summary(write func(io.Writer)) {
	if err := s.Summarize(func(out io.Writer) error { write(out); return nil }); err != nil {
		s.Log.Warn(err)
	}
}

// Summarize is Summary for what may fail.
func (s *Screen) Summarize(write func(io.Writer) error) error {
	if err := AppendTo(s.SummaryFile, write); err != nil {
		return fmt.Errorf("write the step summary: %w", err)
	}
	return nil
}

// Output passes a value, of one line, to the steps and jobs that follow.
func (s *Screen) Output(name, value string) {
	if err := AppendTo(s.OutputFile, func(out io.Writer) error {
		_, err := fmt.Fprintf(out, "%s=%s\n", name, changelog.Plain(value))
		return err
	}); err != nil {
		s.Log.Warnf("the output %s is not set: %v", name, err)
	}
}

// Group folds the lines until its end; lines of several at a time are folded
// together.
func (s *Screen) Group(title string) (end func()) {
	if !s.Actions {
		return func() {}
	}
	Group(s.Out, title)
	return func() { EndGroup(s.Out) }
}

// Annotate annotates the findings of a target at their places, except for those that a
// baseline has: GitHub shows few annotations, and new findings are to be among them.
func (s *Screen) Annotate(ctx context.Context, target string, findings []Finding) {
	if !s.Actions || len(findings) == 0 {
		return
	}
	prefix, err := s.Prefix(ctx)
	if err != nil {
		s.Log.Warnf("%s: its findings are not annotated: %v", target, err)
		return
	}
	for _, finding := range findings {
		if finding.Tolerated == Known {
			continue
		}
		finding.Annotate(s.Errs, target, prefix)
	}
}

// AppendTo adds to a file, unless its name is "".
func AppendTo(name string, write func(io.Writer) error) error {
	if name == "" {
		return nil
	}
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	return errors.Join(write(file), file.Close())
}
