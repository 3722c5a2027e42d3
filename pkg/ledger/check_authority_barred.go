package ledger

import (
	"slices"
	"time"
)

// What may be in the way of a disclosure although it was authorized: a Confidentiality Agreement that nobody signed
// (Article 4(8)), a Release that is missing (4(2)), a document or a person that was stopped (4(6)), and an Arrangement
// that is not in effect (Article 11).

// agreement wants the signature of the Confidentiality Agreement that the consent asks for, of that text or of a later
// one; of an earlier one where the consent says that it serves (Article 4(8)).
func (c *authorityChecker) agreement(e *seen, consent *Terms) {
	if !consent.AgreementRequired {
		return
	}
	to := e.body.Disclosure.To
	s := c.find(e.body.Disclosure.Agreement)
	if s == nil || s.body.Kind != KindSignature || s.body.Organisation != to {
		c.wrong(CheckAuthority, e, "no signature of %s under a Confidentiality Agreement stands earlier, and the "+
			"consent asks for one", to)
		return
	}
	asked, signed := c.text(consent.Agreement, to), c.text(s.body.Terms.Agreement, to)
	if signed < asked && !consent.EarlierServes {
		c.wrong(CheckAuthority, e, "the signature at index %d is of an earlier text than the one that the consent "+
			"asks for", s.index)
	}
}

// text is where the text of an agreement was put to a third party; -1 when it was not.
func (c *authorityChecker) text(agreement, to string) int64 {
	if put := c.agreements[[2]string{agreement, to}]; put != nil {
		return put.index
	}
	return -1
}

// declined: while the last text that a Party put to the third party is one that it declined, an earlier signature does
// not take its place, unless the Discloser's consent says so that was given later (Article 4(8), decision 0380).
func (c *authorityChecker) declined(e *seen, consent *standing) {
	d := e.body.Disclosure
	for _, party := range c.parties {
		last := c.newest[[2]string{party, d.To}]
		if last == nil || last.declined < 0 {
			continue
		}
		serves := consent != nil && party == d.From && consent.body.Terms.EarlierServes && consent.index > last.index
		if !serves {
			c.wrong(CheckAuthority, e, "%s declined the last text of %s at index %d, and has signed no later one "+
				"(Article 4(8))", d.To, party, last.declined)
		}
	}
}

// release wants a Release to the third party for this purpose (Article 4(2)): of personal data with a basis for the
// transfer (4(3)), of proprietary material by the Discloser itself, whose written consent it is (reading 0004).
func (c *authorityChecker) release(e *seen, doc *document) {
	d, why := e.body.Disclosure, "for this purpose"
	for _, r := range doc.released {
		switch {
		case r.Terms.Recipient != d.To || !slices.Contains(r.Terms.Purposes, d.Purpose):
		case doc.personal && r.Private["transfer-basis"] == "":
			why = "with a basis for the transfer of personal data"
		case doc.proprietary && r.Organisation != doc.discloser:
			why = "by the owner of what is proprietary"
		default:
			return
		}
	}
	c.wrong(CheckAuthority, e, "no release to %s %s stands (Article 4(2))", d.To, why)
}

// stopped: nothing of a stopped document leaves the Discloser's own people, and nobody who was stopped gets anything
// (4(6)).
func (c *authorityChecker) stopped(e *seen) {
	d := e.body.Disclosure
	for _, s := range c.stops {
		what := ""
		switch {
		case s.document != "" && s.document == e.body.Document && d.From != d.To:
			what = "the document"
		case s.person != "" && s.person == e.body.Actor:
			what = "the reader"
		case s.organisation != "" && s.organisation == d.To:
			what = d.To
		default:
			continue
		}
		c.wrong(CheckAuthority, e, "%s was suspended at index %d, and that was not lifted (Article 4(6))", what,
			s.index)
	}
}

// inEffect: nothing leaves the Discloser's own people before both Parties signed (Article 11(1)), nor after the end but
// for a purpose of a specific arrangement in force (Article 11(4), reading 0009).
func (c *authorityChecker) inEffect(e *seen) {
	b, d := e.body, e.body.Disclosure
	if !c.told {
		c.unphased++
		return
	}
	phase := c.phase(b.At)
	if d.Phase != phase {
		c.wrong(CheckLife, e, "it says that the Arrangement was %s; by the log before it, it was %s", shorten(d.Phase),
			phase)
	}
	if d.From == d.To {
		return
	}
	s, specific := c.specific[d.Purpose]
	switch {
	case phase == "not-in-effect":
		c.wrong(CheckLife, e, "the Arrangement was not in effect (Article 11(1))")
	case specific && !c.inForce(s, b.At, phase):
		c.wrong(CheckLife, e, "the specific arrangement of its purpose %s was not in force (Article 6(3))", d.Purpose)
	case phase == "ended" && !specific:
		c.wrong(CheckLife, e, "the Arrangement had ended on %s (Article 11(4), reading 0009)",
			c.ends().Format(time.DateOnly))
	}
}

// inForce: from its signature through its last day, and concluded before the Arrangement ended.
func (c *authorityChecker) inForce(s Specific, at time.Time, phase string) bool {
	over := !s.Ends.IsZero() && !at.Before(s.Ends.AddDate(0, 0, 1))
	return !at.Before(s.Signed) && !over && (phase != "ended" || s.Signed.Before(c.ends()))
}
