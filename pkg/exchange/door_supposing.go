package exchange

import (
	"context"
	"errors"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// supposing is a call that is only to be decided, and what was decided of it.
type supposing struct {
	decided    bool
	permission Permission
}

// errSupposed ends a call that is only to be decided: nothing was done.
var errSupposed = errors.New("this call was only to be decided")

// Would asks the rules whether a caller could do an act now, by calling the verb itself as somebody who does nothing:
// it reads the same facts, is decided by the same rules, and leaves neither a change nor an entry. False: there is
// nothing for the act to be done on.
func Would(a Actor, verb func(Actor) error) (Permission, bool, error) {
	s := &supposing{}
	a.supposing, a.attempt = s, nil
	err := verb(a)
	var absent *NotFound
	if s.decided || errors.As(err, &absent) || errors.Is(err, ErrConflict) {
		err = nil
	}
	return s.permission, s.decided, err
}

// suppose decides, in a transaction that is given up whatever the facts did in it.
func (g *Gateway) suppose(ctx context.Context, a Actor, o operation) error {
	o.lock, o.alone = register.Unlocked, false
	err := g.within(ctx, readOnly, a, o, func(ctx context.Context, v *visit) error {
		v.decide(ctx)
		a.supposing.decided = true
		a.supposing.permission = v.permission(v.ruling)
		return errSupposed
	})
	if errors.Is(err, errAbsent) || missingRecord(err) {
		return &NotFound{What: o.what}
	}
	return g.fault(o.act, err)
}

// would decides an act on a thing that this visit looks at, as if the caller came with it; facts adds what the act
// brings.
func (v *visit) would(ctx context.Context, act article4.Act, facts step) (map[article4.Act]Permission, error) {
	one := v.as(v.actor, act)
	one.document, one.request, one.facts.Document, one.facts.Request = nil, nil, nil, nil
	if err := facts(ctx, one); err != nil {
		return nil, err
	}
	d := one.rules.Decide(one.facts)
	return map[article4.Act]Permission{act: {Allowed: d.Permit, Reasons: d.Reasons}}, nil
}
