package exchange_test

import (
	"slices"

	"chancery.example/gateway/pkg/article4"
)

// Where a request stands.

// asked is one decision that a request needs.
type asked struct {
	from    org
	consent bool
}

// needed: nothing protected moves without the authorization of everybody concerned (Article 4(4)); to a third party the
// Discloser's consent stands in the place of its own authorization (Article 4(8), reading 0001).
func needed(d *document, to org) []asked {
	if !d.protected() || to == d.discloser {
		return nil
	}
	out := []asked{{d.discloser, to != d.recipient}}
	for _, e := range d.entities {
		if e != d.discloser {
			out = append(out, asked{e, false})
		}
	}
	return out
}

// terms are those of a request after every decision restricted them: the shortest time, the marked form, all
// conditions.
func (q *request) terms() (until int64, form article4.Form, conditions string) {
	until, form = q.until.UnixNano(), q.form
	for _, l := range q.decisions {
		if !l.given {
			continue
		}
		until = min(until, l.until.UnixNano())
		form = narrower(form, l.form)
		switch {
		case l.conditions == "":
		case conditions == "":
			conditions = string(digest(l.conditions))
		default:
			conditions = string(digest(conditions + "\n" + string(digest(l.conditions))))
		}
	}
	return until, form, conditions
}

// faultOf says what is wrong with a decision that somebody should have given, in the words of the codes: "" nothing,
// "none" that it is not there. Who withdrew or refused did so whatever else was given.
func (w *world) faultOf(q *request, a asked, v *version, purpose code) string {
	fault := "none"
	for _, l := range q.decisions {
		if l.by != a.from {
			continue
		}
		switch {
		case l.over():
			return "withdrawn"
		case !l.given:
			fault = "refused"
		case fault == "refused" || l.consent != a.consent:
		case l.standing != nil && l.standing.outside(q.document):
			fault = "outside-series"
		case l.standing == nil && q.version != v:
			fault = "other-version"
		case l.recordOf != w.nameOf(q.to):
			fault = "other-recipient"
		case q.purpose != purpose:
			fault = "other-purpose"
		case !w.now.Before(l.until):
			fault = "expired"
		default:
			fault = ""
		}
	}
	return fault
}

func (w *world) nameOf(o org) string { return w.names[o] }

// agreement is what a Confidentiality Agreement put to a third party still wants (Article 4(8)).
func (w *world) agreementFault(q *request) string {
	if q.to == q.document.discloser || q.to == q.document.recipient {
		return ""
	}
	d := q.document
	faults := []string{ // what the consent names, and the texts of each Party, bind each by itself
		textsFault(w.textsOf(q.to, d.discloser), q.decisions), textsFault(w.textsOf(q.to, d.recipient), nil)}
	for _, l := range slices.Backward(q.decisions) {
		if l.given && l.consent && l.named != nil {
			texts := w.textsOf(q.to, l.named.by)
			faults = append(faults, textsFault(texts[slices.Index(texts, l.named):], []*decision{l}))
			break
		}
	}
	for _, least := range []string{"declined", "unsigned", "superseded"} {
		if slices.Contains(faults, least) {
			return least
		}
	}
	return ""
}

// textsOf are those that a Party put to a third party, the newest first.
func (w *world) textsOf(to, by org) []*agreement {
	var texts []*agreement
	for _, a := range slices.Backward(w.agreements) {
		if a.to == to && a.by == by {
			texts = append(texts, a)
		}
	}
	return texts
}

// textsFault is what texts of one Party want: the newest signed, or an earlier one that a consent given since lets
// serve. One that was declined stays the newest.
func textsFault(texts []*agreement, decisions []*decision) string {
	if len(texts) == 0 || texts[0].signed {
		return ""
	}
	earlier := slices.ContainsFunc(texts, func(a *agreement) bool { return a.signed })
	serves := func(l *decision) bool {
		return l.given && l.consent && l.earlierTexts && l.at.After(texts[0].at)
	}
	switch {
	case earlier && slices.ContainsFunc(decisions, serves):
		return ""
	case texts[0].declined:
		return "declined"
	case earlier:
		return "superseded"
	}
	return "unsigned"
}

// withoutAgreement: none is signed that is required.
func (w *world) withoutAgreement(q *request) bool {
	fault := w.agreementFault(q)
	return fault == "unsigned" || fault == "declined"
}

// lacking: something that is needed was never supplied.
func (w *world) lacking(q *request) bool {
	return w.withoutAgreement(q) || w.someone(q, "none")
}

func (w *world) someone(q *request, fault string) bool {
	return slices.ContainsFunc(needed(q.document, q.to),
		func(a asked) bool { return w.faultOf(q, a, q.version, q.purpose) == fault })
}

func (w *world) lapsed(q *request) bool { return q.lapsed || w.lacking(q) && !w.now.Before(q.lapses) }

func (w *world) termOver(q *request) bool {
	until, _, _ := q.terms()
	return w.now.UnixNano() >= until
}

// A no stands, also when whoever said it is not concerned any more.
func (q *request) refused() bool {
	return slices.ContainsFunc(q.decisions, func(l *decision) bool { return !l.given })
}

func (q *request) takenBack() bool {
	return slices.ContainsFunc(q.decisions, func(l *decision) bool { return l.over() })
}

// stateOf is the first that fits: withdrawn, refused, lapsed, expired, in force, open.
func (w *world) stateOf(q *request) article4.RequestState {
	switch {
	case q.withdrawn || q.takenBack():
		return article4.StateWithdrawn
	case q.refused():
		return article4.StateRefused
	case w.lapsed(q):
		return article4.StateLapsed
	case w.termOver(q) || w.someone(q, "expired") ||
		!w.open(q.purpose) && !w.forCopyHeld(q):
		return article4.StateExpired
	}
	if !w.decided(q) || w.agreementFault(q) != "" {
		return article4.StateOpen
	}
	return article4.StateInForce
}

// decided: everybody gave what is needed of them.
func (w *world) decided(q *request) bool {
	return !slices.ContainsFunc(needed(q.document, q.to), func(a asked) bool {
		return w.faultOf(q, a, q.version, q.purpose) != "" || a.from == q.document.discloser && !q.document.settled
	})
}

func (w *world) pursued(q *request) bool {
	s := w.stateOf(q)
	return s == article4.StateOpen || s == article4.StateInForce
}

// consentedOnce: from the Discloser's consent on, a third party knows of the document (0025).
func consentedOnce(q *request) bool {
	return slices.ContainsFunc(q.decisions,
		func(l *decision) bool { return l.consent && l.by == q.document.discloser && l.given })
}

// standsBy: a third party knows of a document through a request for it, or through one that needs its authorization.
func (w *world) standsBy(p *person, q *request) bool {
	decided := q.to != q.document.discloser &&
		slices.ContainsFunc(q.decisions, func(l *decision) bool { return l.by == p.org })
	return q.to == p.org && consentedOnce(q) || decided ||
		slices.Contains(needed(q.document, q.to), asked{p.org, false}) && w.pursued(q)
}

// within: a machine client knows what its limits name.
func within(p *person, d *document) bool {
	return p.limits == nil || slices.Contains(p.limits.Markings, d.marking) &&
		slices.ContainsFunc(d.purposes, func(c code) bool { return slices.Contains(p.limits.Purposes, c) })
}

// stands: who may know that there is such a document.
func (w *world) stands(p *person, d *document) bool {
	if len(p.roles) == 0 || p.org == operator || !within(p, d) {
		return false
	}
	if p.official() {
		return true
	}
	released := func(r *release) bool { return r.to == p.org && !r.ended }
	return !d.protected() && slices.ContainsFunc(d.releases, released) ||
		slices.ContainsFunc(w.requests, func(q *request) bool { return q.document == d && w.standsBy(p, q) })
}

// standsFor: who may know that there is such a request.
func (w *world) standsFor(p *person, q *request) bool {
	if len(p.roles) == 0 || p.org == operator || !within(p, q.document) {
		return false
	}
	if q.to == q.document.discloser {
		return p.org == q.document.discloser // whom the Discloser admits of its own is its own affair
	}
	if p.official() && p.org != q.document.discloser && q.asker.org == q.document.discloser && q.to != p.org {
		// the Discloser's, for a third party: none of the Recipient's, unless its own word is asked or was given
		return slices.ContainsFunc(needed(q.document, q.to), func(a asked) bool { return a.from == p.org }) ||
			slices.ContainsFunc(q.decisions, func(l *decision) bool { return l.by == p.org })
	}
	return p.official() || w.standsBy(p, q)
}
