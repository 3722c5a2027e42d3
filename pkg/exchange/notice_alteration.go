package exchange

import (
	"context"
	"fmt"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// toldAgainAfter is how long the auditors are not told again of the same document.
const toldAgainAfter = 24 * time.Hour

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

// tellOfAlteration puts before the auditors of both Parties that something did not fit its seal: the operator, whose log
// says so too, may be who altered it.
func (v *visit) tellOfAlteration(ctx context.Context, parties []article4.OrganisationID, id article4.DocumentID,
	entry string) error {
	for _, party := range parties {
		told, err := v.register.ToldOfAlteration(ctx, v.tx, party, id, v.at.Add(-toldAgainAfter))
		if err != nil {
			return err
		}
		if told {
			continue
		}
		err = v.register.AddNotice(ctx, v.tx, register.Notice{
			ID:       register.NewID("not_"),
			Kind:     "alteration",
			Document: id,
			Owner:    party,
			To:       party,
			Text: fmt.Sprintf("What the gateway keeps does not fit its seal: somebody altered a record or a file outside "+
				"the gateway. It was not handed out. The refusal is entry %s of the log; compare the log with the "+
				"checkpoints that you kept, and ask the operator.", entry),
			At:    v.at,
			Entry: entry,
		})
		if err != nil {
			return err
		}
	}
	return nil
}
