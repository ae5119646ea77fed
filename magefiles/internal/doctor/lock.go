package doctor

import (
	"fmt"
	"path"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/hughkantsime/odin-release/magefiles/internal/backend"
)

// source is the file that a lock is compiled from: pyproject.toml beside it, or
// the .in file of its name.
func (e *examination) source(lock string) string {
	input := strings.TrimSuffix(strings.TrimSuffix(lock, path.Ext(lock)), ".lock") + ".in"
	if project := path.Join(path.Dir(lock), "pyproject.toml"); e.read(input) == nil && e.read(project) != nil {
		return project
	}
	return input
}

// lockCommand makes a requirements file: a lock from its source.
func (e *examination) lockCommand(lock, python string) string {
	if path.Ext(lock) != ".lock" {
		return "create " + lock
	}
	source := e.source(lock)
	command := compileCommand(source, e.developers(source, lock), python, lock)
	if e.read(source) == nil {
		return fmt.Sprintf("list the packages in %s, then: %s", source, command)
	}
	return command
}

// toolCommand adds a tool to a lock. Of a pyproject.toml it belongs to a group,
// since the image does not need it.
func (e *examination) toolCommand(lock, tool, python string) string {
	source := e.source(lock)
	selection := e.developers(source, lock)
	where := source
	if path.Base(source) == "pyproject.toml" && selection == nil {
		selection = []string{"--group", source + ":dev"}
		where = "dev under [dependency-groups] of " + source
	}
	return fmt.Sprintf("add %s to %s, then: %s", tool, where, compileCommand(source, selection, python, lock))
}

func compileCommand(source string, selection []string, python, lock string) string {
	args := append([]string{"uv", "pip", "compile", source}, selection...)
	args = append(args, "--universal", "--generate-hashes", "--no-header")
	if python != "" {
		args = append(args, "--python-version", python)
	}
	return strings.Join(append(args, "-o", lock), " ")
}

// developers are the arguments that add what developers need to a lock whose
// name says so.
func (e *examination) developers(source, lock string) []string {
	var project struct {
		Project struct {
			Extras map[string]any `toml:"optional-dependencies"`
		}
		Groups map[string]any `toml:"dependency-groups"`
	}
	if path.Base(source) != "pyproject.toml" || toml.Unmarshal(e.read(source), &project) != nil {
		return nil
	}
	for _, name := range []string{"dev", "test", "tests"} {
		if !strings.Contains(path.Base(lock), name) {
			continue
		}
		if project.Groups[name] != nil {
			return []string{"--group", source + ":" + name}
		}
		if project.Project.Extras[name] != nil {
			return []string{"--extra", name}
		}
	}
	return nil
}

// vendor looks at the lock of the image's Python dependencies.
func (e *examination) vendor() {
	vendor := e.App.Config.Build.Vendor
	if vendor.Absent != "" {
		return
	}
	const absent = "build: {vendor: {absent: why}}"
	command := compileCommand(vendor.Source, nil, vendor.Python, vendor.Lock)
	if reason := e.lacks(vendor.Source); reason != "" {
		e.add("build.vendor.source", "name another, or "+absent, "%s", reason)
		return
	}
	if reason := e.lacks(vendor.Lock); reason != "" {
		e.add("build.vendor.lock", command, "%s", reason)
		return
	}
	if _, err := backend.Pins(vendor.Lock, e.read(vendor.Lock)); err != nil {
		e.add("build.vendor.lock", command, "%v", err)
	}
}
