package run

import (
	"fmt"
	"slices"
	"strings"
)

// aimed are the variables that point git at one repository, whatever folder it runs in
// (git rev-parse --local-env-vars). Git sets them for hooks.
var aimed = []string{"GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_CONFIG", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT",
	"GIT_OBJECT_DIRECTORY", "GIT_DIR", "GIT_WORK_TREE", "GIT_IMPLICIT_WORK_TREE", "GIT_GRAFT_FILE", "GIT_INDEX_FILE",
	"GIT_NO_REPLACE_OBJECTS", "GIT_REPLACE_REF_BASE", "GIT_PREFIX", "GIT_SHALLOW_FILE", "GIT_COMMON_DIR"}

// Environ returns an environment without the variables that would point a command at
// another place than its working folder.
func Environ(env []string) []string {
	return Without(env, aimed...)
}

// Without returns an environment without some variables.
func Without(env []string, names ...string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.Contains(names, name)
	})
}

// Find returns the path of the named program in the runner's own PATH.
func (r *Runner) Find(name string) (string, error) {
	if path := lookPath(name, r.Getenv("PATH")); path != "" {
		return path, nil
	}
	return "", fmt.Errorf("%s is not in PATH", name)
}

// Getenv looks up key in the runner's base environment; the last value wins.
func (r *Runner) Getenv(key string) string { return getenv(r.Env, key) }

func getenv(env []string, key string) string {
	for _, entry := range slices.Backward(env) {
		if name, value, ok := strings.Cut(entry, "="); ok && name == key {
			return value
		}
	}
	return ""
}

// Volatile are variables that differ from one shell to the next and say
// nothing of what a tool should do. Tools are not given them.
var Volatile = []string{
	"_",
	"PWD",
	"OLDPWD",
	"SHLVL",
	"COLUMNS",
	"LINES",
	"WINDOWID",
	"TERM_SESSION_ID",
	"SHELL_SESSION_ID",
	"SSH_CLIENT",
	"SSH_CONNECTION",
	"SSH_TTY",
	"TMUX",
	"TMUX_PANE",
	"STY",
	"XDG_SESSION_ID",
	"INVOCATION_ID",
	"JOURNAL_STREAM",
	"MAGEFILE_VERBOSE",
	"MAKEFLAGS",
	"MAKELEVEL",
	"ODIN_TESTBED",
}
