package web

import (
	"crypto/rand"
	"encoding/hex"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/pkg/exchange"
)

const (
	requestIDKey = "chancery/request-id"
	actorKey     = "chancery/actor"
)

// identify names the request. A caller's own X-Request-Id is not taken over: it would reach the operations log unread.
func identify(c *gin.Context) {
	id := newRequestID()
	c.Set(requestIDKey, id)
	c.Header("X-Request-Id", id)
	c.Next()
}

func newRequestID() string {
	var random [16]byte
	rand.Read(random[:]) // never fails: crypto/rand ends the process instead
	return "rid_" + hex.EncodeToString(random[:])
}

// RequestID is the random name of this request, as answered in X-Request-Id and written in the operations log.
func RequestID(c *gin.Context) string { return c.GetString(requestIDKey) }

// SetActor records who was recognised, for the access log and the handlers behind.
func SetActor(c *gin.Context, a exchange.Actor) { c.Set(actorKey, a) }

// ActorOf is who was recognised. Without SetActor before, it is the zero Actor, which the door refuses.
func ActorOf(c *gin.Context) exchange.Actor {
	a, _ := c.Value(actorKey).(exchange.Actor)
	return a
}
