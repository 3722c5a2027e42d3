package exchange

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// A person's refusals have an entry each up to Settings.Refusals in a minute, all replicas together. What is refused
// beyond is answered gateway/too-many, and one entry tells how many there were: docs/decisions/0042.

// aMinute is what refusals are counted over.
const aMinute = time.Minute

const codeTooMany article4.Code = "gateway/too-many"

// tooMany counts a refusal whose entry these Parties might open. Where it is one too many it comes back in the place of
// the refusal, and there is to be no entry.
func (v *visit) tooMany(ctx context.Context, entitled []article4.OrganisationID) (*Refusal, error) {
	c, err := v.register.CountRefusal(ctx, v.tx, v.actor.person, v.actor.organisation.ID, v.at, v.at.Add(-aMinute))
	if err != nil {
		return nil, err
	}
	if c.Refused <= v.settings.Refusals {
		return nil, v.tellRefusals(ctx, c, false) // of a minute before, if the gateway was not faster
	}
	if c.Silent == 0 {
		c.SilentFrom = v.at
	}
	c.Silent, c.SilentTo = c.Silent+1, v.at
	for _, party := range entitled {
		if !slices.Contains(c.Parties, party) {
			c.Parties = append(c.Parties, party)
		}
	}
	return &Refusal{Act: v.act, Reasons: []article4.Reason{{Code: codeTooMany}}, Rules: v.RulesDigest(),
		RetryAfter: c.Since.Add(aMinute).Sub(v.at), Bound: v.settings.Refusals}, v.register.KeepSilent(ctx, v.tx, c)
}

// tellRefusals writes the one entry that counts the silent refusals of a person, if there are any.
func (v *visit) tellRefusals(ctx context.Context, c register.Refusals, told bool) error {
	if c.Silent == 0 {
		return nil
	}
	body := ledger.Body{
		Version:       1,
		Kind:          ledger.KindTooMany,
		ID:            register.NewID("ent_"),
		At:            v.at,
		Actor:         string(c.Person),
		Organisation:  string(c.Organisation),
		Outcome:       ledger.Refused,
		Reasons:       []string{string(codeTooMany)},
		Rules:         v.RulesDigest(),
		Build:         v.build,
		Configuration: v.arrangement.Configuration,
		Counted:       &ledger.Counted{Refusals: c.Silent, From: c.SilentFrom, To: c.SilentTo},
	}
	if _, err := v.record(ctx, body, c.Parties, nil); err != nil {
		return err
	}
	return v.register.KeepSilent(ctx, v.tx, register.Refusals{Person: c.Person, Told: told})
}

// tellOwnRefusals does it with the first act of the person in this minute that is permitted and has an entry.
func (v *visit) tellOwnRefusals(ctx context.Context) error {
	if !v.recorded || !v.refusalLimiter.has(v.actor.person) {
		return nil
	}
	c, err := v.register.RefusalsOf(ctx, v.tx, v.actor.person)
	if missingRecord(err) || err == nil && c.Told {
		return nil
	}
	if err != nil {
		return err
	}
	return v.tellRefusals(ctx, c, true)
}

// errPermitted ends a rehearsal that found nothing to refuse.
var errPermitted = errors.New("permitted")

// dryRun decides without holding anything, for somebody who is refused too often, so that a flood of refusals keeps
// nobody waiting. nil: nothing is refused, and nothing was done.
func (g *Gateway) dryRun(ctx context.Context, a Actor, o operation) error {
	o.lock, o.alone = register.Unlocked, false
	o.then = func(context.Context, *visit) error { return errPermitted }
	err := g.pass(ctx, a, o)
	if errors.Is(err, errPermitted) {
		return nil
	}
	return err
}

// refusalLimiter knows who was recently refused too often, as far as this replica answered them. It is a hint, and the
// database counts: somebody who is missing here is counted all the same.
type refusalLimiter struct {
	mu   sync.Mutex
	over map[article4.PersonID]time.Time // when their minute is over
}

func newRefusalLimiter() *refusalLimiter {
	return &refusalLimiter{over: map[article4.PersonID]time.Time{}}
}

func (f *refusalLimiter) has(p article4.PersonID) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	over, found := f.over[p]
	return found && time.Now().Before(over)
}

// note remembers somebody, and forgets those whose minute is over.
func (f *refusalLimiter) note(p article4.PersonID, wait time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	for other, over := range f.over {
		if now.After(over) {
			delete(f.over, other)
		}
	}
	f.over[p] = now.Add(wait)
}
