package backend

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
)

// Locks returns the commands that make the locks of one app. Files and commands are
// relative to the app's root.
type Locks struct {
	// Read returns the content of a file, nil if it does not exist.
	Read func(file string) []byte
}

// locks returns the Locks of an app.
func locks(of *app.App) Locks {
	return Locks{Read: func(file string) []byte {
		data, err := os.ReadFile(of.Path(file))
		if err != nil {
			return nil
		}
		return data
	}}
}

// Source returns the file that a lock is compiled from: pyproject.toml beside it, or the .in file with its name.
func (l Locks) Source(lock string) string {
	input := strings.TrimSuffix(strings.TrimSuffix(lock, path.Ext(lock)), ".lock") + ".in"
	if project := path.Join(path.Dir(lock), "pyproject.toml"); l.Read(input) == nil && l.Read(project) != nil {
		return project
	}
	return input
}

// Command says how to make a requirements file. For a lock it is the command that
// compiles it from its source for a version of Python.
func (l Locks) Command(lock, python string) string {
	if path.Ext(lock) != ".lock" {
		return "create " + lock
	}
	source := l.Source(lock)
	command := CompileCommand(source, l.Developers(source, lock), python, lock)
	if l.Read(source) == nil {
		return fmt.Sprintf("list the packages in %s, then: %s", source, command)
	}
	return command
}

// Developers returns uv's arguments that add the development dependencies to a lock whose name says that it has
// them.
func (l Locks) Developers(source, lock string) []string {
	var project struct {
		Project struct {
			Extras map[string]any `toml:"optional-dependencies"`
		}
		Groups map[string]any `toml:"dependency-groups"`
	}
	if path.Base(source) != "pyproject.toml" || toml.Unmarshal(l.Read(source), &project) != nil {
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

// CompileCommand returns the command that compiles a lock from its source.
func CompileCommand(source string, selection []string, python, lock string) string {
	return "uv " + strings.Join(compileArgs(source, selection, python, lock), " ")
}

func compileArgs(source string, selection []string, python, lock string) []string {
	args := append([]string{"pip", "compile", source}, selection...)
	args = append(args, "--universal", "--generate-hashes", "--no-header")
	if python != "" {
		args = append(args, "--python-version", python)
	}
	return append(args, "-o", lock)
}

// ProjectCommand returns the command that makes a missing file of the project in a folder:
// pyproject.toml, uv.lock or poetry.lock.
func ProjectCommand(dir, file string) string {
	switch path.Base(file) {
	case "pyproject.toml":
		return "uv init " + dir
	case poetryLockFile:
		return "poetry --directory " + dir + " lock"
	}
	return "uv lock --project " + dir
}

// missing turns the error for a missing file of an environment into one that names it
// relative to the app and says how to make it.
func missing(of *app.App, environment app.Environment, err error) error {
	var failed *fs.PathError
	if !errors.Is(err, fs.ErrNotExist) || !errors.As(err, &failed) {
		return err
	}
	file := of.Rel(failed.Path)
	remedy := locks(of).Command(file, environment.Python)
	if environment.Project != "" {
		remedy = ProjectCommand(environment.Project, file)
	}
	return fmt.Errorf("%s does not exist; to make it: %s", file, remedy)
}

// missingVendor returns the error when the image's lock does not exist.
func missingVendor(vendor app.Vendor) error {
	if IsProjectLock(vendor.Lock) {
		return fmt.Errorf("the lock %s is missing; make it: %s", vendor.Lock,
			ProjectCommand(path.Dir(vendor.Lock), vendor.Lock))
	}
	return fmt.Errorf("the lock %s is missing; make it: %s", vendor.Lock,
		CompileCommand(vendor.Source, nil, vendor.Python, vendor.Lock))
}
