package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"chancery.example/gateway/pkg/disk"
)

// place is a folder that is held open: no link leads out of it, and nothing takes its place meanwhile.
type place struct{ *os.Root }

// stateFolder is where, in each of the two folders, stands what is known already, if --state names no other: on the
// disk of what is renamed, and hidden, which loaders leave alone.
const stateFolder = ".chancery"

// state is what sync keeps of one direction. Whoever writes into it acts as sync: it belongs to sync's account, and
// nobody else may write there.
type state struct {
	place
	in, out, markings place
}

// errNoFile says that something else than a file stands where a file is wanted: a link, a pipe, a folder.
var errNoFile = errors.New("no file")

func openPlace(path string) (place, error) {
	root, err := os.OpenRoot(path)
	return place{root}, err
}

// open opens a folder of a place, and no link to one.
func (p place) open(name string) (place, error) {
	path := filepath.Join(p.Name(), name)
	before, err := p.Lstat(name)
	if err != nil {
		return place{}, err
	}
	if !before.IsDir() {
		return place{}, fmt.Errorf("%s is no folder", printable(path))
	}
	root, err := p.OpenRoot(name)
	if err != nil {
		return place{}, err
	}
	if now, err := root.Stat("."); err != nil || !os.SameFile(before, now) {
		return place{}, errors.Join(fmt.Errorf("%s is not the folder that it was", printable(path)), err, root.Close())
	}
	return place{root}, nil
}

// made is open of a folder that may not be there yet.
func (p place) made(name string, mode os.FileMode) (place, error) {
	if err := p.Mkdir(name, mode); err != nil && !errors.Is(err, fs.ErrExist) {
		return place{}, err
	}
	return p.open(name)
}

// close lets go of what was opened.
func (p place) close() {
	if p.Root != nil {
		_ = p.Close() // nothing was written through it itself
	}
}

// keep writes a record whole and onto the disk, before what it announces is done.
func (p place) keep(name string, record any, mode os.FileMode) error {
	text, err := json.Marshal(record)
	if err != nil {
		return err
	}
	if err := disk.ReplaceIn(p.Root, name, append(text, '\n'), mode); err != nil {
		return err
	}
	return disk.SyncIn(p.Root)
}

// kept reads a record back; found is false where there is none.
func (p place) kept(name string, record any) (found bool, err error) {
	text, err := p.read(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := json.Unmarshal(text, record); err != nil {
		return false, fmt.Errorf("%s is not as sync wrote it: %w", printable(filepath.Join(p.Name(), name)), err)
	}
	return true, nil
}

// file opens a file, and waits for nobody: a link, a pipe and a folder are errNoFile.
func (p place) file(name string) (*os.File, int64, error) {
	before, err := p.Lstat(name)
	if err != nil {
		return nil, 0, err
	}
	if !before.Mode().IsRegular() {
		return nil, 0, fmt.Errorf("%s is %w", printable(name), errNoFile)
	}
	f, err := p.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, 0, err
	}
	now, err := f.Stat()
	if err != nil || !os.SameFile(before, now) {
		return nil, 0, errors.Join(fmt.Errorf("%s is %w any more", printable(name), errNoFile), err, f.Close())
	}
	return f, now.Size(), nil
}

func (p place) read(name string) ([]byte, error) {
	f, _, err := p.file(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	const most = 1 << 20
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && len(text) > most {
		err = fmt.Errorf("%s is larger than %d bytes", printable(name), most)
	}
	return text, err
}

func (p place) digest(name string) (string, error) {
	f, _, err := p.file(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	digest, _, err := digestOf(f)
	return digest, err
}

// absent reports whether nothing stands under a name.
func (p place) absent(name string) bool {
	_, err := p.Lstat(name)
	return errors.Is(err, fs.ErrNotExist)
}

// moved renames a file out of one place into another, if it is there.
func moved(from place, name string, to place, as string) error {
	if err := move(from, name, to, as); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// stateOf opens what is kept of a folder.
func (s *syncing) stateOf(folder place) (kept state, err error) {
	if s.state == "" {
		kept.place, err = folder.made(stateFolder, 0o700)
	} else {
		kept.place, err = openPlace(s.state)
	}
	if err != nil {
		return kept, err
	}
	info, err := kept.Stat(".")
	if err == nil && !oursAlone(info) {
		err = fmt.Errorf("%s belongs to another account, or others may write there: whoever can acts as sync. "+
			"Look at what stands in it, then give it to sync alone (chown, chmod go-w), or name another with --state",
			printable(kept.Name()))
	}
	for _, sub := range []struct {
		name string
		at   *place
	}{{"in", &kept.in}, {"out", &kept.out}, {"markings", &kept.markings}} {
		if err == nil {
			*sub.at, err = kept.made(sub.name, 0o700)
		}
	}
	if err != nil {
		kept.close()
	}
	return kept, err
}

func (k state) close() {
	for _, p := range []place{k.in, k.out, k.markings, k.place} {
		p.close()
	}
}

// plainName reports whether a name is that of something visible in a folder itself.
func plainName(name string) bool {
	return name != "" && name == filepath.Base(name) && !strings.HasPrefix(name, ".") &&
		!strings.ContainsAny(name, "/\\\x00")
}
