package app

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
)

func (c Config) validateStep(doc document, step Step, kinds []string) []error {
	var problems []error
	fail := func(key, format string, args ...any) {
		problems = append(problems, doc.errorAt(step.place+key, format, args...))
	}
	if step.Name == "" {
		fail("", "a check or suite needs a name")
		return problems
	}
	if !stepName().MatchString(step.Name) {
		fail(".name", "the name %q must be letters and digits, with parts joined by : or -", step.Name)
	}
	if step.Absent != "" {
		return problems
	}
	if !slices.Contains(kinds, step.Kind) {
		fail(".kind", "%s: unknown kind %q, expected one of %s", step.Name, step.Kind, strings.Join(kinds, ", "))
	}
	if step.Kind == "command" && len(step.Command) == 0 {
		fail("", "%s: kind command needs a command", step.Name)
	}
	if _, known := c.Environments[step.Environment]; step.needsPython() && !known {
		fail(".environment", "%s: unknown environment %q, known are %s", step.Name, step.Environment,
			strings.Join(slices.Sorted(maps.Keys(c.Environments)), ", "))
	}
	if problem := c.Build.Image.needed(step, kinds); problem != "" {
		fail(".needs", "%s: %s", step.Name, problem)
	}
	return problems
}

// needsPython reports whether a step needs a Python environment.
func (s Step) needsPython() bool {
	return slices.Contains([]string{"ruff", "mypy", "pytest"}, s.Kind) || s.Environment != ""
}

func duplicates(doc document, what string, steps []Step) error {
	seen := map[string]bool{}
	for _, step := range steps {
		if seen[step.Name] {
			return doc.errorAt(step.place+".name", "two %ss are called %q", what, step.Name)
		}
		seen[step.Name] = true
	}
	return nil
}

// unknownAbsent refuses entries that only say that a check or suite is absent, if none of
// the default ones has that name: it was mistyped, and the one that is meant would run.
func unknownAbsent(doc document, what string, base, own []Step) error {
	known := make([]string, len(base))
	for i, step := range base {
		known[i] = step.Name
	}
	var problems []error
	for _, step := range own {
		if step.Absent == "" || slices.Contains(known, step.Name) ||
			!reflect.DeepEqual(step, Step{Name: step.Name, Absent: step.Absent, place: step.place}) {
			continue
		}
		problems = append(problems, doc.errorAt(step.place+".name",
			"no default %s is called %q, so nothing is absent%s", what, step.Name, suggestion(step.Name, known)))
	}
	return errors.Join(problems...)
}

// sameFile refuses two names whose results would be written to the same file.
func sameFile(doc document, steps []Step) error {
	seen := map[string]string{}
	for _, step := range steps {
		file := FileName(step.Name)
		if other := seen[file]; other != "" && other != step.Name {
			return doc.errorAt(
				step.place+".name",
				"%s and %s would write their results to the same file: rename one of them",
				other,
				step.Name,
			)
		}
		seen[file] = step.Name
	}
	return nil
}
