package exchange

import (
	"context"
	"maps"
	"slices"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// Who is told what of a request follows who may see it: whoever asked and whoever is to read, the Discloser, and the
// entities concerned. Who these are is told to nobody else (decision 0045).

// tellAsked puts a new request before those who are to decide on it; one that needs no decision is in force at once.
func (v *visit) tellAsked(ctx context.Context) error {
	state, missing, err := v.standsNow(ctx)
	if err != nil {
		return err
	}
	if state == article4.StateInForce {
		return v.tellInForce(ctx, *v.request, *v.document, v.request.Entry)
	}
	return v.tellAwaited(ctx, noticeAsked, missing, facts{"until": instant(v.request.LapsesAt)}, v.request.Entry)
}

// standsNow reads the request again, after what this act did to it, and computes where it stands.
func (v *visit) standsNow(ctx context.Context) (article4.RequestState, []article4.Missing, error) {
	q, err := v.register.Request(ctx, v.tx, v.request.ID)
	if err != nil {
		return "", nil, err
	}
	v.request = &q
	return v.stateOf(*v.document, q)
}

func (v *visit) stateOf(d register.Document, q register.Request) (article4.RequestState, []article4.Missing, error) {
	grants, err := v.basis().grants([]register.Request{q})
	if err != nil {
		return "", nil, err
	}
	state, missing := article4.StateOf(documentFacts(&d), grants[0], v.facts.Arrangement, v.at)
	return state, missing, nil
}

// tellAwaited tells each organisation whose decision is missing: the Discloser and entities concerned alone, who have
// the request before them.
func (v *visit) tellAwaited(ctx context.Context, kind string, missing []article4.Missing, said facts,
	entry string) error {
	for _, o := range v.awaited(missing) {
		if err := v.tell(ctx, register.Notice{Kind: kind, To: o, Facts: said, Entry: entry}); err != nil {
			return err
		}
	}
	return nil
}

func (v *visit) awaited(missing []article4.Missing) []article4.OrganisationID {
	var out []article4.OrganisationID
	for _, m := range missing {
		decides := m.From == v.document.Discloser || v.isConcerned(m.From)
		if decides && !forAgreement(m) && !slices.Contains(out, m.From) {
			out = append(out, m.From)
		}
	}
	return out
}

// tellAsker tells whoever asked, person or machine, unless it is their own act.
func (v *visit) tellAsker(ctx context.Context, kind string, said facts, entry string) error {
	q := v.request
	if q.AskedBy == v.actor.person {
		return nil
	}
	return v.tell(ctx, register.Notice{Kind: kind, To: q.AskedByOrg, Person: q.AskedBy, Facts: said, Entry: entry})
}

// tellMessage tells whom a question or an answer is for.
func (v *visit) tellMessage(ctx context.Context, m register.Message) error {
	if m.Kind == register.Question {
		return v.tellAsker(ctx, noticeQuestion, nil, m.Entry)
	}
	state, missing, err := v.standsNow(ctx)
	if err != nil || state != article4.StateOpen {
		return err
	}
	said := facts{"until": instant(v.request.LapsesAt)}
	if m.Kind == register.Remark {
		said = facts{"how": "remark"}
	}
	return v.tellAwaited(ctx, noticeAnswered, missing, said, m.Entry)
}

// tellDecision tells what became of a request by a decision: the asker, of the Discloser's; the Discloser, of an
// entity's. A refusal and what comes into force are told to the asker whoever decided.
func (v *visit) tellDecision(ctx context.Context, l register.Decision) error {
	state, _, err := v.standsNow(ctx)
	if err != nil {
		return err
	}
	how := map[article4.DecisionKind]string{article4.Authorization: "authorized", article4.Consent: "consented"}[l.Kind]
	if !l.Given {
		how = "refused"
	}
	if own := v.document.Discloser; l.Organisation != own {
		err := v.tell(ctx, register.Notice{Kind: noticeDecided, To: own, Facts: facts{"how": "entity-" + how},
			Entry: l.Entry})
		if err != nil {
			return err
		}
	}
	switch {
	case state == article4.StateInForce:
		return v.tellInForce(ctx, *v.request, *v.document, l.Entry)
	case !l.Given || l.Organisation == v.document.Discloser:
		return v.tellAsker(ctx, noticeDecided, facts{"how": how}, l.Entry)
	}
	return nil
}

// tellInForce tells whoever asked, and whoever may read now: the people named and admitted, or where none is named
// whoever answers for the beneficiary.
func (v *visit) tellInForce(ctx context.Context, q register.Request, d register.Document, entry string) error {
	grants, err := v.basis().grants([]register.Request{q})
	if err != nil {
		return err
	}
	n := register.Notice{
		Kind:     noticeInForce,
		Document: d.ID,
		Request:  q.ID,
		Owner:    d.Discloser,
		Facts:    facts{"until": instant(grants[0].Until)},
		Entry:    entry,
	}
	if !v.isOpen(q.Purpose) {
		return v.tellCopyHeld(ctx, n, q, d)
	}
	readers := slices.Concat(q.People, q.Admitted)
	if len(readers) == 0 && q.Beneficiary != q.AskedByOrg {
		n.To = q.Beneficiary
		if err := v.tell(ctx, n); err != nil {
			return err
		}
	}
	people := map[article4.PersonID]article4.OrganisationID{q.AskedBy: q.AskedByOrg}
	for _, p := range readers {
		people[p] = q.Beneficiary
	}
	delete(people, v.actor.person)
	for _, p := range slices.Sorted(maps.Keys(people)) {
		n.To, n.Person, n.Kind = people[p], p, noticeInForce
		if q.Delivery && p != q.AskedBy {
			n.Kind = noticeDelivered
		}
		if err := v.tell(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// tellCopyHeld tells whoever asked, and whoever answers for the Recipient, that a consent for the copy that the
// Recipient holds is complete (reading 0009). Nobody else is told: it opens nothing here.
func (v *visit) tellCopyHeld(ctx context.Context, n register.Notice, q register.Request, d register.Document) error {
	n.Facts["how"] = "copy-held"
	if q.AskedByOrg != d.Recipient {
		n.To = d.Recipient
		if err := v.tell(ctx, n); err != nil {
			return err
		}
	}
	if q.AskedBy == v.actor.person {
		return nil
	}
	n.To, n.Person = q.AskedByOrg, q.AskedBy
	return v.tell(ctx, n)
}

// comesIntoForce is for acts that are not about one request, but may complete several: it looks at what is in force
// before the act, and what it returns tells of what is in force after it, and was not.
func (v *visit) comesIntoForce(ctx context.Context, document article4.DocumentID,
	beneficiary article4.OrganisationID) (func(entry string) error, error) {
	before, err := v.inForce(ctx, document, beneficiary)
	return func(entry string) error {
		after, err := v.inForce(ctx, document, beneficiary)
		if err != nil {
			return err
		}
		for _, q := range after {
			if slices.ContainsFunc(before, func(b register.Request) bool { return b.ID == q.ID }) {
				continue
			}
			if err := v.tellOneInForce(ctx, q.ID, entry); err != nil {
				return err
			}
		}
		return nil
	}, err
}

func (v *visit) tellOneInForce(ctx context.Context, id article4.RequestID, entry string) error {
	q, err := v.register.Request(ctx, v.tx, id)
	if err != nil {
		return err
	}
	d, err := v.register.Document(ctx, v.tx, q.Document)
	if err != nil {
		return err
	}
	return v.tellInForce(ctx, q, d, entry)
}
