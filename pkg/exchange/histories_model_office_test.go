package exchange_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// What the Discloser does with its document alone, and what a Party does on its own records and on the Arrangement's.

// second is who somebody is in an act that takes two people of one Party: what the first said, if a second is here to
// say the same; missing, when it is the first person again with the same, or somebody with something else.
func (w *world) second(p does, act, target, said string) (confirms *first, missing bool) {
	f := w.waiting(act, target)
	if f == nil || f.by.org != p.org {
		return nil, false
	}
	of := func(said string) string { _, seen, _ := strings.Cut(said, seenOn); return seen }
	switch {
	case f.said == said:
		if f.by == p.person {
			return nil, true
		}
		return f, false
	case f.by == p.person || of(f.said) != of(said):
		return nil, false // with something else it begins again, and so does anybody when the document stands otherwise
	}
	return nil, true
}

// seenOn stands in what somebody said before how the document stood.
const seenOn = " of "

// seen is how a document stands.
func (d *document) seen() string {
	return fmt.Sprint(seenOn, d.current().id, d.marking, d.proprietary, d.entities)
}

// heard records what an act of two became: the second person ends the waiting, the first begins it.
func (w *world) heard(p does, act, target, said, id string) (done bool) {
	if f, _ := w.second(p, act, target, said); f != nil {
		f.over = true
		return true
	}
	if f := w.waiting(act, target); f != nil {
		f.over = true // this one takes its place
	}
	w.firsts = append(w.firsts, &first{
		act:     act,
		target:  target,
		said:    said,
		by:      p.person,
		expires: w.now.Add(7 * days),
		id:      id,
	})
	return false
}

func (w *world) mayMark(p does, d *document, m article4.Marking, proprietary bool) answer {
	a, ok := w.ofDiscloser(p, d)
	if !ok {
		return a
	}
	lowers := d.protected() && m == article4.NonConfidential || d.proprietary && !proprietary
	if adds := m == d.marking && proprietary && !d.proprietary; !adds || p.org != d.recipient ||
		!p.has(article4.RoleFocalPoint, article4.RoleSignatory) { // either Party considers it proprietary (4(5))
		w.changes(&a, p, d, "art4.9", lowers)
	}
	if lowers {
		confirms, missing := w.second(p, "mark", string(d.id), markSaid(d, m, proprietary))
		if confirms != nil || missing {
			w.authorizedBy(&a, d, w.waiting("mark", string(d.id)), markSaid(d, m, proprietary))
		}
		a.because("art4.9/second-person-missing", missing)
		a.because("gateway/step-up", p.stale)
	}
	a.because("gateway/passenger-data-protected",
		d.protected() && m == article4.NonConfidential && slices.ContainsFunc(d.versions, func(v *version) bool {
			return v.text == passengerList && !v.destroyed
		}))
	a.conflict = len(a.codes) == 0 && m == d.marking && proprietary == d.proprietary
	return a
}

// authorizedBy: each entity concerned, the Discloser left out, has to have authorized the lowering that waits.
func (w *world) authorizedBy(a *answer, d *document, f *first, said string) {
	for _, e := range d.entities {
		if e == d.discloser {
			continue
		}
		l := f.saidBy(e)
		switch {
		case l == nil:
			a.because("art4.4/authorization-missing", true)
		case l.withdrawn:
			a.because("art4.4/authorization-withdrawn", true)
		case !l.given:
			a.because("art4.4/authorization-refused", true)
		case f.said != said:
			a.because("art4.4/other-purpose", true) // it authorized another lowering
		}
	}
}

func (f *first) saidBy(o org) *lowering {
	at := slices.IndexFunc(f.lowerings, func(l *lowering) bool { return l.by == o })
	if at < 0 {
		return nil
	}
	return f.lowerings[at]
}

func markSaid(d *document, m article4.Marking, proprietary bool) string {
	if proprietary {
		return string(m) + " proprietary" + d.seen()
	}
	return string(m) + d.seen()
}

// standsForLowering: the Discloser's people, the entities concerned while it waits of the document as it stands, and
// who decided.
func (w *world) standsForLowering(p does, f *first) bool {
	d := f.document
	if len(p.roles) == 0 || p.org == operator || !within(p.person, d) {
		return false
	}
	return p.org == d.discloser || f.saidBy(p.org) != nil || w.loweringOpen(f) && d.concerns(p.org)
}

func (w *world) loweringOpen(f *first) bool {
	return w.waiting("mark", f.target) == f && strings.HasSuffix(f.said, f.document.seen())
}

// mayDecideLowering: an entity concerned authorizes or refuses what was put to it, while it waits.
func (w *world) mayDecideLowering(p does, f *first, act article4.Act) answer {
	if !w.standsForLowering(p, f) {
		return answer{absent: true}
	}
	a := w.officer(p)
	if act == article4.ActRefuse && !p.official() {
		a = answer{} // a third party that is stopped still says no for itself
	}
	a.because("art4.4/no-authority", p.org == f.document.discloser || !f.document.concerns(p.org) ||
		!w.decides(p.person, f.document, act))
	a.because("gateway/lowering-over", !w.loweringOpen(f))
	a.because("gateway/step-up", p.stale)
	a.conflict = len(a.codes) == 0 && f.saidBy(p.org) != nil
	return a
}

func (w *world) mayWithdrawLowering(p does, f *first) answer {
	if !w.standsForLowering(p, f) {
		return answer{absent: true}
	}
	var a answer
	a.because("art4.6/suspended", p.official() && w.suspended(p.person))
	l := f.saidBy(p.org)
	a.because("art4.4/no-authority", l == nil || p.org == f.document.discloser ||
		!(p.official() && w.signs(p.person, article4.ActWithdraw) ||
			!p.official() && p.has(article4.RoleFocalPoint)))
	a.conflict = len(a.codes) == 0 && (!l.given || l.withdrawn)
	return a
}

// maySayNotConcerned: an entity takes itself off. It has to know of the document: something was put to it.
func (w *world) maySayNotConcerned(p does, d *document) answer {
	put := d.concerns(p.org) && p.org != d.discloser && len(p.roles) > 0 && within(p.person, d) &&
		slices.ContainsFunc(w.firsts, func(f *first) bool { return f.put && f.document == d && w.loweringOpen(f) })
	if !w.stands(p.person, d) && !put {
		return answer{absent: true}
	}
	a := w.officer(p)
	a.because("art4.4/no-authority", p.org == d.discloser || !d.concerns(p.org) ||
		!w.decides(p.person, d, article4.ActAuthorize))
	a.because("art11.4/ended", w.ended())
	a.because("gateway/step-up", p.stale)
	return a
}

// changes: protection is added by those who handle the document, taken away by signatories, and not after the end
// (Article 4(10)).
func (w *world) changes(a *answer, p does, d *document, of string, lowers bool) {
	if !lowers {
		a.because(of+"/no-authority", p.org != d.discloser ||
			!p.has(article4.RoleFocalPoint, article4.RoleSignatory) &&
				!(p.person == d.depositor && p.has(article4.RoleStaff)))
		return
	}
	a.because(of+"/no-authority", p.org != d.discloser || !w.signs(p.person, article4.ActMark))
	a.because("art11.4/ended", w.ended() && of == "art4.4") // the Discloser still lowers its own (reading 0009)
}

func (w *world) mayAddEntity(p does, d *document, e org) answer {
	a, ok := w.ofDiscloser(p, d)
	if !ok {
		return a
	}
	w.changes(&a, p, d, "art4.4", false)
	a.because("art4.4/entity-unknown", p.org == d.discloser && !w.concernable(e))
	return a
}

func (w *world) mayRemoveEntity(p does, d *document, e org) answer {
	a, ok := w.ofDiscloser(p, d)
	if !ok {
		return a
	}
	w.changes(&a, p, d, "art4.4", true)
	a.because("art4.4/not-concerned", p.org == d.discloser && !d.concerns(e))
	a.because("art4.4/entity-was-asked", p.org == d.discloser && slices.ContainsFunc(w.requests, func(q *request) bool {
		// of an entity that is not named, what it reads or decided counts alone
		about := d.concerns(e) || q.to == e ||
			slices.ContainsFunc(q.decisions, func(x *decision) bool { return x.by == e })
		return q.document == d && q.to != d.discloser && about
	}) || p.org == d.discloser &&
		slices.ContainsFunc(w.firsts, func(f *first) bool { return f.put && f.document == d }))
	a.because("gateway/step-up", p.stale)
	_, missing := w.second(p, "remove", string(d.id)+string(e), string(e)+d.seen())
	a.because("art4.4/second-person-missing", missing)
	return a
}

func (w *world) mayRecall(p does, d *document) answer {
	a, ok := w.ofDiscloser(p, d)
	if !ok {
		return a
	}
	a.because("gateway/no-authority", p.org != d.discloser || !w.signs(p.person, article4.ActRecall))
	a.because("gateway/step-up", p.stale)
	return a
}

func (w *world) mayDestroy(p does, d *document, v *version) answer {
	a, ok := w.ofDiscloser(p, d)
	if !ok {
		return a
	}
	confirms, missing := w.second(p, "destroy", string(v.id), "")
	firstOfTwo := confirms == nil && !missing
	a.because("gateway/no-authority", p.org != d.discloser || !w.signs(p.person, article4.ActWithdraw) &&
		!(firstOfTwo && p.person == d.depositor && p.has(article4.RoleStaff)))
	a.because("gateway/second-person-missing", missing)
	a.because("gateway/under-hold", slices.ContainsFunc(w.holds, func(h *hold) bool {
		had := func(x *disclosure) bool { return x.version == v && x.to.org == h.by }
		// what the other Party never had it does not keep from being destroyed
		return !h.ended && h.document == d && (h.by == d.discloser || slices.ContainsFunc(w.disclosures, had))
	}))
	a.because("gateway/step-up", p.stale)
	a.conflict = len(a.codes) == 0 && v.destroyed
	return a
}

// mayErase: the title of a document, in the entry of its deposit.
func (w *world) mayErase(p does, d *document) answer {
	if !p.official() || !p.has(article4.RoleAuditor, article4.RoleFocalPoint, article4.RoleSignatory) ||
		!w.stands(p.person, d) {
		return answer{absent: true}
	}
	a := w.officer(p)
	_, missing := w.second(p, "erase", string(d.id), "")
	a.because("gateway/no-authority", p.org != d.discloser && !d.titleGone || !w.signs(p.person, article4.ActWithdraw))
	a.because("gateway/not-erasable", d.titleGone)
	a.because("gateway/under-hold", w.held(d))
	a.because("gateway/second-person-missing", missing)
	a.because("gateway/step-up", p.stale)
	return a
}

func (w *world) maySuspend(p does, s stop) answer {
	a := w.officer(p)
	own := false
	switch {
	case s.document != nil:
		if !w.stands(p.person, s.document) {
			return answer{absent: true}
		}
		if !p.official() {
			return answer{either: true}
		}
		own = s.document.discloser == p.org
	case s.person != nil:
		if s.person.org != p.org && !(p.official() && w.inForce(s.person.org)) {
			return answer{absent: true}
		}
		own = s.person.org == p.org
	default:
		if !p.official() && s.org != p.org && w.inForce(s.org) { // the Parties are known to everybody
			return answer{absent: true}
		}
		own = w.inForce(s.org)
	}
	a.because("gateway/no-authority", !p.official() || !own || !p.has(article4.RoleFocalPoint, article4.RoleSignatory))
	return a
}

// mayEndSessions: a signatory of a Party ends those of its own people, signed in freshly, and without a Delegation;
// also after the end (decision 0410). Whom the caller may not know of is absent.
func (w *world) mayEndSessions(p does, whose *person) answer {
	if whose.org != p.org && !(p.official() && w.inForce(whose.org)) {
		return answer{absent: true}
	}
	a := w.officer(p)
	a.because("gateway/no-authority", !p.official() || whose.org != p.org || !p.has(article4.RoleSignatory))
	a.because("gateway/step-up", p.stale)
	return a
}

func (w *world) mayLift(p does, s *stop) answer {
	return w.mayUndo(p, s.by, s.lifted, "lift", s.id, article4.RoleFocalPoint, article4.RoleSignatory)
}

func (w *world) mayHold(p does, d *document) answer {
	a, ok := w.ofDiscloser(p, d) // either Party's, but nobody else's
	if !ok {
		return a
	}
	a.because("gateway/no-authority", !p.has(article4.RoleSignatory, article4.RoleAuditor))
	a.conflict = len(a.codes) == 0 &&
		slices.ContainsFunc(w.holds, func(h *hold) bool { return h.document == d && h.by == p.org && !h.ended })
	return a
}

func (w *world) mayEndHold(p does, h *hold) answer {
	return w.mayUndo(p, h.by, h.ended, "end hold", h.id, article4.RoleSignatory, article4.RoleAuditor)
}

// mayUndo: what an organisation laid on is taken off by two of its own people, once.
func (w *world) mayUndo(p does, by org, over bool, act, id string, roles ...article4.Role) answer {
	if p.org != by || over {
		return answer{absent: true}
	}
	a := w.officer(p)
	_, missing := w.second(p, act, id, "")
	a.because("gateway/no-authority", !p.has(roles...))
	a.because("gateway/second-person-missing", missing)
	a.because("gateway/step-up", p.stale)
	return a
}

func (w *world) mayFile(p does, q *request, e org, said string) answer {
	if !w.standsFor(p.person, q) {
		return answer{absent: true}
	}
	d := q.document
	a := w.officer(p)
	w.keepsAlive(&a, q)
	stillFor(&a, q)
	w.term(&a, q, time.Time{})
	_, missing := w.second(p, "file", string(q.id)+string(e), said+d.seen())
	w.files(&a, p, q, e, missing)
	return a
}

// mayFileOutdated: what was filed of a document that stands otherwise now is confirmed by nobody.
func (w *world) mayFileOutdated(p does, q *request, e org) answer {
	if !w.standsFor(p.person, q) {
		return answer{absent: true}
	}
	a := w.officer(p)
	w.keepsAlive(&a, q)
	stillFor(&a, q)
	w.term(&a, q, time.Time{})
	w.files(&a, p, q, e, true)
	return a
}

func (w *world) files(a *answer, p does, q *request, e org, missing bool) {
	d := q.document
	a.because("art4.4/no-authority", p.org != d.discloser || !w.signs(p.person, article4.ActAuthorize))
	a.because("art4.4/not-concerned", p.org == d.discloser && !d.concerns(e))
	a.because("art4.4/entity-has-account", p.org == d.discloser && w.hasAccount(e))
	a.because("art4.4/second-person-missing", missing)
	a.because("gateway/own-request", q.asker == p.person)
	a.because("gateway/step-up", p.stale)
}

func (w *world) hasAccount(o org) bool {
	return slices.ContainsFunc(w.people, func(p *person) bool { return p.org == o })
}

func (w *world) mayPropose(p does, to org, text string) answer {
	a := w.officer(p)
	a.because("art4.8/no-authority", !p.official() || !p.has(article4.RoleFocalPoint, article4.RoleSignatory))
	// only who may propose is told whether there is such a third party: to others it would be an oracle
	a.because("art4.8/not-a-third-party",
		p.official() && p.has(article4.RoleFocalPoint, article4.RoleSignatory) && !w.inForce(to))
	a.because("art11.4/ended", w.ended() && !w.anyOpen())
	a.conflict = len(a.codes) == 0 &&
		slices.ContainsFunc(w.agreements,
			func(x *agreement) bool { return x.to == to && x.text == text && !x.declined })
	return a
}

// maySign: unproven, the sign-in that comes with it shows nothing.
func (w *world) maySign(p does, x *agreement, unproven bool) answer {
	if !p.official() && p.org != x.to || w.suspended(p.person) || p.org == operator {
		return answer{absent: true}
	}
	a := w.answersText(p, x)
	a.because("art4.8/agreement-declined", x.declined)
	a.because("art4.8/signature-unproven", unproven)
	a.because("art11.4/ended", w.ended() && !w.anyOpen())
	a.conflict = len(a.codes) == 0 && x.signed
	return a
}

// mayDecline: whoever may sign it, once, also after the end.
func (w *world) mayDecline(p does, x *agreement) answer {
	if !p.official() && p.org != x.to || w.suspended(p.person) || p.org == operator {
		return answer{absent: true}
	}
	a := w.answersText(p, x)
	a.conflict = len(a.codes) == 0 && (x.signed || x.declined)
	return a
}

// answersText starts the answer of whoever signs or declines a text: the newest of its Party.
func (w *world) answersText(p does, x *agreement) answer {
	a := w.officer(p)
	a.because("art4.8/no-authority", p.org != x.to || !p.has(article4.RoleFocalPoint) ||
		!w.delegated(p.person, article4.ActSign))
	a.because("art4.8/agreement-superseded", w.textsOf(x.to, x.by)[0] != x)
	a.because("gateway/step-up", p.stale)
	return a
}

// ofOffice starts the answer of an act on a Party's own records, or the Arrangement's.
func (w *world) ofOffice(p does, of string, may bool) answer {
	a := w.officer(p)
	a.because(of+"/no-authority", !p.official() || !may)
	a.because("gateway/step-up", p.stale)
	return a
}

func (w *world) mayGiveNotice(p does, day time.Time) answer {
	a := w.ofOffice(p, "art11.4", w.signs(p.person, article4.ActGiveNotice))
	_, missing := w.second(p, "notice", string(p.org), day.Format(time.DateOnly))
	a.because("art11.4/notice-backdated", day.Before(w.now.UTC().Truncate(days)))
	a.because("art11.4/notice-stands", w.noticeGiven() && !w.ended())
	a.because("art11.4/ended", w.ended())
	a.because("art11.4/second-person-missing", missing)
	return a
}

func (w *world) mayDesignate(p does, said string) answer {
	a := w.ofOffice(p, "art5.3", p.has(article4.RoleFocalPoint, article4.RoleSignatory))
	_, missing := w.second(p, "designate", string(p.org), said)
	a.because("art5.3/second-person-missing", missing)
	return a
}

// mayDelegate: d is what is given, or nil where an earlier one ends. A Delegation makes Delegations: of the two
// officials one holds one that names it, neither is to hold the new one, and it begins on the day of its filing or
// later.
func (w *world) mayDelegate(p does, target string, d *delegation, plain bool) answer {
	a := w.ofOffice(p, "gateway", p.has(article4.RoleFocalPoint, article4.RoleSignatory))
	confirms, missing := w.second(p, "delegate", target, "")
	a.because("gateway/delegation-unclear", !plain)
	if d != nil {
		filed := w.now
		own := p.person.subject == "newcomer."+short(p.org)
		if f := w.waiting("delegate", target); f != nil && (confirms != nil || missing) {
			a.because("gateway/delegation-unauthorized",
				!w.delegated(p.person, article4.ActDelegate) && !w.delegated(f.by, article4.ActDelegate))
			filed, own = f.expires.Add(-7*days), own || f.by.subject == "newcomer."+short(p.org)
		}
		a.because("gateway/delegation-own", own)
		a.because("gateway/delegation-unclear", d.from.Before(filed.UTC().Truncate(days)))
	}
	a.because("gateway/second-person-missing", missing)
	return a
}

func (w *world) mayEndDelegation(p does, d *delegation) answer {
	if !p.official() {
		return answer{absent: true}
	}
	a := w.mayDelegate(p, string(p.org)+" ends "+string(d.id), nil, w.now.Before(d.until))
	a.because("gateway/no-authority", d.org != p.org)
	a.conflict = len(a.codes) == 0 && d.ended
	return a
}

// speaksFor starts the answer of an act on a Mandate of a third party: both Parties know of it, and itself.
func (w *world) speaksFor(p does, o org) answer {
	if !p.official() && p.org != o {
		return answer{absent: true}
	}
	a := w.officer(p)
	a.because("gateway/no-authority", !p.has(article4.RoleFocalPoint) &&
		!(p.official() && p.has(article4.RoleSignatory)))
	a.because("gateway/step-up", p.stale)
	return a
}

// mayMandate: one Party proposes, the other confirms the same; what the third party proposes waits for a Party.
func (w *world) mayMandate(p does, o org, target string, plain bool) answer {
	a := w.speaksFor(p, o)
	if a.absent {
		return a
	}
	a.because("gateway/record-incomplete", !plain)
	a.because("art11.4/ended", w.ended() && !w.anyOpen())
	f := w.waiting("mandate", target)
	a.because("gateway/second-person-missing", f != nil && p.official() && f.by.org == p.org)
	a.conflict = len(a.codes) == 0 && f != nil && !p.official()
	return a
}

func (w *world) mayEndMandate(p does, d *delegation) answer {
	a := w.speaksFor(p, d.org)
	if !a.absent {
		a.because("gateway/record-incomplete", d.ended)
	}
	return a
}

// mayRecognise: one Party proposes, the other confirms the same.
func (w *world) mayRecognise(p does, in exchange.OrganisationProposed, id org) answer {
	if in.Changes != "" && !p.official() && p.org != in.Changes || in.Changes != "" && !w.inForce(in.Changes) {
		return answer{absent: true}
	}
	a := w.ofOffice(p, "gateway", p.has(article4.RoleFocalPoint, article4.RoleSignatory))
	a.because("gateway/record-incomplete", !p.official() || in.Changes == "" && w.inForce(id))
	a.because("art11.4/ended", w.ended() && !w.anyOpen())
	f := w.waiting("recognise", string(id))
	a.conflict = len(a.codes) == 0 && f != nil && f.by.org == p.org && f.said == in.Name
	return a
}

func (w *world) mayAcknowledge(p does, n *noticed) answer {
	if n.person != p.identity && (n.to != p.org || !p.has(article4.RoleFocalPoint, article4.RoleSignatory)) {
		return answer{absent: true}
	}
	var a answer
	a.because("art4.6/suspended", p.official() && w.suspended(p.person))
	a.conflict = len(a.codes) == 0 && n.answered && !n.copies // an answer about copies is corrected
	return a
}
