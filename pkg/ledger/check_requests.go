package ledger

import "slices"

// What stands? Requests, decisions, signatures and releases by their names, until they are withdrawn (reading 0006),
// refused, or lapse (reading 0007): what the authority of a disclosure is looked up in.
type requestsChecker struct{ *past }

func (c *requestsChecker) see(e *seen) {
	if !e.done() {
		return
	}
	switch e.body.Kind {
	case KindWithdrawal, KindRecall, KindAmendment, KindStandingWithdrawal:
		c.withdraw(e)
	case KindLapse, KindRefusal:
		c.end(e)
	case KindAdmission:
		c.admit(e)
	case KindAgreementDeclined:
		c.answered(e)
	case KindRequest, KindAuthorization, KindConsent, KindFiling, KindAgreement, KindSignature, KindHold,
		KindRelease, KindSeries, KindStanding:
		c.stand(e)
	}
}

func (c *requestsChecker) stand(e *seen) {
	s := &standing{index: e.index, at: e.body.At, body: e.body, name: e.name.String(),
		from: e.body.Organisation}
	if e.is(KindFiling) {
		s.from, _ = e.shown("entity")
	}
	if e.is(KindRequest) {
		c.delivery(e)
	}
	if e.is(KindAgreement, KindSignature) {
		c.answered(e)
	}
	c.known[e.name] = s
}

// answered follows the texts of Confidentiality Agreements: each is signed or declined, and never both (Article 4(8)).
func (c *requestsChecker) answered(e *seen) {
	t := e.body.Terms
	if e.is(KindAgreement) {
		put := &textPut{index: e.index, signed: -1, declined: -1}
		c.agreements[[2]string{t.Agreement, t.Recipient}] = put
		c.newest[[2]string{e.body.Organisation, t.Recipient}] = put
		return
	}
	put := c.agreements[[2]string{t.Agreement, t.Recipient}]
	switch {
	case put == nil:
	case e.is(KindSignature):
		if put.declined >= 0 {
			c.wrong(CheckAuthority, e, "%s declined that text at index %d (Article 4(8))", shorten(t.Recipient),
				put.declined)
		}
		put.signed = e.index
	case e.is(KindAgreementDeclined):
		if put.signed >= 0 {
			c.wrong(CheckAuthority, e, "%s signed that text at index %d (Article 4(8))", shorten(t.Recipient),
				put.signed)
		}
		put.declined = e.index
	}
}

// delivery: unasked, the Discloser gives to people of the Recipient, and in no other way.
func (c *requestsChecker) delivery(e *seen) {
	t, d := e.body.Terms, c.document[e.body.Document]
	if !t.Delivery || d == nil {
		return
	}
	if e.body.Organisation != d.discloser || t.Recipient != d.recipient || len(t.People) == 0 {
		c.wrong(CheckAuthority, e, "it is given unasked, and not by the Discloser to people of the Recipient "+
			"(Article 4(8))")
	}
}

// withdraw takes back decisions, or without any the request itself.
func (c *requestsChecker) withdraw(e *seen) {
	named := e.body.Terms.Withdraws
	if len(named) == 0 && e.is(KindWithdrawal) {
		named = e.body.Terms.Relies
	}
	for _, name := range named {
		if h, err := ParseHash(name); err == nil {
			c.gone[h] = withdrawal{e.index, e.body.At}
		}
	}
}

// end is silence or a "no": the Discloser's ends the request, an entity's blocks it for as long as it is concerned.
func (c *requestsChecker) end(e *seen) {
	b := e.body
	for _, name := range b.Terms.Relies {
		q := c.find(name)
		if q == nil || q.body.Kind != KindRequest {
			continue
		}
		switch {
		case e.is(KindLapse):
			q.ended = "lapsed"
		case q.body.Terms.Discloser == b.Organisation:
			q.ended = "refused"
		default:
			q.refused = append(q.refused, b.Organisation)
		}
	}
}

// admit: the focal point of the organisation that receives admits people of its own (Article 4(6)).
func (c *requestsChecker) admit(e *seen) {
	t := e.body.Terms
	for _, name := range t.Relies {
		q := c.find(name)
		if q == nil || q.body.Kind != KindRequest {
			continue
		}
		if q.body.Terms.Recipient != t.Recipient {
			c.wrong(CheckAuthority, e, "%s admits to what %s is to receive (Article 4(6))", shorten(t.Recipient),
				q.body.Terms.Recipient)
			continue
		}
		q.admitted = append(q.admitted, t.People...)
	}
}

func (c *requestsChecker) finish() {}

// lately reports whether a decision or request of this name was taken back, and where.
func (p *past) lately(name string) (withdrawal, bool) {
	h, err := ParseHash(name)
	w, gone := p.gone[h]
	return w, gone && err == nil
}

// decisionsOf are the authorizations and the consent that a disclosure names.
func decisionsOf(d *Disclosure) []string {
	names := slices.Clone(d.Authorizations)
	if d.Consent != "" {
		names = append(names, d.Consent)
	}
	return names
}
