package run

import "syscall"

// ownGroup starts a command in its own process group, so that all of it can be stopped,
// and has the kernel stop it when this process is killed.
func ownGroup(stop syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: stop}
}
