package web

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"
)

// observe writes one access line and counts one request, whatever became of it.
//
// The line holds the route's pattern, never the path or the query as sent: those may carry words of titles, and a
// stranger may put anything there.
func observe(logger *slog.Logger, metrics *Metrics, now func() time.Time) gin.HandlerFunc {
	return func(c *gin.Context) {
		start := now()
		aborted := true
		defer func() {
			took := now().Sub(start)
			metrics.observe(route(c), method(c), c.Writer.Status(), aborted, took)
			logger.LogAttrs(c.Request.Context(), slog.LevelInfo, "request",
				slog.String("request_id", RequestID(c)),
				slog.String("method", method(c)),
				slog.String("route", route(c)),
				slog.Int("status", c.Writer.Status()),
				slog.Int("bytes", max(0, c.Writer.Size())),
				slog.Duration("took", took),
				slog.String("remote", c.RemoteIP()),
				slog.Bool("aborted", aborted),
				slog.Any("actor", ActorOf(c)),
				slog.String("code", c.GetString(codeKey)),
			)
		}()
		c.Next()
		aborted = false
	}
}

// codeKey holds the code of the problem that was answered: one of ours, never of the caller's words.
const codeKey = "chancery/code"

// route is the pattern that matched.
func route(c *gin.Context) string {
	if pattern := c.FullPath(); pattern != "" {
		return pattern
	}
	return "unmatched"
}

// method is one of the known verbs: a stranger may send any token, and each would become a time series.
func method(c *gin.Context) string {
	switch m := c.Request.Method; m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodOptions:
		return m
	}
	return "other"
}

// recovery answers 500 for a handler that panics, or cuts the connection where a response has begun: what was sent by
// half must never look whole. It is outermost but for the log, and hands http.ErrAbortHandler on.
func recovery(problems *Problems, logger *slog.Logger) gin.HandlerFunc {
	return func(c *gin.Context) {
		defer func() {
			fault := recover()
			if fault == nil {
				return
			}
			if err, ok := fault.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(http.ErrAbortHandler)
			}
			logger.LogAttrs(c.Request.Context(), slog.LevelError, "handler panicked",
				slog.String("request_id", RequestID(c)),
				slog.String("panic", fmt.Sprint(fault)),
				slog.String("stack", string(debug.Stack())))
			problems.Write(c, Fail(KindInternal, nil))
		}()
		c.Next()
	}
}

// secure sets the headers that hold for every answer of the gateway.
func secure(c *gin.Context) {
	setSecurity(c.Writer.Header())
	c.Next()
}

func setSecurity(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox")
	h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
}
