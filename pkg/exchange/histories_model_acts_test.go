package exchange_test

import (
	"slices"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// What people may do with documents and requests, verb by verb.

// does is one person doing something: whoever signed in too long ago decides nothing.
type does struct {
	*person
	stale bool
}

// officer starts an answer: whoever is suspended does nothing.
func (w *world) officer(p does) answer {
	var a answer
	a.because("art4.6/suspended", w.suspended(p.person))
	return a
}

// ofDiscloser starts the answer of an act that is the Discloser's alone. To a third party the document is absent, or it
// has no authority: no is no.
func (w *world) ofDiscloser(p does, d *document) (answer, bool) {
	if !w.stands(p.person, d) {
		return answer{absent: true}, false
	}
	a := w.officer(p)
	if !p.official() {
		return answer{either: true}, false
	}
	return a, true
}

// mayDeposit: what is said of a file is looked at before a byte is read of it, and what it is given to; then what is
// found in it, and whether it can be given so. Of a staged file both are known.
func (w *world) mayDeposit(p does, m exchange.Metadata, found string) answer {
	a := w.declared(p, m)
	if m.Staged == "" {
		if len(a.codes) > 0 {
			return a // not a byte of it is read
		}
		if a = w.givable(p, m, shownByPage); len(a.codes) > 0 {
			return a
		}
	}
	w.foundIn(&a, p, found, m.PersonalData.Present, m.Marking != article4.NonConfidential)
	if len(a.codes) > 0 {
		return a
	}
	return w.givable(p, m, found)
}

func (w *world) declared(p does, m exchange.Metadata) answer {
	a := w.officer(p)
	protected := m.Marking != article4.NonConfidential
	closed := slices.ContainsFunc(m.Purposes, func(c code) bool { return !w.open(c) })
	over := m.PersonalData.Present && !m.PersonalData.RetainUntil.IsZero() &&
		!w.now.Before(dayAfter(m.PersonalData.RetainUntil))
	a.because("art4.9/not-discloser",
		!p.official() || !p.has(article4.RoleStaff, article4.RoleFocalPoint, article4.RoleSignatory,
			article4.RoleService))
	a.because("art4.9/unmarked", m.Marking == "")
	a.because("art4.9/no-purpose", m.PurposeStatement == "" || len(m.Purposes) == 0)
	a.because("gateway/untitled", m.Title == "")
	a.because("art4.5/not-the-recipient", m.Recipient != wco && m.Recipient != unoct || m.Recipient == p.org)
	a.because("art4.4/entities-undeclared",
		!m.EntitiesDeclared || slices.ContainsFunc(m.Entities, func(o org) bool { return !w.concernable(o) }))
	a.because("art4.8/sources-undeclared", !m.SourcesDeclared)
	a.because("art4.3/undeclared", !m.PersonalData.Declared)
	a.because("art4.3/no-safeguard",
		m.PersonalData.Present && (m.PersonalData.Regime == "" || m.PersonalData.RetainUntil.IsZero()))
	a.because("art4.3/retention-over", over)
	if len(m.Purposes) > 0 && closed {
		a.because("art4.7/purpose-closed", protected && !w.ended())
		a.because("art4.2/purpose-closed", !protected && !w.ended())
	}
	a.because("art11.4/ended", w.ended() && (closed || len(m.Purposes) == 0))
	a.because("gateway/service-limited", p.limits != nil && !listed(p.limits, m.Marking, m.Purposes))
	a.because("art4.4/not-of-the-series", m.Series != "" && !w.seriesOf(m.Series).holds(p.org, m))
	return a
}

// listed: a machine client is confined to the markings and the purposes that are listed for it.
func listed(l *article4.ServiceLimits, m article4.Marking, purposes []code) bool {
	return slices.Contains(l.Markings, m) && len(purposes) > 0 &&
		!slices.ContainsFunc(purposes, func(c code) bool { return !slices.Contains(l.Purposes, c) })
}

func dayAfter(t time.Time) time.Time { return t.UTC().Truncate(days).AddDate(0, 0, 1) }

// concernable: both Parties, and third parties that both know, may be entities concerned.
func (w *world) concernable(o org) bool { return o == wco || o == unoct || w.inForce(o) }

// foundIn is what a file itself shows: nothing, passenger data, or that another Party disclosed it.
func (w *world) foundIn(a *answer, p does, text string, personal, protected bool) {
	a.because("gateway/empty", text == "")
	passengers := text == passengerList
	a.because("art4.3/passenger-data-undeclared", passengers && !personal)
	a.because("gateway/passenger-data-protected", passengers && !protected)
	received := func(x *disclosure) bool {
		return x.version.text == text && x.to.org == p.org && x.document.discloser != p.org
	}
	a.because("art4.9/received-from-the-other", text != "" && slices.ContainsFunc(w.disclosures, received))
}

func (w *world) mayCorrect(p does, d *document, text string) answer {
	a, ok := w.ofDiscloser(p, d)
	if !ok {
		return a
	}
	a.because("art4.9/no-authority", p.org != d.discloser || !p.has(article4.RoleFocalPoint, article4.RoleSignatory) &&
		(p.person != d.depositor || !p.has(article4.RoleStaff, article4.RoleService)))
	a.because("art4.3/retention-over", w.keptTooLong(d))
	a.because("art11.4/ended", w.ended() && !slices.ContainsFunc(d.purposes, w.open))
	a.because("gateway/service-limited", p.limits != nil && !listed(p.limits, d.marking, d.purposes))
	if len(a.codes) == 0 {
		w.foundIn(&a, p, text, d.personal, d.protected())
	}
	return a
}

func (w *world) mayRequest(p does, d *document, ask exchange.Ask, belong bool) answer {
	if !w.stands(p.person, d) {
		return answer{absent: true}
	}
	a := w.officer(p)
	permitted := slices.Contains(d.purposes, ask.Purpose)
	if d.protected() {
		a.because("art4.8/onward-sharing", !p.official())
		a.because("art4.7/purpose-not-permitted", !permitted)
		a.because("art4.7/purpose-closed", !w.ended() && !w.open(ask.Purpose))
		a.because("art5.3/no-focal-point", !w.named[wco] || !w.named[unoct])
	} else {
		a.because("art4.2/not-released", !p.official() || ask.For != wco && ask.For != unoct && w.inForce(ask.For))
		a.because("art4.2/purpose-not-permitted", !permitted)
		a.because("art4.2/purpose-closed", !w.ended() && !w.open(ask.Purpose))
	}
	if p.official() {
		known := ask.For == d.recipient || ask.For == d.discloser && p.org == d.discloser || w.inForce(ask.For) ||
			ask.For == operator
		a.because("art4.6/not-admitted",
			!known || !p.has(article4.RoleStaff, article4.RoleFocalPoint, article4.RoleSignatory, article4.RoleService))
	}
	// who is outside the Parties is not told whether there is such an organisation, and who is of it
	a.because("art4.6/not-admitted",
		ask.For == operator || p.official() && (!belong || !w.concernable(ask.For)))
	a.because("art4.6/suspended", w.stopped(d))
	a.because("art4.3/retention-over", w.keptTooLong(d))
	a.because("art4.5/no-end-ahead", !w.now.Before(ask.Until))
	a.because("gateway/form-unavailable", ask.Form == article4.View && d.current().pages() == 0)
	a.because("art4.9/superseded-closed", d.current().closed && !d.current().destroyed)
	a.because("art4.9/version-destroyed", d.current().destroyed)
	a.because("art11.4/notice-given", w.beyondEnd(ask.Until, ask.Purpose))
	forCopy := d.protected() && ask.For != d.recipient && ask.For != d.discloser && w.inForce(ask.For) &&
		ask.For != operator && w.closedByTheEnd(ask.Purpose) && w.copyHeld(d)
	a.because("art11.4/ended", w.ended() && !w.open(ask.Purpose) && !forCopy)
	a.because("gateway/service-limited", p.limits != nil && !listed(p.limits, d.marking, []code{ask.Purpose}))
	return a
}

// beyondEnd: once notice is given nothing reaches beyond the last day, unless a specific arrangement carries it.
func (w *world) beyondEnd(until time.Time, purpose code) bool {
	return w.noticeGiven() && !w.ended() && until.After(w.ends()) && !(ofProject(purpose) && w.open(purpose))
}

// keepsAlive are the conditions of every act that keeps a request alive or widens it. A request names a version, and so
// does every decision on it: one that was superseded and kept serves on.
func (w *world) keepsAlive(a *answer, q *request) {
	a.because("gateway/request-closed", !w.pursued(q))
	a.because("art4.3/retention-over", w.keptTooLong(q.document))
	a.because("art4.6/suspended", w.stopped(q.document))
	a.because("art4.9/superseded-closed", q.version.closed && !q.version.destroyed)
	a.because("art4.9/version-destroyed", q.version.destroyed)
	a.because("art4.7/purpose-closed", q.document.protected() && !w.ended() && !w.open(q.purpose))
	a.because("art11.4/ended", w.ended() && !w.open(q.purpose) && !w.forCopyHeld(q))
}

// stillFor: nothing protected is decided on for a purpose that was taken off the document since it was asked for.
func stillFor(a *answer, q *request) {
	a.because("art4.7/purpose-not-permitted",
		q.document.protected() && !slices.Contains(q.document.purposes, q.purpose))
}

// closedByTheEnd: of the Arrangement's own purposes, which a life closes in no other way.
func (w *world) closedByTheEnd(c code) bool {
	return w.ended() && slices.Contains([]code{"art2.e", "art2.f"}, c)
}

// copyHeld: the Recipient's people were handed the current version; in these lives they keep what they have.
func (w *world) copyHeld(d *document) bool {
	return slices.ContainsFunc(w.disclosures, func(x *disclosure) bool {
		return x.version == d.current() && x.to.org == d.recipient && x.reading.Form != article4.View
	})
}

// forCopyHeld: after the end a third party is asked for only because the Recipient holds a copy (reading 0009).
func (w *world) forCopyHeld(q *request) bool {
	return q.document.protected() && q.to != q.document.recipient && q.to != q.document.discloser &&
		w.closedByTheEnd(q.purpose) && !q.made.Before(w.ends())
}

// term: a decision may shorten the time, never lengthen it, and never reach beyond the end.
func (w *world) term(a *answer, q *request, until time.Time) {
	granted, _, _ := q.terms()
	if until.IsZero() {
		until = time.Unix(0, granted)
	}
	a.because("art4.5/no-end-ahead", !w.now.Before(until))
	a.because("gateway/until-not-granted", until.UnixNano() > granted)
	a.because("art11.4/notice-given", w.beyondEnd(until, q.purpose))
}

func (w *world) mayDecide(p does, q *request, v exchange.Verdict) answer {
	if !w.standsFor(p.person, q) {
		return answer{absent: true}
	}
	d := q.document
	a := w.officer(p)
	if v.Act == article4.ActRefuse && !p.official() {
		a = answer{} // a third party that is stopped still says no for itself
	}
	a.because("gateway/step-up", p.stale)
	gives := v.Act == article4.ActAuthorize && q.delivery && p.org == d.discloser // who asks for nothing
	a.because("gateway/own-request", q.asker == p.person && !gives)
	switch {
	case v.Act == article4.ActConsent:
		a.because("art4.8/no-authority", p.org != d.discloser || !w.signs(p.person, v.Act))
		a.because("art4.8/not-a-third-party", q.to == d.recipient || q.to == d.discloser)
		a.because("gateway/own-document", p.person == d.depositor)
		a.because("art4.3/no-transfer-basis", d.personal && v.TransferBasis == "")
		a.because("art5.3/no-focal-point", !w.named[p.org])
	default:
		a.because("art4.4/no-authority", !w.decides(p.person, d, v.Act))
	}
	if v.Act == article4.ActRefuse {
		a.because("gateway/request-closed", !w.pursued(q))
	} else {
		w.keepsAlive(&a, q)
		stillFor(&a, q)
		w.term(&a, q, v.Until)
		a.because("art4.4/entities-unconfirmed", p.org == d.discloser && !d.settled && len(d.entities) > 0)
		_, form, _ := q.terms()
		asked := v.Form
		if asked == "" {
			asked = form
		}
		a.because("gateway/form-not-granted", narrower(asked, form) != asked)
		a.because("gateway/form-unavailable", asked == article4.View && q.version.pages() == 0)
	}
	a.conflict = len(a.codes) == 0 &&
		slices.ContainsFunc(q.decisions,
			func(l *decision) bool { return l.by == p.org && l.consent == asConsent(p.person, q, v.Act) })
	return a
}

// asConsent: what the Discloser says on a request for a third party about its consent.
func asConsent(p *person, q *request, act article4.Act) bool {
	third := q.to != wco && q.to != unoct
	return act == article4.ActConsent || act == article4.ActRefuse && p.org == q.document.discloser && third
}

// keeps: whoever decided on a request may take it back though nobody asks any more.
func (w *world) keeps(p *person, q *request) bool {
	decided := slices.ContainsFunc(q.decisions, func(l *decision) bool { return l.by == p.org })
	return q.to != q.document.discloser && decided &&
		(p.official() && w.signs(p, article4.ActWithdraw) || !p.official() && p.has(article4.RoleFocalPoint))
}

// decides: whose decision is asked, by a signatory of a Party or the focal point of a third party with a Mandate, whom
// none is asked of who takes a decision back.
func (w *world) decides(p *person, d *document, act article4.Act) bool {
	if p.org != d.discloser && !d.concerns(p.org) {
		return false
	}
	return p.official() && w.signs(p, act) || !p.official() && p.has(article4.RoleFocalPoint) &&
		(act == article4.ActWithdraw || w.delegated(p, act))
}

func (w *world) mayWithdraw(p does, q *request) answer {
	if !w.standsFor(p.person, q) {
		return answer{absent: true}
	}
	var a answer
	a.because("art4.6/suspended", p.official() && w.suspended(p.person))
	asking := q.asker.org == p.org || q.to == p.org
	a.because("art4.4/no-authority", q.asker != p.person && !(asking && p.has(article4.RoleFocalPoint)) &&
		!w.decides(p.person, q.document, article4.ActWithdraw) && !w.keeps(p.person, q))
	a.conflict = len(a.codes) == 0 && len(w.takenBackBy(p.person, q)) == 0 && (!asking || q.withdrawn)
	return a
}

// takenBackBy are the leaves that somebody may take back: those of the own organisation, and what the Discloser filed.
// Who only asked, or is no signatory of the Party, gives the request up and takes no decision back.
func (w *world) takenBackBy(p *person, q *request) []*decision {
	o := p.org
	if p.official() && !w.signs(p, article4.ActWithdraw) {
		return nil
	}
	var out []*decision
	for _, l := range q.decisions {
		if l.given && !l.over() && l.standing == nil && (l.by == o || l.filed && o == q.document.discloser) {
			out = append(out, l)
		}
	}
	return out
}

func (w *world) maySay(p does, q *request) answer {
	if !w.standsFor(p.person, q) {
		return answer{absent: true}
	}
	a := w.officer(p)
	a.because("gateway/request-closed", !w.pursued(q))
	asked := p.org == q.document.discloser || q.document.concerns(p.org)
	if w.answers(p.person, q) {
		a.because("gateway/no-authority", q.asker != p.person && !p.has(article4.RoleFocalPoint))
	} else {
		a.because("gateway/no-authority",
			!asked || !p.has(article4.RoleFocalPoint) && !(p.official() && p.has(article4.RoleSignatory)))
	}
	return a
}

// answers: the organisation that asked answers. Where that is the Discloser, its others are those who decide, and ask.
func (w *world) answers(p *person, q *request) bool {
	return q.asker.org == p.org && (q.asker == p || p.org != q.document.discloser)
}

func (w *world) mayAdmit(p does, q *request, people []*person) answer {
	if !w.standsFor(p.person, q) {
		return answer{absent: true}
	}
	a := w.officer(p)
	w.keepsAlive(&a, q)
	a.because("art11.4/ended", w.ended() && !w.open(q.purpose))
	a.because("art4.6/not-admitted",
		p.org != q.to || !p.has(article4.RoleFocalPoint) ||
			slices.ContainsFunc(people, func(x *person) bool { return x.org != q.to }))
	return a
}

// mayEndRelease: by a focal point or a signatory of whoever released, or of the Discloser.
func (w *world) mayEndRelease(p does, r *release) answer {
	d := r.document
	if !w.stands(p.person, d) || !p.official() && p.org != r.to {
		return answer{absent: true}
	}
	a := w.officer(p)
	a.because("art4.2/no-authority", !p.official() || p.org != r.by && p.org != d.discloser ||
		!p.has(article4.RoleFocalPoint, article4.RoleSignatory))
	a.conflict = len(a.codes) == 0 && r.ended
	return a
}

func (w *world) mayRelease(p does, d *document, r exchange.Release) answer {
	if !w.stands(p.person, d) {
		return answer{absent: true}
	}
	a := w.officer(p)
	a.because("art4.8/no-written-consent", d.protected())
	a.because("art4.2/purpose-not-permitted", !d.protected() && !slices.Contains(d.purposes, r.Purpose))
	a.because("art4.2/purpose-closed", !d.protected() && !w.ended() && !w.open(r.Purpose))
	a.because("art4.3/no-transfer-basis", !d.protected() && d.personal && r.TransferBasis == "")
	a.because("art4.5/proprietary", !d.protected() && d.proprietary && p.org != d.discloser)
	a.because("art4.6/not-admitted", p.official() && !w.inForce(r.To))
	a.because("art4.6/suspended", w.stopped(d))
	a.because("art4.3/retention-over", w.keptTooLong(d))
	a.because("art4.2/no-authority", !p.official() || !p.has(article4.RoleFocalPoint, article4.RoleSignatory))
	a.because("art11.4/ended", w.ended() && !w.open(r.Purpose))
	a.because("gateway/step-up", p.stale)
	return a
}
