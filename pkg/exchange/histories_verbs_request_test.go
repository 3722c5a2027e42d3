package exchange_test

import (
	"fmt"
	"slices"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// What is done with requests, Releases and agreements, at random.

func (l *life) request() *step {
	d := l.document(func(d *document, p does) answer {
		return l.w.mayRequest(p, d, exchange.Ask{For: d.recipient, Purpose: d.purposes[0], Until: l.w.now.Add(days)},
			true)
	})
	if d == nil {
		return nil
	}
	ask := exchange.Ask{For: one(l, "for", d.recipient, d.recipient, piu), Purpose: l.purpose(d),
		Statement: "Joint training in May",
		Until:     l.w.now.AddDate(0, 0, one(l, "days", 30, 30, 80, 400)), Form: article4.Original}
	if d.protected() {
		ask.For = one(l, "for", d.recipient, d.recipient, piu, piu, piu, piu, customs)
	}
	if l.rarely("for somebody else", 8) {
		ask.For = one(l, "for", d.discloser, academy, operator)
	}
	if l.rarely("for a day that is over", 15) {
		ask.Until = l.w.now.AddDate(0, 0, -1)
	}
	if l.w.noticeGiven() && !l.w.ended() && !l.rarely("beyond the end", 6) && ask.Until.After(l.w.ends()) {
		ask.Until = l.w.ends()
	}
	if l.rarely("marked copies only", 8) {
		ask.Form = article4.Stamped
	} else if l.rarely("to be shown only", 4) {
		ask.Form = article4.View
	}
	people := l.someOf(ask.For)
	belong := !slices.ContainsFunc(people, func(p *person) bool { return p.org != ask.For }) &&
		(l.w.concernable(ask.For) || ask.For == operator)
	for _, p := range people {
		ask.People = append(ask.People, p.identity)
	}
	p := l.who(func(p does) answer { return l.w.mayRequest(p, d, ask, belong) })
	var out exchange.AccessRequest
	return &step{
		verb: "request",
		who:  p,
		what: fmt.Sprintf("%s %+v", d.id, ask),
		want: l.w.mayRequest(p, d, ask, belong),
		do: func() (err error) {
			out, err = l.g.Request(l.ctx, p.actorNow(), d.id, ask)
			return err
		},
		learn: func() {
			l.w.requests = append(l.w.requests, &request{
				id:       out.ID,
				document: d,
				version:  d.current(),
				asker:    p.person,
				to:       ask.For,
				people:   people,
				purpose:  ask.Purpose,
				until:    ask.Until.UTC().Truncate(time.Microsecond),
				lapses:   l.w.now.Add(14 * days),
				made:     l.w.now,
				form:     ask.Form,
			})
		},
	}
}

// someOf are people of an organisation to be named, or somebody of elsewhere.
func (l *life) someOf(o org) []*person {
	if l.rarely("named of elsewhere", 15) {
		return []*person{one(l, "person", l.w.people...)}
	}
	var all []*person
	for _, p := range l.w.people {
		if p.org == o && p.has(article4.RoleStaff) {
			all = append(all, p)
		}
	}
	if len(all) == 0 || l.rarely("nobody named", 3) {
		return nil
	}
	return []*person{one(l, "named", all...)}
}

// asked is one of the newest requests.
func (l *life) asked(may func(*request, does) answer) *request {
	return fitting(l, "request", latest(l.w.requests, 10), may)
}

func (l *life) decide(verb string, act article4.Act) *step {
	q := l.asked(func(q *request, p does) answer { return l.w.mayDecide(p, q, exchange.Verdict{Act: act}) })
	if q == nil {
		return nil
	}
	v := exchange.Verdict{Act: act, Statement: "Decided for the training",
		Evidence:      exchange.EvidenceGiven{Kind: article4.EvidenceNone},
		EarlierServes: l.rarely("the earlier text serves", 3)}
	granted, form, _ := q.terms()
	switch one(l, "term", 0, 0, 0, 0, 1, 2, 3) {
	case 1:
		v.Until = time.Unix(0, granted).Add(-10 * days).UTC()
	case 2:
		v.Until = time.Unix(0, granted).Add(days).UTC()
	case 3:
		v.Form = one(l, "form", form, article4.Stamped, article4.Original, article4.View)
	}
	if act != article4.ActRefuse && l.rarely("on conditions", 5) {
		v.Conditions = "Read it in the secure room only."
	}
	if act == article4.ActConsent && !l.rarely("no basis of the transfer", 6) {
		v.TransferBasis = "Article 49(1)(d) GDPR"
	}
	p := l.who(func(p does) answer { return l.w.mayDecide(p, q, v) })
	return &step{
		verb:    verb,
		who:     p,
		what:    fmt.Sprintf("%s %+v", q.id, v),
		want:    l.w.mayDecide(p, q, v),
		prepare: func() { v.IfMatch = l.tag(p.person, q) },
		do:      func() error { return second(l.g.Decide(l.ctx, p.actorNow(), q.id, v)) },
		learn:   func() { l.left(p, q, v) },
	}
}

// tag is the request's ETag, as whoever decides sees it.
func (l *life) tag(p *person, q *request) string {
	seen, err := l.g.DescribeRequest(l.ctx, does{person: p}.actorNow(), q.id)
	if err != nil {
		return ""
	}
	return seen.ETag
}

// unstopped is somebody of a Party who sees all requests, and is not suspended if anybody is not.
func (l *life) unstopped(o org) *person {
	for _, name := range []string{"focal.", "deputy.", "newcomer.", "staff.", "auditor."} {
		if p := l.w.person(name + short(o)); !l.w.suspended(p) {
			return p
		}
	}
	return l.w.person("focal." + short(o))
}

func (l *life) left(p does, q *request, v exchange.Verdict) {
	until, form, _ := q.terms()
	x := &decision{
		consent:      asConsent(p.person, q, v.Act),
		by:           p.org,
		given:        v.Act != article4.ActRefuse,
		until:        time.Unix(0, until),
		form:         form,
		conditions:   v.Conditions,
		recordOf:     l.w.nameOf(q.to),
		earlierTexts: v.EarlierServes && v.Act == article4.ActConsent,
		at:           l.w.now,
	}
	for _, text := range l.w.agreements {
		if x.consent && text.to == q.to && !text.declined {
			x.named = text // the newest
		}
	}
	if !v.Until.IsZero() {
		x.until = v.Until.Truncate(time.Microsecond)
	}
	if v.Form != "" {
		x.form = v.Form
	}
	q.decisions = append(q.decisions, x)
	if p.org == q.document.discloser && x.given {
		q.document.settled = true
	}
	switch {
	case x.consent && x.given:
		l.consented(q, x)
	case x.given && p.org == q.document.discloser:
		l.authorizations = append(l.authorizations, consentGiven{q.version, q.to, q.purpose, x})
	}
}

func (l *life) authorize() *step { return l.decide("authorize", article4.ActAuthorize) }
func (l *life) consent() *step   { return l.decide("consent", article4.ActConsent) }
func (l *life) refuse() *step    { return l.decide("refuse", article4.ActRefuse) }

func (l *life) withdraw() *step {
	q := l.asked(func(q *request, p does) answer { return l.w.mayWithdraw(p, q) })
	if q == nil {
		return nil
	}
	p := l.who(func(p does) answer { return l.w.mayWithdraw(p, q) })
	return &step{
		verb: "withdraw",
		who:  p,
		what: string(q.id),
		want: l.w.mayWithdraw(p, q),
		do: func() error {
			return second(l.g.Withdraw(l.ctx, p.actorNow(), q.id, exchange.Withdrawal{Statement: "No longer"}))
		},
		learn: func() {
			own := l.w.takenBackBy(p.person, q)
			for _, x := range own {
				x.withdrawn = true
			}
			q.withdrawn = q.withdrawn || len(own) == 0
			l.seenAtTheNextPage(q.document)
		},
	}
}

func (l *life) say() *step {
	q := l.asked(func(q *request, p does) answer { return l.w.maySay(p, q) })
	if q == nil {
		return nil
	}
	p := l.who(func(p does) answer { return l.w.maySay(p, q) })
	verb := "ask"
	if l.w.answers(p.person, q) {
		verb = "answer"
	}
	return &step{
		verb: verb,
		who:  p,
		what: string(q.id),
		want: l.w.maySay(p, q),
		do:   func() error { return second(l.g.Ask(l.ctx, p.actorNow(), q.id, "For which of the two trainings?")) },
		learn: func() {
			if verb == "answer" && q.asked && !q.written {
				q.made, q.lapses = l.w.now, l.w.now.Add(14*days) // silence counts anew (reading 0007)
			}
			q.asked = verb == "ask"
		},
	}
}

func (l *life) admit() *step {
	q := l.asked(func(q *request, p does) answer { return l.w.mayAdmit(p, q, nil) })
	if q == nil {
		return nil
	}
	people := l.someOf(q.to)
	if len(people) == 0 {
		return nil
	}
	p := l.who(func(p does) answer { return l.w.mayAdmit(p, q, people) })
	return &step{
		verb: "admit",
		who:  p,
		what: fmt.Sprint(q.id, people[0].name),
		want: l.w.mayAdmit(p, q, people),
		do: func() error {
			return second(l.g.Admit(l.ctx, p.actorNow(), q.id,
				exchange.Admission{People: []article4.PersonID{people[0].identity}}))
		},
		learn: func() { q.admitted = append(q.admitted, people...) },
	}
}

func (l *life) file() *step {
	q := l.asked(func(q *request, p does) answer { return l.w.mayFile(p, q, portAuthority, "C. Rossi") })
	if q == nil {
		return nil
	}
	e := portAuthority
	if l.rarely("another entity", 6) {
		e = one(l, "entity", customs, piu, academy)
	}
	by := "C. Rossi"
	if l.rarely("another name", 6) {
		by = "D. Rossi"
	}
	in := exchange.FiledAuthorization{Entity: e, GivenBy: by, GivenOn: l.born, InstrumentSHA256: digest(paperText),
		Statement: "By letter"}
	p := l.who(func(p does) answer { return l.w.mayFile(p, q, e, by) })
	target := string(q.id) + string(e)
	want := l.w.mayFile(p, q, e, by)
	confirms, _ := l.w.second(p, "file", target, by+q.document.seen())
	want.conflict = len(want.codes) == 0 && !want.absent && confirms != nil && q.authorizedBy(e)
	var waits *exchange.Pending
	return &step{
		verb:    "file",
		prepare: func() { l.paper(p, q.id) },
		who:     p,
		what:    target,
		want:    want,
		do: func() (err error) {
			_, waits, err = l.g.FileAuthorization(l.ctx, p.actorNow(), q.id, in)
			return err
		},
		learn: func() {
			id := ""
			if waits != nil {
				id = waits.ID
			}
			if l.w.heard(p, "file", target, by+q.document.seen(), id) {
				l.filed(q, e)
			}
		},
	}
}

func (q *request) authorizedBy(e org) bool {
	return slices.ContainsFunc(q.decisions, func(x *decision) bool { return x.by == e && !x.consent })
}

func (l *life) filed(q *request, e org) {
	until, form, _ := q.terms()
	q.decisions = append(q.decisions, &decision{
		by:       e,
		given:    true,
		filed:    true,
		until:    time.Unix(0, until),
		form:     form,
		recordOf: l.w.nameOf(q.to),
		at:       l.w.now,
	})
}

func (l *life) release() *step {
	d := l.document(func(d *document, p does) answer {
		return l.w.mayRelease(p, d, exchange.Release{To: piu, Purpose: d.purposes[0], TransferBasis: "x"})
	})
	if d == nil {
		return nil
	}
	in := exchange.Release{To: one(l, "to", piu, piu, customs, academy, unoct), Purpose: l.purpose(d),
		Statement: "For the training"}
	if !l.rarely("no basis", 3) {
		in.TransferBasis = "Article 49(1)(d)"
	}
	p := l.who(func(p does) answer { return l.w.mayRelease(p, d, in) })
	var made exchange.Release
	return &step{
		verb: "release",
		who:  p,
		what: fmt.Sprintf("%s %+v", d.id, in),
		want: l.w.mayRelease(p, d, in),
		do: func() error {
			var err error
			made, err = l.g.Release(l.ctx, p.actorNow(), d.id, in)
			return err
		},
		learn: func() {
			d.releases = append(d.releases, &release{
				id:          made.ID,
				document:    d,
				to:          in.To,
				by:          p.org,
				purpose:     in.Purpose,
				basis:       in.TransferBasis != "",
				byDiscloser: p.org == d.discloser,
			})
		},
	}
}

func (l *life) endRelease() *step {
	var all []*release
	for _, d := range l.w.documents {
		all = append(all, d.releases...)
	}
	r := fitting(l, "release", all, func(r *release, p does) answer { return l.w.mayEndRelease(p, r) })
	if r == nil {
		return nil
	}
	p := l.who(func(p does) answer { return l.w.mayEndRelease(p, r) })
	return &step{
		verb: "end release",
		who:  p,
		what: r.id,
		want: l.w.mayEndRelease(p, r),
		do: func() error {
			return second(l.g.EndRelease(l.ctx, p.actorNow(), r.document.id, r.id, "No longer needed"))
		},
		learn: func() { r.ended = true },
	}
}

func (l *life) propose() *step {
	to := one(l, "to", piu, piu, customs, unoct, academy)
	text := one(l, "text", "We keep it to ourselves.", "We keep it, and say so when we lose it.",
		"We keep it under seal.")
	p := l.who(func(p does) answer { return l.w.mayPropose(p, to, text) })
	var out exchange.Agreement
	return &step{
		verb: "propose",
		who:  p,
		what: fmt.Sprint(to, text),
		want: l.w.mayPropose(p, to, text),
		do: func() (err error) {
			out, err = l.g.Propose(l.ctx, p.actorNow(), exchange.Proposal{Organisation: to, Text: text})
			return err
		},
		learn: func() {
			waiting := append(l.inForce(func(q *request) bool { return q.to == to }), l.waitForText(to, true)...)
			l.w.agreements = append(l.w.agreements, &agreement{
				id:   out.ID,
				sha:  out.SHA256,
				to:   to,
				by:   p.org,
				text: text,
				at:   l.w.now,
			})
			l.silenceAnew(waiting)
		},
	}
}

// inForce are the requests in force among some: what is put to them then has fourteen days of its own.
func (l *life) inForce(among func(*request) bool) []*request {
	var out []*request
	for _, q := range l.w.requests {
		if among(q) && !q.written && l.w.stateOf(q) == article4.StateInForce {
			out = append(out, q)
		}
	}
	return out
}

// waitForText are the open requests for a third party that lack nothing but an agreement; another one, if that is said.
func (l *life) waitForText(to org, another bool) []*request {
	var out []*request
	for _, q := range l.w.requests {
		if q.to == to && !q.written && l.w.stateOf(q) == article4.StateOpen && l.w.decided(q) &&
			(!another || l.w.agreementFault(q) == "declined") {
			out = append(out, q)
		}
	}
	return out
}

func (l *life) silenceAnew(waiting []*request) {
	for _, q := range waiting {
		q.lapses = l.w.now.Add(14 * days)
	}
}

func (l *life) sign() *step {
	x := fitting(l, "agreement", l.w.agreements, func(x *agreement, p does) answer { return l.w.maySign(p, x, false) })
	if x == nil {
		return nil
	}
	p := l.who(func(p does) answer { return l.w.maySign(p, x, false) })
	unproven := l.rarely("a sign-in that shows nothing", 6)
	var evidence exchange.EvidenceGiven
	if unproven {
		evidence = exchange.EvidenceGiven{Kind: article4.EvidenceOIDC}
	}
	return &step{
		verb: "sign",
		who:  p,
		what: string(x.id),
		want: l.w.maySign(p, x, unproven),
		do: func() error {
			return second(l.g.Sign(l.ctx, p.actorNow(), x.id,
				exchange.Signing{SHA256: x.sha, Name: "R. Silva", Function: "Head", Authority: "Decree 12",
					Accepts: true, Evidence: evidence}))
		},
		learn: func() { x.signed = true },
	}
}

func (l *life) decline() *step {
	x := fitting(l, "agreement", l.w.agreements, func(x *agreement, p does) answer { return l.w.mayDecline(p, x) })
	if x == nil {
		return nil
	}
	p := l.who(func(p does) answer { return l.w.mayDecline(p, x) })
	return &step{
		verb: "decline",
		who:  p,
		what: string(x.id),
		want: l.w.mayDecline(p, x),
		do: func() error {
			return second(l.g.Decline(l.ctx, p.actorNow(), x.id, "We keep nothing under seal."))
		},
		learn: func() {
			waiting := l.waitForText(x.to, false)
			x.declined = true
			l.silenceAnew(waiting)
		},
	}
}
