package step

import (
	"io/fs"
	"syscall"
)

func stampOf(info fs.FileInfo) stamp {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return stamp{}
	}
	return stamp{Inode: stat.Ino, Changed: stat.Ctim.Nano()}
}
