package image

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// stage is a stage of a Dockerfile (https://docs.docker.com/reference/dockerfile/), with what decides on which
// platform its instructions run.
type stage struct {
	name     string // as BuildKit displays it
	line     int    // of FROM
	base     string // an earlier stage, or an image
	platform string // of FROM --platform; "" means the image's platform
	packages bool   // whether it installs Python packages, which may be platform-specific
}

// instruction is an instruction of a Dockerfile. Its continuation lines and here-documents are joined.
type instruction struct {
	line       int
	name, args string
}

var (
	heredoc        = pattern.Lazy(`(?:^|[^<])<<-?["']?([A-Za-z_][A-Za-z0-9_]*)["']?`)
	platformFlag   = pattern.Lazy(`^--platform=(\S+)$`)
	pythonPackages = pattern.Lazy(
		`\bpip[0-9.]*\s+(install|wheel|sync)\b|\buv\s+(pip|sync)\b|\b(poetry|pdm|pipenv)\s+(install|sync)\b`,
	)
)

// parseStages parses the stages of a Dockerfile. It does not check the Dockerfile: BuildKit has already built it.
func parseStages(dockerfile string) []stage {
	var stages []stage
	for _, each := range parseInstructions(dockerfile) {
		switch {
		case each.name == "FROM":
			stages = append(stages, parseFrom(each, len(stages)))
		case each.name == "RUN" && len(stages) > 0 && pythonPackages().MatchString(each.args):
			stages[len(stages)-1].packages = true
		}
	}
	return stages
}

func parseFrom(from instruction, index int) stage {
	parsed := stage{name: fmt.Sprintf("stage-%d", index), line: from.line}
	fields := strings.Fields(from.args)
	for len(fields) > 0 && strings.HasPrefix(fields[0], "--") {
		if flag := platformFlag().FindStringSubmatch(fields[0]); flag != nil {
			parsed.platform = flag[1]
		}
		fields = fields[1:]
	}
	if len(fields) > 0 {
		parsed.base = fields[0]
	}
	if len(fields) == 3 && strings.EqualFold(fields[1], "AS") {
		parsed.name = strings.ToLower(fields[2])
	}
	return parsed
}

func parseInstructions(dockerfile string) []instruction {
	var found []instruction
	lines := strings.Split(dockerfile, "\n")
	for i := 0; i < len(lines); i++ {
		text := strings.TrimSpace(lines[i])
		if ignored(text) {
			continue
		}
		first := i + 1
		for strings.HasSuffix(text, `\`) && i+1 < len(lines) {
			i++
			if next := strings.TrimSpace(lines[i]); !ignored(next) {
				text = strings.TrimSuffix(text, `\`) + " " + next
			}
		}
		name, args, _ := strings.Cut(text, " ")
		name = strings.ToUpper(name)
		if name == "RUN" || name == "COPY" || name == "ADD" {
			for _, opened := range heredoc().FindAllStringSubmatch(args, -1) {
				length := heredocLength(lines[i+1:], opened[1])
				args += "\n" + strings.Join(lines[i+1:i+1+length], "\n")
				i += length
			}
		}
		found = append(found, instruction{first, name, strings.TrimSpace(args)})
	}
	return found
}

// ignored reports whether a line is empty or a comment. Between the lines of an
// instruction these neither belong to it nor end it.
func ignored(line string) bool { return line == "" || line[0] == '#' }

// heredocLength returns the number of lines up to the end of a here-document, or 0 if it does not end, so it was
// something else, such as a bit shift.
func heredocLength(lines []string, end string) int {
	return 1 + slices.IndexFunc(lines, func(line string) bool { return strings.TrimSpace(line) == end })
}

// upTo returns the stages up to the target, or all if no target is given.
func upTo(stages []stage, target string) []stage {
	at := slices.IndexFunc(stages, func(each stage) bool { return strings.EqualFold(each.name, target) })
	if target == "" || at < 0 {
		return stages
	}
	return stages[:at+1]
}

// builders returns the stages that run on the image's platform and from which files are only copied. It leaves out
// the last stage and the stages that it is based on, and stages that install Python packages: what they run must
// run on the image's platform. A stage that is based on another one has the line of that stage.
func builders(stages []stage) map[string]stage {
	found := map[string]stage{}
	if len(stages) == 0 {
		return found
	}
	final := chain(stages, len(stages)-1)
	for i, each := range stages {
		whole := chain(stages, i)
		if slices.ContainsFunc(whole, func(j int) bool {
			return slices.Contains(final, j) || stages[j].platform != "" || stages[j].packages
		}) {
			continue
		}
		each.line = stages[whole[len(whole)-1]].line
		found[each.name] = each
	}
	return found
}

// chain returns a stage, and the stages that it is based on.
func chain(stages []stage, i int) []int {
	whole := []int{i}
	for j := i - 1; j >= 0; j-- {
		if strings.EqualFold(stages[j].name, stages[i].base) {
			whole, i = append(whole, j), j
		}
	}
	return whole
}
