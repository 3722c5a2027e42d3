package web

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
)

// pagePolicy lets a page load what this host serves, run no inline script, be framed by nobody, and send its forms back
// here alone.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; " +
	"require-trusted-types-for 'script'; trusted-types 'none'"

// Page is an HTML page for people. Of is what it answers for: the status of a problem, or zero for one that all is well
// with.
type Page struct {
	HTML     []byte
	Language Language
	Of       int
	// Onward is where the browser goes by itself at once: out of this host, where no form may lead.
	Onward string
}

// Write sends the page.
func (p Page) Write(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", pagePolicy)
	// Browsers that are told to send no referrer send no origin with a form either.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", string(p.Language))
	h.Set("Content-Length", strconv.Itoa(len(p.HTML)))
	h.Add("Vary", "Accept-Language, Cookie")
	if p.Onward != "" {
		h.Set("Refresh", "0; url="+p.Onward)
	}
	if isUnwanted(c) {
		h.Set("Connection", "close")
	}
	if p.Of == 0 {
		p.Of = http.StatusOK
	}
	c.Status(p.Of)
	if c.Request.Method == http.MethodHead {
		c.Writer.WriteHeaderNow()
		return
	}
	_, _ = c.Writer.Write(p.HTML) // a reader who is gone cannot be told
}

// SeeOther sends the browser to another page by GET: after each act, so that loading again does nothing again.
func SeeOther(c *gin.Context, to string) {
	c.Header("Location", to)
	c.Status(http.StatusSeeOther)
	c.Writer.WriteHeaderNow()
}

// File is what pages load: the same for everybody, and no secret. So it may be compressed; a page, whose length would
// tell of what is in it beside what a stranger chose, is not.
type File struct {
	kind           string
	plain, smaller []byte
}

// NewFile compresses content once, for all who will ask.
func NewFile(kind string, content []byte) File {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is one that there is
	}
	_, _ = w.Write(content) // memory takes everything
	_ = w.Close()
	return File{kind: kind, plain: content, smaller: out.Bytes()}
}

// Asset sends a file that is named after its digest and never changes.
func Asset(c *gin.Context, f File) {
	h, content := c.Writer.Header(), f.plain
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Type", f.kind)
	h.Set("Vary", "Accept-Encoding")
	if takesGzip(c.Request.Header) {
		h.Set("Content-Encoding", "gzip")
		content = f.smaller
	}
	h.Set("Content-Length", strconv.Itoa(len(content)))
	c.Status(http.StatusOK)
	if c.Request.Method == http.MethodHead {
		c.Writer.WriteHeaderNow()
		return
	}
	_, _ = c.Writer.Write(content)
}

// takesGzip reports whether Accept-Encoding names gzip and does not refuse it (RFC 9110 12.5.3).
func takesGzip(h http.Header) bool {
	for _, one := range strings.Split(strings.Join(h.Values("Accept-Encoding"), ","), ",") {
		coding, weight, _ := strings.Cut(one, ";")
		if strings.TrimSpace(coding) == "gzip" {
			weight = strings.ReplaceAll(weight, " ", "")
			q, err := strconv.ParseFloat(strings.TrimPrefix(weight, "q="), 64)
			return weight == "" || err == nil && q > 0
		}
	}
	return false
}

// Nothing answers a server that told us something.
func Nothing(c *gin.Context) {
	c.Status(http.StatusOK)
	c.Writer.WriteHeaderNow()
}

// Unwell answers a server that told us something that we do not take.
func Unwell(c *gin.Context) {
	c.Status(http.StatusBadRequest)
	c.Writer.WriteHeaderNow()
}

// ErrCrossOrigin says that a form was not sent by a page of ours.
var ErrCrossOrigin = errors.New("web: a form that no page of ours sent")

// What a page may answer for beside a problem's own status.
const (
	PageInvalid   = http.StatusBadRequest
	PageShown     = http.StatusOK
	PageForbidden = http.StatusForbidden
	PageMissing   = http.StatusNotFound
)

// SameOrigin lets only our own pages send forms: by what the browser says of where a request comes from, and never
// without it saying so (net/http.CrossOriginProtection, and no request that names neither site nor origin).
func SameOrigin(r *http.Request) error {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return nil
	}
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		return fmt.Errorf("%w: %w", ErrCrossOrigin, err)
	}
	if r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == "" {
		return ErrCrossOrigin
	}
	return nil
}

// WantsPage reports whether whoever asks would rather read a page.
func WantsPage(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }
