package work_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/work"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/snapshot"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/backend"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/tools"
)

// machine is a user's machine with one app.
type machine struct {
	home    string
	env     []string
	release work.Release
	view    snapshot.View
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	home := t.TempDir()
	return &machine{
		home: home, env: []string{"HOME=" + home, "PATH=" + filepath.Join(home, "bin"), "LANG=C"},
		release: work.Release{Files: []snapshot.File{
			{Path: "backend/main.py", Content: "100644 1"}, {Path: "frontend/App.tsx", Content: "100644 2"},
		}},
	}
}

func (m *machine) write(t *testing.T, file string) {
	t.Helper()
	path := filepath.Join(m.home, file)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte("x"), 0o755)); err != nil {
		t.Fatal(err)
	}
}

// file returns a change that makes a file below the user's folder.
func file(name string) func(*testing.T, *machine) {
	return func(t *testing.T, m *machine) { m.write(t, name) }
}

func newFile(_ *testing.T, m *machine) {
	m.release.Files = append(m.release.Files, snapshot.File{Path: "x"})
}

func (m *machine) key() string {
	runner := &run.Runner{Env: m.env, Out: io.Discard}
	kept := cache.Dir(filepath.Join(m.home, ".cache", "odin-release"))
	place := work.Place{Run: runner, Backend: backend.Toolchain{
		Cache: kept, Tools: tools.Tools{Run: runner, Cache: kept},
	}}
	release := work.Release{Files: m.release.Files, Conversion: m.release.Conversion} // as a new process makes it
	return place.Common(&release, m.view).Key()
}

// TestInputs changes what all steps depend on, one thing at a time.
func TestInputs(t *testing.T) {
	for name, change := range map[string]func(*testing.T, *machine){
		"content":              func(_ *testing.T, m *machine) { m.release.Files[0].Content = "100644 3" },
		"mode":                 func(_ *testing.T, m *machine) { m.release.Files[0].Content = "100755 1" },
		"a new file":           newFile,
		"a deleted file":       func(_ *testing.T, m *machine) { m.release.Files = m.release.Files[:1] },
		"a view":               func(_ *testing.T, m *machine) { m.view.Without = []string{"frontend"} },
		"history":              func(_ *testing.T, m *machine) { m.view.History = true },
		"a filter of git":      func(_ *testing.T, m *machine) { m.release.Conversion = "filter.git-crypt.smudge" },
		"a variable":           func(_ *testing.T, m *machine) { m.env = append(m.env, "A=b") },
		"a language":           func(_ *testing.T, m *machine) { m.env[2] = "LANG=de_DE" },
		"node":                 file("bin/node"),
		"python3":              file("bin/python3"),
		"python3.12":           file("bin/python3.12"),
		"a Python of uv":       file(".local/share/uv/python/cpython-3.12/bin/python"),
		"pyenv":                file(".pyenv/version"),
		"asdf":                 file(".tool-versions"),
		"npm":                  file(".npmrc"),
		"uv":                   file(".config/uv/uv.toml"),
		"git":                  file(".gitconfig"),
		"modules above a copy": file("node_modules/x/index.js"),
		"settings above":       file(".cache/odin-release/work/pyproject.toml"),
		"ignored files above":  file(".gitignore"),
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			before := m.key()
			if m.key() != before {
				t.Fatal("the same inputs have another key")
			}
			change(t, m)
			if m.key() == before {
				t.Error("the key is the same")
			}
		})
	}
}

// TestInputsOfNoStep changes what no step depends on.
func TestInputsOfNoStep(t *testing.T) {
	m := newMachine(t)
	m.view.Without = []string{"frontend"}
	before := m.key()
	m.release.Files[1].Content = "100644 9"
	m.env = append(m.env, "SHLVL=3", "COLUMNS=80")
	m.write(t, "notes.txt")
	if m.key() != before {
		t.Error("the key has changed")
	}
}

// TestViews leaves the other side of the app out.
func TestViews(t *testing.T) {
	config, err := app.Default(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range slices.Concat(config.Config.Checks, config.Config.Suites) {
		view := work.StepView(config.Config, step)
		onNode := slices.Contains([]string{"eslint", "tsc", "vitest"}, step.Kind)
		if view.Has("backend/app/main.py") == onNode || view.Has("frontend/src/App.tsx") != onNode ||
			!view.Has("README.md") || view.History {
			t.Errorf("%s works on %+v", step.Name, view)
		}
		step.Baseline = "frontend/known.txt"
		if view := work.StepView(config.Config, step); !view.Has(step.Baseline) {
			t.Errorf("%s does not see its baseline", step.Name)
		}
		step.Baseline = ""
		step.Inputs = []string{"frontend/src", "backend/app", ".git"}
		if view := work.StepView(config.Config, step); !view.Has("frontend/src/App.tsx") ||
			!view.Has("backend/app/main.py") || !view.History {
			t.Errorf("%s, which declares both sides, works on %+v", step.Name, view)
		}
	}
}
