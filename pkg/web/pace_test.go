package web_test

import (
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"
)

// slowing takes the first bytes as they come and then 6 MiB/s.
func slowing(t *testing.T, address string, first int64) (got func() int64) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "GET /content HTTP/1.1\r\nHost: x\r\n\r\n")
	var taken atomic.Int64
	go func() {
		buffer := make([]byte, 64<<10)
		for {
			n, err := io.ReadFull(conn, buffer)
			if taken.Add(int64(n)); err != nil {
				return
			}
			if taken.Load() > first {
				time.Sleep(10 * time.Millisecond)
			}
		}
	}()
	return taken.Load
}

// TestReaderWhoSlowsDownHasLittleAhead: the reader's kernel has made its buffer large for a fast reader, and would fill
// it.
func TestReaderWhoSlowsDownHasLittleAhead(t *testing.T) {
	const first = 64 << 20
	f := newTransfer(1 << 30)
	got := slowing(t, offer(t, f), first)
	for began := time.Now(); got() < first+4<<20; time.Sleep(time.Millisecond) { // what was ahead has gone by then
		if time.Since(began) > 30*time.Second {
			t.Fatalf("the reader got %d bytes", got())
		}
	}
	var most int64
	before := got()
	for began := time.Now(); time.Since(began) < time.Second; time.Sleep(5 * time.Millisecond) {
		most = max(most, f.given.Load()-got())
	}
	if most > 1<<20 {
		t.Errorf("%d KiB were ahead of the reader", most>>10)
	}
	if took := got() - before; took < 1<<20 {
		t.Errorf("the reader got %d bytes within a second", took)
	}
	t.Logf("%d KiB ahead at most", most>>10)
	f.revoke()
}
