package exchange

import (
	"context"
	"fmt"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/sequencer"
)

// Happened is one thing that happened to a document, as far as the caller is told.
type Happened struct {
	At           time.Time
	Kind         string                  // of the entry: "deposit", "consent", …
	Organisation article4.OrganisationID // whose people did it; empty: the gateway
	Person       article4.PersonID       // of the caller's own organisation alone
	To           article4.OrganisationID // for whom it was asked, decided, released or disclosed
	Request      article4.RequestID
	Marking      article4.Marking // that a deposit or a change of marking gave it
	Entry        string           // of what the caller's own organisation did
	Step         Step
	// Standing is the Discloser's authorization of the document's series that a Delivery began on, or that a disclosure
	// rests on; nil: none is told. It is told to the two Parties alone.
	Standing *StandingWord

	id string
}

// What a timeline tells to whom. Holds and entities concerned are the Discloser's to tell of (docs/decisions/0045), and
// what was said on a request stands with the request.
var (
	toldToAll = []ledger.Kind{ledger.KindDeposit, ledger.KindCorrection, ledger.KindMarking, ledger.KindAmendment,
		ledger.KindRelease,
		ledger.KindReleaseEnded, ledger.KindRecall, ledger.KindDestruction, ledger.KindRequest,
		ledger.KindAuthorization, ledger.KindConsent, ledger.KindRefusal, ledger.KindWithdrawal, ledger.KindLapse,
		ledger.KindExpiry, ledger.KindDisclosure, ledger.KindSuspension, ledger.KindLifting, ledger.KindLeak,
		ledger.KindAcknowledgement}
	toldToDiscloser = []ledger.Kind{ledger.KindEntities, ledger.KindNotConcerned, ledger.KindFiling, ledger.KindHold,
		ledger.KindHoldEnded, ledger.KindLeakTold, ledger.KindLoweringAuthorization, ledger.KindLoweringRefusal,
		ledger.KindLoweringWithdrawal}
)

// Timeline tells what happened to a document, the newest first, made of entries of the log as far as the caller's
// standing reaches: all of it to the Discloser's people; to the Recipient's what both Parties may know and the requests
// that they may open; to a third party what was done for it or by it. Reading a page is an entry, as of History.
func (g *Gateway) Timeline(ctx context.Context, a Actor, id article4.DocumentID, p Paging) (Page[Happened], error) {
	limit, after, err := p.bounds()
	if err != nil {
		return Page[Happened]{}, err
	}
	return perform(ctx, g, a, act[Page[Happened]]{
		operation: operation{act: article4.ActAccount, document: id, what: "document", lock: register.ForShare,
			facts: loadStanding},
		do: func(ctx context.Context, v *visit) (Page[Happened], error) {
			body := v.body(ledger.KindAccounting, ledger.Permitted)
			if _, err := v.record(ctx, body, v.concerned(), nil); err != nil {
				return Page[Happened]{}, err
			}
			h, err := v.told(ctx)
			if err != nil {
				return Page[Happened]{}, err
			}
			h.Before, h.BeforeID, h.Limit = after.at, after.id, limit+1
			found, err := g.sequencer.Happened(ctx, v.tx, h)
			if err != nil {
				return Page[Happened]{}, err
			}
			standing, err := v.standingHere(ctx)
			if err != nil {
				return Page[Happened]{}, err
			}
			shown := make([]Happened, len(found))
			for i, body := range found {
				if shown[i], err = v.happened(body, standing); err != nil {
					return Page[Happened]{}, err
				}
			}
			return page(shown, limit, func(h Happened) cursor { return cursor{h.At, h.id} }), nil
		}})
}

// told is what of a document's entries is the caller's to know.
func (v *visit) told(ctx context.Context) (sequencer.Happening, error) {
	d, own := v.document, v.actor.organisation.ID
	h := sequencer.Happening{Document: string(d.ID), Kinds: kindsOf(toldToAll)}
	if own == d.Discloser {
		h.Party, h.Kinds = string(own), append(h.Kinds, kindsOf(toldToDiscloser)...)
		return h, nil
	}
	h.By = []string{string(d.Discloser), string(d.Recipient), string(own)}
	h.Except, h.Requests = string(d.Discloser), []string{}
	if own == d.Recipient {
		h.Party, h.Requests = string(own), []string{""}
	}
	var circle Circle
	err := v.edges(ctx, &circle)
	for _, e := range circle.Edges {
		if e.Request != "" {
			h.Requests = append(h.Requests, string(e.Request))
		}
	}
	return h, err
}

// standingHere are the Discloser's authorizations that stand, or stood, for the series of this document, by the hash of
// their entries: by these an entry names what it rests on. None where the caller is told of none.
func (v *visit) standingHere(ctx context.Context) (map[string]StandingWord, error) {
	if v.document.Series == "" || !v.ofParty() {
		return nil, nil
	}
	found, err := v.register.StandingAuthorizations(ctx, v.tx, v.document.Series)
	out := map[string]StandingWord{}
	for _, a := range found {
		if a.Organisation == v.document.Discloser {
			out[a.EntryHash] = StandingWord{Series: a.Series, Authorization: a.ID}
		}
	}
	return out, err
}

func kindsOf(all []ledger.Kind) []string {
	out := make([]string, len(all))
	for i, kind := range all {
		out[i] = string(kind)
	}
	return out
}

// happened is an entry as the caller is told it. Who an entity concerned is, is told as anywhere.
func (v *visit) happened(raw []byte, standing map[string]StandingWord) (Happened, error) {
	b, err := ledger.Decode(raw)
	if err != nil {
		return Happened{}, fmt.Errorf("timeline of %s: %w: %w", v.document.ID, sequencer.ErrInconsistent, err)
	}
	did := article4.OrganisationID(b.Organisation)
	out := Happened{
		At:           b.At,
		Kind:         string(b.Kind),
		Organisation: did,
		Request:      article4.RequestID(b.Request),
		Step:         stepOf(b),
		id:           b.ID,
	}
	if b.Kind != ledger.KindDisclosure {
		out.Organisation = v.toldAs(v.document, did)
	}
	if did == v.actor.organisation.ID {
		out.Person, out.Entry = article4.PersonID(b.Actor), b.ID
	}
	var rests []string
	switch {
	case b.Disclosure != nil:
		out.To, rests = article4.OrganisationID(b.Disclosure.To), b.Disclosure.Authorizations
	case b.Terms != nil:
		out.To = article4.OrganisationID(b.Terms.Recipient)
		if b.Kind == ledger.KindRequest {
			rests = b.Terms.Relies
		}
	}
	for _, name := range rests {
		if word, stands := standing[name]; stands {
			out.Standing = &word
		}
	}
	if b.Terms != nil && (b.Kind == ledger.KindDeposit || b.Kind == ledger.KindMarking) {
		out.Marking = article4.Marking(b.Terms.Marking)
	}
	return out, nil
}
