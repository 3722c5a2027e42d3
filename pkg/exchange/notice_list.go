package exchange

import (
	"context"
	"slices"
	"strconv"
	"strings"

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
		out, err = readPage(v, found, limit,
			func(n register.Notice) (Notice, error) { return v.noticeShown(ctx, n) })
		return err
	})
	return out, err
}

// noticeShown is one with what the caller could answer to it, where an answer is theirs to give and not given yet.
func (v *visit) noticeShown(ctx context.Context, n register.Notice) (Notice, error) {
	out := noticeView(n)
	if !v.toAnswer(n) || n.Acknowledged != nil && len(n.CopyNumbers) == 0 {
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
		Marking:     n.Marking,
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
	for _, a := range n.Answers {
		out.Answers = append(out.Answers, CopyAnswer{
			Number:      a.Number,
			Disposition: a.Disposition,
			Statement:   a.Statement,
			By:          a.By,
			At:          a.At,
		})
	}
	return out
}

// Acknowledge answers a notice: what became of each copy, or of all of them alike. The Arrangement orders no return or
// destruction; what the holder says is recorded (reading 0009). An answer about copies may be corrected: the newest
// counts, and the entries keep what was said before.
func (g *Gateway) Acknowledge(ctx context.Context, a Actor, id string, in Acknowledgement) (Notice, error) {
	if err := in.check(); err != nil {
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
				return in.fits(n)
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

// dispositions are what may become of a copy, the least first: what is kept is still there.
var dispositions = []string{"kept", "returned", "destroyed"}

func (in Acknowledgement) check() error {
	var c checks
	c.text("statement", "4(10)", in.Statement, maxStatement)
	c.atMost("copies", "4(10)", len(in.Copies), maxList)
	if len(in.Copies) > 0 && in.Disposition != "" ||
		len(in.Copies) == 0 && in.Disposition != "read" && !slices.Contains(dispositions, in.Disposition) {
		c.Add(invalid.NotADisposition, "disposition", "4(10)")
	}
	for i, one := range in.Copies {
		at := "copies." + strconv.Itoa(i)
		if !slices.Contains(dispositions, one.Disposition) {
			c.Add(invalid.NotADisposition, at+".disposition", "4(10)")
		}
		c.text(at+".statement", "4(10)", one.Statement, maxStatement)
	}
	return c.Err()
}

// fits holds an answer against the notice: it is of copies that the notice names, each once; that it was read says
// nothing of them; and what is kept is kept on some ground.
func (in Acknowledgement) fits(n register.Notice) error {
	var c checks
	if in.Disposition == "read" && len(n.CopyNumbers) > 0 {
		c.Add(invalid.NotADisposition, "disposition", "4(10)")
	}
	if in.Disposition == "kept" && len(n.CopyNumbers) > 0 && strings.TrimSpace(in.Statement) == "" {
		c.Add(invalid.MissingGround, "statement", "4(10)")
	}
	seen := map[string]bool{}
	for i, one := range in.Copies {
		at := "copies." + strconv.Itoa(i)
		if seen[one.Number] || !slices.Contains(n.CopyNumbers, one.Number) {
			c.Add(invalid.NotACopyOfThis, at+".copy_number", "4(10)")
		}
		seen[one.Number] = true
		if one.Disposition == "kept" && strings.TrimSpace(one.Statement+in.Statement) == "" {
			c.Add(invalid.MissingGround, at+".statement", "4(10)")
		}
	}
	return c.Err()
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

// answered are the answers for each copy that an answer comes to.
func (in Acknowledgement) answered(n register.Notice) []CopyAnswer {
	if len(in.Copies) > 0 {
		return in.Copies
	}
	out := make([]CopyAnswer, len(n.CopyNumbers))
	for i, number := range n.CopyNumbers {
		out[i] = CopyAnswer{Number: number, Disposition: in.Disposition}
	}
	return out
}

func (v *visit) acknowledge(ctx context.Context, n *register.Notice, in Acknowledgement) error {
	said := in.answered(*n)
	var copies []string
	for _, one := range said {
		copies = append(copies, strings.TrimSpace(one.Number+" "+one.Disposition+" "+oneLine(one.Statement)))
	}
	body := v.body(ledger.KindAcknowledgement, ledger.Permitted)
	body.Document = string(n.Document)
	body.Terms = &ledger.Terms{Subject: n.ID}
	entry, err := v.record(ctx, body, v.partiesFrom(n.Owner), []private{{"disposition", in.Disposition},
		{"statement", in.Statement}, {"copies", strings.Join(copies, "\n")}})
	if err != nil {
		return err
	}
	for _, one := range said {
		answer := register.CopyAnswer{
			Number:      one.Number,
			By:          v.actor.person,
			At:          v.at,
			Disposition: one.Disposition,
			Statement:   one.Statement,
			Entry:       entry.id,
		}
		if err := v.register.AnswerCopy(ctx, v.tx, *n, answer); err != nil {
			return err
		}
		n.Answers = slices.DeleteFunc(n.Answers, func(a register.CopyAnswer) bool { return a.Number == one.Number })
		n.Answers = append(n.Answers, answer)
	}
	if len(n.Answers) < len(n.CopyNumbers) {
		return nil // something is still to be said of the others
	}
	answer := register.Acknowledgement{By: v.actor.person, At: v.at, Disposition: in.Disposition,
		Statement: in.Statement, Entry: entry.id}
	if len(n.Answers) > 0 {
		answer.Disposition = least(n.Answers)
	}
	n.Acknowledged = &answer
	return v.register.Acknowledge(ctx, v.tx, *n, answer)
}

// least is the least that became of any copy.
func least(answers []register.CopyAnswer) string {
	for _, disposition := range dispositions {
		if slices.ContainsFunc(answers, func(a register.CopyAnswer) bool { return a.Disposition == disposition }) {
			return disposition
		}
	}
	return ""
}
