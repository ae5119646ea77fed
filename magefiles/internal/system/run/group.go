package run

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// killGroup kills the remaining processes in the process group of pid.
func killGroup(pid int) {
	// ESRCH is the normal answer: the group has no process left.
	_ = syscall.Kill(-pid, syscall.SIGKILL)
}

// lookPath finds an executable in a PATH that may differ from this process's own.
func lookPath(name, path string) string {
	if strings.ContainsRune(name, filepath.Separator) {
		return name
	}
	for _, dir := range filepath.SplitList(path) {
		candidate := filepath.Join(dir, name)
		if info, err := os.Stat(candidate); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return candidate
		}
	}
	return ""
}
