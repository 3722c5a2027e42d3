package web

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
)

const (
	// MaxJSON bounds every body that is no multipart: 1 MiB.
	MaxJSON = 1 << 20
	// MaxMetadata bounds the metadata part of a deposit: 256 KiB.
	MaxMetadata = 256 << 10
	// MultipartSlack is what boundaries and part headers of a deposit may take: 64 KiB.
	MultipartSlack = 64 << 10

	defaultPatience = 30 * time.Second
	// progress is what a peer must move within the patience: about 550 bytes a second by default.
	progress = 16 << 10
	// farewell is how long a body that nobody wants any more may still be drained.
	farewell = 5 * time.Second
	// worthDraining is how much of an unread body is drained, so that its connection can be used again.
	worthDraining = 64 << 10

	bodyKey = "chancery/body"
)

// bounded limits the body before anybody is authenticated. What is declared too large is refused when it is first read:
// a stranger learns 401, not our limits.
func bounded(maxUpload int64) gin.HandlerFunc {
	return func(c *gin.Context) {
		limit := int64(MaxJSON)
		switch {
		case isMultipart(c.Request):
			limit = maxUpload + MaxMetadata + MultipartSlack
		case isOctets(c.Request):
			limit = maxUpload
		}
		c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, limit)
		if bringsFile(c.Request) {
			defer garbage.begin()()
		}
		c.Next()
	}
}

func isMultipart(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && strings.HasPrefix(kind, "multipart/")
}

// Octets is the media type of bytes that belong at an offset of a file (tus 1.0).
const Octets = "application/offset+octet-stream"

func isOctets(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == Octets
}

// patient gives up on peers that stall, in both directions.
//
// Only time spent waiting for the peer counts, never our own: a deadline is renewed before each read, shortened by what
// was already waited for the current 16 KiB.
func patient(patience time.Duration) gin.HandlerFunc {
	return func(c *gin.Context) {
		control := controlOf(c.Writer)
		// A deadline of the request before on this connection must not hit this one. Errors mean that the connection
		// has no deadlines, as in a recorder.
		_ = control.SetWriteDeadline(time.Time{})
		body := &patientBody{
			ReadCloser: c.Request.Body,
			control:    control,
			patience:   patience,
			left:       patience,
			declared:   c.Request.ContentLength,
			ended:      c.Request.ContentLength == 0,
		}
		c.Request.Body = body
		c.Set(bodyKey, body)
		c.Writer = &patientWriter{ResponseWriter: c.Writer, control: control, patience: patience}
		c.Next()
		if !body.ended {
			_ = control.SetReadDeadline(time.Now().Add(farewell))
		}
		_ = control.SetWriteDeadline(time.Now().Add(patience))
	}
}

// patientBody reads a body whose sender must keep moving.
type patientBody struct {
	io.ReadCloser
	control  *http.ResponseController
	patience time.Duration
	left     time.Duration // of the patience with the current window
	moved    int           // bytes in the current window
	declared int64         // bytes; negative: not known
	ended    bool
	stalled  bool
}

// isUnwanted reports whether the rest of a body is not worth waiting for: the server would drain up to 256 KiB of it
// before it sends an answer.
func isUnwanted(c *gin.Context) bool {
	body, ok := c.Value(bodyKey).(*patientBody)
	return ok && !body.ended && (body.stalled || body.declared < 0 || body.declared > worthDraining)
}

func (b *patientBody) Read(p []byte) (int, error) {
	start := time.Now()
	_ = b.control.SetReadDeadline(start.Add(b.left))
	n, err := b.ReadCloser.Read(p)
	b.left -= time.Since(start)
	if b.moved += n; b.moved >= progress {
		b.moved, b.left = 0, b.patience
	}
	if errors.Is(err, io.EOF) {
		b.ended = true
		// The server now watches the connection for a caller who hangs up; that watch has no deadline.
		_ = b.control.SetReadDeadline(time.Time{})
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		b.stalled = true
		return n, Fail(KindTooSlow, err)
	}
	return n, err
}

// patientWriter writes to a peer who must keep taking: each piece of 64 KiB within the patience.
type patientWriter struct {
	gin.ResponseWriter
	control  *http.ResponseController
	patience time.Duration
}

// patienceOf is zero where the writer has none.
func patienceOf(w http.ResponseWriter) time.Duration {
	if patient, ok := w.(*patientWriter); ok {
		return patient.patience
	}
	return 0
}

func (w *patientWriter) Write(p []byte) (int, error) {
	var written int
	for {
		piece := p[written:min(written+chunk, len(p))]
		_ = w.control.SetWriteDeadline(time.Now().Add(w.patience)) // a recorder has none
		n, err := w.ResponseWriter.Write(piece)
		if written += n; err != nil || written == len(p) {
			return written, err
		}
	}
}

func (w *patientWriter) WriteString(s string) (int, error) { return w.Write([]byte(s)) }

// Unwrap is for controlOf.
func (w *patientWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
