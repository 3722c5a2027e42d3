package rest_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/rest"
)

// mirrored asks without a token.
func (w *world) mirrored(path string) (int, []byte) {
	w.t.Helper()
	a, err := http.Get(strings.TrimSuffix(w.base, rest.Base) + rest.Mirror + path)
	must(w.t, err)
	defer a.Body.Close()
	body, err := io.ReadAll(a.Body)
	must(w.t, err)
	return a.StatusCode, body
}

// A witness of the other Party, or a mirror, follows the log without being anybody: it sees the signed tree and the
// leaf data, which names Parties and numbers, and nothing of what was done or by whom.
func TestAMirrorFollowsTheLogWithoutATokenAndLearnsNothingOfWhatWasDone(t *testing.T) {
	w := newWorld(t, func(w *world) { w.mirror = true })
	d := w.depositAs("staff.wco", declared)
	w.as("auditor.wco", "GET", "/log/entries/"+*d.LogEntry+"/proof", "") // it stands in the tree now
	before := w.entries()
	code, signed := w.mirrored("/checkpoint")
	c, err := ledger.OpenCheckpoint(signed, w.log)
	must(t, err)
	if code != 200 || c.Size() < 2 || c.Size() > 255 {
		t.Fatalf("%d, a checkpoint of %d entries", code, c.Size())
	}
	width := fmt.Sprintf("000.p/%d", c.Size())
	code, entries := w.mirrored("/tile/entries/" + width)
	if code != 200 || len(entries) == 0 {
		t.Fatalf("entries: %d, %d bytes", code, len(entries))
	}
	code, hashes := w.mirrored("/tile/0/" + width)
	if code != 200 || int64(len(hashes)) != 32*c.Size() {
		t.Fatalf("hashes: %d, %d bytes", code, len(hashes))
	}
	for i, rest := int64(0), entries; i < c.Size(); i++ {
		n := int(rest[0])<<8 | int(rest[1])
		leaf := ledger.LeafHash(rest[2 : 2+n])
		if !bytes.Equal(leaf[:], hashes[32*i:32*i+32]) {
			t.Errorf("leaf data %d does not hash to its leaf", i)
		}
		rest = rest[2+n:]
	}
	for _, canary := range []string{d.Id, *d.LogEntry, "per_", "deposit", *d.Title} {
		if bytes.Contains(entries, []byte(canary)) {
			t.Errorf("leaf data holds %q", canary)
		}
	}
	for path, want := range map[string]int{"/tile/0/000.p/255": 404, "/tile/0/999": 404, "/tile/../x": 400, "/": 400,
		"/entries": 400, "/tile/entries/x": 400} {
		if code, _ := w.mirrored(path); code != want {
			t.Errorf("%s: %d; want %d", path, code, want)
		}
	}
	if after := w.entries(); after != before {
		t.Errorf("who mirrors the log wrote %d entries", after-before)
	}
}

func TestTheMirrorIsClosedUntilTheConfigurationOpensIt(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/checkpoint", "/tile/0/000.p/1"} {
		if code, _ := w.mirrored(path); code != 404 {
			t.Errorf("%s: %d; want 404", path, code)
		}
	}
}
