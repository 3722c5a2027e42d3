package exchange

import (
	"context"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// Admit lets people of the beneficiary organisation read by a grant, by its focal point: inside the grant, never wider
// (Article 4(6)). Admitting somebody twice changes nothing.
func (g *Gateway) Admit(ctx context.Context, a Actor, id article4.RequestID, in Admission) (AccessRequest, error) {
	var c checks
	if len(in.People) == 0 {
		c.Add(invalid.MissingPeople, "people", "4(6)")
	}
	c.atMost("people", "4(6)", len(in.People), maxPeople)
	if err := c.Err(); err != nil {
		return AccessRequest{}, err
	}
	return perform(ctx, g, a, act[AccessRequest]{
		operation: operation{act: article4.ActAdmit, request: id, what: "request", lock: register.ForShare,
			facts: func(ctx context.Context, v *visit) error {
				var err error
				v.facts.Request.AdmitOwnPeople, err = v.belong(ctx, in.People, v.request.Beneficiary)
				return err
			}},
		do: func(ctx context.Context, v *visit) (AccessRequest, error) {
			if err := v.admit(ctx, in.People); err != nil {
				return AccessRequest{}, err
			}
			return v.reread(ctx)
		},
		replay: g.requestDescribed(a, id),
	})
}

func (v *visit) admit(ctx context.Context, people []article4.PersonID) error {
	body := v.body(ledger.KindAdmission, ledger.Permitted)
	body.Terms = &ledger.Terms{Discloser: string(v.document.Discloser), Recipient: string(v.request.Beneficiary),
		People: texts(people), Relies: []string{v.request.EntryHash}}
	entry, err := v.record(ctx, body, v.concerned(), nil)
	if err != nil {
		return err
	}
	for _, p := range people {
		if err := v.register.Admit(ctx, v.tx, v.request.ID, p, v.actor.person, v.at, entry.id); err != nil {
			return err
		}
	}
	return v.register.Touch(ctx, v.tx, v.request.ID)
}
