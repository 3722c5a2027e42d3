package exchange_test

import (
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// Who may have the bytes: for each way in which somebody might rely on something, what stands in it.

// answer is what the model expects of one act.
type answer struct {
	absent bool // the answer of what does not exist
	// either: absent, or refused for at least the codes. Where acts of the Discloser alone are asked of those outside.
	either bool
	codes  []string
	// others are codes that a refusal may have instead: a reader may rely on any of several requests.
	others   [][]string
	conflict bool // permitted by the rules, but done already
	over     bool // the permit's time is over
}

func (a *answer) because(code string, applies bool) {
	if applies && !slices.Contains(a.codes, code) {
		a.codes = append(a.codes, code)
	}
}

// also adds a reason that stands beside whatever else the answer says.
func (a *answer) also(code string, applies bool) {
	if !applies || a.absent {
		return
	}
	for i := range a.others {
		other := answer{codes: a.others[i]}
		other.because(code, true)
		a.others[i] = other.codes
	}
	a.because(code, true)
}

func (a *answer) permitted() bool {
	return !a.absent && !a.either && !a.conflict && !a.over && len(a.codes) == 0
}

func (w *world) mayRead(p *person, d *document, v *version, r exchange.Reading) answer {
	if !w.stands(p, d) {
		return answer{absent: true}
	}
	own := p.org == d.discloser
	var a answer
	a.because("art4.6/not-admitted",
		!p.has(article4.RoleStaff, article4.RoleFocalPoint, article4.RoleSignatory, article4.RoleService))
	a.because("art4.6/not-admitted", p.has(article4.RoleAuditor, article4.RoleOperator))
	a.because("art4.6/suspended", w.suspended(p))
	a.because("art4.6/suspended", w.stopped(d) && !(own && p.has(article4.RoleFocalPoint, article4.RoleSignatory)))
	a.because("art4.9/superseded-closed", v.closed && !v.destroyed && !own)
	a.because("art4.9/version-destroyed", v.destroyed)
	a.because("gateway/service-limited", p.limits != nil &&
		(!slices.Contains(p.limits.Markings, d.marking) || !slices.Contains(p.limits.Purposes, r.Purpose)))
	a.because("gateway/form-unavailable", r.Form == article4.View && v.pages() == 0)
	if own {
		a.because("art4.6/not-admitted", d.protected() && !w.ownReader(p, d, v))
		a.because("gateway/purpose-unknown", r.Purpose == "art2.z") // the one that nobody signed
		return a
	}
	a.because("art4.3/retention-over", w.keptTooLong(d))
	a.because("art11.4/ended", w.ended() && !w.open(r.Purpose))
	if !d.protected() {
		w.readOpenly(&a, p, d, r)
		return a
	}
	a.because("art5.3/no-focal-point", p.official() && !w.named[p.org])
	a.because("art4.7/purpose-not-permitted", !slices.Contains(d.purposes, r.Purpose))
	a.because("art4.7/purpose-closed", !w.ended() && !w.open(r.Purpose))
	return w.relying(a, p, d, v, r)
}

// ownReader: among the Discloser's own people a protected document is for its depositor, those who decide, and those
// whom they admitted.
func (w *world) ownReader(p *person, d *document, v *version) bool {
	if p == d.depositor || p.has(article4.RoleFocalPoint, article4.RoleSignatory) {
		return true
	}
	return slices.ContainsFunc(w.requests, func(q *request) bool {
		return q.document == d && q.to == d.discloser && q.version == v && !q.withdrawn && !q.refused() &&
			!q.takenBack() && !q.lapsed && !w.termOver(q) && slices.Contains(q.admitted, p)
	})
}

// readOpenly: a non-confidential document, by somebody who is not of the Discloser (Article 4(2)).
func (w *world) readOpenly(a *answer, p *person, d *document, r exchange.Reading) {
	a.because("art4.2/purpose-not-permitted", !slices.Contains(d.purposes, r.Purpose))
	a.because("art4.2/purpose-closed", !w.ended() && !w.open(r.Purpose))
	if p.official() {
		return
	}
	var serving *release
	best := -1
	for _, x := range d.releases {
		if x.ended || x.to != p.org || x.purpose != r.Purpose {
			continue
		}
		serves := 0
		if x.basis || !d.personal {
			serves++
		}
		if x.byDiscloser || !d.proprietary {
			serves++
		}
		if serves > best {
			best, serving = serves, x
		}
	}
	a.because("art4.2/not-released", serving == nil)
	a.because("art4.3/no-transfer-basis", d.personal && (serving == nil || !serving.basis))
	a.because("art4.5/proprietary", d.proprietary && (serving == nil || !serving.byDiscloser))
}

// relying: a protected document is read on one request. Where one permits, it is permitted; else the refusal has the
// reasons of one of them.
func (w *world) relying(a answer, p *person, d *document, v *version, r exchange.Reading) answer {
	var ways [][]string
	for _, q := range w.requests {
		if q.document != d || q.to != p.org {
			continue
		}
		one := answer{codes: slices.Clone(a.codes)}
		w.onRequest(&one, p, q, v, r)
		if len(one.codes) == 0 {
			return one
		}
		ways = append(ways, one.codes)
	}
	if len(ways) == 0 {
		a.because("art4.5/not-granted", true)
		for _, x := range needed(d, p.org) {
			a.because(faultCode(x, "none"), true)
		}
		return a
	}
	return answer{codes: ways[0], others: ways[1:]}
}

func (w *world) onRequest(a *answer, p *person, q *request, v *version, r exchange.Reading) {
	until, form, conditions := q.terms()
	lapsed := false
	switch {
	case q.withdrawn || q.deniedByOthers() || q.version != v || q.purpose != r.Purpose:
		a.because("art4.5/not-granted", true)
	case q.lapsed || w.now.UnixNano() >= q.lapses.UnixNano() && w.lackingFor(q, v, r.Purpose):
		lapsed = true
		a.because("art4.5/not-granted", true)
	case w.now.UnixNano() >= until:
		a.because("art4.5/grant-expired", true)
	}
	for _, x := range needed(q.document, q.to) {
		fault := w.faultOf(q, x, v, r.Purpose)
		a.because("art4.4/entities-unconfirmed", fault == "" && x.from == q.document.discloser && !q.document.settled)
		if fault == "none" && x.consent && lapsed {
			fault = "lapsed"
		}
		a.because(faultCode(x, fault), fault != "")
	}
	if fault := w.agreementFault(q); fault != "" {
		a.because("art4.8/agreement-"+fault, true)
	}
	a.because("art4.6/not-admitted", q.asker != p && !slices.Contains(q.people, p) && !slices.Contains(q.admitted, p))
	a.because("art4.8/conditions-not-accepted", conditions != "" && conditions != string(r.ConditionsSHA256))
	a.because("gateway/form-not-granted", r.Form == article4.Original && form != article4.Original)
}

// deniedByOthers: somebody said no whose decision is not needed any more.
func (q *request) deniedByOthers() bool {
	return slices.ContainsFunc(q.decisions, func(l *decision) bool {
		return (!l.given || l.over()) &&
			!slices.ContainsFunc(needed(q.document, q.to), func(x asked) bool { return x.from == l.by })
	})
}

func (w *world) lackingFor(q *request, v *version, purpose code) bool {
	return w.withoutAgreement(q) ||
		slices.ContainsFunc(needed(q.document, q.to),
			func(x asked) bool { return w.faultOf(q, x, v, purpose) == "none" })
}

// faultCode is how a decision that does not serve is called: 4(4) for an authorization, 4(8) for a consent.
func faultCode(x asked, fault string) string {
	paragraph, noun := "art4.4/", "authorization-"
	if x.consent {
		paragraph, noun = "art4.8/", "consent-"
	}
	switch {
	case fault == "none" && x.consent:
		return "art4.8/no-written-consent"
	case fault == "none":
		return "art4.4/authorization-missing"
	case strings.HasPrefix(fault, "other-"):
		return paragraph + fault
	}
	return paragraph + noun + fault
}
