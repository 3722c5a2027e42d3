package web

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/pkg/exchange"
)

// Outcome is how an operation went well.
type Outcome int

// The outcomes.
const (
	Shown Outcome = iota // what was asked for, or what an act changed: 200
	Made                 // something new stands, and Location names it: 201
	Waits                // nothing has changed yet; a second person is needed: 202
	Done                 // what was asked for; there is nothing to show: 204
)

func (o Outcome) status() int {
	switch o {
	case Made:
		return http.StatusCreated
	case Waits:
		return http.StatusAccepted
	case Done:
		return http.StatusNoContent
	}
	return http.StatusOK
}

// Answer is what an operation answers with.
type Answer struct {
	Outcome  Outcome
	Body     any    // rendered as JSON, unless there are Bytes
	Bytes    []byte // sent as they are: what was hashed or signed is not rendered again
	Type     string // the media type of Bytes
	Location string
	// State names the state of the thing shown, as If-Match takes it; it holds no dot. The ETag is made of it and of
	// what is shown, so that it changes with either. Where it is empty, of what is shown alone.
	State string
}

// Write renders the answer once. To a GET or HEAD it evaluates If-Match and If-None-Match (RFC 9110 13.2.2): who wants
// another state gets 412, and who has seen it 304.
func (a Answer) Write(c *gin.Context) error {
	if a.Bytes == nil {
		body, err := json.Marshal(a.Body)
		if err != nil {
			return err
		}
		a.Bytes, a.Type = append(body, '\n'), "application/json"
	}
	h := c.Writer.Header()
	if a.Location != "" {
		h.Set("Location", a.Location)
	}
	reads := c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead
	if reads || a.State != "" {
		h.Set("ETag", a.etag())
	}
	h.Set("Content-Language", string(Preferred(c.GetHeader("Accept-Language"))))
	h.Add("Vary", "Accept-Language")
	if reads && !Matches(c.GetHeader("If-Match"), a.etag()) {
		return exchange.ErrChanged
	}
	if reads && Seen(c.GetHeader("If-None-Match"), a.etag()) {
		c.Status(http.StatusNotModified)
		c.Writer.WriteHeaderNow()
		return nil
	}
	h.Set("Content-Type", a.Type)
	h.Set("Content-Length", strconv.Itoa(len(a.Bytes)))
	c.Status(a.Outcome.status())
	if c.Request.Method == http.MethodHead {
		c.Writer.WriteHeaderNow()
		return nil
	}
	_, _ = c.Writer.Write(a.Bytes) // a caller who is gone cannot be told
	return nil
}

// Bare answers with headers alone.
func Bare(c *gin.Context, o Outcome) {
	c.Status(o.status())
	c.Writer.WriteHeaderNow()
}

func (a Answer) etag() string {
	if a.Outcome == Waits {
		return `"` + a.State + `"` // what waits is no form of the thing itself
	}
	sum := sha256.Sum256(a.Bytes)
	seen := hex.EncodeToString(sum[:8])
	if a.State == "" {
		return `"` + seen + `"`
	}
	return `"` + a.State + "." + seen + `"`
}

// StateOf is what an If-Match names of an ETag that an Answer was given: the state, whatever of it was shown.
func StateOf(opaque string) string {
	state, _, _ := strings.Cut(opaque, ".")
	return state
}

// Matches reports whether an If-Match of a GET is absent or names the ETag, compared strongly.
func Matches(header, etag string) bool {
	return header == "" || slices.ContainsFunc(strings.Split(header, ","), func(one string) bool {
		one = strings.TrimSpace(one)
		return one == "*" || one == etag
	})
}

// Seen reports whether an If-None-Match names the ETag, compared weakly.
func Seen(header, etag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		one = strings.TrimSpace(one)
		if one == "*" || strings.TrimPrefix(one, "W/") == etag {
			return true
		}
	}
	return false
}
