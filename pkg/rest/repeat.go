package rest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// idempotencyKey names an act that may come again; it is done once.
const idempotencyKey = "Idempotency-Key"

// repeatable marks a call that bears a key: the fingerprint is of where it goes and of its JSON, however that is spaced and
// ordered. Of an upload the metadata and the bytes are taken when they have come.
func repeatable(c *gin.Context, s shape) error {
	if len(c.Request.Header.Values(idempotencyKey)) == 0 || c.Request.Method != "POST" {
		return nil
	}
	var body []byte
	if s.body != nil && !isMultipart(c) {
		var err error
		if body, err = io.ReadAll(c.Request.Body); err != nil {
			return unreadable(err)
		}
		c.Request.Body = io.NopCloser(bytes.NewReader(body))
	}
	actor, err := attempt(c, web.ActorOf(c), body)
	if err == nil {
		web.SetActor(c, actor)
	}
	return err
}

func attempt(c *gin.Context, a exchange.Actor, body []byte) (exchange.Actor, error) {
	return a.Attempt(c.GetHeader(idempotencyKey), c.Request.Method+" "+c.FullPath(), fingerprint(c.Request.URL.RequestURI(), canonical(body)))
}

// canonical is the same for JSON that says the same; what is no JSON stands for itself.
func canonical(body []byte) []byte {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var v any
	if decoder.Decode(&v) != nil {
		return body
	}
	out, err := json.Marshal(v)
	if err != nil {
		return body
	}
	return out
}

func fingerprint(where string, what []byte) article4.Digest {
	sum := sha256.Sum256(append([]byte(where+"\n"), what...))
	return article4.Digest(hex.EncodeToString(sum[:]))
}

// declaredBy is the actor of an upload, with the metadata in the fingerprint.
func (f *depositForm) declaredBy(ctx context.Context, a exchange.Actor) (exchange.Actor, error) {
	c, _ := ctx.(*gin.Context)
	if c == nil || len(c.Request.Header.Values(idempotencyKey)) == 0 {
		return a, nil
	}
	return attempt(c, a, f.raw)
}
