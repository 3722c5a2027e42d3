package exchange

import (
	"context"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
)

// Ask puts a question to the asker, or answers one, by who the caller is: the asker's organisation answers, whoever is
// to decide asks. With an answer, silence counts anew (reading 0007); what is said where no question waits is a remark,
// and moves nothing.
func (g *Gateway) Ask(ctx context.Context, a Actor, id article4.RequestID, text string) (Message, error) {
	var c checks
	c.required("text", "4(4)", text, maxStatement)
	if err := c.Err(); err != nil {
		return Message{}, err
	}
	named, err := g.askOrAnswer(ctx, a, id)
	if err != nil {
		return Message{}, err
	}
	return perform(ctx, g, a, act[Message]{
		operation: operation{act: named, request: id, what: "request", lock: register.ForShare, facts: reasonGiven},
		do:        func(ctx context.Context, v *visit) (Message, error) { return v.say(ctx, text) },
		made:      func(m Message) string { return m.ID },
		replay:    func(ctx context.Context, made string) (Message, error) { return g.replayMessage(ctx, a, id, made) },
	})
}

func (g *Gateway) replayMessage(ctx context.Context, a Actor, id article4.RequestID, made string) (Message, error) {
	return perform(ctx, g, a, act[Message]{
		operation: operation{act: article4.ActDescribe, request: id, what: "request"},
		do: func(ctx context.Context, v *visit) (Message, error) {
			m, err := g.register.Message(ctx, v.tx, v.document.Discloser, id, made)
			return v.messageView(m), err
		}})
}

// askOrAnswer tells which of the two the caller's message is; nothing is shown here. Where the Discloser's own people
// asked, for somebody else, their colleagues are those who decide: only the asker answers.
func (g *Gateway) askOrAnswer(ctx context.Context, a Actor, id article4.RequestID) (article4.Act, error) {
	act := article4.ActAsk
	err := g.find(ctx, func(tx *postgres.Tx) error {
		q, err := g.register.Request(ctx, tx, id)
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
	kind, err := v.messageKind(ctx)
	if err != nil {
		return Message{}, err
	}
	m := register.Message{
		ID:           register.NewID("msg_"),
		Request:      v.request.ID,
		Kind:         kind,
		By:           v.actor.person,
		Organisation: v.actor.organisation.ID,
		At:           v.at,
		Text:         text,
	}
	body := v.body(ledger.KindMessage, ledger.Permitted)
	body.Terms = &ledger.Terms{Subject: m.ID, Relies: []string{v.request.EntryHash}}
	entry, err := v.record(ctx, body, v.concerned(), []private{{"text", text}})
	if err != nil {
		return Message{}, err
	}
	m.Entry = entry.id
	if err := v.register.AddMessage(ctx, v.tx, v.document.Discloser, m); err != nil {
		return Message{}, err
	}
	if m.Kind == register.Answer && v.request.Closed == "" {
		if err := v.register.Answered(ctx, v.tx, *v.request, v.at.Add(v.settings.LapseAfter)); err != nil {
			return Message{}, err
		}
	}
	return v.messageView(m), v.tellMessage(ctx, m)
}

func (v *visit) messageKind(ctx context.Context) (register.MessageKind, error) {
	if v.act != article4.ActAnswer {
		return register.Question, nil
	}
	asked, err := v.register.IsAsked(ctx, v.tx, v.request.ID)
	if err != nil || asked {
		return register.Answer, err
	}
	return register.Remark, nil
}

func (v *visit) messageView(m register.Message) Message {
	out := Message{
		ID:           m.ID,
		Kind:         string(m.Kind),
		By:           m.By,
		Organisation: m.Organisation,
		At:           m.At,
		Text:         m.Text,
		Entry:        m.Entry,
	}
	if told := v.toldAs(v.document, m.Organisation); told != m.Organisation {
		out.Organisation, out.By, out.Entry = told, "", ""
	}
	return out
}

// Messages lists what was said on a request, the oldest first.
func (g *Gateway) Messages(ctx context.Context, a Actor, id article4.RequestID, p Paging) (Page[Message], error) {
	limit, after, err := p.bounds()
	if err != nil {
		return Page[Message]{}, err
	}
	return perform(ctx, g, a, act[Page[Message]]{
		operation: operation{act: article4.ActDescribe, request: id, what: "request"},
		do: func(ctx context.Context, v *visit) (Page[Message], error) {
			found, err := g.register.Messages(ctx, v.tx, v.document.Discloser, id, after.at, after.id, limit+1)
			if err != nil {
				return Page[Message]{}, err
			}
			return readPage(v, found, limit, as(v.messageView))
		}})
}
