package exchange

import (
	"context"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// bothParties are those of the Arrangement, in a transaction that follows a decision.
func (v *visit) bothParties(ctx context.Context) ([]article4.OrganisationID, error) {
	records, err := v.register.Records(ctx, v.tx, v.arrangement.Revision)
	if err != nil {
		return nil, err
	}
	var out []article4.OrganisationID
	for _, p := range records.Parties {
		out = append(out, p.ID)
	}
	return out, nil
}

// tellOfAlteration puts before the auditors of both Parties that something did not fit its seal: the operator, whose
// log says so too, may be who altered it. Of one document they are told once a day, not of each attempt to read it.
func (v *visit) tellOfAlteration(ctx context.Context, parties []article4.OrganisationID, id article4.DocumentID,
	entry string) error {
	for _, party := range parties {
		err := v.tell(ctx, register.Notice{
			Kind:     noticeAlteration,
			Document: id,
			Owner:    party,
			To:       party,
			Facts:    facts{"entry": entry},
			Entry:    entry,
			Once:     "alteration|" + string(party) + "|" + string(id) + "|" + day(v.at),
		})
		if err != nil {
			return err
		}
	}
	return nil
}
