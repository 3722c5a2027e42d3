package rest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// idempotencyKey names an act that may come again; it is done once.
const idempotencyKey = "Idempotency-Key"

// repeatable is the actor of a call that bears a key: the fingerprint is of where it goes and of what its body was read
// as, however that was spaced and ordered. Of an upload the metadata and the bytes are taken when they have come.
func repeatable(c *gin.Context, a exchange.Actor, body any) (exchange.Actor, error) {
	if len(c.Request.Header.Values(idempotencyKey)) == 0 ||
		c.Request.Method != "POST" && c.Request.Method != "PATCH" {
		return a, nil
	}
	said, err := json.Marshal(body)
	if err != nil {
		return a, err
	}
	return a.Attempt(keyOf(c), c.Request.Method+" "+c.FullPath(), fingerprint(c.Request.URL.RequestURI(), said),
		func() { c.Header("Idempotency-Replayed", "true") })
}

// keyOf reads the key as written, or as a string of RFC 8941: "abc" and abc are one key.
func keyOf(c *gin.Context) string {
	key := c.GetHeader(idempotencyKey)
	if inner, ok := strings.CutPrefix(key, `"`); ok {
		if inner, ok = strings.CutSuffix(inner, `"`); ok {
			return inner
		}
	}
	return key
}

func fingerprint(where string, what []byte) article4.Digest {
	sum := sha256.Sum256(append([]byte(where+"\n"), what...))
	return article4.Digest(hex.EncodeToString(sum[:]))
}
