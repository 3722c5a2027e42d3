package inspect

import (
	"archive/zip"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
)

// leadsOut reports whether a name in an archive leads out of the folder into which it is unpacked: it is absolute, or
// climbs. Programs for Windows take a backslash for a slash.
func leadsOut(name string) bool {
	name = strings.ReplaceAll(name, `\`, "/")
	drive := len(name) > 1 && name[1] == ':' && (name[0]|0x20) >= 'a' && (name[0]|0x20) <= 'z'
	return strings.HasPrefix(name, "/") || drive || slices.Contains(strings.Split(name, "/"), "..")
}

// maxDirectory is how much of a ZIP file's end is kept, in bytes: the directory that programs unpack it by stands
// there. Of a longer one, and of archives in archives, the parts' own headers are what is looked at.
const maxDirectory = 1 << 20

// tail is the end of an upload of so many bytes.
type tail struct {
	size int64
	kept []byte
}

// write takes the next bytes of an upload that has size bytes with them.
func (t *tail) write(p []byte, size int64) {
	t.size = size
	if len(p) > maxDirectory {
		p = p[len(p)-maxDirectory:]
	}
	// Cut at twice the length only, so that small writes do not move all of it each time.
	if over := len(t.kept) + len(p) - 2*maxDirectory; over > 0 {
		t.kept = slices.Delete(t.kept, 0, len(t.kept)-max(0, maxDirectory-len(p)))
	}
	t.kept = append(t.kept, p...)
}

// ReadAt implements io.ReaderAt for what is kept.
func (t *tail) ReadAt(p []byte, at int64) (int, error) {
	from := at - (t.size - int64(len(t.kept)))
	if from < 0 || from > int64(len(t.kept)) {
		return 0, io.ErrUnexpectedEOF
	}
	n := copy(p, t.kept[from:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// leadsOut reports whether the directory of the ZIP file has a name that leads out, or a link: where that leads is
// content, and a program that follows it writes what comes next there.
func (t *tail) leadsOut() bool {
	r, err := zip.NewReader(t, t.size)
	if errors.Is(err, zip.ErrInsecurePath) {
		return true
	}
	return err == nil && slices.ContainsFunc(r.File, func(f *zip.File) bool {
		return leadsOut(f.Name) || f.Mode()&fs.ModeSymlink != 0
	})
}
