package run

import "syscall"

// ownGroup puts a command in a process group of its own, to be stopped whole,
// and has the kernel stop it when this process is killed outright.
func ownGroup(stop syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: stop}
}
