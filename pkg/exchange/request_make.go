package exchange

import (
	"context"
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// Request asks for access to the current version of a document, for an organisation and, of its people, those named.
// It stands until everything the rules need is there, or until silence makes it lapse (reading 0007).
func (g *Gateway) Request(ctx context.Context, a Actor, id article4.DocumentID, ask Ask) (AccessRequest, error) {
	if err := ask.check(); err != nil {
		return AccessRequest{}, err
	}
	if ask.Form == "" {
		ask.Form = article4.Stamped
	}
	ask.Until = ask.Until.UTC().Truncate(time.Microsecond)
	return perform(ctx, g, a, act[AccessRequest]{
		operation: operation{
			act:      article4.ActRequest,
			document: id,
			what:     "document",
			lock:     register.ForShare,
			reading:  &Reading{}, // a request is for the current version
			facts:    func(ctx context.Context, v *visit) error { return v.askFacts(ctx, ask) },
		},
		do:   func(ctx context.Context, v *visit) (AccessRequest, error) { return v.ask(ctx, ask) },
		made: func(q AccessRequest) string { return string(q.ID) },
		replay: func(ctx context.Context, made string) (AccessRequest, error) {
			return g.requestAsAnswered(ctx, a, article4.RequestID(made))
		},
	})
}

func (ask Ask) check() error {
	var c checks
	if ask.For == "" {
		c.Add(invalid.MissingOrganisation, "for.organisation", "4(4)")
	}
	c.required("purpose", "4(7)", string(ask.Purpose), 100)
	c.text("statement", "4(7)", ask.Statement, maxStatement)
	c.atMost("for.people", "4(6)", len(ask.People), maxPeople)
	if ask.Form != "" && !ask.Form.Valid() {
		c.Add(invalid.NotAForm, "form", "")
	}
	if ask.Until.IsZero() {
		c.Add(invalid.MissingUntil, "until", "4(4)")
	}
	c.date("until", "4(4)", ask.Until)
	return c.Err()
}

func (v *visit) askFacts(ctx context.Context, ask Ask) error {
	f := &article4.AskFacts{For: ask.For, Purpose: ask.Purpose,
		StatementPresent: strings.TrimSpace(ask.Statement) != "",
		Until:            ask.Until, Form: ask.Form}
	o, err := v.organisation(ask.For)
	switch {
	case missingRecord(err):
		v.facts.Ask = f
		return nil
	case err != nil:
		return err
	}
	f.ForInForce, f.ForKind = true, o.Kind
	if f.PeopleBelong, err = v.belong(ctx, ask.People, ask.For); err != nil {
		return err
	}
	v.facts.Ask = f
	if v.facts.Arrangement.Phase == article4.Ended { // before, nobody asks for what somebody holds already
		f.CopyHeld, err = v.register.CopyHeld(ctx, v.tx, v.document.Version, v.document.Recipient)
	}
	return err
}

// belong reports whether every person is known and of the organisation.
func (v *visit) belong(ctx context.Context, people []article4.PersonID, o article4.OrganisationID) (bool, error) {
	known, err := v.register.People(ctx, v.tx, people)
	if err != nil {
		return false, err
	}
	found := map[article4.PersonID]bool{}
	for _, p := range known {
		found[p.ID] = p.Organisation == o
	}
	for _, p := range people {
		if !found[p] {
			return false, nil
		}
	}
	return true, nil
}

func (v *visit) ask(ctx context.Context, ask Ask) (AccessRequest, error) {
	people := slices.Compact(slices.Sorted(slices.Values(ask.People)))
	q := register.Request{
		ID:          article4.RequestID(register.NewID("req_")),
		Document:    v.document.ID,
		Discloser:   v.document.Discloser,
		Version:     v.document.Version,
		AskedBy:     v.actor.person,
		AskedByOrg:  v.actor.organisation.ID,
		Beneficiary: ask.For,
		Purpose:     ask.Purpose,
		Statement:   ask.Statement,
		Until:       ask.Until,
		Form:        ask.Form,
		MadeAt:      v.at,
		LapsesAt:    v.at.Add(v.settings.LapseAfter),
		Revision:    1,
		People:      people,
		Delivery:    v.facts.Ask.Delivery,
	}
	if ask.carries != nil {
		q.Carries = ask.carries.ID
	}
	v.request = &q
	beneficiary, err := v.organisation(ask.For)
	if err != nil {
		return AccessRequest{}, err
	}
	body := v.body(ledger.KindRequest, ledger.Permitted)
	body.Terms = &ledger.Terms{
		Delivery:        q.Delivery,
		Discloser:       string(q.Discloser),
		Recipient:       string(ask.For),
		RecipientRecord: string(beneficiary.Record),
		Marking:         string(v.document.Marking),
		DocumentVersion: string(q.Version),
		Purposes:        []string{string(ask.Purpose)},
		People:          texts(people),
		Until:           ask.Until,
		Form:            string(ask.Form),
		Relies:          []string{v.document.EntryHash},
	}
	if ask.carries != nil {
		body.Terms.Relies = append(body.Terms.Relies, ask.carries.EntryHash)
	}
	for _, a := range ask.standing {
		body.Terms.Series = string(a.Series)
		body.Terms.Relies = append(body.Terms.Relies, a.EntryHash)
	}
	entry, err := v.record(ctx, body, v.concerned(), []private{{"statement", ask.Statement}})
	if err != nil {
		return AccessRequest{}, err
	}
	q.Entry, q.EntryHash = entry.id, entry.hash
	if err := v.register.AddRequest(ctx, v.tx, q); err != nil {
		return AccessRequest{}, err
	}
	if !q.Delivery { // of which is told when it is known whether the act completes it
		if err := v.tellAsked(ctx); err != nil {
			return AccessRequest{}, err
		}
	}
	return v.reread(ctx)
}
