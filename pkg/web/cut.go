package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
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
	// chunk is what is written at a time; a peer must take each within the patience.
	chunk = 64 << 10
	// finishing bounds the writing down of how a transfer ended.
	finishing = 10 * time.Second
)

// Transfer is a running transfer of permitted bytes; exchange.Transfer is one.
type Transfer interface {
	// Next gives the following bytes, at least one of them, which are valid until it is called again. io.EOF comes with
	// the last ones or behind them; another error means that no further byte may leave.
	Next() ([]byte, error)
	// Cut is closed when the permit ended: the connection is closed at once, a stalled reader's too.
	Cut() <-chan struct{}
	// Finish writes down how it ended: complete if sent is all of it. It is called exactly once.
	Finish(ctx context.Context, sent int64) error
}

var (
	errCut    = errors.New("permit ended")
	errLonger = errors.New("transfer is longer than it said")
)

// Sending is one transfer on one connection.
type Sending struct {
	Transfer   Transfer
	Disclosure exchange.Disclosure
	Partial    bool  // a range was asked for
	Offset     int64 // of the first byte
	Length     int64 // bytes that Transfer gives
	Logger     *slog.Logger
}

// Send sends the bytes with their length. What fails before the first byte comes back as an error, to be answered in
// words. What stops the bytes later resets the connection, which is never closed cleanly, so that the peer sees an
// error: Send then panics with http.ErrAbortHandler, as net/http wants.
//
// How many bytes were handed to the network is written down once on every path, also when the request's context is
// over.
func (s Sending) Send(c *gin.Context) error {
	var sent int64
	if s.Length >= largeBody {
		defer garbage.begin()()
	}
	defer func() { s.finish(c.Request.Context(), sent) }()
	conn := connOf(c.Request.Context())
	over := false
	defer func() {
		if !over { // Transfer panicked; before finish, which takes its time
			sever(conn)
		}
	}()
	if err := s.setHeaders(c.Writer.Header()); err != nil {
		over = true
		return err
	}
	first, err := s.next(0)
	if err != nil {
		over = true
		return unsent(err)
	}
	sent, err = s.pump(c, conn, first)
	over = true
	if err != nil {
		sever(conn)
		if isClosed(s.Transfer.Cut()) {
			err = s.why() // that our own reset closed the connection is not the cause
		}
		s.Logger.LogAttrs(c.Request.Context(), slog.LevelWarn, "transfer cut",
			slog.String("request_id", RequestID(c)), slog.Int64("sent", sent), slog.String("cause", err.Error()))
		panic(http.ErrAbortHandler)
	}
	return nil
}

// unsent is what a fault before the first byte is answered with: the rules' words, or that a part is away.
func unsent(err error) error {
	var refusal *exchange.Refusal
	if errors.As(err, &refusal) || errors.Is(err, context.Canceled) {
		return err
	}
	return Fail(KindUnavailable, err)
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
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishing)
	defer cancel()
	if err := s.Transfer.Finish(ctx, sent); err != nil {
		s.Logger.LogAttrs(ctx, slog.LevelError, "end of transfer not written down", slog.Int64("sent", sent),
			slog.String("cause", err.Error()))
	}
}

// pump sends the first bytes and then the rest, until the length is reached, the permit ends or the peer is gone.
func (s Sending) pump(c *gin.Context, conn net.Conn, bytes []byte) (sent int64, err error) {
	if buffered, ok := conn.(interface{ SetWriteBuffer(int) error }); ok {
		_ = buffered.SetWriteBuffer(sendBuffer) // a larger one only lets more arrive after a withdrawal
	}
	defer watch(s.Transfer.Cut(), conn)()
	c.Status(s.status())
	pace := newPace(conn, patienceOf(c.Writer))
	for {
		written, err := s.write(c.Writer, pace, bytes)
		sent += written
		if err != nil {
			return sent, err
		}
		if sent == s.Length {
			break
		}
		if bytes, err = s.next(sent); err != nil {
			return sent, err
		}
	}
	if err := controlOf(c.Writer).Flush(); err != nil {
		return max(0, sent-1), err // the last byte at least is still here
	}
	return sent, nil
}

// write hands the bytes over as fast as the reader takes them.
func (s Sending) write(w io.Writer, pace *pace, bytes []byte) (written int64, err error) {
	for len(bytes) > 0 {
		n, err := pace.allowance(s.Transfer.Cut())
		if errors.Is(err, errCut) {
			err = s.why()
		}
		if err != nil {
			return written, err
		}
		n, err = w.Write(bytes[:min(n, len(bytes))])
		written += int64(n)
		if err != nil {
			return written, err
		}
		pace.sent(n)
		bytes = bytes[n:]
	}
	return written, nil
}

// next gets the following bytes. The last ones are given only together with the end of the transfer, or the peer would
// take a fault that shows only there for a whole document.
func (s Sending) next(sent int64) ([]byte, error) {
	bytes, err := s.Transfer.Next()
	left := s.Length - sent - int64(len(bytes))
	if err == nil && left == 0 {
		bytes = slices.Clone(bytes) // the call that shows the end may take them back
		err = s.ended()
	}
	switch {
	case isClosed(s.Transfer.Cut()):
		return nil, s.why()
	case left < 0:
		return nil, errLonger
	case err == nil && len(bytes) > 0, errors.Is(err, io.EOF) && left == 0:
		return bytes, nil
	case err == nil, errors.Is(err, io.EOF):
		return nil, io.ErrUnexpectedEOF
	}
	return nil, err
}

// why asks a transfer that was cut for the cause.
func (s Sending) why() error {
	if _, err := s.Transfer.Next(); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return errCut
}

// ended wants the end of the transfer, and answers io.EOF.
func (s Sending) ended() error {
	more, err := s.Transfer.Next()
	switch {
	case len(more) > 0:
		return errLonger
	case err == nil:
		return io.ErrNoProgress
	}
	return err
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
