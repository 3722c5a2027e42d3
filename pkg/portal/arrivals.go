package portal

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/tus"
)

// beginArrival answers POST /documents/new in tus 1.0: the script of the page sends each file in parts. Under the same
// Idempotency-Key it is the same upload, so that the browser has nothing to keep.
func (p *Portal) beginArrival(c *call) error {
	up, err := tus.Declared(c.Context)
	actor := c.actor()
	if key := c.GetHeader("Idempotency-Key"); err == nil && key != "" {
		said, _ := json.Marshal(up) // strings and numbers
		sum := sha256.Sum256(said)
		actor, err = actor.Attempt(key, "POST /documents/new", article4.Digest(hex.EncodeToString(sum[:])), func() {})
	}
	if err == nil {
		err = tus.Begin(c.Context, p.cfg.Gateway, actor, up,
			func(id string) string { return "/documents/new/" + url.PathEscape(id) })
	}
	return p.toScript(c, err)
}

// takePart answers PATCH /documents/new/{staged}: the next bytes.
func (p *Portal) takePart(c *call) error { return p.inTus(c, tus.Take) }

// endArrival answers DELETE /documents/new/{staged}: it is given up, whole or not.
func (p *Portal) endArrival(c *call) error { return p.inTus(c, tus.End) }

// inTus answers a request of the script about one file.
func (p *Portal) inTus(c *call, does func(*gin.Context, *exchange.Gateway, exchange.Actor, string) error) error {
	return p.toScript(c, does(c.Context, p.cfg.Gateway, c.actor(), c.Param("staged")))
}

// toScript tells a script what is wrong: it shows no page.
func (p *Portal) toScript(c *call, err error) error {
	if err != nil {
		p.problems.Write(c.Context, err)
	}
	return nil
}
