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
// it. What a peer's kernel holds is an estimate (decision 0046): one that grows its buffer just when its reader slows
// down, as on a busy machine, hides what is in it. So the bound must hold in one of three transfers; where nothing
// paced them, it would hold in none.
func TestReaderWhoSlowsDownHasLittleAhead(t *testing.T) {
	const bound = 1 << 20
	var most []int64
	for range 3 {
		most = append(most, aheadOfSlowing(t))
		if most[len(most)-1] <= bound {
			t.Logf("bytes ahead at most: %d", most)
			return
		}
	}
	t.Errorf("bytes ahead at most in each transfer: %d, want %d in one of them", most, bound)
}

// aheadOfSlowing is the most that was ahead of a reader in the second that begins when what was ahead of them at their
// fastest has gone.
func aheadOfSlowing(t *testing.T) (most int64) {
	t.Helper()
	const first = 64 << 20
	f := newTransfer(1 << 30)
	defer f.revoke()
	got := slowing(t, offer(t, f), first)
	for began := time.Now(); got() < first+4<<20; time.Sleep(time.Millisecond) {
		if time.Since(began) > 30*time.Second {
			t.Fatalf("the reader got %d bytes", got())
		}
	}
	before := got()
	for began := time.Now(); time.Since(began) < time.Second; time.Sleep(5 * time.Millisecond) {
		most = max(most, f.given.Load()-got())
	}
	if took := got() - before; took < 1<<20 {
		t.Errorf("the reader got %d bytes within a second", took)
	}
	return most
}
