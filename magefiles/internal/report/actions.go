package report

import (
	"fmt"
	"io"
	"strings"
)

// Annotate writes an annotation for GitHub Actions
// (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands):
// severity, title and text, which may be foreign.
func Annotate(out io.Writer, severity Severity, title, text string) {
	command(out, string(severity), text, [2]string{"title", title})
}

// Annotate writes the finding as an annotation at its place. title is the
// target that found it, and prefix what leads from the repository's root to the
// app's: GitHub knows files by their paths in the repository.
func (f Finding) Annotate(out io.Writer, title, prefix string) {
	properties := [][2]string{{"file", prefix + f.File}}
	for _, place := range []struct {
		name   string
		number int
	}{{"line", f.Line}, {"col", f.Column}} {
		if place.number <= 0 {
			break // a column is one of a line
		}
		properties = append(properties, [2]string{place.name, fmt.Sprint(place.number)})
	}
	if f.Code != "" {
		title += " " + f.Code
	}
	command(out, string(f.Severity), f.Message, append(properties, [2]string{"title", title})...)
}

// Group begins a group of lines that GitHub Actions folds; EndGroup ends it.
func Group(out io.Writer, title string) { command(out, "group", title) }

// EndGroup ends what Group began.
func EndGroup(out io.Writer) { command(out, "endgroup", "") }

// Harmless is text without the older form of a workflow command, which a runner
// obeys anywhere in a line
// (https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs).
// The newer one counts only where a line begins.
func Harmless(text string) string { return strings.ReplaceAll(text, "##[", "## [") }

// HarmlessWriter writes what it is given, which are whole lines, as Harmless
// makes it.
type HarmlessWriter struct{ Out io.Writer }

// Write counts what it was given as written.
func (h HarmlessWriter) Write(data []byte) (int, error) {
	if _, err := io.WriteString(h.Out, Harmless(string(data))); err != nil {
		return 0, err
	}
	return len(data), nil
}

// command writes a workflow command. What is foreign in it stays on its line.
func command(out io.Writer, name, text string, properties ...[2]string) {
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	list := make([]string, len(properties))
	for i, each := range properties {
		list[i] = each[0] + "=" + property.Replace(each[1])
	}
	if len(list) > 0 {
		name += " " + strings.Join(list, ",")
	}
	fmt.Fprintf(out, "::%s::%s\n", name, data.Replace(text))
}
