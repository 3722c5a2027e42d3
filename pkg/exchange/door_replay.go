package exchange

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/register"
)

// keptFor is how long the result of an act is kept for its repetition.
const keptFor = 48 * time.Hour

// maxKey is the longest Idempotency-Key, in characters.
const maxKey = 200

// ErrKeyReused says that the same Idempotency-Key came with something else than the first time.
var ErrKeyReused = errors.New("idempotency key used before with another request")

// attempt marks a call that may be repeated.
type attempt struct {
	key, operation string
	fingerprint    article4.Digest
	again          func() // told that the act was done before; never nil
}

// Attempt gives the same caller, for one call that may be repeated: under the same key, operation and fingerprint of
// what is handed in, the act is done once and its result told again, for 48 hours. A key has 1 to 200 printable ASCII
// characters. again is called where the act was done before, and its result is told.
func (a Actor) Attempt(key, operation string, fingerprint article4.Digest, again func()) (Actor, error) {
	if len(key) == 0 || len(key) > maxKey {
		return a, invalid.One(invalid.KeyLength, "Idempotency-Key", "", len(key), maxKey)
	}
	for _, r := range key {
		if r < 0x21 || r > 0x7e {
			return a, invalid.One(invalid.KeyNotASCII, "Idempotency-Key", "")
		}
	}
	a.attempt = &attempt{key: key, operation: operation, fingerprint: fingerprint, again: again}
	return a, nil
}

// replayed says that the act was done before under the same key.
type replayed struct {
	result string
	found  register.Attempt
}

func (r *replayed) Error() string { return "done before under the same idempotency key" }

func (t *attempt) of() register.AttemptKey {
	return register.AttemptKey{Operation: t.operation, Key: t.key}
}

// before looks whether the act was done already; what is handed in must be the same. While the same runs, it waits.
func (v *visit) before(ctx context.Context) error {
	t := v.actor.attempt
	if err := v.register.HoldAttempt(ctx, v.tx, v.actor.person, t.of()); err != nil {
		return err
	}
	found, err := v.attemptFound(ctx)
	if err != nil || found == nil {
		return err
	}
	if found.Fingerprint != t.fingerprint {
		return ErrKeyReused
	}
	return &replayed{result: found.Result, found: *found}
}

func (v *visit) attemptFound(ctx context.Context) (*register.Attempt, error) {
	at, err := v.tx.Now(ctx)
	if err != nil {
		return nil, err
	}
	at = v.ruleTime(at)
	found, err := v.register.Attempt(ctx, v.tx, v.actor.person, v.actor.attempt.of())
	if err != nil || found == nil || !found.At.After(at.Add(-keptFor)) {
		return nil, err
	}
	return found, nil
}

// after records the result in the act's own transaction.
func (v *visit) after() {
	t := v.actor.attempt
	v.register.AddAttempt(v.tx, register.Attempt{
		Person:      v.actor.person,
		Operation:   t.operation,
		Key:         t.key,
		Fingerprint: t.fingerprint,
		Result:      v.result,
		At:          v.at,
	}, v.at.Add(-keptFor))
}

// uploadedBefore finds what came of an upload under the same key; whether it is the same is known when its bytes have
// come.
func (v *visit) uploadedBefore(ctx context.Context) (*replayed, error) {
	if v.actor.attempt == nil {
		return nil, nil
	}
	found, err := v.attemptFound(ctx)
	if err != nil || found == nil {
		return nil, err
	}
	return &replayed{result: found.Result, found: *found}, nil
}

// sameContent reads an upload that comes again: it is hashed, not stored, and must be the same bytes.
func (g *Gateway) sameContent(a Actor, again *replayed, content ContentSource) error {
	r, _, err := content()
	if err != nil {
		return err
	}
	digest := sha256.New()
	if _, err := io.Copy(digest, io.LimitReader(r, g.settings.MaxUpload+1)); err != nil {
		return fmt.Errorf("%w: %w", ErrContent, err)
	}
	if again.found.Fingerprint != withContent(a.attempt.fingerprint, sum(digest)) {
		return ErrKeyReused
	}
	return nil
}

// withContent is the same caller, once the bytes came of an upload that may come again.
func (a Actor) withContent(content article4.Digest) Actor {
	if a.attempt != nil {
		whole := *a.attempt
		whole.fingerprint = withContent(whole.fingerprint, content)
		a.attempt = &whole
	}
	return a
}

// withContent is the fingerprint of an upload: of its metadata and of its bytes.
func withContent(metadata, content article4.Digest) article4.Digest {
	return digestOf(string(metadata) + "\n" + string(content))
}
