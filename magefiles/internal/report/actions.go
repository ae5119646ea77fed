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
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	fmt.Fprintf(out, "::%s title=%s::%s\n", severity, property.Replace(title), data.Replace(text))
}
