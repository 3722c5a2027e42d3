package exchange

import (
	"context"
	"slices"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// held are the Delegations of the caller that the log bears out, in force or not.
func (v *visit) held(ctx context.Context) ([]register.Delegation, error) {
	found, err := v.register.DelegationsOf(ctx, v.tx, v.actor.person)
	return v.borneOut(found, v.actor.claims.Issuer, v.actor.claims.Subject), err
}

// heldBy are those of somebody else.
func (v *visit) heldBy(ctx context.Context, id article4.PersonID) ([]register.Delegation, error) {
	found, err := v.register.DelegationsOf(ctx, v.tx, id)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	people, err := v.register.People(ctx, v.tx, []article4.PersonID{id})
	if err != nil || len(people) == 0 {
		return nil, err
	}
	return v.borneOut(found, people[0].Issuer, people[0].Subject), nil
}

// borneOut leaves out what the log does not say of somebody: a row that was altered or added lets nobody decide.
func (v *visit) borneOut(found []register.Delegation, issuer, subject string) []register.Delegation {
	return slices.DeleteFunc(found, func(d register.Delegation) bool {
		holder, bears := v.records.Bears(d)
		return !bears || holder != "" && holder != ledger.HolderOf(string(d.Digest), issuer, subject)
	})
}

// tellDelegations tells the auditors of both Parties that a Delegation in the records is not as the log says. It is not
// in force, and everything else goes on.
func (g *Gateway) tellDelegations(ctx context.Context) error {
	err := g.bySystem(ctx, operation{}, func(_ context.Context, v *visit) error { return v.records.Altered })
	return g.met(ctx, operation{}, err)
}
