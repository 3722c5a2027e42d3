package exchange

import (
	"context"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// What was in force and wants something more, because an entity concerned was added (Article 4(4)) or an agreement was
// put to the third party (reading 0003), waits for it. Its silence counts from that act on, as for whatever is asked
// anew (reading 0007): the request may be months old. So it does where the third party declines a text, and the Party
// is asked for another, and when that is put (decision 0380).

// inForce lists the requests in force now on a document, or for a beneficiary.
func (v *visit) inForce(ctx context.Context, document article4.DocumentID,
	beneficiary article4.OrganisationID) ([]register.Request, error) {
	return v.liveWhere(ctx, document, beneficiary, func(state article4.RequestState, _ []article4.Missing) bool {
		return state == article4.StateInForce
	})
}

// waitForText lists the requests for a beneficiary that lack nothing but an agreement: everybody else has spoken. Of
// these, where declined is set, those alone that wait for another text.
func (v *visit) waitForText(ctx context.Context, beneficiary article4.OrganisationID,
	declined bool) ([]register.Request, error) {
	decision := func(m article4.Missing) bool { return !forAgreement(m) }
	another := func(m article4.Missing) bool { return m.What == "art4.8/agreement-declined" }
	return v.liveWhere(ctx, "", beneficiary, func(state article4.RequestState, missing []article4.Missing) bool {
		return state == article4.StateOpen && !slices.ContainsFunc(missing, decision) &&
			(!declined || slices.ContainsFunc(missing, another))
	})
}

// forAgreement reports whether it is a Confidentiality Agreement that is missing, or its signature.
func forAgreement(m article4.Missing) bool {
	return strings.HasPrefix(string(m.What), "art4.8/agreement-") || m.What == "art4.8/signature-unproven"
}

// liveWhere lists the requests that nobody ended, on a document or for a beneficiary, by where they stand now: for
// those who are told by an act that narrows, or for whom silence counts anew. What was altered is left out, and is no
// obstacle to the act.
func (v *visit) liveWhere(ctx context.Context, document article4.DocumentID, beneficiary article4.OrganisationID,
	wanted func(article4.RequestState, []article4.Missing) bool) ([]register.Request, error) {
	live, altered, err := v.register.LiveRequests(ctx, v.tx, document, beneficiary, v.at)
	if err != nil {
		return nil, err
	}
	v.meets(altered...)
	grants, err := v.basis().grants(live)
	if err != nil {
		return nil, err
	}
	var out []register.Request
	documents := map[article4.DocumentID]register.Document{}
	for i, q := range live {
		d, known := documents[q.Document]
		if !known {
			d, err = v.register.Document(ctx, v.tx, q.Document)
			if unreadable(err) {
				v.meets(q.Document)
				continue
			}
			if err != nil {
				return nil, err
			}
			documents[q.Document] = d
		}
		if wanted(article4.StateOf(documentFacts(&d), grants[i], v.facts.Arrangement, v.at)) {
			out = append(out, q)
		}
	}
	return out, nil
}

// silenceAnew lets silence count from now on.
func (v *visit) silenceAnew(ctx context.Context, requests []register.Request) error {
	for _, q := range requests {
		if err := v.register.Answered(ctx, v.tx, q, v.at.Add(v.settings.LapseAfter)); err != nil {
			return err
		}
	}
	return nil
}
