package app

import (
	"fmt"
	"slices"
	"strings"
)

// imageNeed is the need of a suite that tests a started image.
const imageNeed = "image"

// NeedsImage reports whether a suite tests the image of the build.
func (s Step) NeedsImage() bool { return slices.Contains(s.Needs, imageNeed) }

// ImageSuites returns the suites that test the built image.
func ImageSuites(config Config) []Step {
	return slices.DeleteFunc(slices.Clone(config.Suites), func(suite Step) bool { return !suite.NeedsImage() })
}

// OtherSuites returns the suites that need no image. They run before the build.
func OtherSuites(config Config) []Step {
	return slices.DeleteFunc(slices.Clone(config.Suites), Step.NeedsImage)
}

// needed returns what is wrong with the needs of a check or suite, or "". kinds are the possible kinds of the step.
func (i Image) needed(step Step, kinds []string) string {
	for _, need := range step.Needs {
		if !slices.Contains(append(services, imageNeed), need) {
			return fmt.Sprintf("unknown service %q, known are %s, %s", need, strings.Join(services, ", "), imageNeed)
		}
	}
	switch {
	case !step.NeedsImage():
		if step.Kind == "playwright" {
			return "a browser visits a started app: needs: [image]"
		}
	case !slices.Contains(kinds, "pytest"):
		return "checks run before the image is built; make it a suite"
	case step.Kind == "contract":
		return "the contract is compared without the image; leave the need out"
	case i.Absent != "":
		return "there is no image (" + i.Absent + ")"
	}
	return ""
}

// NeedsPostgresql reports whether a suite needs a database server.
func (c Config) NeedsPostgresql() bool {
	return slices.ContainsFunc(
		c.Suites,
		func(suite Step) bool { return suite.Absent == "" && slices.Contains(suite.Needs, "postgresql") },
	)
}

// NeedsPython reports whether anything runs with Python, including the set-up of Node.js.
func (c Config) NeedsPython() bool {
	return c.NeedsNode() || c.Build.Vendor.Absent == "" || c.Contract.Absent == "" ||
		slices.ContainsFunc(c.commands(), func(step Step) bool { return step.needsPython() })
}

// Tools returns the programs of the machine that commands run, each once.
func (c Config) Tools() []string {
	var tools []string
	for _, step := range c.commands() {
		tools = append(tools, step.Tools...)
		if program := step.program(); program != "" {
			tools = append(tools, program)
		}
	}
	slices.Sort(tools)
	return slices.Compact(tools)
}

// program returns the program of a command that must be on the machine, or "" if it is a file, or may be in a Python
// environment or in the step's own PATH.
func (s Step) program() string {
	_, ownPath := s.Env["PATH"]
	if s.Kind != "command" || len(s.Command) == 0 || s.Environment != "" || ownPath ||
		strings.Contains(s.Command[0], "/") {
		return ""
	}
	return s.Command[0]
}

// commands returns the app's checks, suites and commands of build.files.
func (c Config) commands() []Step {
	steps := slices.Concat(c.Checks, c.Suites)
	for _, files := range c.Build.Files {
		steps = append(steps, files.Step())
	}
	return slices.DeleteFunc(steps, func(step Step) bool { return step.Absent != "" })
}

// NeedsNode reports whether anything runs with Node.js.
func (c Config) NeedsNode() bool {
	return c.Build.Frontend.Absent == "" ||
		slices.ContainsFunc(slices.Concat(c.Checks, c.Suites), func(step Step) bool {
			return step.Absent == "" && slices.Contains([]string{"eslint", "tsc", "vitest", "playwright"}, step.Kind)
		})
}
