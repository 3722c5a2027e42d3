//go:build unix

package main

import (
	"os"
	"syscall"
)

// ours reports whether a file is one that this user made with that mode: owned by the user, under one name, and open to
// nobody beyond mode. A file of somebody else's would leave the document in their hands.
func ours(file os.FileInfo, mode os.FileMode) bool {
	of, ok := file.Sys().(*syscall.Stat_t)
	return ok && int(of.Uid) == os.Geteuid() && of.Nlink == 1 && file.Mode().Perm()&^mode == 0
}
