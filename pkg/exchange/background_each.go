package exchange

import (
	"context"
	"errors"
	"fmt"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// closeAtATime is how many the gateway looks for in one go.
const closeAtATime = 100

// chore is what the gateway does by itself with each of several things, in the order of their identifiers.
type chore[ID ~string] struct {
	// find lists the next of them, behind an identifier: closeAtATime, or fewer where there are no more.
	find func(ctx context.Context, v *visit, after ID) ([]ID, error)
	// about says what is locked and read of one.
	about func(ID) operation
	do    func(ctx context.Context, v *visit, id ID) error
}

// each does a chore with all of them, with each in a transaction of its own. One that fails keeps no other from its
// turn, and is tried again in the next round; only what would meet every other too ends the round. What does not fit
// its seal is told to the auditors: whoever alters one record silences nothing but what that record is about.
func each[ID ~string](ctx context.Context, g *Gateway, c chore[ID]) error {
	var failed faults
	var after ID
	for {
		var found []ID
		err := g.bySystem(ctx, operation{}, func(ctx context.Context, v *visit) error {
			var err error
			found, err = c.find(ctx, v, after)
			return err
		})
		if err != nil {
			failed.add(g.met(ctx, operation{}, err))
			return failed.err()
		}
		for _, id := range found {
			o := c.about(id)
			err := g.one(ctx, o, func(ctx context.Context, v *visit) error { return c.do(ctx, v, id) })
			if err != nil {
				failed.add(fmt.Errorf("%s: %w", id, g.met(ctx, o, err)))
			}
			if endsRound(ctx, err) {
				return failed.err()
			}
			after = id
		}
		if len(found) < closeAtATime {
			return failed.err()
		}
	}
}

// one does something by itself; a panic is an error like others.
func (g *Gateway) one(ctx context.Context, o operation, do step) error {
	recorded := false
	err := g.caught(ctx, "one of several", func() error {
		return g.bySystem(ctx, o, func(ctx context.Context, v *visit) error {
			err := do(ctx, v)
			recorded = v.recorded
			return err
		})
	})
	if err == nil && recorded {
		g.sequencer.Wake()
	}
	return err
}

// endsRound reports whether whatever comes next would fail as well: the database or the log is away, the clocks
// contradict each other, or the gateway is being stopped.
func endsRound(ctx context.Context, err error) bool {
	return ctx.Err() != nil || err != nil && outOfReach(err)
}

// allOf does tasks one after another. One that fails keeps no other from its turn, unless it would fail as well.
func (g *Gateway) allOf(ctx context.Context, tasks ...func(context.Context) error) error {
	var failed faults
	for _, task := range tasks {
		err := g.caught(ctx, "one of several", func() error { return task(ctx) })
		failed.add(err)
		if endsRound(ctx, err) {
			break
		}
	}
	return failed.err()
}

// faults are what went wrong with several things: the first few in words, so that the operations log has a line and no
// page.
type faults struct {
	said []error
	more bool
}

const faultsSaid = 5

func (f *faults) add(err error) {
	switch {
	case err == nil:
	case len(f.said) < faultsSaid:
		f.said = append(f.said, err)
	default:
		f.more = true
	}
}

func (f *faults) err() error {
	if f.more {
		return errors.Join(append(f.said, errors.New("and others"))...)
	}
	return errors.Join(f.said...)
}

// met puts what was altered before the auditors, and passes on what went wrong.
func (g *Gateway) met(ctx context.Context, o operation, err error) error {
	if faultCode(err) != codeAltered {
		return err
	}
	return errors.Join(err, g.tellMet(ctx, o))
}

// tellMet tells the auditors of both Parties that the gateway met by itself what does not fit its seal, with an entry
// as of a refusal. It remembers of which documents it wrote one today: the rows, which say of whom somebody was told,
// may be altered too.
func (g *Gateway) tellMet(ctx context.Context, o operation) error {
	o.act = article4.ActDescribe
	document, today, told := o.document, "", false
	err := g.within(ctx, followUp, g.system(), o, func(ctx context.Context, v *visit) error {
		var err error
		if document == "" && o.request != "" {
			if document, err = v.register.DocumentOf(ctx, v.tx, o.request); err != nil {
				return err
			}
		}
		today, told = day(v.at), false
		if last, met := g.alterations.Load(document); met && last == today {
			return nil
		}
		parties, err := v.bothParties(ctx)
		if err != nil {
			return err
		}
		body := v.body(kindOf(o.act), ledger.Refused)
		body.Document, body.Request = string(document), string(o.request)
		body.Reasons = []string{string(codeAltered)}
		entry, err := v.record(ctx, body, parties, nil)
		if err != nil {
			return err
		}
		told = true
		return v.tellOfAlteration(ctx, parties, document, entry.id)
	})
	if err == nil && told {
		g.alterations.Store(document, today)
		g.sequencer.Wake()
	}
	return err
}

// tellNotBorneOut puts before the auditors of what the records say something else than the log: nothing rests on such a
// record, so no act need meet it.
func (g *Gateway) tellNotBorneOut(ctx context.Context) error {
	var found []article4.DocumentID
	err := g.bySystem(ctx, operation{}, func(ctx context.Context, v *visit) error {
		var err error
		found, err = v.register.NotBorneOut(ctx, v.tx, closeAtATime)
		return err
	})
	var failed faults
	failed.add(err)
	for _, id := range found {
		altered := fmt.Errorf("the log does not bear out a record about %q: %w", id, register.ErrAltered)
		failed.add(g.met(ctx, operation{document: id}, altered))
	}
	return failed.err()
}
