//go:build unix && !linux

package run

import "syscall"

// ownGroup puts a command in a process group of its own, to be stopped whole.
func ownGroup(syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
