package exchange

import (
	"context"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// Notices lists what the caller is told, newest first; focal points and signatories also see what their organisation is
// told, and what became of the notices about its own documents. A third party that is suspended is asked all the same
// what became of its copies.
func (g *Gateway) Notices(ctx context.Context, a Actor, q NoticeQuery) (Page[Notice], error) {
	limit, after, err := q.bounds()
	if err != nil {
		return Page[Notice]{}, err
	}
	var out Page[Notice]
	err = g.look(ctx, a, func(ctx context.Context, v *visit) error {
		if !v.sees() && (!v.hasRole() || v.ofParty()) {
			return nil
		}
		found, err := g.register.Notices(ctx, v.tx, v.viewer(), register.NoticeFilter{
			Unanswered: q.Unanswered,
			Document:   q.Document,
			Kind:       q.Kind,
			AfterAt:    after.at,
			AfterID:    after.id,
			Limit:      limit + 1,
		})
		if err != nil {
			return err
		}
		out, err = pageOf(found, limit, func(n register.Notice) cursor { return cursor{n.At, n.ID} },
			func(n register.Notice) (Notice, error) { return v.noticeShown(ctx, n) })
		return err
	})
	return out, err
}

// noticeShown is one with what the caller could answer to it, where an answer is theirs to give and not given yet.
func (v *visit) noticeShown(ctx context.Context, n register.Notice) (Notice, error) {
	out := noticeView(n)
	if !v.toAnswer(n) || n.Acknowledged != nil {
		return out, nil
	}
	var err error
	out.Permissions, err = v.would(ctx, article4.ActAcknowledge,
		func(_ context.Context, v *visit) error { return v.answerFacts(n) })
	return out, err
}

func noticeView(n register.Notice) Notice {
	out := Notice{
		ID:          n.ID,
		Kind:        n.Kind,
		Request:     n.Request,
		Subject:     n.Subject,
		Document:    n.Document,
		Reference:   n.Reference,
		To:          n.To,
		Person:      n.Person,
		CopyNumbers: n.CopyNumbers,
		At:          n.At,
		facts:       n.Facts,
		text:        n.Text,
	}
	if a := n.Acknowledged; a != nil {
		out.Acknowledged = &Acknowledgement{By: a.By, At: a.At, Disposition: a.Disposition, Statement: a.Statement}
	}
	return out
}

// Acknowledge answers a notice: what became of the copies. The Arrangement orders no return or destruction; what the
// holder says is recorded (reading 0009).
func (g *Gateway) Acknowledge(ctx context.Context, a Actor, id string, in Acknowledgement) (Notice, error) {
	var c checks
	switch in.Disposition {
	case "returned", "destroyed", "kept", "read":
	default:
		c.Add(invalid.NotADisposition, "disposition", "4(10)")
	}
	c.text("statement", "4(10)", in.Statement, maxStatement)
	if err := c.Err(); err != nil {
		return Notice{}, err
	}
	var n register.Notice
	return perform(ctx, g, a, act[Notice]{
		operation: operation{act: article4.ActAcknowledge, what: "notice", target: id, lock: register.ForShare,
			facts: func(ctx context.Context, v *visit) error {
				var err error
				if n, err = g.register.Notice(ctx, v.tx, id); err != nil {
					return err
				}
				if err := v.answerFacts(n); err != nil {
					return err
				}
				if in.Disposition == "read" && len(n.CopyNumbers) > 0 { // that says nothing of the copies
					return invalid.One(invalid.NotADisposition, "disposition", "4(10)")
				}
				return nil
			}},
		do: func(ctx context.Context, v *visit) (Notice, error) {
			err := v.acknowledge(ctx, &n, in)
			return noticeView(n), err
		},
		replay: func(ctx context.Context, _ string) (Notice, error) {
			return shown(ctx, g, a, operation{act: article4.ActAcknowledge, what: "notice", target: id},
				func(ctx context.Context, v *visit) (Notice, error) {
					n, err := g.register.Notice(ctx, v.tx, id)
					return noticeView(n), err
				})
		},
		conflicts: map[string]string{"acknowledgement_pkey": "this notice was answered already"},
	})
}

// toAnswer reports whether a notice is the caller's to answer: it is to them, or to their organisation that they speak
// for.
func (v *visit) toAnswer(n register.Notice) bool {
	return n.Person == v.actor.person ||
		n.To == v.actor.organisation.ID && n.Audience != register.ForPerson && v.viewer().SeesOwn
}

func (v *visit) answerFacts(n register.Notice) error {
	if !v.toAnswer(n) {
		return errAbsent
	}
	v.facts.Change = &article4.ChangeFacts{ReasonPresent: true, OwnSubject: true}
	return nil
}

func (v *visit) acknowledge(ctx context.Context, n *register.Notice, in Acknowledgement) error {
	body := v.body(ledger.KindAcknowledgement, ledger.Permitted)
	body.Document = string(n.Document)
	body.Terms = &ledger.Terms{Subject: n.ID}
	entry, err := v.record(ctx, body, v.partiesFrom(n.Owner),
		[]private{{"disposition", in.Disposition}, {"statement", in.Statement}})
	if err != nil {
		return err
	}
	n.Acknowledged = &register.Acknowledgement{By: v.actor.person, At: v.at, Disposition: in.Disposition,
		Statement: in.Statement, Entry: entry.id}
	return v.register.Acknowledge(ctx, v.tx, *n, *n.Acknowledged)
}
