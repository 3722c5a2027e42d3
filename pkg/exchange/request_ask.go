package exchange

import (
	"context"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
)

// Ask puts a question to the asker, or answers one, by who the caller is: the asker's organisation answers, whoever is to
// decide asks. With an answer, silence counts anew (reading 0007).
func (g *Gateway) Ask(ctx context.Context, a Actor, id article4.RequestID, text string) (Message, error) {
	var c checks
	c.required("text", "4(4)", text, maxStatement)
	if err := c.Err(); err != nil {
		return Message{}, err
	}
	act, err := g.askOrAnswer(ctx, a, id)
	if err != nil {
		return Message{}, err
	}
	var out Message
	err = g.enter(ctx, a, errand{act: act, request: id, what: "request", lock: register.ForShare, once: true,
		facts: func(_ context.Context, v *visit) error {
			v.facts.Change = &article4.ChangeFacts{ReasonPresent: true}
			return nil
		},
		then: func(ctx context.Context, v *visit) error {
			var err error
			out, err = v.say(ctx, text)
			v.result = out.ID
			return err
		}})
	if made, again := doneBefore(err); again {
		return g.saidAgain(ctx, a, id, made)
	}
	return out, err
}

// askOrAnswer tells which of the two the caller's message is; nothing is shown here. Where the Discloser's own people asked, for
// somebody else, their colleagues are those who decide: only the asker answers.
func (g *Gateway) askOrAnswer(ctx context.Context, a Actor, id article4.RequestID) (article4.Act, error) {
	act := article4.ActAsk
	err := g.find(ctx, func(tx *postgres.Tx) error {
		q, err := g.Register.Request(ctx, tx, id)
		if err == nil && q.AskedByOrg == a.organisation.ID && (q.AskedBy == a.person || q.Discloser != q.AskedByOrg) {
			act = article4.ActAnswer
		}
		if missingRecord(err) {
			return nil // the door will answer
		}
		return err
	})
	return act, err
}

func (v *visit) say(ctx context.Context, text string) (Message, error) {
	m := register.Message{ID: register.NewID("msg_"), Request: v.request.ID, Answer: v.act == article4.ActAnswer, By: v.actor.person,
		Organisation: v.actor.organisation.ID, At: v.at, Text: text}
	body := v.body(ledger.KindMessage, ledger.Permitted)
	body.Terms = &ledger.Terms{Subject: m.ID, Relies: []string{v.request.EntryHash}}
	entry, err := v.record(ctx, body, v.concerned(), []private{{"text", text}})
	if err != nil {
		return Message{}, err
	}
	m.Entry = entry.id
	if err := v.Register.AddMessage(ctx, v.tx, v.document.Discloser, m); err != nil {
		return Message{}, err
	}
	if m.Answer && v.request.Closed == "" {
		err = v.Register.Answered(ctx, v.tx, v.request.ID, v.at.Add(v.Settings.LapseAfter))
	}
	return v.messageView(m), err
}

func (v *visit) messageView(m register.Message) Message {
	out := Message{ID: m.ID, Kind: "question", By: m.By, Organisation: m.Organisation, At: m.At, Text: m.Text, Entry: m.Entry}
	if m.Answer {
		out.Kind = "answer"
	}
	if v.hides(v.document, m.Organisation) {
		out.Organisation, out.By, out.Entry = v.document.Discloser, "", ""
	}
	return out
}

// Messages lists the questions and answers on a request, the oldest first.
func (g *Gateway) Messages(ctx context.Context, a Actor, id article4.RequestID, p Paging) (Page[Message], error) {
	limit, after, err := p.bounds()
	if err != nil {
		return Page[Message]{}, err
	}
	var out Page[Message]
	err = g.enter(ctx, a, errand{act: article4.ActDescribe, request: id, what: "request",
		then: func(ctx context.Context, v *visit) error {
			found, err := g.Register.Messages(ctx, v.tx, v.document.Discloser, id, after.at, after.id, limit+1)
			if err != nil {
				return err
			}
			cut := page(found, limit, func(m register.Message) cursor { return cursor{m.At, m.ID} })
			out.Next = cut.Next
			for _, m := range cut.Items {
				out.Items = append(out.Items, v.messageView(m))
			}
			return nil
		}})
	return out, err
}
