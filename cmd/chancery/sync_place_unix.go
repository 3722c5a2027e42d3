//go:build unix

package main

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// oursAlone reports whether a folder belongs to this account, and nobody else may write into it.
func oursAlone(folder os.FileInfo) bool {
	of, ok := folder.Sys().(*syscall.Stat_t)
	return ok && int(of.Uid) == os.Geteuid() && folder.Mode().Perm()&0o022 == 0
}

// move renames between two places that are held open. Both names are of the places themselves.
func move(from place, name string, to place, as string) error {
	a, err := from.Open(".")
	if err != nil {
		return err
	}
	defer a.Close()
	b, err := to.Open(".")
	if err != nil {
		return err
	}
	defer b.Close()
	err = unix.Renameat(int(a.Fd()), name, int(b.Fd()), as)
	if errors.Is(err, unix.EXDEV) {
		err = errors.New("they are on two disks")
	}
	if err != nil {
		return &os.LinkError{Op: "rename", Old: name, New: as, Err: err}
	}
	return nil
}
