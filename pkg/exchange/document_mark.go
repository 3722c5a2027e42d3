package exchange

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// Mark changes a document's marking, or sets or drops proprietary. Raising, and confidential against restricted, take
// one person of the Discloser and a reason; lowering takes two (reading 0002): the answer names what waits, and the
// second person repeats the same with the document's ETag. Holders are told. That a document is proprietary either
// Party may state (Article 4(5)): the Recipient by one person, leaving the marking as it is. The other Party is told.
func (g *Gateway) Mark(ctx context.Context, a Actor, id article4.DocumentID, in MarkingChange) (Document, *Pending,
	error) {
	var c checks
	if !in.Marking.Valid() {
		c.Add(invalid.NotAMarking, "marking", "4(9)")
	}
	c.text("statement", "4(9)", in.Reason, maxStatement)
	if err := c.Err(); err != nil {
		return Document{}, nil, err
	}
	return both(perform(ctx, g, a, act[Outcome[Document]]{
		operation: operation{act: article4.ActMark, document: id, what: "document", lock: register.ForUpdate,
			facts: func(ctx context.Context, v *visit) error { return v.markFacts(ctx, in) }},
		do: func(ctx context.Context, v *visit) (Outcome[Document], error) {
			if v.pending != nil && in.IfMatch != documentTag(*v.document) {
				return Outcome[Document]{}, ErrChanged
			}
			waits, err := v.mark(ctx, in)
			if err != nil {
				return Outcome[Document]{}, err
			}
			out, err := v.redescribe(ctx)
			return Outcome[Document]{out, waits}, err
		},
		replay: replayTwo(g, a, func(ctx context.Context) (Document, error) { return g.Describe(ctx, a, id) }),
	}))
}

// markSaid is what the first of two says, and on what.
type markSaid struct {
	statedOn
	markWanted
}

// markWanted is what the second person repeats: everything but the ETag and the words.
type markWanted struct {
	Marking     article4.Marking
	Proprietary bool
}

func (v *visit) wanted(in MarkingChange) markWanted {
	w := markWanted{Marking: in.Marking, Proprietary: v.document.Proprietary}
	if in.Proprietary != nil {
		w.Proprietary = *in.Proprietary
	}
	return w
}

func (v *visit) lowers(w markWanted) bool {
	return v.document.Marking.Protected() && !w.Marking.Protected() || v.document.Proprietary && !w.Proprietary
}

// addsProprietary: the document is stated to be proprietary, and marked no otherwise.
func (v *visit) addsProprietary(w markWanted) bool {
	return w.Marking == v.document.Marking && w.Proprietary && !v.document.Proprietary
}

func (v *visit) markFacts(ctx context.Context, in MarkingChange) error {
	w := v.wanted(in)
	f := &article4.ChangeFacts{ReasonPresent: strings.TrimSpace(in.Reason) != "", Marking: w.Marking,
		KeepProprietary: w.Proprietary || !v.document.Proprietary, AddsProprietary: v.addsProprietary(w)}
	v.facts.Change = f
	if !v.lowers(w) {
		return nil
	}
	var err error
	if f.NoPassengers, err = v.withoutPassengers(ctx); err != nil {
		return err
	}
	f.Second, err = v.second(ctx, string(v.document.ID), markSaid{statedOn{v.seen()}, w})
	if err != nil || v.pending == nil {
		return err
	}
	v.onLowering, f.Lowering, err = v.saidOfLowering(ctx)
	return err
}

// withoutPassengers reports whether passenger data was found in none of the versions that are kept.
func (v *visit) withoutPassengers(ctx context.Context) (bool, error) {
	versions, err := v.register.Versions(ctx, v.tx, v.document.ID)
	return !slices.ContainsFunc(versions,
		func(one register.Version) bool { return one.PassengerData && one.DestroyedAt.IsZero() }), err
}

func (v *visit) mark(ctx context.Context, in MarkingChange) (*Pending, error) {
	w := v.wanted(in)
	if w.Marking == v.document.Marking && w.Proprietary == v.document.Proprietary {
		return nil, fmt.Errorf("%w: the document is marked so already", ErrConflict)
	}
	body := v.body(ledger.KindMarking, ledger.Permitted)
	body.Terms = v.changeTerms()
	body.Terms.Marking, body.Terms.Proprietary = string(w.Marking), w.Proprietary
	fields := []private{{"reason", in.Reason}}
	if v.actor.organisation.ID == v.document.Discloser { // who is concerned is not the other Party's to tell
		fields = append(fields, v.entitiesField())
	}
	done := func(entry written) error { return v.remark(ctx, w, entry) }
	if v.lowers(w) {
		return v.lower(ctx, in.Reason, halves{
			target:  string(v.document.ID),
			payload: markSaid{statedOn{v.seen()}, w},
			body:    body,
			parties: v.concerned(),
			fields:  fields,
			done:    done,
		})
	}
	entry, err := v.record(ctx, body, v.concerned(), fields)
	if err != nil {
		return nil, err
	}
	return nil, done(entry)
}

// lower does the first half, and puts it to the entities concerned, or the second, which rests on what they said.
func (v *visit) lower(ctx context.Context, reason string, h halves) (*Pending, error) {
	if len(v.entitiesAsked()) > 0 {
		h.within = v.settings.LapseAfter // as long as any request waits for them (reading 0007)
	}
	for _, l := range v.onLowering {
		if l.Given && l.Withdrawal == nil {
			h.body.Terms.Relies = append(h.body.Terms.Relies, l.EntryHash)
		}
	}
	waits, err := v.twice(ctx, h)
	if err != nil || waits == nil {
		return nil, err
	}
	return waits, v.putLowering(ctx, waits, reason)
}

func (v *visit) remark(ctx context.Context, w markWanted, entry written) error {
	before, stated := v.document.Marking, w.Proprietary && !v.document.Proprietary
	tell, err := v.comesIntoForce(ctx, v.document.ID, "")
	if err != nil {
		return err
	}
	if err := v.register.Remark(ctx, v.tx, v.document, w.Marking, w.Proprietary); err != nil {
		return err
	}
	if w.Marking.Protected() && !before.Protected() {
		if err := v.register.EndReleases(ctx, v.tx, v.document.ID, v.at); err != nil {
			return err
		}
	}
	said := facts{"marking": string(w.Marking)}
	if stated {
		said["how"] = "proprietary"
		if err := v.tellProprietary(ctx, said, entry.id); err != nil {
			return err
		}
	}
	if err := v.tellHolders(ctx, noticeMarking, "", entry.id, said); err != nil {
		return err
	}
	if err := tell(entry.id); err != nil {
		return err
	}
	return v.announceRevocation(ctx, v.document.ID)
}

// tellProprietary tells the other Party that the document is stated to be proprietary: it may hold no copy of it.
func (v *visit) tellProprietary(ctx context.Context, said facts, entry string) error {
	to := v.document.Discloser
	if v.actor.organisation.ID == to {
		to = v.document.Recipient
	}
	return v.tell(ctx, register.Notice{Kind: noticeMarking, To: to, Facts: said, Entry: entry})
}

// redescribe shows the document as it stands after an act on it, and what stands over it since.
func (v *visit) redescribe(ctx context.Context) (Document, error) {
	d, err := v.register.Document(ctx, v.tx, v.document.ID)
	if err != nil {
		return Document{}, err
	}
	v.document = &d
	facts := documentFacts(&d)
	v.facts.Document = &facts
	if err := loadAccess(ctx, v); unreadable(err) {
		v.meets(d.ID) // the act stands, whatever was altered of a request
		return stub(d), nil
	} else if err != nil {
		return Document{}, err
	}
	out, err := v.documentView(v.reads(ctx))
	if err != nil {
		return Document{}, err
	}
	out.State, err = v.documentState(ctx, out.Whole)
	return out, err
}
