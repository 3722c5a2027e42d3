package devstack

import "syscall"

// attributesWork tells whether the file system of dir keeps extended attributes.
func attributesWork(dir string) error {
	const name = "user.chancery.probe"
	if err := syscall.Setxattr(dir, name, []byte("1"), 0); err != nil {
		return err
	}
	return syscall.Removexattr(dir, name)
}
