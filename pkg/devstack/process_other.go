//go:build !linux

package devstack

import "syscall"

// dieWithParent does nothing here: only Linux can tell a child that its parent was killed.
func dieWithParent(*syscall.SysProcAttr, syscall.Signal) {}
