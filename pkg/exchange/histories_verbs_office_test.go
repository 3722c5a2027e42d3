package exchange_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// What is done on a Party's own records and on the Arrangement's, and to whoever is to be stopped, at random.

func (l *life) suspend() *step {
	s := &stop{}
	switch one(l, "what is stopped", 0, 0, 1, 2) {
	case 0:
		if s.document = l.document(); s.document == nil {
			return nil
		}
	case 1:
		s.person = one(l, "person", l.w.people...)
	default:
		s.org = one(l, "organisation", piu, customs, unoct)
	}
	p := l.who(func(p does) answer { return l.w.maySuspend(p, *s) })
	in := exchange.Suspension{Organisation: s.org, Reason: "Something is wrong"}
	if s.document != nil {
		in.Document = s.document.id
	}
	if s.person != nil {
		in.Person = s.person.identity
	}
	var out exchange.Suspension
	return &step{
		verb: "suspend",
		who:  p,
		what: fmt.Sprintf("%+v", in),
		want: l.w.maySuspend(p, *s),
		do: func() (err error) {
			out, err = l.g.Suspend(l.ctx, p.actorNow(), in)
			return err
		},
		learn: func() {
			s.id, s.by = out.ID, p.org
			l.w.stops = append(l.w.stops, s)
		},
	}
}

func (l *life) leak() *step {
	d := l.document()
	if d == nil {
		return nil
	}
	may := func(p does) answer {
		if !l.w.stands(p.person, d) {
			return answer{absent: true}
		}
		return l.w.officer(p)
	}
	p := l.who(may)
	var out exchange.LeakReported
	return &step{
		verb: "report a leak",
		who:  p,
		what: string(d.id),
		want: may(p),
		do: func() (err error) {
			out, err = l.g.ReportLeak(l.ctx, p.actorNow(), d.id, "It stands on a web page")
			return err
		},
		learn: func() {
			if had := p.org == d.discloser || slices.ContainsFunc(l.w.disclosures,
				func(x *disclosure) bool { return x.document == d && x.to.org == p.org }); had {
				l.w.stops = append(l.w.stops, &stop{id: out.Stop.ID, document: d, by: d.discloser})
			}
		},
	}
}

func (l *life) lift() *step {
	var all []*stop
	for _, s := range l.w.stops {
		if !s.lifted || l.rarely("lifted before", 20) {
			all = append(all, s)
		}
	}
	if len(all) == 0 {
		return nil
	}
	s := one(l, "stop", all...)
	p := l.who(func(p does) answer { return l.w.mayLift(p, s) })
	return &step{
		verb: "lift",
		who:  p,
		what: s.id,
		want: l.w.mayLift(p, s),
		do:   func() error { return third(l.g.Lift(l.ctx, p.actorNow(), s.id, "It was nothing")) },
		learn: func() {
			s.lifted = l.w.heard(p, "lift", s.id, "", "")
		},
	}
}

func (l *life) hold() *step {
	d := l.document()
	if d == nil {
		return nil
	}
	p := l.who(func(p does) answer { return l.w.mayHold(p, d) })
	var out exchange.Hold
	return &step{
		verb: "hold",
		who:  p,
		what: string(d.id),
		want: l.w.mayHold(p, d),
		do: func() (err error) {
			out, err = l.g.PlaceHold(l.ctx, p.actorNow(), d.id, "A dispute")
			return err
		},
		learn: func() { l.w.holds = append(l.w.holds, &hold{id: out.ID, document: d, by: p.org}) },
	}
}

func (l *life) endHold() *step {
	if len(l.w.holds) == 0 {
		return nil
	}
	x := one(l, "hold", l.w.holds[max(0, len(l.w.holds)-3):]...)
	p := l.who(func(p does) answer { return l.w.mayEndHold(p, x) })
	return &step{
		verb:  "end hold",
		who:   p,
		what:  x.id,
		want:  l.w.mayEndHold(p, x),
		do:    func() error { return third(l.g.EndHold(l.ctx, p.actorNow(), x.id, "Settled")) },
		learn: func() { x.ended = l.w.heard(p, "end hold", x.id, "", "") },
	}
}

func (l *life) giveNotice() *step {
	day := l.h.today().AddDate(0, 0, one(l, "from day", -1, 0, 0, 0, 3))
	f := l.w.waiting("notice", string(wco))
	if f == nil {
		f = l.w.waiting("notice", string(unoct))
	}
	if f != nil && !l.rarely("another day", 5) {
		day, _ = time.Parse(time.DateOnly, f.said)
	}
	p := l.who(func(p does) answer {
		a := l.w.mayGiveNotice(p, day)
		a.either = f != nil && f.by.org != p.org // rather the second of those who began
		return a
	})
	target, said := string(p.org), day.Format(time.DateOnly)
	return &step{
		verb: "give notice",
		who:  p,
		what: said,
		want: l.w.mayGiveNotice(p, day),
		do: func() error {
			return second(l.g.GiveNotice(l.ctx, p.actorNow(),
				exchange.NoticeOfTermination{GivenOn: day, Statement: "We close."}))
		},
		learn: func() {
			if l.w.heard(p, "notice", target, said, "") {
				l.w.noticeOn = day
			}
		},
	}
}

func (l *life) designate() *step {
	said := one(l, "focal point", "deputy.", "focal.")
	p := l.who(func(p does) answer { return l.w.mayDesignate(p, said) })
	in := exchange.Designation{Subject: said + short(p.org), Name: "N. N.", InstrumentSHA256: digest(paperText)}
	var waits *exchange.Pending
	return &step{
		verb:    "designate",
		prepare: func() { l.paper(p, "") },
		who:     p,
		what:    in.Subject,
		want:    l.w.mayDesignate(p, said),
		do: func() (err error) {
			_, waits, err = l.g.Designate(l.ctx, p.actorNow(), in)
			return err
		},
		learn: func() {
			if l.w.heard(p, "designate", string(p.org), said, idOf(waits)) {
				l.w.named[p.org] = true
			}
		},
	}
}

func idOf(waits *exchange.Pending) string {
	if waits == nil {
		return ""
	}
	return waits.ID
}

func (l *life) delegate() *step {
	acts := one(l, "acts", []article4.Act{article4.ActAuthorize, article4.ActConsent, article4.ActRefuse,
		article4.ActWithdraw},
		[]article4.Act{article4.ActMark, article4.ActRecall, article4.ActGiveNotice, article4.ActDelegate},
		[]article4.Act{article4.ActAuthorize}, []article4.Act{article4.ActWithdraw},
		[]article4.Act{article4.ActDisclose})
	d := &delegation{acts: acts, from: l.h.today(), until: l.h.today().AddDate(0, 0, one(l, "days", 40, 400, -1))}
	if d.until.Before(d.from) {
		d.from = d.from.AddDate(0, 0, -10)
	}
	if f := l.delegating; f != nil && !l.rarely("another Delegation", 4) {
		acts, d = f.acts, &delegation{acts: f.acts, from: f.from, until: f.until} // the same, for the second of two
	}
	plain := !slices.Contains(acts, article4.ActDisclose) && l.w.now.Before(d.until)
	target := func(p does) string { return fmt.Sprint(p.org, acts, d.from, d.until) }
	p := l.who(func(p does) answer { return l.w.mayDelegate(p, target(p), d, plain) })
	d.org, d.subject = p.org, "newcomer."+short(p.org)
	in := exchange.DelegationFiled{
		Subject:          d.subject,
		Name:             "N. Newcomer",
		Acts:             acts,
		From:             d.from,
		Until:            d.until,
		InstrumentSHA256: digest(paperText),
	}
	var out exchange.Delegation
	return &step{
		verb:    "delegate",
		prepare: func() { l.paper(p, "") },
		who:     p,
		what:    target(p),
		want:    l.w.mayDelegate(p, target(p), d, plain),
		do: func() (err error) {
			out, _, err = l.g.FileDelegation(l.ctx, p.actorNow(), in)
			return err
		},
		learn: func() {
			l.delegating = d
			if l.w.heard(p, "delegate", target(p), "", "") {
				d.id, l.delegating = out.ID, nil
				l.w.delegations = append(l.w.delegations, d)
			}
		},
	}
}

func (l *life) endDelegation() *step {
	var all []*delegation
	for _, d := range l.w.delegations { // those of the file have no identifier that the model knows
		if d.id != "" && (d.org == wco || d.org == unoct) {
			all = append(all, d)
		}
	}
	if len(all) == 0 {
		return nil
	}
	d := one(l, "Delegation", all...)
	p := l.who(func(p does) answer { return l.w.mayEndDelegation(p, d) })
	return &step{
		verb:    "end Delegation",
		prepare: func() { l.paper(p, "") },
		who:     p,
		what:    string(d.id),
		want:    l.w.mayEndDelegation(p, d),
		do: func() error {
			return third(l.g.FileDelegation(l.ctx, p.actorNow(),
				exchange.DelegationFiled{Ends: d.id, InstrumentSHA256: digest(paperText)}))
		},
		learn: func() { d.ended = l.w.heard(p, "delegate", string(p.org)+" ends "+string(d.id), "", "") },
	}
}

// mandate says who may speak for a third party: a Party, or its own focal point.
func (l *life) mandate() *step {
	o := one(l, "organisation", piu, customs)
	d := &delegation{org: o, subject: "deputy." + map[org]string{piu: "piu", customs: "customs"}[o], acts: mandated(),
		until: l.h.today().AddDate(0, 0, one(l, "days", 40, 400, -1))}
	if f := l.mandating; f != nil && !l.rarely("another Mandate", 4) {
		o, d = f.org, &delegation{org: f.org, subject: f.subject, acts: f.acts, until: f.until}
	}
	plain := l.w.now.Before(d.until)
	target := fmt.Sprint(o, d.subject, d.until)
	p := l.who(func(p does) answer { return l.w.mayMandate(p, o, target, plain) })
	in := exchange.MandateProposed{
		Subject:          d.subject,
		Name:             "D. Deputy",
		Function:         "Deputy",
		Authority:        "Order 1",
		Until:            d.until,
		InstrumentSHA256: digest(paperText),
	}
	var out exchange.MandateRecord
	return &step{
		verb:    "mandate",
		prepare: func() { l.paper(p, "") },
		who:     p,
		what:    target,
		want:    l.w.mayMandate(p, o, target, plain),
		do: func() (err error) {
			out, _, err = l.g.Mandate(l.ctx, p.actorNow(), o, in)
			return err
		},
		learn: func() {
			f := l.w.waiting("mandate", target)
			if f != nil {
				f.over = true // confirmed, or taken up by a Party
			}
			if f != nil && f.by.official() {
				// not in force while a clock that was set back is before it
				d.id, d.from, l.mandating = out.ID, out.From, nil
				l.w.delegations = append(l.w.delegations, d)
				return
			}
			l.mandating = d
			l.w.firsts = append(l.w.firsts,
				&first{act: "mandate", target: target, by: p.person, expires: l.w.now.Add(7 * days)})
		},
	}
}

func (l *life) endMandate() *step {
	var all []*delegation
	for _, d := range l.w.delegations { // those of the file have no identifier that the model knows
		if d.id != "" && d.org != wco && d.org != unoct {
			all = append(all, d)
		}
	}
	if len(all) == 0 {
		return nil
	}
	d := one(l, "Mandate", all...)
	p := l.who(func(p does) answer { return l.w.mayEndMandate(p, d) })
	return &step{
		verb: "end Mandate",
		who:  p,
		what: string(d.id),
		want: l.w.mayEndMandate(p, d),
		do: func() error {
			return third(l.g.Mandate(l.ctx, p.actorNow(), d.org, exchange.MandateProposed{Ends: d.id}))
		},
		learn: func() { d.ended = true },
	}
}

func (l *life) recognise() *step {
	in := exchange.OrganisationProposed{Type: "passenger-information-unit", Country: "XE", Changes: piu,
		Issuer: l.h.issuers.URL("piu-exampleland"),
		Name: one(l, "name", "Passenger Information Unit of Exampleland", "National Passenger Unit",
			"Border Data Unit")}
	id := piu
	if l.rarely("a newcomer", 3) {
		id = academy
		in.Changes, in.Short, in.Issuer, in.Name = "", short(academy), "https://id.academy.example.int",
			"Academy of Exampleland"
	}
	if f := l.w.waiting("recognise", string(id)); f != nil && !l.rarely("another name", 4) {
		in.Name = f.said
	}
	p := l.who(func(p does) answer { return l.w.mayRecognise(p, in, id) })
	return &step{
		verb: "recognise",
		who:  p,
		what: fmt.Sprintf("%+v", in),
		want: l.w.mayRecognise(p, in, id),
		do:   func() error { return third(l.g.ProposeOrganisation(l.ctx, p.actorNow(), in)) },
		learn: func() {
			f := l.w.waiting("recognise", string(id))
			if f != nil {
				f.over = true // confirmed, or another proposal takes its place
			}
			if f != nil && f.by.org != p.org && f.said == in.Name {
				l.w.names[id] = in.Name
				return
			}
			l.w.firsts = append(l.w.firsts,
				&first{act: "recognise", target: string(id), said: in.Name, by: p.person,
					expires: l.w.now.Add(7 * days)})
		},
	}
}

// confirmRecognition confirms, as the other Party, what is proposed.
func (l *life) confirmRecognition() *step {
	id := one(l, "organisation", piu, academy)
	may := func(p does) answer {
		f := l.w.waiting("recognise", string(id))
		if f == nil || !p.official() {
			return answer{absent: true}
		}
		in := exchange.OrganisationProposed{}
		if id == piu {
			in.Changes = piu
		}
		a := l.w.mayRecognise(p, in, id)
		a.conflict = false
		a.because("gateway/second-person-missing", f.by.org == p.org)
		return a
	}
	p := l.who(may)
	var shown exchange.Organisation
	return &step{
		verb:    "confirm recognition",
		who:     p,
		what:    string(id),
		want:    may(p),
		prepare: func() { shown, _ = l.g.Organisation(l.ctx, l.unstopped(wco).actor, id) },
		do:      func() error { return second(l.g.ConfirmOrganisation(l.ctx, p.actorNow(), id, shown.ETag)) },
		learn: func() {
			f := l.w.waiting("recognise", string(id))
			f.over = true
			l.w.names[id] = f.said
		},
	}
}

// confirm confirms by its identifier what the first of two people said.
func (l *life) confirm() *step {
	var all []*first
	for _, f := range l.w.firsts {
		if f.id != "" {
			all = append(all, f)
		}
	}
	if len(all) == 0 {
		return nil
	}
	f := one(l, "first", all[max(0, len(all)-3):]...)
	may := func(p does) answer {
		if f.over || !l.w.now.Before(f.expires) || f.by.org != p.org {
			return answer{absent: true}
		}
		if f.act == "designate" {
			return l.w.mayDesignate(p, f.said)
		}
		q, e := l.filedOn(f)
		said, _, _ := strings.Cut(f.said, seenOn)
		a := l.w.mayFile(p, q, e, said)
		if f.said != said+q.document.seen() { // it was filed of the document as it stood: nobody confirms it any more
			a = l.w.mayFileOutdated(p, q, e)
		}
		confirms, _ := l.w.second(p, "file", f.target, f.said)
		a.conflict = len(a.codes) == 0 && !a.absent && confirms != nil && q.authorizedBy(e)
		return a
	}
	p := l.who(may)
	return &step{
		verb: "confirm",
		who:  p,
		what: f.act + " " + f.id,
		want: may(p),
		do: func() error {
			if f.act == "designate" {
				return second(l.g.ConfirmDesignation(l.ctx, p.actorNow(), f.id))
			}
			q, _ := l.filedOn(f)
			return second(l.g.ConfirmFiled(l.ctx, p.actorNow(), q.id, f.id))
		},
		learn: func() {
			f.over = true
			if f.act == "designate" {
				l.w.named[p.org] = true
				return
			}
			q, e := l.filedOn(f)
			l.filed(q, e)
		},
	}
}

func (l *life) filedOn(f *first) (*request, org) {
	for _, q := range l.w.requests {
		for _, e := range []org{portAuthority, customs, piu, academy} {
			if f.target == string(q.id)+string(e) {
				return q, e
			}
		}
	}
	return nil, ""
}

// acknowledge answers a notice that somebody got.
func (l *life) acknowledge() *step {
	for _, o := range []org{wco, unoct, piu} {
		for _, p := range l.w.people {
			if p.org != o || !p.has(article4.RoleFocalPoint) {
				continue
			}
			page, err := l.g.Notices(l.ctx, p.actor, exchange.NoticeQuery{Paging: exchange.Paging{Limit: 100}})
			if err != nil {
				l.wrong("notices of %s: %v", p.name, err)
			}
			for _, n := range page.Items {
				if n.To == o && l.w.notices[n.ID] == nil {
					l.w.notices[n.ID] = &noticed{to: o, person: n.Person, copies: len(n.CopyNumbers) > 0}
				}
			}
		}
	}
	ids := make([]string, 0, len(l.w.notices))
	for id := range l.w.notices {
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	id := one(l, "notice", ids...)
	n := l.w.notices[id]
	p := l.who(func(p does) answer { return l.w.mayAcknowledge(p, n) })
	return &step{
		verb: "acknowledge",
		who:  p,
		what: id,
		want: l.w.mayAcknowledge(p, n),
		do: func() error {
			return second(l.g.Acknowledge(l.ctx, p.actorNow(), id,
				exchange.Acknowledgement{Disposition: "kept", Statement: "In the safe"}))
		},
		learn: func() { n.answered = true },
	}
}
