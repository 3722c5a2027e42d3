package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// Confirmation is what the second person of an act that takes two is asked for: what the first handed in, as it has to
// be seen before saying the same.
type Confirmation struct {
	Pending
	Organisation article4.OrganisationID // whose person began it
	Document     article4.DocumentID     // that it is about; empty where the caller has no standing for it
	Reference    string                  // of that document
	Marking      article4.Marking        // of that document, as it is
	Version      article4.VersionID
	Number       int // of that version
	Request      article4.RequestID
	Subject      string      // the suspension, the Hold, or the organisation that it is about
	Stop         *Suspension // whose end waits, to whoever decides or audits for the Party that suspended
	Hold         *Hold       // likewise
	// Says is what the first person handed in, without the reason, which each gives for themselves: MarkingChange,
	// EntitiesChange, FiledAuthorization, Erasure, DelegationFiled, Designation, NoticeOfTermination,
	// OrganisationProposed, MandateProposed, WebhookProposed, NotDerived; nil where the act has nothing but a reason.
	Says any
	// Mine: the caller cannot confirm it, having begun it, or being of the Party that proposed it.
	Mine bool
	// Over: it was confirmed, or its time is over.
	Over bool
}

// Confirmations lists what waits for a second person, the earliest first. Whoever decides or audits for a Party sees
// what people of that Party began, and the third parties that the other one proposed; others see what they began
// themselves.
func (g *Gateway) Confirmations(ctx context.Context, a Actor, p Paging) (Page[Confirmation], error) {
	limit, after, err := p.bounds()
	if err != nil {
		return Page[Confirmation]{}, err
	}
	var out Page[Confirmation]
	err = g.look(ctx, a, func(ctx context.Context, v *visit) error {
		if !v.sees() || !v.ofParty() {
			return nil
		}
		f := register.PendingFilter{
			Of:      a.organisation.ID,
			Besides: ofTwoParties(),
			Now:     v.at,
			AfterAt: after.at,
			AfterID: after.id,
			Limit:   limit + 1,
		}
		if !answers(a) {
			f = register.PendingFilter{By: a.person, Now: v.at, AfterAt: after.at, AfterID: after.id,
				Limit: limit + 1}
		}
		found, err := g.register.PendingPage(ctx, v.tx, f)
		if err != nil {
			return err
		}
		out, err = readPage(v, found, limit,
			func(p register.Pending) (Confirmation, error) { return v.confirmation(ctx, p) })
		if err != nil {
			return err
		}
		return v.nameConfirmed(ctx, out.Items)
	})
	return out, err
}

// Confirmation is one of them, as whoever may see it in the list is shown it. Over says that it waits no more: it was
// confirmed, or its time is over. It is absent for everybody else.
func (g *Gateway) Confirmation(ctx context.Context, a Actor, id string) (Confirmation, error) {
	var out Confirmation
	err := g.look(ctx, a, func(ctx context.Context, v *visit) error {
		p, err := g.register.PendingEver(ctx, v.tx, id)
		if missingRecord(err) {
			return errAbsent
		}
		if err != nil {
			return err
		}
		told := p.By == a.person || answers(a) &&
			(p.Organisation == a.organisation.ID || slices.Contains(ofTwoParties(), p.Act))
		if !v.sees() || !v.ofParty() || !told {
			return errAbsent
		}
		one, err := v.confirmation(ctx, p)
		if err != nil {
			return err
		}
		alone := []Confirmation{one}
		if err := v.nameConfirmed(ctx, alone); err != nil {
			return err
		}
		out = alone[0]
		now, err := v.register.PendingOnEach(ctx, v.tx, p.Act, []string{p.Target}, v.at)
		out.Over = now[p.Target].ID != p.ID
		return err
	})
	if errors.Is(err, errAbsent) {
		return Confirmation{}, &NotFound{What: "confirmation"}
	}
	return out, err
}

// ofTwoParties are the acts that one Party begins and the other confirms.
func ofTwoParties() []article4.Act { return []article4.Act{article4.ActRecognise, article4.ActMandate} }

func (v *visit) confirmation(ctx context.Context, p register.Pending) (Confirmation, error) {
	out := Confirmation{Pending: *pendingView(p), Organisation: p.Organisation, Mine: v.mine(p)}
	head, _, _ := strings.Cut(p.Target, "|")
	switch p.Act {
	case article4.ActMark, article4.ActRemoveEntity:
		out.Document = article4.DocumentID(head)
	case article4.ActDestroy:
		version, err := v.register.Version(ctx, v.tx, article4.VersionID(p.Target))
		if err != nil {
			return Confirmation{}, err
		}
		out.Document, out.Version, out.Number = version.Document, version.ID, version.Number
	case article4.ActFile:
		out.Request = article4.RequestID(head)
	case article4.ActLift, article4.ActEndHold, article4.ActRecognise:
		out.Subject = p.Target
	case article4.ActMandate:
		out.Subject = head
	}
	var err error
	out.Says, err = saysOf(p)
	return out, err
}

// mine reports whether the caller cannot confirm what waits: having begun it or, of a proposal, being of the Party that
// did. Nobody confirms a file unseen: the second person deposits the same file, with a reason.
func (v *visit) mine(p register.Pending) bool {
	switch p.Act {
	case article4.ActRecognise:
		return p.By == v.actor.person || p.Organisation == v.actor.organisation.ID
	case article4.ActMandate: // a third party's proposal is taken up by a Party's own
		return p.Organisation == v.actor.organisation.ID || !slices.Contains(v.parties, p.Organisation)
	case article4.ActDeposit, article4.ActCorrect:
		return true
	}
	return p.By == v.actor.person
}

// saysOf reads what waits as the kind of thing that it is.
func saysOf(p register.Pending) (any, error) {
	var err error
	read := func(into any) { err = json.Unmarshal([]byte(p.Payload), into) }
	var says any
	switch p.Act {
	case article4.ActMark:
		var w markSaid
		read(&w)
		says = MarkingChange{Marking: w.Marking, Proprietary: &w.Proprietary}
	case article4.ActRemoveEntity:
		var e removalSaid
		read(&e)
		says = EntitiesChange{Remove: e.Removes}
	case article4.ActFile:
		var f filingSaid
		read(&f)
		says = f.FiledAuthorization
	case article4.ActErase:
		var s erasureSaid
		read(&s)
		says = Erasure{Entry: s.Entry, Field: s.Field, Person: s.Person, LegalBasis: s.LegalBasis}
	case article4.ActDelegate:
		var s delegationSaid
		read(&s)
		says = DelegationFiled{
			Subject:          s.Subject,
			Name:             s.Name,
			Acts:             s.Acts,
			From:             s.From,
			Until:            s.Until,
			InstrumentSHA256: s.Instrument,
			Ends:             s.Ends,
		}
	case article4.ActDesignate:
		var s designationSaid
		read(&s)
		says = Designation{Subject: s.Subject, Name: s.Name, InstrumentSHA256: s.Instrument}
	case article4.ActGiveNotice:
		var s noticeSaid
		read(&s)
		says = NoticeOfTermination{GivenOn: s.GivenOn, Statement: s.Statement}
	case article4.ActRecognise:
		var s organisationSaid
		read(&s)
		proposed := OrganisationProposed{Short: s.Short, Name: s.Name, Type: s.Type, Country: s.Country,
			Issuer: s.Issuer}
		if !s.New {
			proposed.Changes = s.ID
		}
		says = proposed
	case article4.ActKeepWebhook:
		var w WebhookProposed
		read(&w)
		says = w
	case article4.ActDeposit, article4.ActCorrect:
		var s notDerived
		read(&s)
		resembles := make([]DocumentNamed, len(s.Documents))
		for i, id := range s.Documents {
			resembles[i].ID = id
		}
		says = NotDerived{SHA256: s.SHA256, Resembles: resembles}
	case article4.ActMandate:
		var s mandateSaid
		read(&s)
		says = MandateProposed{
			Subject:          s.Subject,
			Name:             s.Name,
			Function:         s.Function,
			Authority:        s.Authority,
			Until:            s.Until,
			InstrumentSHA256: s.Instrument,
		}
	}
	if err != nil {
		return nil, fmt.Errorf("pending %s: %w", p.ID, err)
	}
	return says, nil
}
