package devtest

import (
	"io"
	"net"
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

// counter counts what is written as it is written, not only when the line is over.
type counter struct{ bytes *atomic.Int64 }

func (c counter) Write(p []byte) (int, error) {
	c.bytes.Add(int64(len(p)))
	return len(p), nil
}
