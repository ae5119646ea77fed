// Package settings finds what can be set from outside an app, in Python code,
// environment files and Docker Compose files, and tells how that changed
// between two releases.
package settings

import (
	"bufio"
	"bytes"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Names are the environment variables that something reads, each with the
// line, from 1, of the first place.
type Names map[string]int

// Add adds the names of another place; those known already stay as they are.
func (n Names) Add(more Names) {
	for name, line := range more {
		if _, known := n[name]; !known {
			n[name] = line
		}
	}
}

// Without lists the names that others don't have, in order.
func (n Names) Without(others Names) []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(n)) {
		if _, there := others[name]; !there {
			list = append(list, name)
		}
	}
	return list
}

var (
	readsEnvironment = regexp.MustCompile(`\benviron(?:ment)?\b|\bgetenv\b|\bBaseSettings\b`)
	// os.environ["X"], environment.get("X"), getenv("X"), Field(env="X")
	direct = regexp.MustCompile(`(?:\b(?:environ|environment|env)\s*(?:\[|\.\w+\()|\bgetenv\(|\b(?:env|alias|validation_alias)\s*=)\s*["']([A-Za-z_][A-Za-z0-9_]*)["']`)
	// def seconds(name: whose body reads the environment: seconds("X")
	function = regexp.MustCompile(`^(\s*)(?:async\s+)?def\s+(\w+)\s*\(`)
	call     = regexp.MustCompile(`\b(\w+)\(\s*["']([A-Z][A-Z0-9_]*)["']`)
	// class Settings(BaseSettings): whose fields are variables.
	settingsClass = regexp.MustCompile(`^(\s*)class\s+\w+\s*\([^)]*\bBaseSettings\b`)
	field         = regexp.MustCompile(`^([a-z][a-z0-9_]*)\s*:\s*[^=\s]`)
	prefix        = regexp.MustCompile(`\benv_prefix["']?\s*[=:]\s*["'](\w*)["']`)
)

// Python finds the environment variables that Python code reads: by os.environ
// and os.getenv, through functions of the same file that do so, and as fields
// of pydantic's BaseSettings
// (https://docs.pydantic.dev/latest/concepts/pydantic_settings/). It looks at
// the text only, so it can miss what is put together at run time.
func Python(source []byte) Names {
	names := Names{}
	if !readsEnvironment.Match(source) {
		return names
	}
	code := withoutComments(source)
	for _, match := range direct.FindAllSubmatchIndex(code, -1) {
		names.Add(Names{string(code[match[2]:match[3]]): lineOf(code, match[2])})
	}
	reads := helpers(code)
	for _, match := range call.FindAllSubmatchIndex(code, -1) {
		if reads[string(code[match[2]:match[3]])] {
			names.Add(Names{string(code[match[4]:match[5]]): lineOf(code, match[4])})
		}
	}
	names.Add(fields(code))
	return names
}

func lineOf(source []byte, at int) int { return 1 + bytes.Count(source[:at], []byte("\n")) }

// withoutComments empties the lines that are comments, and what is in strings
// of several lines.
func withoutComments(source []byte) []byte {
	var code bytes.Buffer
	quote := ""
	for _, line := range numbered(source) {
		inside := quote != ""
		for _, mark := range []string{`"""`, "'''"} {
			if (quote == "" || quote == mark) && strings.Count(line, mark)%2 == 1 {
				inside = true
				if quote == "" {
					quote = mark
				} else {
					quote = ""
				}
			}
		}
		if !inside && !strings.HasPrefix(strings.TrimSpace(line), "#") {
			code.WriteString(line)
		}
		code.WriteByte('\n')
	}
	return code.Bytes()
}

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }

// helpers are the functions whose bodies read the environment.
func helpers(code []byte) map[string]bool {
	type open struct {
		name  string
		depth int
	}
	reads := map[string]bool{}
	var around []open
	for _, line := range numbered(code) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		for len(around) > 0 && indent(line) <= around[len(around)-1].depth {
			around = around[:len(around)-1]
		}
		if match := function.FindStringSubmatch(line); match != nil {
			around = append(around, open{match[2], len(match[1])})
			continue // default values are not what it reads
		}
		if len(around) > 0 && readsEnvironment.MatchString(line) {
			reads[around[len(around)-1].name] = true
		}
	}
	return reads
}

// fields are the variables that the fields of settings classes stand for.
func fields(code []byte) Names {
	names := Names{}
	before := ""
	if match := prefix.FindSubmatch(code); match != nil {
		before = strings.ToUpper(string(match[1]))
	}
	class, body := -1, -1 // how deep they are indented; -1 when we are in none
	for number, line := range numbered(code) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		if class >= 0 && indent(line) <= class {
			class = -1
		}
		switch match := settingsClass.FindStringSubmatch(line); {
		case match != nil:
			class, body = len(match[1]), -1
			continue
		case class < 0:
			continue
		case body < 0:
			body = indent(line)
		}
		if match := field.FindStringSubmatch(line[indent(line):]); match != nil && indent(line) == body && match[1] != "model_config" {
			names.Add(Names{before + strings.ToUpper(match[1]): number})
		}
	}
	return names
}

// assignment is a line of an environment file; commented out, it shows a
// default.
var assignment = regexp.MustCompile(`^\s*(?:#\s*)?(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=`)

// Dotenv finds the variables of an environment file such as .env.example.
func Dotenv(source []byte) Names {
	names := Names{}
	for number, line := range numbered(source) {
		if match := assignment.FindStringSubmatch(line); match != nil {
			names.Add(Names{match[1]: number})
		}
	}
	return names
}

// numbered gives the lines of a text with their numbers, from 1.
func numbered(source []byte) func(func(int, string) bool) {
	return func(yield func(int, string) bool) {
		scanner := bufio.NewScanner(bytes.NewReader(source))
		scanner.Buffer(nil, len(source)+1)
		for number := 1; scanner.Scan(); number++ {
			if !yield(number, scanner.Text()) {
				return
			}
		}
	}
}
