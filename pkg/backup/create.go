package backup

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"time"

	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/vault"
)

// Config says what is backed up, and where to. Previous and Configured may be left out.
type Config struct {
	Dir string // does not exist yet
	// Previous is an earlier backup of the same log on the same file system: what it holds is linked and not fetched
	// again, so an object lies there once however many backups hold it.
	Previous   string
	Database   string // postgres://…, of a login that may read everything
	Objects    Objects
	Signer     note.Signer
	Verifier   note.Verifier
	Build      string
	Configured map[string]string
	Now        func() time.Time
}

// Made is what was written.
type Made struct {
	Manifest
	Linked    int64 // objects of the previous backup
	Missing   int64 // objects that the store does not hold whole
	Destroyed int64 // versions that two people destroyed meanwhile
}

// ErrPrevious says that nothing can be taken over from Previous: it is not whole, or another key signed it.
var ErrPrevious = errors.New("the previous one")

// list is where the objects stand before they were copied.
const list = "objects.wanted"

// Create writes a backup. It alters nothing of the gateway's and may run beside it. On error nothing is under Dir.
// What the store no longer holds whole does not end it: that is when the rest is wanted. It is counted, and Verify says
// which.
func Create(ctx context.Context, c Config) (Made, error) {
	if _, err := os.Lstat(c.Dir); !errors.Is(err, os.ErrNotExist) {
		return Made{}, fmt.Errorf("backup: %s stands already: each backup is a directory of its own", c.Dir)
	}
	partial := filepath.Clean(c.Dir) + ".partial"
	if err := os.Mkdir(partial, 0o700); err != nil {
		return Made{}, fmt.Errorf("backup: %w", err)
	}
	made, err := c.fill(ctx, partial)
	if err == nil {
		err = os.Rename(partial, c.Dir)
	}
	if err != nil {
		return Made{}, errors.Join(err, os.RemoveAll(partial))
	}
	return made, nil
}

func (c Config) fill(ctx context.Context, partial string) (made Made, err error) {
	dir, err := os.OpenRoot(partial)
	if err != nil {
		return made, err
	}
	defer dir.Close()
	made.Manifest = Manifest{Version: 1, At: c.Now().UTC().Truncate(time.Second), Build: c.Build,
		Configured: c.Configured, Files: map[string]File{}}
	if err := c.records(ctx, dir, &made.Manifest); err != nil {
		return made, err
	}
	if err := c.objects(ctx, dir, &made); err != nil {
		return made, err
	}
	if err := dir.Remove(list); err != nil {
		return made, err
	}
	for _, name := range []string{dumpName, entriesName, objectsName} {
		if made.Files[name], err = digest(dir, name, nil); err != nil {
			return made, err
		}
	}
	signed, err := made.sign(c.Signer)
	if err != nil {
		return made, err
	}
	return made, buffered(dir, manifestName, func(w io.Writer) error { _, err := w.Write(signed); return err })
}

// records writes what is of one snapshot of the database.
func (c Config) records(ctx context.Context, dir *os.Root, m *Manifest) error {
	s, err := take(ctx, c.Database)
	if err != nil {
		return err
	}
	defer s.end(ctx)
	if err := s.head(ctx, m); err != nil {
		return err
	}
	dump, err := dir.OpenFile(dumpName, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(s.dump(ctx, c.Database, dump), dump.Sync(), dump.Close()); err != nil {
		return err
	}
	if err := buffered(dir, entriesName, func(w io.Writer) error { return s.entries(ctx, m.Entries, w) }); err != nil {
		return err
	}
	return buffered(dir, list, func(w io.Writer) error { return s.objects(ctx, w) })
}

// objects copies what is listed, or links what the previous backup holds.
func (c Config) objects(ctx context.Context, dir *os.Root, made *Made) error {
	before, err := c.previous()
	if err != nil {
		return err
	}
	defer before.close()
	wanted, err := dir.Open(list)
	if err != nil {
		return err
	}
	defer wanted.Close()
	return buffered(dir, objectsName, func(w io.Writer) error {
		for lines := bufio.NewReader(wanted); ; {
			o, err := nextObject(lines)
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err == nil {
				err = c.object(ctx, dir, &o, before, made)
			}
			if err != nil {
				return err
			}
			if _, err := io.WriteString(w, o.String()); err != nil {
				return err
			}
		}
	})
}

// object sees to one, and completes its line.
func (c Config) object(ctx context.Context, dir *os.Root, o *object, before *earlier, made *Made) error {
	if err := dir.MkdirAll(path.Dir(o.key), 0o700); err != nil {
		return err
	}
	linked, err := before.link(o, dir)
	if err != nil {
		return err
	}
	if linked {
		made.Linked, made.Objects = made.Linked+1, made.Objects+1
		return nil
	}
	err = c.fetch(ctx, dir, o)
	if !errors.Is(err, vault.ErrTampered) {
		made.Objects++
		return err
	}
	gone, err := wasDestroyed(ctx, c.Database, o.version)
	if err != nil {
		return err
	}
	if gone {
		o.sha256 = destroyed
		made.Destroyed++
		return nil
	}
	o.sha256 = missing
	made.Missing++
	return nil
}

// fetch copies an object out of the store. What is not all there leaves nothing.
func (c Config) fetch(ctx context.Context, dir *os.Root, o *object) error {
	sealed, err := c.Objects.Get(ctx, o.key, 0, o.size)
	if err != nil {
		return err
	}
	defer sealed.Close()
	f, err := dir.OpenFile(o.key, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	sum := sha256.New()
	_, err = io.Copy(io.MultiWriter(f, sum), sealed)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, dir.Remove(o.key))
	}
	o.sha256 = hex.EncodeToString(sum.Sum(nil))
	return nil
}

// earlier walks the list of an earlier backup beside the new one; both stand in the order of their keys. Nil holds
// nothing.
type earlier struct {
	path  string
	root  *os.Root
	file  *os.File
	lines *bufio.Reader
	at    object
	over  bool
}

// previous opens the earlier backup, where one is named; it has to be this log's.
func (c Config) previous() (*earlier, error) {
	if c.Previous == "" {
		return nil, nil
	}
	root, err := os.OpenRoot(c.Previous)
	if err != nil {
		return nil, fmt.Errorf("backup: %w: %w", ErrPrevious, err)
	}
	e := &earlier{path: c.Previous, root: root}
	m, _, err := readManifest(root, []note.Verifier{c.Verifier})
	if err == nil {
		var found File
		if found, err = digest(root, objectsName, nil); err == nil && found != m.Files[objectsName] {
			err = fmt.Errorf("%s: its list of objects was altered", c.Previous)
		}
	}
	if err == nil {
		e.file, err = root.Open(objectsName)
	}
	if err != nil {
		e.close()
		return nil, fmt.Errorf("backup: %w: %w", ErrPrevious, err)
	}
	e.lines = bufio.NewReader(e.file)
	return e, nil
}

func (e *earlier) close() {
	if e == nil {
		return
	}
	if e.file != nil {
		_ = e.file.Close()
	}
	_ = e.root.Close()
}

// link takes an object over, if the earlier backup holds it whole. Verify reads its bytes.
func (e *earlier) link(o *object, dir *os.Root) (bool, error) {
	if e == nil {
		return false, nil
	}
	for !e.over && cmp.Compare(e.at.key, o.key) < 0 {
		var err error
		if e.at, err = nextObject(e.lines); errors.Is(err, io.EOF) {
			e.over = true
		} else if err != nil {
			return false, err
		}
	}
	if e.over || e.at.key != o.key || e.at.size != o.size || !e.at.held() {
		return false, nil
	}
	if info, err := e.root.Lstat(o.key); err != nil || !info.Mode().IsRegular() || info.Size() != o.size {
		return false, nil // fetched anew
	}
	if err := os.Link(filepath.Join(e.path, o.key), filepath.Join(dir.Name(), o.key)); err != nil {
		return false, fmt.Errorf("backup: take over from %s: %w", e.path, err)
	}
	o.sha256 = e.at.sha256
	return true, nil
}
