//go:build unix && !linux

package run

import "syscall"

// ownGroup starts a command in its own process group, so that all of it can be stopped.
func ownGroup(syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
