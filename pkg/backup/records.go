package backup

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"chancery.example/gateway/pkg/ledger"
)

// maxFrame bounds a leaf and a body, in bytes; the database takes no larger ones.
const maxFrame = 1 << 16

// record is an entry with its place.
type record struct{ leaf, nonce, body []byte }

// write frames the record: length and leaf, nonce, length and body. Lengths are of 32 bits, big-endian.
func (r record) write(w io.Writer) error {
	framed := binary.BigEndian.AppendUint32(nil, uint32(len(r.leaf)))
	framed = append(append(framed, r.leaf...), r.nonce...)
	framed = append(binary.BigEndian.AppendUint32(framed, uint32(len(r.body))), r.body...)
	_, err := w.Write(framed)
	return err
}

// readRecord gives io.EOF where nothing follows.
func readRecord(r io.Reader) (out record, err error) {
	if out.leaf, err = readFrame(r); err != nil {
		return out, err
	}
	out.nonce = make([]byte, ledger.NonceSize)
	if _, err = io.ReadFull(r, out.nonce); err == nil {
		out.body, err = readFrame(r)
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return out, err
}

func readFrame(r io.Reader) ([]byte, error) {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(length[:])
	if n > maxFrame {
		return nil, fmt.Errorf("a record of %d bytes", n)
	}
	frame := make([]byte, n)
	_, err := io.ReadFull(r, frame)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return frame, err
}

// What stands in the place of a digest where there is no object.
const (
	missing   = "missing"   // from the store
	destroyed = "destroyed" // by two people, while the backup was made
)

// object is a line of the list.
type object struct {
	version, document, key string
	size                   int64 // sealed, in bytes
	sha256                 string
}

func (o object) String() string {
	return strings.Join([]string{o.key, o.document, o.version, strconv.FormatInt(o.size, 10), o.sha256}, "\t") + "\n"
}

// held reports whether the backup holds the object.
func (o object) held() bool { return o.sha256 != missing && o.sha256 != destroyed }

// nextObject gives io.EOF where nothing follows. A key that leads out of the backup is none.
func nextObject(r *bufio.Reader) (o object, err error) {
	line, err := r.ReadSlice('\n')
	if errors.Is(err, io.EOF) && len(line) == 0 {
		return o, io.EOF
	}
	if err != nil {
		return o, fmt.Errorf("the list of objects: %w", err)
	}
	fields := strings.Split(strings.TrimSuffix(string(line), "\n"), "\t")
	if len(fields) != 5 {
		return o, fmt.Errorf("the list of objects: a line of %d fields", len(fields))
	}
	o = object{key: fields[0], document: fields[1], version: fields[2], sha256: fields[4]}
	if o.size, err = strconv.ParseInt(fields[3], 10, 64); err != nil || o.size < 1 || !plainKey(o.key) {
		return o, fmt.Errorf("the list of objects: no object is called %q, of %s bytes", o.key, fields[3])
	}
	return o, nil
}

// plainKey reports whether an object's key is a path below documents/.
func plainKey(key string) bool {
	return strings.HasPrefix(key, "documents/") && path.Clean(key) == key && !strings.ContainsAny(key, "\\\x00") &&
		len(key) <= 512
}
