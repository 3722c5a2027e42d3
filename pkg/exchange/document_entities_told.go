package exchange

import (
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// Who the entities concerned by a document are is the Discloser's to tell (docs/decisions/0045). To everybody else
// whatever an entity concerned did or has to do is the Discloser's: whether or not the organisation is one now, and
// whether or not it is to benefit, else the difference would tell.

// hides reports whether the caller is told of an organisation's part as an entity concerned only as of somebody else's.
func (v *visit) hides(d *register.Document, o article4.OrganisationID) bool {
	return v.toldAs(d, o) != o
}

// toldAs is the organisation that the caller is told of: that one, or who answers for it. An entity concerned that was
// taken over from a source of the other Party is that Party's to tell, to the Discloser of the derived document too.
func (v *visit) toldAs(d *register.Document, o article4.OrganisationID) article4.OrganisationID {
	return toldTo(v.actor.organisation.ID, d, o)
}

func toldTo(caller article4.OrganisationID, d *register.Document, o article4.OrganisationID) article4.OrganisationID {
	switch {
	case caller == o || o == "" || o == d.Discloser || o == d.Recipient:
		return o
	case caller != d.Discloser:
		return d.Discloser
	case slices.Contains(d.Hidden, o):
		return d.Recipient
	}
	return o
}

// entitiesTold are the entities concerned as the Discloser's people are told of them.
func entitiesTold(d register.Document) []article4.OrganisationID {
	out := make([]article4.OrganisationID, 0, len(d.Entities))
	for _, entity := range d.Entities {
		if told := toldTo(d.Discloser, &d, entity); !slices.Contains(out, told) {
			out = append(out, told)
		}
	}
	return out
}

// fromTold is who can supply what a reason asks for, as the caller is told. Only reasons that entities concerned can
// cure speak of them; a reader or a beneficiary is named as such.
func (v *visit) fromTold(d *register.Document, code article4.Code,
	from article4.OrganisationID) article4.OrganisationID {
	if strings.HasPrefix(string(code), "art4.4/") {
		return v.toldAs(d, from)
	}
	return from
}
