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

// What an act made is shown to whoever repeats it under its key: the thing as it stands now. The first of two people is
// told what they began, whatever became of it since.

// shownAgain looks at what the caller's own act made. Somebody who may see nothing any more gets what is absent.
func (g *Gateway) shownAgain(ctx context.Context, a Actor, act article4.Act, what, id string, see func(ctx context.Context, v *visit) error) error {
	err := g.look(ctx, a, func(ctx context.Context, v *visit) error {
		if !v.sees() {
			return errAbsent
		}
		return see(ctx, v)
	})
	if errors.Is(err, errAbsent) || missingRecord(err) {
		return g.notFound(ctx, a, act, what, id)
	}
	return err
}

// begun is the first half of an act of two people, by whose identifier both halves are known, and what it said. waits is
// set for the first of the two, nil for the second and for an act that took one person only.
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

// describedAgain answers the repetition of a change of a document.
func (g *Gateway) describedAgain(ctx context.Context, a Actor, id article4.DocumentID, made string) (Document, *Pending, error) {
	out, err := g.Describe(ctx, a, id)
	if err != nil {
		return Document{}, nil, err
	}
	waits, err := g.begun(ctx, a, made, nil)
	return out, waits, err
}

// suspensionAgain answers the repetition of a stop, of a report of a leak, and of a lifting.
func (g *Gateway) suspensionAgain(ctx context.Context, a Actor, act article4.Act, id string) (Suspension, error) {
	var out Suspension
	err := g.shownAgain(ctx, a, act, "suspension", id, func(ctx context.Context, v *visit) error {
		found, err := g.register.Suspension(ctx, v.tx, id)
		out = suspensionView(found)
		return err
	})
	return out, err
}

// holdAgain answers the repetition of a Hold, and of its end.
func (g *Gateway) holdAgain(ctx context.Context, a Actor, act article4.Act, id string) (Hold, error) {
	var out Hold
	err := g.shownAgain(ctx, a, act, "hold", id, func(ctx context.Context, v *visit) error {
		found, err := g.register.Hold(ctx, v.tx, id)
		out = holdView(found, a.organisation.ID)
		return err
	})
	return out, err
}

// filedAgain answers the repetition of either half of a filed authorization.
func (g *Gateway) filedAgain(ctx context.Context, a Actor, id article4.RequestID, made string) (AccessRequest, *Pending, error) {
	out, err := g.DescribeRequest(ctx, a, id)
	if err != nil {
		return AccessRequest{}, nil, err
	}
	waits, err := g.begun(ctx, a, made, nil)
	return out, waits, err
}

// noticeAgain answers the repetition of either half of a notice of termination.
func (g *Gateway) noticeAgain(ctx context.Context, a Actor, made string) (NoticeOfTermination, error) {
	var said noticeSaid
	waits, err := g.begun(ctx, a, made, &said)
	if err != nil {
		return NoticeOfTermination{}, err
	}
	out := terminationView(said)
	if waits != nil {
		out.Pending, out.EndsOn = waits, nil
	}
	return out, g.shownAgain(ctx, a, article4.ActGiveNotice, "notice", made, func(context.Context, *visit) error { return nil })
}

// designatedAgain answers the repetition of either half of a designation; to the second with the focal point as it stands.
func (g *Gateway) designatedAgain(ctx context.Context, a Actor, made string) (FocalPoint, *Pending, error) {
	var said designationSaid
	waits, err := g.begun(ctx, a, made, &said)
	if err != nil {
		return FocalPoint{}, nil, err
	}
	out := FocalPoint{Organisation: a.organisation.ID, Name: said.Name}
	err = g.shownAgain(ctx, a, article4.ActDesignate, "designation", made, func(ctx context.Context, v *visit) error {
		if waits != nil {
			return nil
		}
		signed, _ := v.dates.InEffectFrom()
		all, err := v.focalPoints(ctx, signed)
		for _, f := range all {
			if f.Organisation == a.organisation.ID {
				out = f
			}
		}
		return err
	})
	return out, waits, err
}

// delegatedAgain answers the repetition of either half of a Delegation, or of its end.
func (g *Gateway) delegatedAgain(ctx context.Context, a Actor, made string) (Delegation, *Pending, error) {
	var said delegationSaid
	waits, err := g.begun(ctx, a, made, &said)
	if err != nil {
		return Delegation{}, nil, err
	}
	id := article4.DelegationID(made)
	if waits != nil {
		id = said.Ends
	}
	out := Delegation{Acts: said.Acts, From: said.From, Until: said.Until, Instrument: said.Instrument}
	err = g.shownAgain(ctx, a, article4.ActDelegate, "delegation", made, func(ctx context.Context, v *visit) error {
		if id == "" {
			return nil
		}
		d, err := g.register.Delegation(ctx, v.tx, id)
		out = delegationView(d)
		return err
	})
	return out, waits, err
}

// recognisedAgain answers the repetition of either half of a recognition.
func (g *Gateway) recognisedAgain(ctx context.Context, a Actor, made string) (Organisation, *Pending, error) {
	var said organisationSaid
	waits, err := g.begun(ctx, a, made, &said)
	if err != nil {
		return Organisation{}, nil, err
	}
	out, err := g.Organisation(ctx, a, said.ID)
	return out, waits, err
}

// releasedAgain answers the repetition of a Release.
func (g *Gateway) releasedAgain(ctx context.Context, a Actor, id article4.DocumentID, made string) (Release, error) {
	var out Release
	err := g.enter(ctx, a, errand{act: article4.ActDescribe, document: id, what: "document", facts: loadAccess,
		then: func(ctx context.Context, v *visit) error {
			rel, err := g.register.Release(ctx, v.tx, made)
			out = releaseView(rel)
			return err
		}})
	return out, err
}

// saidAgain answers the repetition of a question or an answer.
func (g *Gateway) saidAgain(ctx context.Context, a Actor, id article4.RequestID, made string) (Message, error) {
	var out Message
	err := g.enter(ctx, a, errand{act: article4.ActDescribe, request: id, what: "request",
		then: func(ctx context.Context, v *visit) error {
			m, err := g.register.Message(ctx, v.tx, v.document.Discloser, id, made)
			out = v.messageView(m)
			return err
		}})
	return out, err
}
