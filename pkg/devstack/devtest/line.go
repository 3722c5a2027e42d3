package devtest

import (
	"io"
	"math"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// Line leads to an address over TCP until the test ends; each connection is carried by carry, which closes both ends.
func Line(tb testing.TB, to string, carry func(near, far net.Conn)) (address string) {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { listener.Close() })
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				near.Close()
				continue
			}
			go carry(near, far)
		}
	}()
	return listener.Addr().String()
}

// CutLine is a line each of whose connections breaks when a number of bytes have gone up on it, for as often as is
// said.
type CutLine struct {
	Address string
	Breaks  atomic.Int32 // connections that came so far; more than break, once it breaks no more
	Up      atomic.Int64 // bytes that went up, over all connections, as they go
}

// NewCutLine leads to an address; connections break after so many bytes, the first so many of them.
func NewCutLine(tb testing.TB, to string, after int64, often int32) *CutLine {
	tb.Helper()
	l := &CutLine{}
	l.Address = Line(tb, to, func(near, far net.Conn) {
		go func() {
			_, _ = io.Copy(near, far)
			near.Close()
		}()
		defer near.Close()
		defer far.Close()
		counted := io.MultiWriter(far, counter{&l.Up})
		if n, _ := io.CopyN(counted, near, after); n == after && l.Breaks.Add(1) <= often {
			return
		}
		_, _ = io.Copy(counted, near)
	})
	return l
}

// Wire is a line that is taken away and given back.
type Wire struct {
	Address string

	up    atomic.Int64 // bytes that went up, over all connections
	after atomic.Int64 // how many may, until the line is taken away
	away  atomic.Bool
	mu    sync.Mutex
	open  map[net.Conn]bool
}

// NewWire leads to an address.
func NewWire(tb testing.TB, to string) *Wire {
	tb.Helper()
	w := &Wire{open: map[net.Conn]bool{}}
	w.after.Store(math.MaxInt64)
	w.Address = Line(tb, to, func(near, far net.Conn) {
		w.mu.Lock()
		w.open[near], w.open[far] = true, true
		w.mu.Unlock()
		if w.away.Load() {
			w.cut()
		}
		go func() {
			_, _ = io.Copy(near, far)
			near.Close()
		}()
		_, _ = io.Copy(io.MultiWriter(far, w), near)
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, end := range []net.Conn{near, far} {
			end.Close()
			delete(w.open, end)
		}
	})
	return w
}

// Write counts what went up, and takes the line away where that was enough.
func (w *Wire) Write(p []byte) (int, error) {
	if w.up.Add(int64(len(p))) >= w.after.Load() {
		w.Take()
	}
	return len(p), nil
}

// TakeAfter takes the line away by itself when so many more bytes have gone up.
func (w *Wire) TakeAfter(bytes int64) { w.after.Store(w.up.Load() + bytes) }

// Away tells whether the line is away.
func (w *Wire) Away() bool { return w.away.Load() }

// Take takes the line away: what runs on it is cut, and nothing new gets through.
func (w *Wire) Take() {
	w.away.Store(true)
	w.cut()
}

// Give gives it back, for good.
func (w *Wire) Give() {
	w.after.Store(math.MaxInt64)
	w.away.Store(false)
}

func (w *Wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for end := range w.open {
		end.Close()
	}
}

// counter counts what is written as it is written, not only when the line is over.
type counter struct{ bytes *atomic.Int64 }

func (c counter) Write(p []byte) (int, error) {
	c.bytes.Add(int64(len(p)))
	return len(p), nil
}
