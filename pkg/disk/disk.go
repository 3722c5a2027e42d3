// Package disk puts files into the place of others, whole: whoever looks sees the one that was there or the new one,
// and after a crash one of the two is there.
package disk

import (
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
)

// Replace makes content appear under path, in the place of what is there, for its owner alone (0600). It is on the disk
// before it has its name; that the name lasts takes SyncFolder.
func Replace(path string, content []byte) error {
	return Make(path, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// Make is Replace of what to writes. Where to fails, what was under path stays, and nothing else is left.
func Make(path string, to func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // nothing is there any more after the rename
	if err := errors.Join(to(f), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// SyncFolder makes what was made, renamed or removed in a folder last.
func SyncFolder(dir string) error { return last(func() (*os.File, error) { return os.Open(dir) }) }

// SyncIn is SyncFolder of one that is held open.
func SyncIn(folder *os.Root) error { return last(func() (*os.File, error) { return folder.Open(".") }) }

func last(open func() (*os.File, error)) error {
	if runtime.GOOS == "windows" { // which has no such thing; its renames last
		return nil
	}
	f, err := open()
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// ReplaceIn is Replace below a folder that is held open, out of which no link leads; mode is the file's, less the
// umask.
func ReplaceIn(folder *os.Root, name string, content []byte, mode os.FileMode) error {
	hidden := filepath.Join(filepath.Dir(name), ".new-"+rand.Text())
	f, err := folder.OpenFile(hidden, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	defer folder.Remove(hidden) // nothing is there any more after the rename
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return folder.Rename(hidden, name)
}
