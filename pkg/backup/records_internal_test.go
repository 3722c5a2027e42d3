package backup

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"testing"

	"chancery.example/gateway/pkg/ledger"
)

// Whatever somebody wrote in their place, entries and list are read within bounds, and what is read is what is written.
func FuzzRecordsAreReadAsTheyAreWritten(f *testing.F) {
	var whole bytes.Buffer
	r := record{leaf: []byte("leaf"), nonce: make([]byte, ledger.NonceSize), body: []byte("body")}
	if err := r.write(&whole); err != nil {
		f.Fatal(err)
	}
	f.Add(whole.Bytes())
	f.Add(whole.Bytes()[:5])
	f.Add([]byte{0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, data []byte) {
		from := bytes.NewReader(data)
		for {
			begun := int64(len(data)) - int64(from.Len())
			r, err := readRecord(from)
			if err != nil {
				if errors.Is(err, io.EOF) && begun != int64(len(data)) {
					t.Errorf("an entry that is cut passes for the end")
				}
				return
			}
			var again bytes.Buffer
			if err := r.write(&again); err != nil || !bytes.HasPrefix(data[begun:], again.Bytes()) {
				t.Errorf("%v: reads as %x", err, again.Bytes())
			}
		}
	})
}

func FuzzNoObjectLiesOutsideTheBackup(f *testing.F) {
	f.Add(object{key: "documents/a/b", document: "doc_a", version: "ver_a", size: 5, sha256: "00"}.String())
	f.Add("documents/../../etc\tdoc\tver\t1\tx\n")
	f.Add("documents/a\tdoc\tver\t-1\tx\n")
	f.Fuzz(func(t *testing.T, line string) {
		o, err := nextObject(bufio.NewReader(bytes.NewReader([]byte(line))))
		if err == nil && (!filepath.IsLocal(o.key) || o.size < 1) {
			t.Errorf("%q is taken: %+v", line, o)
		}
	})
}
