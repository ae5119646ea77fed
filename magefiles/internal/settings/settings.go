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
	readsEnvironment = regexp.MustCompile(`\benviron\b|\bgetenv\b|\bBaseSettings\b`)
	// os.environ["X"], environment.get("X"), getenv("X"), Field(env="X")
	direct = regexp.MustCompile(`(?:\b(?:environ|environment|env)\s*(?:\[|\.\w+\()|\bgetenv\(|\b(?:env|alias|validation_alias)\s*=)\s*["']([A-Za-z_][A-Za-z0-9_]*)["']`)
	// "X_Y": in a file that reads the environment, the name of a variable.
	quoted = regexp.MustCompile(`["']([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)["']`)
	// class Settings(BaseSettings): whose fields are variables.
	settingsClass = regexp.MustCompile(`^(\s*)class\s+\w+\s*\([^)]*\bBaseSettings\b`)
	field         = regexp.MustCompile(`^\s+([a-z][a-z0-9_]*)\s*:\s*[^=\s]`)
	prefix        = regexp.MustCompile(`\benv_prefix["']?\s*[=:]\s*["'](\w*)["']`)
)

// Python finds the environment variables that Python code reads: by os.environ
// and os.getenv, through helpers that are given a name, and as fields of
// pydantic's BaseSettings
// (https://docs.pydantic.dev/latest/concepts/pydantic_settings/). It looks at
// the text only, so it can miss what is put together at run time.
func Python(source []byte) Names {
	names := Names{}
	if !readsEnvironment.Match(source) {
		return names
	}
	before := ""
	if match := prefix.FindSubmatch(source); match != nil {
		before = strings.ToUpper(string(match[1]))
	}
	indent := -1 // of the settings class that we are in
	for number, line := range numbered(source) {
		trimmed := strings.TrimSpace(line)
		if trimmed == "" || strings.HasPrefix(trimmed, "#") {
			continue
		}
		for _, pattern := range []*regexp.Regexp{direct, quoted} {
			for _, match := range pattern.FindAllStringSubmatch(line, -1) {
				names.Add(Names{match[1]: number})
			}
		}
		depth := len(line) - len(strings.TrimLeft(line, " \t"))
		if class := settingsClass.FindStringSubmatch(line); class != nil {
			indent = len(class[1])
			continue
		}
		if indent >= 0 && depth <= indent {
			indent = -1
		}
		if match := field.FindStringSubmatch(line); indent >= 0 && match != nil && match[1] != "model_config" {
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
