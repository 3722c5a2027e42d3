package exchange

import (
	"context"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// Release puts a non-confidential document at the disposal of a third party, by the Discloser or the Recipient, for one
// purpose (Article 4(2)). Personal data asks for a legal basis of this transfer (4(3)); proprietary material for the
// Discloser's own decision, which its Release is (reading 0004).
func (g *Gateway) Release(ctx context.Context, a Actor, id article4.DocumentID, in Release) (Release, error) {
	var c checks
	if in.To == "" {
		c.Add(invalid.MissingThirdParty, "organisation", "4(2)")
	}
	c.required("purpose", "4(2)", string(in.Purpose), 100)
	c.text("statement", "4(2)", in.Statement, maxStatement)
	c.text("transfer_basis", "4(3)", in.TransferBasis, maxStatement)
	if err := c.Err(); err != nil {
		return Release{}, err
	}
	return perform(ctx, g, a, act[Release]{
		operation: operation{act: article4.ActRelease, document: id, what: "document", lock: register.ForShare,
			facts: func(ctx context.Context, v *visit) error { return v.releaseFacts(ctx, in) }},
		do:     func(ctx context.Context, v *visit) (Release, error) { return v.release(ctx, in) },
		made:   func(r Release) string { return r.ID },
		replay: func(ctx context.Context, made string) (Release, error) { return g.replayRelease(ctx, a, id, made) },
	})
}

func (g *Gateway) replayRelease(ctx context.Context, a Actor, id article4.DocumentID, made string) (Release, error) {
	return perform(ctx, g, a, act[Release]{
		operation: operation{act: article4.ActDescribe, document: id, what: "document", facts: loadAccess},
		do: func(ctx context.Context, v *visit) (Release, error) {
			r, err := v.releaseOf(ctx, made)
			return v.releaseShown(r), err
		}})
}

func (v *visit) releaseFacts(ctx context.Context, in Release) error {
	f := &article4.ReleaseAsked{To: in.To, Purpose: in.Purpose, StatementPresent: strings.TrimSpace(in.Statement) != "",
		TransferBasis: strings.TrimSpace(in.TransferBasis) != ""}
	v.facts.Release = f
	o, err := v.organisation(in.To)
	if missingRecord(err) {
		return loadAccess(ctx, v)
	}
	if err != nil {
		return err
	}
	f.ToInForce, f.ToKind = true, o.Kind
	return loadAccess(ctx, v)
}

func (v *visit) release(ctx context.Context, in Release) (Release, error) {
	rel := register.Release{
		ID:            register.NewID("rel_"),
		Document:      v.document.ID,
		To:            in.To,
		Purpose:       in.Purpose,
		Statement:     in.Statement,
		TransferBasis: in.TransferBasis,
		ByDiscloser:   v.actor.organisation.ID == v.document.Discloser,
		By:            v.actor.person,
		ByOrg:         v.actor.organisation.ID,
		At:            v.at,
	}
	beneficiary, err := v.organisation(in.To)
	if err != nil {
		return Release{}, err
	}
	body := v.body(ledger.KindRelease, ledger.Permitted)
	body.Terms = &ledger.Terms{
		Discloser:       string(v.document.Discloser),
		Recipient:       string(in.To),
		RecipientRecord: string(beneficiary.Record),
		Marking:         string(v.document.Marking),
		Proprietary:     v.document.Proprietary,
		PersonalData:    v.document.PersonalData,
		Purposes:        []string{string(in.Purpose)},
		Subject:         rel.ID,
		Relies:          []string{v.document.EntryHash},
	}
	entry, err := v.record(ctx, body, v.concerned(),
		[]private{{"statement", in.Statement}, {"transfer-basis", in.TransferBasis}})
	if err != nil {
		return Release{}, err
	}
	rel.Entry, rel.EntryHash = entry.id, entry.hash
	if err := v.register.AddRelease(ctx, v.tx, v.document.Discloser, rel); err != nil {
		return Release{}, err
	}
	return releaseView(rel), v.tellReleased(ctx, rel, beneficiary)
}

// tellReleased tells the third party, and the Discloser of what the Recipient released.
func (v *visit) tellReleased(ctx context.Context, rel register.Release, to register.Organisation) error {
	err := v.tell(ctx, register.Notice{Kind: noticeReleased, To: rel.To, Entry: rel.Entry})
	if err != nil || rel.ByDiscloser {
		return err
	}
	return v.tell(ctx, register.Notice{Kind: noticeReleased, To: v.document.Discloser,
		Facts: facts{"how": "by-recipient", "organisation": to.Name}, Entry: rel.Entry})
}

func releaseView(r register.Release) Release {
	out := Release{
		ID:            r.ID,
		Document:      r.Document,
		To:            r.To,
		Purpose:       r.Purpose,
		Statement:     r.Statement,
		TransferBasis: r.TransferBasis,
		ByDiscloser:   r.ByDiscloser,
		By:            r.By,
		ByOrg:         r.ByOrg,
		At:            r.At,
		Entry:         r.Entry,
		EndedBy:       r.EndedBy,
		EndedByOrg:    r.EndedByOrg,
		EndStatement:  r.EndStatement,
		EndEntry:      r.EndEntry,
	}
	if !r.EndedAt.IsZero() {
		out.EndedAt = &r.EndedAt
	}
	return out
}
