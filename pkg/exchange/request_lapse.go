package exchange

import (
	"context"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// What was in force and wants something more, because an entity concerned was added (Article 4(4)) or an agreement was
// put to the third party (reading 0003), waits for it. Its silence counts from that act on, as for whatever is asked
// anew (reading 0007): the request may be months old.

// inForce lists the requests in force now on a document, or for a beneficiary.
func (v *visit) inForce(ctx context.Context, document article4.DocumentID,
	beneficiary article4.OrganisationID) ([]article4.RequestID, error) {
	live, err := v.register.LiveRequests(ctx, v.tx, document, beneficiary, v.at)
	if err != nil {
		return nil, err
	}
	grants, err := v.basis().grants(live)
	if err != nil {
		return nil, err
	}
	var out []article4.RequestID
	documents := map[article4.DocumentID]register.Document{}
	for i, q := range live {
		d, known := documents[q.Document]
		if !known {
			if d, err = v.register.Document(ctx, v.tx, q.Document); err != nil {
				return nil, err
			}
			documents[q.Document] = d
		}
		if state, _ := article4.StateOf(documentFacts(&d), grants[i], v.facts.Arrangement,
			v.at); state == article4.StateInForce {
			out = append(out, q.ID)
		}
	}
	return out, nil
}

// silenceAnew lets silence count from now on.
func (v *visit) silenceAnew(ctx context.Context, requests []article4.RequestID) error {
	for _, id := range requests {
		if err := v.register.Answered(ctx, v.tx, id, v.at.Add(v.settings.LapseAfter)); err != nil {
			return err
		}
	}
	return nil
}
