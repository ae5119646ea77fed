package backend

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/download"
)

// The file names of project locks.
const (
	uvLockFile     = "uv.lock"
	poetryLockFile = "poetry.lock"
)

// ProjectLock returns the lock of the project in a folder: uv.lock or, if it only has that, poetry.lock. exists
// reports whether the app has a file.
func ProjectLock(dir string, exists func(file string) bool) string {
	lock := path.Join(dir, poetryLockFile)
	if exists(lock) && !exists(path.Join(dir, uvLockFile)) {
		return lock
	}
	return path.Join(dir, uvLockFile)
}

// IsProjectLock reports whether a lock is that of a uv or Poetry project, not a
// requirements file.
func IsProjectLock(lock string) bool {
	return path.Base(lock) == uvLockFile || path.Base(lock) == poetryLockFile
}

func projectLock(of *app.App, dir string) string {
	return ProjectLock(dir, func(file string) bool {
		_, err := os.Stat(of.Path(file))
		return err == nil
	})
}

// projects installs and exports the projects of uv and Poetry.
type projects struct{ Toolchain }

// poetry runs Poetry on the project of a lock.
func (t projects) poetry(ctx context.Context, target, lock string, args ...string) error {
	bin, err := t.Tools.Poetry(ctx, target)
	if err != nil {
		return err
	}
	_, err = t.Run.Run(ctx, run.Command{
		For: target, Dir: t.App.Path(path.Dir(lock)), Quiet: true, Log: true, Timeout: 5 * time.Minute,
		Args: append([]string{filepath.Join(bin, "poetry"), "--no-ansi"}, args...),
		Env: []string{"POETRY_VIRTUALENVS_CREATE=false", "POETRY_NO_INTERACTION=1", "VIRTUAL_ENV=",
			"POETRY_CACHE_DIR=" + t.Cache.Path("poetry")},
	})
	return err
}

// exportPoetry writes the packages of a poetry.lock to a requirements file with hashes
// (https://github.com/python-poetry/poetry-plugin-export) and without addresses. It first checks that the lock
// matches its pyproject.toml, without contacting an index.
func (t projects) exportPoetry(ctx context.Context, target, lock, to string, selection ...string) error {
	if err := t.poetry(ctx, target, lock, "check", "--lock"); err != nil {
		var failed *run.Error
		if !errors.As(err, &failed) || failed.Cause != nil {
			return err
		}
		return fmt.Errorf("%s does not fit its pyproject.toml: %w\nUpdate it: poetry --directory %s lock",
			lock, err, path.Dir(lock))
	}
	return t.poetry(ctx, target, lock, append([]string{"export", "--without-urls", "--output", to}, selection...)...)
}

// installPoetry installs a Poetry project and all of its groups, as poetry install does:
// the packages by the hashes of its lock, and the project itself in place.
func (t projects) installPoetry(ctx context.Context, target, uv, dir, lock string) error {
	requirements := filepath.Join(dir, "requirements.txt")
	if err := t.exportPoetry(ctx, target, lock, requirements, "--all-groups"); err != nil {
		return err
	}
	if err := t.pip(ctx, target, uv, dir, "--require-hashes", "-r", requirements); err != nil {
		return err
	}
	project := path.Dir(lock)
	data, err := os.ReadFile(t.App.Path(project, "pyproject.toml"))
	if err != nil || !isPackage(data) {
		return err
	}
	if err := t.pip(ctx, target, uv, dir, "--no-deps", "--editable", t.App.Path(project)); err != nil {
		return fmt.Errorf("%w\nif %s is not a package, say so there: package-mode = false under [tool.poetry]",
			err, path.Join(project, "pyproject.toml"))
	}
	return nil
}

// isPackage reports whether Poetry installs a project itself
// (https://python-poetry.org/docs/basic-usage/#operating-modes).
func isPackage(data []byte) bool {
	var project struct {
		Tool struct {
			Poetry struct {
				PackageMode *bool `toml:"package-mode"`
			}
		}
	}
	err := toml.Unmarshal(data, &project)
	return err != nil || project.Tool.Poetry.PackageMode == nil || *project.Tool.Poetry.PackageMode
}

// install installs the uv or Poetry project in a folder of the app.
func (t projects) install(ctx context.Context, target, uv, dir, project string) error {
	lock := projectLock(t.App, project)
	if path.Base(lock) == poetryLockFile {
		return t.installPoetry(ctx, target, uv, dir, lock)
	}
	elsewhere, err := t.checkUV(ctx, target, uv, lock)
	if err != nil {
		return err
	}
	if elsewhere {
		return t.installUV(ctx, target, uv, dir, lock)
	}
	_, err = t.Run.Run(ctx, run.Command{
		For: target, Dir: t.App.Root, Quiet: true, Log: true, Timeout: 10 * time.Minute,
		Args: []string{uv, "sync", "--locked", "--project", t.App.Path(project)},
		Env: []string{
			"UV_PROJECT_ENVIRONMENT=" + filepath.Join(dir, "venv"), "UV_LINK_MODE=copy", "VIRTUAL_ENV=",
		},
		Line: download.Show(ctx, download.UV()), Reason: download.WithoutProgress,
	})
	return err
}

// exportUV checks a uv.lock, and writes the dependencies of its projects, without their development groups, to a
// requirements file.
func (t projects) exportUV(ctx context.Context, target, uv, lock, to string) error {
	if _, err := t.checkUV(ctx, target, uv, lock); err != nil {
		return err
	}
	return t.requirementsOfUV(ctx, target, uv, lock, to, "--no-default-groups")
}

// uv runs a command of uv.
func (t Toolchain) uv(ctx context.Context, target string, args ...string) error {
	// uv warns if it cannot make hard links between file systems; with copies, it does not.
	_, err := t.Run.Run(ctx, run.Command{For: target, Args: args, Dir: t.App.Root, Quiet: true, Log: true,
		Timeout: 10 * time.Minute, Env: []string{"UV_LINK_MODE=copy", "VIRTUAL_ENV="},
		Line: download.Show(ctx, download.UV()), Reason: download.WithoutProgress})
	return err
}

// pip installs into the environment in a folder.
func (t Toolchain) pip(ctx context.Context, target, uv, dir string, args ...string) error {
	python := filepath.Join(dir, "venv", "bin", "python")
	return t.uv(ctx, target, append([]string{uv, "pip", "install", "--python", python}, args...)...)
}

// poetryLocked is the part of poetry.lock that says what a project installs: groups since
// version 2.1 of the format, a category before 2.0.
type poetryLocked struct {
	Package []struct {
		Name, Version, Category string
		Groups                  []string
		Source                  struct{ Type string }
		Files                   []lockedFile
	}
}

// lockedPoetry reads a poetry.lock. main reports whether a package is needed outside of development; known is false
// if the lock does not say so for any package.
func lockedPoetry(file string, data []byte) (list []poetryPackage, known bool, err error) {
	var lock poetryLocked
	if err := toml.Unmarshal(data, &lock); err != nil {
		return nil, false, fmt.Errorf("read what %s pins: %w", file, err)
	}
	for _, each := range lock.Package {
		known = known || len(each.Groups) > 0 || each.Category != ""
		main := each.Category == "main" || strings.Contains(" "+strings.Join(each.Groups, " ")+" ", " main ")
		local := each.Source.Type == "directory" || each.Source.Type == "file"
		list = append(list, poetryPackage{normalised(each.Name), each.Version, main, local, sumsOf(each.Files)})
	}
	return list, known, nil
}

// poetryPackage is a package of a poetry.lock.
type poetryPackage struct {
	name, version string
	main, local   bool
	sums          []string // of the files that may be installed
}
