package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
)

// act is one verb: what it is about, how it is done once it is permitted, and what a repetition of it is answered with.
type act[T any] struct {
	operation
	// do does the permitted act and records it.
	do doing[T]
	// made names what do made, for a repetition to find it; nil: what the act is about says enough, or do names it
	// itself, as twice does.
	made func(T) string
	// replay answers a repetition under the same Idempotency-Key with the thing as it stands now: answers are not kept
	// (docs/decisions/0024). nil: the act is not done under a key.
	replay replay[T]
	// conflicts are the constraints of the database that a second act of this kind violates, with the words for it.
	conflicts map[string]string
}

// replay answers a repetition, by what the act made the first time.
type replay[T any] = func(ctx context.Context, made string) (T, error)

// Outcome is what came of an act that may take two people.
type Outcome[T any] struct {
	Value   T
	Pending *Pending // the first half, waiting for a second person; nil: the act is done
}

// both is an outcome as verbs return it.
func both[T any](o Outcome[T], err error) (T, *Pending, error) { return o.Value, o.Pending, err }

// perform is the frame of every verb: it passes the door, does the act once however often it comes under one key, and
// tells who was second by a conflict. Of what failed there is no value.
func perform[T any](ctx context.Context, g *Gateway, a Actor, it act[T]) (T, error) {
	var out, none T
	o := it.operation
	o.once = it.replay != nil
	o.then = func(ctx context.Context, v *visit) error {
		var err error
		if out, err = it.do(ctx, v); err == nil && it.made != nil {
			v.result = it.made(out)
		}
		return err
	}
	err := g.enter(ctx, a, o)
	var again *replayed
	if errors.As(err, &again) && it.replay != nil {
		a.attempt.again()
		return it.replay(ctx, again.result)
	}
	if said, conflicts := it.conflicts[postgres.Constraint(err)]; conflicts {
		err = fmt.Errorf("%w: %s", ErrConflict, said)
	}
	if err != nil {
		return none, err
	}
	return out, nil
}

// replayTwo answers a repetition of either half of an act of two people: the thing as it stands now, and to the first
// of the two what waits.
func replayTwo[T any](g *Gateway, a Actor, show func(context.Context) (T, error)) replay[Outcome[T]] {
	return func(ctx context.Context, made string) (Outcome[T], error) {
		value, err := show(ctx)
		if err != nil {
			return Outcome[T]{}, err
		}
		waits, err := g.begun(ctx, a, made, nil)
		return Outcome[T]{Value: value, Pending: waits}, err
	}
}

// shown looks at what the caller's own act made. Somebody who may see nothing any more gets what is absent.
func shown[T any](ctx context.Context, g *Gateway, a Actor, o operation, see doing[T]) (T, error) {
	var out T
	err := g.look(ctx, a, func(ctx context.Context, v *visit) error {
		if !v.sees() {
			return errAbsent
		}
		var err error
		out, err = see(ctx, v)
		return err
	})
	if errors.Is(err, errAbsent) || missingRecord(err) {
		err = g.notFound(ctx, a, o.act, o.what, o.target)
	}
	return out, err
}

// begun is the first half of an act of two people, by whose identifier both halves are known, and what it said. waits
// is set for the first of the two, whatever became of it since; nil for the second and for an act that took one person
// only.
func (g *Gateway) begun(ctx context.Context, a Actor, made string, said any) (waits *Pending, err error) {
	if !strings.HasPrefix(made, pendingPrefix) {
		return nil, nil
	}
	var p register.Pending
	err = g.find(ctx, func(tx *postgres.Tx) error {
		var err error
		p, err = g.register.PendingEver(ctx, tx, made)
		return err
	})
	if err != nil {
		return nil, err
	}
	if said != nil {
		if err := json.Unmarshal([]byte(p.Payload), said); err != nil {
			return nil, fmt.Errorf("pending %s: %w", p.ID, err)
		}
	}
	if p.By != a.person {
		return nil, nil
	}
	return pendingView(p), nil
}

// reasonGiven is the fact of an act that rests on nothing but the reason given, which was checked before.
func reasonGiven(_ context.Context, v *visit) error {
	v.facts.Change = &article4.ChangeFacts{ReasonPresent: true}
	return nil
}

// permitted does nothing: of an act that is only to be decided.
func permitted(context.Context, *visit) (bool, error) { return true, nil }
