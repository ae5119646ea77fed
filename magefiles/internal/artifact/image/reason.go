package image

import (
	"regexp"
	"strings"
)

// dockerfileLine matches the place of an error as BuildKit prints it: Dockerfile:23.
var dockerfileLine = regexp.MustCompile(`^[\w./-]*Dockerfile[\w.-]*:[0-9]+$`)

// outputLines is how many lines of the failed instruction's output are shown.
const outputLines = 12

// reason finds in BuildKit's plain output why a build failed. It ends with the
// instruction that failed and the end of its output, between two rules, then its place
// in the Dockerfile, and the error:
//
//	------
//	 > [linux/amd64 build 3/4] RUN npm run build:
//	1.204 src/main.tsx(3,5): error TS2304: Cannot find name 'x'.
//	------
//	Dockerfile:23
//	--------------------
//	ERROR: failed to build: failed to solve: process "…" did not complete successfully: exit code: 2
func reason(output string) string {
	var instruction, place, failed string
	var said []string
	inside := false
	for line := range strings.Lines(output) {
		line = strings.TrimRight(line, "\r\n")
		text, isError := strings.CutPrefix(line, "ERROR: ")
		switch {
		case strings.HasPrefix(line, " > ["):
			instruction, said, inside = strings.TrimSuffix(strings.TrimPrefix(line, " > "), ":"), nil, true
		case line == "------":
			inside = false
		case inside:
			said = append(said, "  "+line)
		case dockerfileLine.MatchString(line):
			place = line + ": "
		case isError:
			failed = text
		}
	}
	if failed == "" {
		return ""
	}
	lines := said[max(0, len(said)-outputLines):]
	switch {
	case instruction != "":
		lines = append([]string{place + instruction}, lines...)
	default:
		failed = place + failed
	}
	return strings.Join(append(lines, failed), "\n")
}
