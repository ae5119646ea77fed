package report

import (
	"fmt"
	"io"
	"strings"
)

// Annotate writes an annotation for GitHub Actions
// (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands)
// with a severity, a title and a text from any source.
func Annotate(out io.Writer, severity Severity, title, text string) {
	command(out, string(severity), text, [2]string{"title", title})
}

// Annotate writes the finding as an annotation at its place: as a warning if it is
// tolerated. title is the target that found it. prefix is the path from the repository's
// root to the app's, since GitHub knows files by their paths in the repository.
func (f Finding) Annotate(out io.Writer, title, prefix string) {
	properties := [][2]string{{"file", prefix + f.File}}
	for _, place := range []struct {
		name   string
		number int
	}{{"line", f.Line}, {"col", f.Column}} {
		if place.number <= 0 {
			break // a column needs a line
		}
		properties = append(properties, [2]string{place.name, fmt.Sprint(place.number)})
	}
	if f.Code != "" {
		title += " " + f.Code
	}
	severity := f.Severity
	if f.Tolerated != "" {
		title += " (" + string(f.Tolerated) + ")"
		severity = Warning
	}
	command(out, string(severity), f.Message, append(properties, [2]string{"title", title})...)
}

// Group starts a group of lines that GitHub Actions folds; EndGroup ends it.
func Group(out io.Writer, title string) { command(out, "group", title) }

// EndGroup ends the group that Group started.
func EndGroup(out io.Writer) { command(out, "endgroup", "") }

// Harmless removes the older form of workflow commands from a text, since a runner
// executes it anywhere in a line
// (https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs). The
// newer form only counts at the start of a line.
func Harmless(text string) string { return strings.ReplaceAll(text, "##[", "## [") }

// HarmlessWriter passes whole lines through Harmless.
type HarmlessWriter struct{ Out io.Writer }

// Write reports the length of its input as written.
func (h HarmlessWriter) Write(data []byte) (int, error) {
	if _, err := io.WriteString(h.Out, Harmless(string(data))); err != nil {
		return 0, err
	}
	return len(data), nil
}

// command writes a workflow command and keeps foreign text on its line.
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
