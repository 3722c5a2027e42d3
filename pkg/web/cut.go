package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/pkg/exchange"
)

const (
	// sendBuffer bounds what the kernel holds for a peer, and thereby what could still arrive after a withdrawal; the
	// kernel takes twice that.
	sendBuffer = 256 << 10
	// chunk is what is read, and written, at a time; a reader must take each within the stall.
	chunk = 64 << 10
	// stall is how long a reader may take nothing.
	stall = 30 * time.Second
	// closing bounds the writing down of how a transfer ended.
	closing = 10 * time.Second
)

// Transfer is a running transfer of permitted bytes; exchange.Delivery is one.
type Transfer interface {
	// Read gives the bytes. An error other than io.EOF means that no further byte may leave.
	io.Reader
	// Cut is closed when the permit ended: the connection is closed at once, a stalled reader's too.
	Cut() <-chan struct{}
	// Finish writes down how it ended: complete if sent is all of it. It is called exactly once.
	Finish(ctx context.Context, sent int64) error
}

var errCut = errors.New("permit ended")

// Sending is one transfer on one connection.
type Sending struct {
	Transfer   Transfer
	Disclosure exchange.Disclosure
	Partial    bool  // a range was asked for
	Offset     int64 // of the first byte
	Length     int64 // bytes that Transfer gives
	Logger     *slog.Logger
}

// Send sends the bytes with their length. Whatever stops them short, the connection is reset, never closed cleanly, so
// that the peer sees an error: it then panics with http.ErrAbortHandler, as net/http wants. An error comes back only
// before the first byte.
//
// How many bytes were handed to the network is written down once on every path, also when the request's context is over.
func (s Sending) Send(c *gin.Context) error {
	var sent int64
	defer func() { s.finish(c.Request.Context(), sent) }()
	if err := s.setHeaders(c.Writer.Header()); err != nil {
		return err
	}
	conn := connOf(c.Request.Context())
	whole := false
	defer func() {
		if !whole { // before finish, which takes its time
			sever(conn)
		}
	}()
	var err error
	if sent, err = s.pump(c, conn); err != nil {
		sever(conn)
		s.Logger.LogAttrs(c.Request.Context(), slog.LevelWarn, "transfer cut",
			slog.String("request_id", RequestID(c)), slog.Int64("sent", sent), slog.String("cause", err.Error()))
		panic(http.ErrAbortHandler)
	}
	whole = true
	return nil
}

func (s Sending) setHeaders(h http.Header) error {
	if err := SetContentHeaders(h, s.Disclosure); err != nil {
		return err
	}
	if s.Partial {
		h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", s.Offset, s.Offset+s.Length-1, s.Disclosure.Size))
	}
	h.Set("Content-Length", strconv.FormatInt(s.Length, 10))
	return nil
}

func (s Sending) status() int {
	if s.Partial {
		return http.StatusPartialContent
	}
	return http.StatusOK
}

func (s Sending) finish(ctx context.Context, sent int64) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
	defer cancel()
	if err := s.Transfer.Finish(ctx, sent); err != nil {
		s.Logger.LogAttrs(ctx, slog.LevelError, "end of transfer not written down", slog.Int64("sent", sent), slog.String("cause", err.Error()))
	}
}

// pump copies until the length is reached, the permit ends or the peer is gone.
func (s Sending) pump(c *gin.Context, conn net.Conn) (int64, error) {
	if buffered, ok := conn.(interface{ SetWriteBuffer(int) error }); ok {
		_ = buffered.SetWriteBuffer(sendBuffer) // a larger one only lets more arrive after a withdrawal
	}
	defer watch(s.Transfer.Cut(), conn)()
	control := controlOf(c.Writer)
	c.Status(s.status())
	sent, err := s.copy(c.Writer, control)
	if err != nil {
		return sent, err
	}
	if err := control.Flush(); err != nil {
		return max(0, sent-1), err // the last byte at least is still here
	}
	return sent, nil
}

func (s Sending) copy(w io.Writer, control *http.ResponseController) (int64, error) {
	buffer := make([]byte, chunk)
	var sent int64
	for sent < s.Length {
		n, err := s.Transfer.Read(buffer[:min(chunk, s.Length-sent)])
		if err == nil && sent+int64(n) == s.Length {
			err = s.ended() // before the last bytes leave, or the peer would take a fault for a whole document
		}
		if isClosed(s.Transfer.Cut()) {
			return sent, errCut
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return sent, err
		}
		if n > 0 {
			_ = control.SetWriteDeadline(time.Now().Add(stall)) // a recorder has none
			written, failed := w.Write(buffer[:n])
			sent += int64(written)
			if failed != nil {
				return sent, failed
			}
		}
		if errors.Is(err, io.EOF) && sent < s.Length {
			return sent, io.ErrUnexpectedEOF
		}
	}
	return sent, nil
}

// ended wants the end of the transfer.
func (s Sending) ended() error {
	var one [1]byte
	n, err := s.Transfer.Read(one[:])
	if n > 0 {
		return errors.New("transfer is longer than it said")
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// watch severs the connection when the permit ends, also while a write to it is blocked. stop ends the watch.
func watch(cut <-chan struct{}, conn net.Conn) (stop func()) {
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		select {
		case <-cut:
			sever(conn)
		case <-done:
		}
	})
	return func() {
		close(done)
		watching.Wait()
	}
}

// sever resets the connection: what the kernel still holds for the peer is dropped, and the peer sees an error.
func sever(conn net.Conn) {
	if conn == nil {
		return
	}
	if lingering, ok := conn.(interface{ SetLinger(int) error }); ok {
		_ = lingering.SetLinger(0)
	}
	_ = conn.Close() // closed already is closed
}
