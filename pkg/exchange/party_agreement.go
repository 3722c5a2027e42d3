package exchange

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// Propose puts the text of a Confidentiality Agreement to a third party (Article 4(8)). The text is frozen; a later
// text supersedes the signature under an earlier one, unless a Discloser's consent says that it serves. The same text
// is put once more only after it was declined.
func (g *Gateway) Propose(ctx context.Context, a Actor, p Proposal) (Agreement, error) {
	var c checks
	if p.Organisation == "" {
		c.Add(invalid.MissingSignatory, "organisation", "4(8)")
	}
	c.required("text", "4(8)", p.Text, maxAgreement)
	if err := c.Err(); err != nil {
		return Agreement{}, err
	}
	return perform(ctx, g, a, act[Agreement]{
		operation: operation{
			act:      article4.ActPropose,
			document: p.Document,
			what:     "document",
			lock:     register.ForShare,
			alone:    true, // it narrows whatever that third party reads, on any document
			facts:    func(ctx context.Context, v *visit) error { return v.proposalFacts(ctx, p) },
		},
		do:   func(ctx context.Context, v *visit) (Agreement, error) { return v.propose(ctx, p) },
		made: func(proposed Agreement) string { return string(proposed.ID) },
		replay: func(ctx context.Context, made string) (Agreement, error) {
			return g.DescribeAgreement(ctx, a, article4.AgreementID(made))
		},
		conflicts: map[string]string{"agreement_text_is_frozen": "this text was put to this third party already"},
	})
}

func (v *visit) proposalFacts(ctx context.Context, p Proposal) error {
	v.facts.Agreement = &article4.AgreementFacts{Organisation: p.Organisation,
		TextPresent: strings.TrimSpace(p.Text) != ""}
	o, err := v.organisation(p.Organisation)
	if err != nil && !missingRecord(err) {
		return err
	}
	v.facts.Agreement.OrganisationKind = o.Kind
	if v.document != nil {
		return loadAccess(ctx, v)
	}
	return nil
}

func (v *visit) propose(ctx context.Context, p Proposal) (Agreement, error) {
	a := register.Agreement{
		ID:            article4.AgreementID(register.NewID("agr_")),
		Organisation:  p.Organisation,
		ProposedBy:    v.actor.person,
		ProposedByOrg: v.actor.organisation.ID,
		Text:          p.Text,
		TextSHA:       digestOf(p.Text),
		Document:      p.Document,
		ProposedAt:    v.at,
	}
	earlier, altered, err := v.register.EarlierAgreements(ctx, v.tx, a.Organisation)
	if err != nil {
		return Agreement{}, err
	}
	if altered {
		v.meets("") // of no document
	}
	// A clock that was set back does not make an earlier text the newest: which text binds, their times say.
	if len(earlier) > 0 && !a.ProposedAt.After(earlier[0].ProposedAt) {
		a.ProposedAt = earlier[0].ProposedAt.Add(time.Microsecond)
	}
	a.Anew = declinedBefore(earlier, a.TextSHA)
	waiting, err := v.inForce(ctx, "", a.Organisation)
	if err != nil {
		return Agreement{}, err
	}
	another, err := v.waitForText(ctx, a.Organisation, true)
	if err != nil {
		return Agreement{}, err
	}
	body := v.body(ledger.KindAgreement, ledger.Permitted)
	body.Terms = &ledger.Terms{Recipient: string(a.Organisation), Agreement: string(a.ID),
		AgreementText: string(a.TextSHA)}
	entry, err := v.record(ctx, body, v.parties, nil)
	if err != nil {
		return Agreement{}, err
	}
	a.Entry, a.EntryHash = entry.id, entry.hash
	if err := v.register.AddAgreement(ctx, v.tx, a); err != nil {
		return Agreement{}, err
	}
	if err := v.silenceAnew(ctx, append(waiting, another...)); err != nil {
		return Agreement{}, err
	}
	err = v.tellAgreement(ctx, a, a.Organisation, facts{"how": "sign"}, entry)
	if err != nil {
		return Agreement{}, err
	}
	return agreementView(a, true), v.announceRevocation(ctx, everything)
}

// declinedBefore is the text that is put once more, where it was declined; empty where it was not, or is another.
func declinedBefore(earlier []register.Agreement, text article4.Digest) article4.AgreementID {
	same := slices.IndexFunc(earlier, func(a register.Agreement) bool { return a.TextSHA == text })
	if same < 0 || earlier[same].Decline == nil {
		return ""
	}
	return earlier[same].ID
}

// tellAgreement names no document: the third party may not know of the one that the text was put for.
func (v *visit) tellAgreement(ctx context.Context, a register.Agreement, to article4.OrganisationID, said facts,
	entry written) error {
	return v.tell(ctx, register.Notice{
		Kind:    noticeAgreement,
		Subject: string(a.ID),
		Owner:   a.ProposedByOrg,
		To:      to,
		Facts:   said,
		Entry:   entry.id,
	})
}

// Agreements lists the texts that concern the caller, newest first: all of them for the Parties, its own for a third
// party.
func (g *Gateway) Agreements(ctx context.Context, a Actor, p Paging) (Page[Agreement], error) {
	limit, after, err := p.bounds()
	if err != nil {
		return Page[Agreement]{}, err
	}
	var out Page[Agreement]
	err = g.look(ctx, a, func(ctx context.Context, v *visit) error {
		if !v.sees() {
			return nil
		}
		of := a.organisation.ID
		if a.organisation.Kind == article4.Party {
			of = ""
		}
		found, err := g.register.AgreementPage(ctx, v.tx, of, after.at, article4.AgreementID(after.id), limit+1)
		if err != nil {
			return err
		}
		out, err = readPage(v, found, limit, func(r register.Agreement) (Agreement, error) {
			newest, err := v.isNewest(ctx, r)
			if err != nil {
				return Agreement{}, err
			}
			return v.agreementShown(ctx, r, newest)
		})
		return err
	})
	return out, err
}

func (v *visit) isNewest(ctx context.Context, a register.Agreement) (bool, error) {
	texts, err := v.register.AgreementsWith(ctx, v.tx, a.Organisation)
	newest := slices.IndexFunc(texts,
		func(text register.Agreement) bool { return text.ProposedByOrg == a.ProposedByOrg })
	return newest >= 0 && texts[newest].ID == a.ID, err
}

// DescribeAgreement shows one text to the Parties and to the third party that is to sign it.
func (g *Gateway) DescribeAgreement(ctx context.Context, a Actor, id article4.AgreementID) (Agreement, error) {
	var out Agreement
	err := g.look(ctx, a, func(ctx context.Context, v *visit) error {
		found, newest, err := v.agreement(ctx, id)
		if err == nil {
			out, err = v.agreementShown(ctx, found, newest)
		}
		if err != nil || found.Signature != nil || found.Decline != nil {
			return err
		}
		out.Permissions, err = v.couldAnswer(ctx, found, newest)
		return err
	})
	if errors.Is(err, errAbsent) {
		err = g.notFound(ctx, a, article4.ActSign, "agreement", string(id))
	}
	return out, err
}

// couldAnswer is whether the caller could sign an agreement that nobody answered, and decline it.
func (v *visit) couldAnswer(ctx context.Context, a register.Agreement, newest bool) (map[article4.Act]Permission,
	error) {
	const supposed = "as supposed"
	mandated, err := v.delegatedActs(ctx)
	if err != nil {
		return nil, err
	}
	out := map[article4.Act]Permission{}
	for act, facts := range map[article4.Act]func(v *visit) error{
		article4.ActSign: func(v *visit) error {
			return v.signingFacts(a, newest, Signing{
				SHA256:    a.TextSHA,
				Name:      supposed,
				Function:  supposed,
				Authority: supposed,
				Accepts:   true,
				Evidence:  EvidenceGiven{Kind: article4.EvidenceOIDC},
			}, true)
		},
		article4.ActDecline: func(v *visit) error { return v.decliningFacts(a, newest) },
	} {
		would, err := v.would(ctx, act, func(_ context.Context, v *visit) error {
			speaks(&v.facts.Actor, mandated[article4.ActSign])
			return facts(v)
		})
		if err != nil {
			return nil, err
		}
		out[act] = would[act]
	}
	return out, nil
}

func (v *visit) agreement(ctx context.Context, id article4.AgreementID) (register.Agreement, bool, error) {
	found, err := v.register.Agreement(ctx, v.tx, id)
	if missingRecord(err) {
		return found, false, errAbsent
	}
	if err != nil {
		return found, false, err
	}
	if !v.sees() || v.actor.organisation.Kind != article4.Party && v.actor.organisation.ID != found.Organisation {
		return found, false, errAbsent
	}
	newest, err := v.isNewest(ctx, found)
	return found, newest, err
}

// agreementShown leaves out the document that an agreement was put for where the caller may not know of it.
func (v *visit) agreementShown(ctx context.Context, a register.Agreement, newest bool) (Agreement, error) {
	out := agreementView(a, newest)
	if a.Document == "" {
		return out, nil
	}
	known, err := v.knows(ctx, a.Document)
	if !known {
		out.Document = ""
	}
	return out, err
}

// knows reports whether the caller has standing for a document.
func (v *visit) knows(ctx context.Context, id article4.DocumentID) (bool, error) {
	d, err := v.register.Document(ctx, v.tx, id)
	if missingRecord(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	rests, err := v.restsOn(ctx, []register.Document{d}, nil)
	if err != nil {
		return false, err
	}
	one := v.of(d)
	err = one.access(rests[id].requests, rests[id].releases)
	return err == nil && article4.StandingOf(one.facts), err
}
