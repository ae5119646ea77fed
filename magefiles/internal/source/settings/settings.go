// Package settings finds the settings of an app, in Python code, environment files and
// Docker Compose files, and describes how they changed between two releases.
package settings

import (
	"bufio"
	"bytes"
	"maps"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// Names are the environment variables that are read, each with the line, from 1, of the
// first place.
type Names map[string]int

// Add adds names found elsewhere; known names are kept.
func (n Names) Add(more Names) {
	for name, line := range more {
		if _, known := n[name]; !known {
			n[name] = line
		}
	}
}

// Without lists, sorted, the names that others does not have.
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
	readsEnvironment = pattern.Lazy(`\benviron(?:ment)?\b|\bgetenv\b|\bBaseSettings\b`)
	// os.environ["X"], environment.get("X"), getenv("X")
	direct = pattern.Lazy(
		`(?:\b(?:environ|environment|env)\s*(?:\[|\.\w+\()|\bgetenv\()\s*["']([A-Za-z_][A-Za-z0-9_]*)["']`,
	)
	// def seconds(name: a function whose body reads the environment, as in seconds("X")
	function = pattern.Lazy(`^(\s*)(?:async\s+)?def\s+(\w+)\s*\(`)
	call     = pattern.Lazy(`\b(\w+)\(\s*["']([A-Z][A-Z0-9_]*)["']`)
	// class Settings(BaseSettings): a class whose fields are variables.
	settingsClass = pattern.Lazy(`^(\s*)class\s+\w+\s*\([^)]*\bBaseSettings\b`)
	field         = pattern.Lazy(`^([a-z][a-z0-9_]*)\s*:\s*[^=\s]`)
	alias         = pattern.Lazy(`\b(?:env|alias|validation_alias)\s*=\s*["']([A-Za-z_][A-Za-z0-9_]*)["']`)
	prefix        = pattern.Lazy(`\benv_prefix["']?\s*[=:]\s*["'](\w*)["']`)
)

// Python finds the environment variables that Python code reads: through os.environ and
// os.getenv, through functions of the same file that use these, and as fields of
// pydantic's BaseSettings
// (https://docs.pydantic.dev/latest/concepts/pydantic_settings/). It only looks at the
// text, so it misses names that are computed at run time.
func Python(source []byte) Names {
	names := Names{}
	if !readsEnvironment().Match(source) {
		return names
	}
	code := withoutComments(source)
	for _, match := range direct().FindAllSubmatchIndex(code, -1) {
		names.Add(Names{string(code[match[2]:match[3]]): lineOf(code, match[2])})
	}
	reads := helpers(code)
	for _, match := range call().FindAllSubmatchIndex(code, -1) {
		if reads[string(code[match[2]:match[3]])] {
			names.Add(Names{string(code[match[4]:match[5]]): lineOf(code, match[4])})
		}
	}
	names.Add(fields(code))
	return names
}

func lineOf(source []byte, at int) int { return 1 + bytes.Count(source[:at], []byte("\n")) }

// withoutComments blanks out comment lines and the content of multi-line strings.
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

// helpers lists the functions whose bodies read the environment.
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
		if match := function().FindStringSubmatch(line); match != nil {
			around = append(around, open{match[2], len(match[1])})
			continue // default values are not variables
		}
		if len(around) > 0 && readsEnvironment().MatchString(line) {
			reads[around[len(around)-1].name] = true
		}
	}
	return reads
}

// fields returns the variables of the fields of settings classes.
func fields(code []byte) Names {
	names := Names{}
	var class *settingsFields
	for number, line := range numbered(code) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		if class != nil && indent(line) <= class.depth {
			names.Add(class.names())
			class = nil
		}
		if match := settingsClass().FindStringSubmatch(line); match != nil {
			class = &settingsFields{depth: len(match[1]), body: -1, own: Names{}, aliased: Names{}}
		} else if class != nil {
			class.take(number, line)
		}
	}
	if class != nil {
		names.Add(class.names())
	}
	return names
}

// settingsFields are the fields of one class.
type settingsFields struct {
	depth, body  int // indentation of the class and of its body
	prefix       string
	own, aliased Names // by field name, and by alias
}

func (f *settingsFields) take(number int, line string) {
	if f.body < 0 {
		f.body = indent(line)
	}
	if match := prefix().FindStringSubmatch(line); match != nil {
		f.prefix = strings.ToUpper(match[1])
	}
	match := field().FindStringSubmatch(strings.TrimLeft(line, " \t"))
	if match == nil || indent(line) != f.body || match[1] == "model_config" {
		return
	}
	if other := alias().FindStringSubmatch(line); other != nil {
		f.aliased.Add(Names{other[1]: number})
		return
	}
	f.own.Add(Names{strings.ToUpper(match[1]): number})
}

func (f *settingsFields) names() Names {
	names := maps.Clone(f.aliased)
	for name, number := range f.own {
		names.Add(Names{f.prefix + name: number})
	}
	return names
}

// assignment matches a line of an environment file; a line that is commented out shows
// a default.
var assignment = pattern.Lazy(`^\s*(?:#\s*)?(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=`)

// Dotenv finds the variables of an environment file such as .env.example.
func Dotenv(source []byte) Names {
	names := Names{}
	for number, line := range numbered(source) {
		if match := assignment().FindStringSubmatch(line); match != nil {
			names.Add(Names{match[1]: number})
		}
	}
	return names
}

// numbered yields the lines of a text with their numbers, from 1.
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
