package exchange

import (
	"context"
	"fmt"
	"slices"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// errPresent ends a call that would carry a request over to the version that it is for.
var errPresent = fmt.Errorf("%w: the request is for the present version already", ErrConflict)

// CarryOver asks whether what was decided on a request serves the present version of its document as well (Article
// 4(9)): a new request in the same terms, for that version and the same readers. Each who decided is asked, by one text
// that names both versions; until each of them has decided, nothing of the new version is granted (reading 0101).
// Whoever may ask for the document may; the Discloser's people give it anew, as a Delivery. An empty statement is that
// of the request, and a zero until its until.
func (g *Gateway) CarryOver(ctx context.Context, a Actor, id article4.RequestID, statement string,
	until time.Time) (AccessRequest, error) {
	var c checks
	c.text("statement", "4(7)", statement, maxStatement)
	c.date("until", "4(4)", until)
	if err := c.Err(); err != nil {
		return AccessRequest{}, err
	}
	old, err := g.lookedAt(ctx, a, id)
	if err != nil {
		return AccessRequest{}, err
	}
	ask := Ask{
		For:       old.Beneficiary,
		Purpose:   old.Purpose,
		Statement: old.Statement,
		Until:     old.Until,
		Form:      old.Form,
		carries:   &old,
	}
	if statement != "" {
		ask.Statement = statement
	}
	if !until.IsZero() {
		ask.Until = until.UTC().Truncate(time.Microsecond)
	}
	return perform(ctx, g, a, act[AccessRequest]{
		operation: operation{
			act:      article4.ActRequest,
			document: old.Document,
			what:     "document",
			lock:     register.ForShare,
			reading:  &Reading{}, // it is for the current version
			facts:    func(ctx context.Context, v *visit) error { return v.carryFacts(ctx, &ask) },
		},
		do: func(ctx context.Context, v *visit) (AccessRequest, error) {
			switch {
			case old.Version == v.document.Version:
				return AccessRequest{}, errPresent
			case v.facts.Ask.Delivery:
				return v.deliver(ctx, ask)
			}
			return v.ask(ctx, ask)
		},
		made: func(q AccessRequest) string { return string(q.ID) },
		replay: func(ctx context.Context, made string) (AccessRequest, error) {
			return g.requestAsAnswered(ctx, a, article4.RequestID(made))
		},
	})
}

// lookedAt is a request that the caller may look at. Where the caller's act is only to be decided, looking leaves no
// entry either.
func (g *Gateway) lookedAt(ctx context.Context, a Actor, id article4.RequestID) (register.Request, error) {
	var out register.Request
	look := func(a Actor) error {
		_, err := perform(ctx, g, a, act[bool]{
			operation: operation{act: article4.ActDescribe, request: id, what: "request",
				facts: func(_ context.Context, v *visit) error {
					out = *v.request
					return nil
				}},
			do: permitted,
		})
		return err
	}
	if a.supposing == nil {
		err := look(a)
		return out, err
	}
	may, told, err := Would(a, look)
	if err == nil && !(told && may.Allowed) {
		err = &NotFound{What: "request"}
	}
	return out, err
}

// carryFacts puts before the rules a request in the terms of the one that is carried over, for all who could read by
// it.
func (v *visit) carryFacts(ctx context.Context, ask *Ask) error {
	old := ask.carries
	if v.actor.supposing != nil && old.Version == v.document.Version {
		return errPresent // there is nothing to be decided
	}
	ask.People = slices.Concat(old.People, old.Admitted)
	if old.AskedByOrg == old.Beneficiary && old.AskedBy != v.actor.person {
		ask.People = append(ask.People, old.AskedBy)
	}
	slices.Sort(ask.People)
	ask.People = slices.Compact(ask.People)
	err := v.askFacts(ctx, *ask)
	d := v.document
	if v.actor.organisation.ID == d.Discloser && ask.For == d.Recipient { // to whom it was given, it may be given anew
		v.facts.Ask.Delivery = true
		v.facts.Ask.PeopleBelong = v.facts.Ask.PeopleBelong && len(ask.People) > 0 && len(ask.People) <= maxPeople
	}
	return err
}

// carried is the version that the request of this visit was made for before.
func (v *visit) carried(ctx context.Context) (register.Version, error) {
	old, err := v.register.Request(ctx, v.tx, v.request.Carries)
	if err != nil {
		return register.Version{}, err
	}
	return v.register.Version(ctx, v.tx, old.Version)
}
