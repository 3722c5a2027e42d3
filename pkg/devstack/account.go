package devstack

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is the user a child runs as. PostgreSQL refuses to run as root.
type account struct {
	name     string
	uid, gid int
	dropped  bool // this process is root and the child is somebody else
}

// unprivileged is the present user, or, for root, "postgres", else "nobody".
func unprivileged() (account, error) {
	if os.Geteuid() != 0 {
		return account{name: "self", uid: os.Geteuid(), gid: os.Getegid()}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.Atoi(u.Uid)
		gid, err2 := strconv.Atoi(u.Gid)
		if err := errors.Join(err1, err2); err != nil || uid == 0 {
			continue
		}
		return account{name: name, uid: uid, gid: gid, dropped: true}, nil
	}
	return account{}, errors.New("postgresql does not run as root, and there is no user postgres or nobody to run it " +
		"as")
}

// attributes makes a child run as the account, without any supplementary group.
func (a account) attributes() *syscall.SysProcAttr {
	if !a.dropped {
		return &syscall.SysProcAttr{}
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{
		Uid: uint32(a.uid), Gid: uint32(a.gid), Groups: []uint32{uint32(a.gid)},
	}}
}

// own gives everything under root to the account.
func (a account) own(root string) error {
	if !a.dropped {
		return nil
	}
	return filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, a.uid, a.gid)
	})
}

// openPath lets the account walk down to dir: each parent that keeps others out gets the search bit
// (0700 becomes 0711; names stay unlisted, files keep their modes). Each such change is logged.
func (a account) openPath(dir string, logger *slog.Logger) error {
	if !a.dropped {
		return nil
	}
	for path := dir; path != filepath.Dir(path); path = filepath.Dir(path) {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o001 != 0 {
			continue
		}
		if err := os.Chmod(path, info.Mode().Perm()|0o011); err != nil {
			return fmt.Errorf("let %s pass through %s: %w", a.name, path, err)
		}
		logger.Info("directory opened for passage", "directory", path, "user", a.name)
	}
	return nil
}
