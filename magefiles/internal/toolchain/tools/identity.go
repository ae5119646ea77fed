package tools

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
)

// Identities identifies the versions of the machine's programs that the toolchains start. It does not run any of
// them.
func (t Tools) Identities() map[string]string {
	found := map[string]string{}
	for _, name := range []string{"node", "npm", "git"} {
		found[name] = t.Identity(name)
	}
	found["Python"] = t.Interpreters()
	found["version managers"] = t.chosen()
	return found
}

// Identity returns a program's path, size and modification time.
func (t Tools) Identity(name string) string {
	path, err := t.Run.Find(name)
	if err != nil {
		return "none"
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return "none"
	}
	info, err := os.Stat(path)
	if err != nil {
		return "none"
	}
	return fmt.Sprintf("%s, %d bytes of %d", path, info.Size(), info.ModTime().UnixNano())
}

// Interpreters identifies the set of Pythons that uv would choose from for an environment: those in PATH and its
// own.
func (t Tools) Interpreters() string {
	found := []string{t.Identity("python3"), t.chosen()}
	for minor := 8; minor < 20; minor++ {
		name := fmt.Sprintf("python3.%d", minor)
		if _, err := t.Run.Find(name); err == nil {
			found = append(found, t.Identity(name))
		}
	}
	own := t.Run.Getenv("UV_PYTHON_INSTALL_DIR")
	if own == "" {
		data := t.Run.Getenv("XDG_DATA_HOME")
		if data == "" {
			data = filepath.Join(t.Run.Getenv("HOME"), ".local", "share")
		}
		own = filepath.Join(data, "uv", "python")
	}
	entries, _ := os.ReadDir(own) // an error means that uv has none of its own
	for _, entry := range entries {
		found = append(found, entry.Name())
	}
	for _, dir := range slices.Sorted(maps.Keys(interpreters{t}.others())) {
		entries, _ := os.ReadDir(dir)
		for _, entry := range entries {
			found = append(found, filepath.Join(dir, entry.Name()))
		}
	}
	return strings.Join(found, "; ")
}

// chosen returns the settings of the user's version managers: their programs in PATH, such as pyenv's python3, are
// the same file whichever version they start.
func (t Tools) chosen() string {
	home := t.Run.Getenv("HOME")
	dir := func(variable, otherwise string) string {
		return cmp.Or(t.Run.Getenv(variable), filepath.Join(home, otherwise))
	}
	config := dir("XDG_CONFIG_HOME", ".config")
	var said []string
	for _, file := range []string{
		filepath.Join(dir("PYENV_ROOT", ".pyenv"), "version"),
		filepath.Join(dir("NODENV_ROOT", ".nodenv"), "version"),
		filepath.Join(dir("VOLTA_HOME", ".volta"), "tools", "user", "platform.json"),
		filepath.Join(home, ".tool-versions"),
		filepath.Join(home, ".python-version"), filepath.Join(home, ".node-version"), filepath.Join(home, ".nvmrc"),
		filepath.Join(config, "mise", "config.toml"),
		filepath.Join(home, ".mise.toml"), filepath.Join(home, "mise.toml"),
		filepath.Join(config, "uv", ".python-version"),
	} {
		if data, err := os.ReadFile(file); err == nil {
			said = append(said, file, string(data))
		}
	}
	if len(said) == 0 {
		return ""
	}
	return cache.Key(said...)
}
