package exchange

import (
	"slices"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
)

// Acts on the Arrangement's own records take two officials of one Party, or one of each. They hold the Arrangement's
// row alone: nothing is decided beside them on what they change.

// twoParties are both Parties, the caller's own first: private fields are sealed under its keyset.
func (v *visit) twoParties() []article4.OrganisationID { return v.partiesFrom(v.actor.organisation.ID) }

// partiesFrom are both Parties, a given one first, if it is one.
func (v *visit) partiesFrom(first article4.OrganisationID) []article4.OrganisationID {
	out := slices.Clone(v.parties)
	slices.SortStableFunc(out, func(a, b article4.OrganisationID) int {
		switch first {
		case a:
			return -1
		case b:
			return 1
		}
		return 0
	})
	return out
}

// entitledByStep: what one official begins is the own Party's affair until the second confirms it; then it is both's.
func (v *visit) entitledByStep() []article4.OrganisationID {
	if v.pending == nil {
		return v.ownParties()
	}
	return v.twoParties()
}

// officialBody starts the entry of an act on the Arrangement's own records.
func (v *visit) officialBody(subject string, instrument article4.Digest) ledger.Body {
	body := v.body(kindOf(v.act), ledger.Permitted)
	body.Terms = &ledger.Terms{Subject: subject, Instrument: string(instrument)}
	if v.delegation != nil {
		body.Terms.Delegation = string(v.delegation.Digest)
	}
	return body
}
