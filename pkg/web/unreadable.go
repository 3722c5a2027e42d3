package web

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"chancery.example/gateway/pkg/exchange"
)

// unread are the kinds of failure of a request that net/http cannot read, and so never hands to a handler.
var unread = map[int]Kind{
	http.StatusBadRequest:                  KindNotHTTP,
	http.StatusRequestTimeout:              KindTooSlow,
	http.StatusExpectationFailed:           KindExpectation,
	http.StatusRequestHeaderFieldsTooLarge: KindHeadTooLarge,
	http.StatusNotImplemented:              KindTransferCoding,
	http.StatusHTTPVersionNotSupported:     KindHTTPVersion,
}

// wordedListener accepts connections on which what net/http itself answers is a problem document too.
type wordedListener struct {
	net.Listener
	problems *Problems
}

func (l wordedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &wordedConn{Conn: conn, problems: l.problems}, nil
}

// wordedConn knows whether a handler was given the request that is on it. What is written while none was is net/http's
// own refusal: a line of plain text.
type wordedConn struct {
	net.Conn
	problems  *Problems
	answering atomic.Bool // from when a handler begins until its answer is out
	begun     atomic.Bool // something of the next request was read
}

// NetConn is what lies below, and below TLS: the hard cut and the pace want the socket.
func (c *wordedConn) NetConn() net.Conn {
	below := c.Conn
	for {
		wrapped, ok := below.(interface{ NetConn() net.Conn })
		if !ok {
			return below
		}
		below = wrapped.NetConn()
	}
}

// CloseWrite lets net/http end its answer before it closes a connection that still has something to be read.
func (c *wordedConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

func (c *wordedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if c.answering.Load() {
		return n, err
	}
	var plain tls.RecordHeaderError
	switch {
	case n > 0:
		c.begun.Store(true)
	case errors.Is(err, os.ErrDeadlineExceeded) && c.begun.Load():
		c.say(c.Conn, http.StatusRequestTimeout)
	case errors.As(err, &plain) && plain.Conn != nil:
		c.say(plain.Conn, http.StatusBadRequest) // plain HTTP, maybe, where TLS is spoken
		_ = plain.Conn.Close()
	}
	return n, err
}

// Write replaces what net/http says of a request that it could not read.
func (c *wordedConn) Write(p []byte) (int, error) {
	if c.answering.Load() {
		return c.Conn.Write(p)
	}
	rest, isAnswer := bytes.CutPrefix(p, []byte("HTTP/1.1 "))
	status, err := strconv.Atoi(string(rest[:min(3, len(rest))]))
	if !isAnswer || err != nil || status < http.StatusBadRequest {
		return c.Conn.Write(p)
	}
	c.say(c.Conn, status)
	return len(p), nil
}

// say writes a problem document. Nothing is known of whom it is for: it is in English.
func (c *wordedConn) say(to io.Writer, status int) {
	kind, known := unread[status]
	if !known {
		kind = KindNotHTTP
	}
	problem := c.problems.Of(Fail(kind, nil), exchange.Actor{}, English)
	problem.RequestID = newRequestID()
	body, err := json.Marshal(problem)
	if err != nil {
		panic(err) // strings and numbers always encode
	}
	response := http.Response{
		StatusCode:    problem.Status,
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        http.Header{},
		Body:          io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)),
		Close:         true,
	}
	setSecurity(response.Header)
	response.Header.Set("Content-Type", "application/problem+json")
	response.Header.Set("Content-Language", string(English))
	response.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	response.Header.Set("X-Request-Id", problem.RequestID)
	var whole bytes.Buffer
	_ = response.Write(&whole)     // into memory
	_, _ = to.Write(whole.Bytes()) // a caller who is gone cannot be told
	c.problems.cfg.Logger.Info("request not read", slog.String("request_id", problem.RequestID),
		slog.Int("status", problem.Status), slog.String("remote", c.RemoteAddr().String()))
}

// next notes that an answer is out: what comes now is another request.
func (c *wordedConn) next() {
	c.begun.Store(false)
	c.answering.Store(false)
}
