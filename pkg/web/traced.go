package web

import (
	"errors"
	"net/http"
	"net/netip"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/pkg/traces"
)

var (
	errTorn   = errors.New("the response was cut")
	errFailed = errors.New("it was answered with a fault of the gateway")
)

// traced records how long a request takes, and what of. The traceparent of a trusted proxy is linked to; anybody else's
// is not read.
func traced(t *traces.Tracer, trusted []netip.Prefix) gin.HandlerFunc {
	return func(c *gin.Context) {
		if t == nil {
			return
		}
		peer, err := netip.ParseAddrPort(c.Request.RemoteAddr)
		believed := err == nil && among(trusted, peer.Addr())
		ctx, span := t.Arriving(c.Request.Context(), traces.Request, c.Request.Header, believed)
		c.Request = c.Request.WithContext(ctx)
		failed := errTorn
		defer func() {
			span.Note(traces.Method(method(c)), traces.Route(route(c)), traces.Status(c.Writer.Status()),
				traces.Code(c.GetString(codeKey)), traces.RequestID(RequestID(c)), traces.Aborted(failed == errTorn))
			span.End(failed)
		}()
		c.Next()
		if failed = nil; c.Writer.Status() >= http.StatusInternalServerError {
			failed = errFailed
		}
	}
}
