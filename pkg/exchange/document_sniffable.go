package exchange

import (
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// Who the entities concerned by a document are is the Discloser's to tell (domain.md, docs/decisions/0045). To
// everybody else whatever an entity concerned did or has to do is the Discloser's: whether or not the organisation is
// one now, and whether or not it is to benefit, else the difference would tell.

// hides reports whether the caller is told of an organisation's part as an entity concerned only as of the Discloser's.
func (v *visit) hides(d *register.Document, o article4.OrganisationID) bool {
	return hiddenFrom(v.actor.organisation.ID, d, o)
}

func hiddenFrom(caller article4.OrganisationID, d *register.Document, o article4.OrganisationID) bool {
	switch caller {
	case d.Discloser, o:
		return false
	}
	return o != "" && o != d.Discloser && o != d.Recipient
}

// fromTold is who can supply what a reason asks for, as the caller is told. Only reasons that entities concerned can
// cure speak of them; a reader or a beneficiary is named as such.
func (v *visit) fromTold(d *register.Document, code article4.Code,
	from article4.OrganisationID) article4.OrganisationID {
	if strings.HasPrefix(string(code), "art4.4/") && v.hides(d, from) {
		return d.Discloser
	}
	return from
}
