package image

import (
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// What BuildKit prints with --progress=plain: the lines of a build step, such as step 16, and the place of the last
// error in the Dockerfile.
var (
	stepFailed     = pattern.Lazy(`^#([0-9]+) ERROR: `)
	stepOutput     = pattern.Lazy(`^#([0-9]+) [0-9]+\.[0-9]+ (.*)`)
	dockerfileLine = pattern.Lazy(`^[\w./-]*Dockerfile[\w.-]*:[0-9]+$`)
)

// stackFrame matches a line of a JavaScript stack trace, and what Node.js prints around one.
var stackFrame = pattern.Lazy(
	`^\s*(at .*:[0-9]+:[0-9]+\)?( \{)?|errors: \[.*\]|[{}]|node:.*:[0-9]+|Node\.js v.*)$`,
)

// outputLines is how many lines of the failed instruction's output are shown.
const outputLines = 12

// reason finds in BuildKit's plain output why a build failed: the instruction, its place in
// the Dockerfile, the end of its own output, and BuildKit's error. BuildKit repeats only ten
// lines of the output at its end, which may be a stack trace, so they are taken from above:
//
//	#16 1.204 src/main.tsx(3,5): error TS2304: Cannot find name 'x'.
//	#16 ERROR: process "…" did not complete successfully: exit code: 2
//	------
//	 > [linux/amd64 build 3/4] RUN npm run build:
//	1.204 src/main.tsx(3,5): error TS2304: Cannot find name 'x'.
//	------
//	Dockerfile:23
//	--------------------
//	ERROR: failed to build: failed to solve: process "…" did not complete successfully: exit code: 2
func reason(output string) string {
	var instruction, place, step, failed string
	for line := range strings.Lines(output) {
		line = strings.TrimRight(line, "\r\n")
		switch found := stepFailed().FindStringSubmatch(line); {
		case found != nil && step == "": // other steps that fail were cancelled because of it
			step = found[1]
		case strings.HasPrefix(line, " > ["):
			instruction = strings.TrimSuffix(strings.TrimPrefix(line, " > "), ":")
		case dockerfileLine().MatchString(line):
			place = line + ": "
		case strings.HasPrefix(line, "ERROR: "):
			failed = strings.TrimPrefix(line, "ERROR: ")
		}
	}
	switch {
	case failed == "":
		return ""
	case instruction == "":
		return place + failed
	}
	return strings.Join(slices.Concat([]string{place + instruction}, said(output, step), []string{failed}), "\n")
}

// said returns the last lines that a build step printed, without stack traces.
func said(output, step string) []string {
	var lines []string
	for line := range strings.Lines(output) {
		found := stepOutput().FindStringSubmatch(run.Plain(strings.TrimRight(line, "\r\n")))
		if found != nil && found[1] == step && strings.TrimSpace(found[2]) != "" &&
			!stackFrame().MatchString(found[2]) {
			lines = append(lines, "  "+found[2])
		}
	}
	return lines[max(0, len(lines)-outputLines):]
}
