package work

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/snapshot"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/tools"
)

// Inputs are those of each step that works on a view of the tree: the files of
// the view, the machine, the tools that it starts from, the environment that
// its tools are given, and this program.
func (p Place) Inputs(r *Release, view snapshot.View) step.Inputs {
	inputs := step.Inputs{}
	for _, file := range r.Files {
		if view.Has(file.Path) {
			inputs.File(file.Path, file.Content)
		}
	}
	if view.History {
		inputs.Config("commit", []string{r.Plan.Commit, r.Plan.Tag})
	}
	inputs.Tool("odin-release", Program())
	inputs.Tool("platform", runtime.GOOS+"/"+runtime.GOARCH)
	inputs.Tool("pinned tools", tools.Pins())
	for name, identity := range p.Backend.Tools.Identities() {
		inputs.Tool(name, identity)
	}
	for _, entry := range p.Run.Env {
		if name, value, _ := strings.Cut(entry, "="); !slices.Contains(run.Volatile, name) {
			inputs.Variable(name, value)
		}
	}
	for _, file := range userFiles(p.Run) {
		if data, err := os.ReadFile(file); err == nil {
			inputs["file "+file] = digest(data)
		}
	}
	return inputs
}

// userFiles are where a user configures the tools for all projects.
func userFiles(runner *run.Runner) []string {
	home, _ := os.UserHomeDir() // without one there are no such files
	config := runner.Getenv("XDG_CONFIG_HOME")
	if config == "" {
		config = filepath.Join(home, ".config")
	}
	return []string{
		filepath.Join(home, ".npmrc"), filepath.Join(config, "uv", "uv.toml"), filepath.Join(config, "pip", "pip.conf"),
		filepath.Join(home, ".pip", "pip.conf"), filepath.Join(config, "ruff", "ruff.toml"),
		filepath.Join(config, "ruff", "pyproject.toml"), filepath.Join(config, "mypy", "config"),
		filepath.Join(home, ".mypy.ini"),
	}
}

// Program tells this program from every other build of it.
func Program() string {
	path, err := os.Executable()
	if err != nil {
		return "unknown"
	}
	info, err := os.Stat(path)
	if err != nil {
		return "unknown"
	}
	return fmt.Sprintf("%d bytes of %d", info.Size(), info.ModTime().UnixNano())
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
