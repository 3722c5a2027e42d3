package exchange

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
)

// errAbsent makes what does not exist and what the caller has no standing for the same.
var errAbsent = errors.New("absent")

// notFound writes the same entry for what is absent and for what is not the caller's.
func (g *Gateway) notFound(ctx context.Context, a Actor, act article4.Act, what, target string) error {
	return g.enter(ctx, a, operation{act: act, what: what, target: target,
		facts: func(context.Context, *visit) error { return errAbsent }})
}

// absent writes the entry of a refusal whose target is not to be known: salted, the same for what does not exist.
func (v *visit) absent(ctx context.Context, o operation) (error, error) {
	// The caller's own Party, and not the document's: an entry that both may open would tell that there is one
	// (decision 0014).
	if over, err := v.tooMany(ctx, v.ownParties()); over != nil || err != nil {
		return over, err
	}
	body := v.body(kindOf(v.act), ledger.Refused)
	body.Document, body.Request = "", ""
	body.Reasons = []string{"request/not-found"}
	// Nobody keeps the salt: without one, identifiers could be tried against the hash.
	salt := make([]byte, 16)
	rand.Read(salt)
	sum := sha256.Sum256(append(salt, string(o.document)+string(o.request)+o.target...))
	body.Target = hex.EncodeToString(sum[:])
	entry, err := v.record(ctx, body, v.ownParties(), nil)
	return &NotFound{What: o.what, Entry: entry.id}, err
}
