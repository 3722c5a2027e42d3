package exchange_test

import (
	"fmt"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// What is given unasked, what stands for a series, what is staged, and what is read page by page, at random.

// furnish gives each Party a desk, at which those of its people sit whom the other Party addresses.
func (l *life) furnish() {
	l.w.offices = map[org]*office{}
	for _, o := range []org{wco, unoct} {
		desk := &office{}
		var ids []article4.PersonID
		for _, name := range []string{"staff.", "other.", "focal.", "deputy.", "service."} {
			p := l.w.person(name + short(o))
			desk.members, ids = append(desk.members, p), append(ids, p.identity)
		}
		made, err := l.g.OpenOffice(l.ctx, l.w.person("focal."+short(o)).actor,
			exchange.OfficeOpened{Name: "The desk", Members: ids})
		must(l.h.t, err)
		desk.id = made.ID
		l.w.offices[o] = desk
	}
}

// paged is a file that can be read page by page, with words of its own.
func paged(number, pages int) string {
	return strings.ReplaceAll(written(pages), "assessment", fmt.Sprintf("paper %04d", number))
}

// addressing is to whom something is given, of the people of an organisation or, now and then, of elsewhere.
func (l *life) addressing(o org, purposes []code) exchange.Addressed {
	to := exchange.Addressed{Purpose: "art2.e", Statement: "For the training", Form: l.form(),
		Until: l.w.now.AddDate(0, 0, one(l, "given for days", 30, 30, 80, 400))}
	if len(purposes) > 0 && !l.rarely("another purpose of it", 12) {
		to.Purpose = one(l, "given for", purposes...)
	}
	if l.w.noticeGiven() && !l.w.ended() && !l.rarely("given beyond the end", 6) && to.Until.After(l.w.ends()) {
		to.Until = l.w.ends()
	}
	desk := l.w.offices[o]
	switch {
	case desk == nil || l.rarely("addressed to somebody of elsewhere", 12):
		to.People = []article4.PersonID{l.w.person("analyst.piu").identity}
	case l.rarely("addressed to a desk", 4):
		to.Offices = []string{desk.id}
	default:
		to.People = []article4.PersonID{one(l, "addressed to", desk.members...).identity}
	}
	return to
}

// form is the original mostly.
func (l *life) form() article4.Form {
	return one(l, "form", article4.Original, article4.Original, article4.Original, article4.View, article4.Stamped)
}

func (l *life) deliver() *step {
	d := l.document(func(d *document, p does) answer {
		return l.w.mayGive(p, d, gift{purpose: d.purposes[0], until: l.w.now.Add(days), belong: true})
	})
	if d == nil {
		return nil
	}
	to := l.addressing(d.recipient, d.purposes)
	p := l.who(func(p does) answer { return l.w.mayGive(p, d, l.w.addressed(d, to)) })
	gifts := []gift{l.w.addressed(d, to)}
	gifts[0].authorized = l.w.authorizesAtOnce(p, d, gifts[0])
	var out exchange.AccessRequest
	return &step{
		verb:    "deliver",
		who:     p,
		what:    fmt.Sprintf("%s %+v", d.id, to),
		want:    l.w.mayGive(p, d, gifts[0]),
		entries: func() int { return entriesOf(gifts) },
		do: func() (err error) {
			out, err = l.g.Deliver(l.ctx, p.actorNow(), d.id, to)
			return err
		},
		learn: func() { l.given(p, d, gifts, []article4.RequestID{out.ID}) },
	}
}

// entriesOf Deliveries: one for each, and one for what is authorized in the same act.
func entriesOf(gifts []gift) int {
	n := len(gifts)
	for _, g := range gifts {
		if g.authorized {
			n++
		}
	}
	return n
}

// given are the Deliveries that came of an act.
func (l *life) given(p does, d *document, gifts []gift, ids []article4.RequestID) {
	if len(ids) != len(gifts) {
		l.wrong("%s began with the Deliveries %v; want %d", d.id, ids, len(gifts))
	}
	for i, g := range gifts {
		q := l.w.asDelivery(p, d, g)
		q.id = ids[i]
		l.w.requests = append(l.w.requests, q)
		if g.authorized {
			l.left(p, q, exchange.Verdict{Act: article4.ActAuthorize})
		}
		d.settled = d.settled || len(g.standing) > 0
	}
	for _, g := range gifts {
		if len(g.standing) > 0 && !l.rarely("nobody comes for it", 3) { // a weekly exchange is fetched
			l.carryOut(l.reads(does{person: g.people[0]}, d, d.current(), exchange.Reading{Purpose: g.purpose,
				Statement: "Preparing the training", Form: article4.Original, Version: d.current().id}))
		}
	}
}

// deposits is the act of a deposit, wherever its file comes from.
func (l *life) deposits(verb string, p does, m exchange.Metadata, text string) *step {
	d := l.w.future(p, m, text)
	var gifts []gift
	var doc exchange.Document
	return &step{
		verb:    verb,
		who:     p,
		what:    fmt.Sprintf("%+v %+v", m, m.Addressed),
		want:    l.w.mayDeposit(p, m, text),
		entries: func() int { return 1 + entriesOf(gifts) },
		do: func() (err error) {
			gifts = l.w.gifts(m, d)
			for i, g := range gifts {
				gifts[i].authorized = l.w.authorizesAtOnce(p, d, g)
			}
			doc, err = l.g.Deposit(l.ctx, p.actorNow(), m, content(text))
			return err
		},
		learn: func() {
			d.id, d.entry, d.versions[0].id = doc.ID, doc.Entry, doc.Version
			l.w.documents = append(l.w.documents, d)
			ids := doc.Deliveries
			if m.Addressed != nil {
				ids = append([]article4.RequestID{doc.Delivery}, ids...)
			}
			l.given(p, d, gifts, ids)
		},
	}
}

// depositInto deposits into a series, within what it says or, now and then, outside.
func (l *life) depositInto() *step {
	if len(l.w.series) == 0 {
		return nil
	}
	return l.depositsInto(one(l, "series", latest(l.w.series, 4)...))
}

func (l *life) depositsInto(s *series) *step {
	m := l.metadata(s.discloser, true)
	m.Series = s.id
	if !l.rarely("outside the series", 5) {
		m.Marking, m.Purposes = one(l, "marking of the series", s.markings...), s.purposes
		m.Entities, m.Proprietary = s.entities, m.Proprietary && s.proprietary
		if !s.personal {
			m.PersonalData = exchange.PersonalData{Declared: true}
		}
	}
	text := l.text()
	p := l.who(func(p does) answer { return l.w.mayDeposit(p, m, "x") })
	return l.deposits("deposit into a series", p, m, text)
}

func (l *life) depositAddressed() *step {
	p := l.who(func(p does) answer { return l.w.mayDeposit(p, l.metadata(p.org, false), "x") })
	m := l.metadata(p.org, true)
	to := l.addressing(m.Recipient, m.Purposes)
	m.Addressed = &to
	return l.deposits("deposit, addressed", p, m, l.text())
}

func (l *life) openSeries() *step {
	in := exchange.SeriesOpened{
		Name:     "Weekly arrivals",
		Markings: one(l, "markings of the series", confidential, confidential, restricted, open),
		Purposes: one(l, "purposes of the series", []code{"art2.e"}, []code{"art2.e", "sa1.a"},
			[]code{"sa1.a"}),
		EntitiesDeclared: !l.rarely("undeclared", 12),
		Entities:         one(l, "entities of the series", nil, nil, []org{customs}, []org{unoct}, []org{academy}),
		PersonalData:     !l.rarely("no personal data", 3),
		Proprietary:      !l.rarely("nothing proprietary", 3),
	}
	p := l.who(func(p does) answer { return l.w.mayOpenSeries(p, in) })
	var out exchange.Series
	return &step{
		verb: "open a series",
		who:  p,
		what: fmt.Sprintf("%+v", in),
		want: l.w.mayOpenSeries(p, in),
		do: func() (err error) {
			out, err = l.g.OpenSeries(l.ctx, p.actorNow(), in)
			return err
		},
		learn: func() {
			l.w.series = append(l.w.series, &series{
				id:          out.ID,
				discloser:   p.org,
				markings:    in.Markings,
				purposes:    in.Purposes,
				entities:    in.Entities,
				personal:    in.PersonalData,
				proprietary: in.Proprietary,
			})
		},
	}
}

// The markings of a series; what is open needs no authorization.
var (
	confidential = []article4.Marking{article4.Confidential}
	restricted   = []article4.Marking{article4.Confidential, article4.Restricted}
	open         = []article4.Marking{article4.Restricted, article4.NonConfidential}
)

func (l *life) authorizeSeries() *step {
	if len(l.w.series) == 0 {
		return nil
	}
	s := fitting(l, "series", latest(l.w.series, 4), func(s *series, p does) answer {
		return l.w.mayAuthorizeSeries(p, s, exchange.StandingVerdict{Purpose: s.purposes[0],
			Until: l.w.now.Add(days)}, l.w.offices[other(s.discloser)].members)
	})
	in := exchange.StandingVerdict{Purpose: one(l, "purpose", s.purposes...), Form: l.form(),
		Until: l.w.now.AddDate(0, 0, one(l, "stands for days", 30, 80, 400, 400)), Statement: "Each week"}
	if l.rarely("another purpose", 12) {
		in.Purpose = "art2.f"
	}
	if l.rarely("for a day that is over", 15) {
		in.Until = l.w.now.AddDate(0, 0, -1)
	}
	if l.w.noticeGiven() && !l.w.ended() && !l.rarely("beyond the end", 6) && in.Until.After(l.w.ends()) {
		in.Until = l.w.ends()
	}
	var people []*person
	if !l.rarely("an entity", 3) {
		people = []*person{one(l, "stands for", l.w.offices[other(s.discloser)].members...)}
		if l.rarely("somebody of elsewhere", 8) {
			people = append(people, l.w.person("analyst.piu"))
		}
	}
	for _, p := range people {
		in.People = append(in.People, p.identity)
	}
	p := l.who(func(p does) answer { return l.w.mayAuthorizeSeries(p, s, in, people) })
	var out exchange.StandingAuthorization
	return &step{
		verb: "authorize a series",
		who:  p,
		what: fmt.Sprintf("%s %+v", s.id, in),
		want: l.w.mayAuthorizeSeries(p, s, in, people),
		do: func() (err error) {
			out, err = l.g.AuthorizeSeries(l.ctx, p.actorNow(), s.id, in)
			return err
		},
		learn: func() {
			l.w.standing = append(l.w.standing, &standing{id: out.ID, series: s, by: p.person, purpose: in.Purpose,
				people: people, until: in.Until.UTC(), at: l.w.now, form: in.Form})
			// of two that were given while the clock was set back, the older stands first
			slices.SortStableFunc(l.w.standing, func(a, b *standing) int { return a.at.Compare(b.at) })
			if len(people) > 0 && !l.rarely("nothing is deposited into it", 3) {
				l.carryOut(l.depositsInto(s))
			}
		},
	}
}

func (l *life) withdrawFromSeries() *step {
	all := l.w.standing
	if serve := slices.DeleteFunc(slices.Clone(all),
		func(x *standing) bool { return len(l.w.restOn(x)) == 0 }); len(serve) > 0 && !l.rarely("any of them", 3) {
		all = serve
	}
	x := fitting(l, "standing authorization", all,
		func(x *standing, p does) answer { return l.w.mayWithdrawFromSeries(p, x) })
	if x == nil {
		return nil
	}
	p := l.who(func(p does) answer { return l.w.mayWithdrawFromSeries(p, x) })
	return &step{
		verb: "withdraw from a series",
		who:  p,
		what: string(x.id),
		want: l.w.mayWithdrawFromSeries(p, x),
		do: func() error {
			return second(l.g.WithdrawStanding(l.ctx, p.actorNow(), x.series.id, x.id,
				exchange.Withdrawal{Statement: "No longer"}))
		},
		learn: func() {
			x.withdrawn = true
			l.endsForAll(x)
		},
	}
}

// endsForAll: one withdrawal ends a series for all its documents. Whoever was named tries each of the newest again.
func (l *life) endsForAll(x *standing) {
	for _, q := range latest(l.w.restOn(x), 4) {
		l.carryOut(l.reads(does{person: q.people[0]}, q.document, q.version, exchange.Reading{Purpose: q.purpose,
			Statement: "Preparing the training", Form: article4.Original, Version: q.version.id}))
		l.seenAtTheNextPage(q.document)
	}
}

// restOn are the requests that rest on what stands for a series.
func (w *world) restOn(x *standing) []*request {
	var out []*request
	for _, q := range w.requests {
		if slices.ContainsFunc(q.decisions, func(l *decision) bool { return l.standing == x }) {
			out = append(out, q)
		}
	}
	return out
}

// seenAtTheNextPage: whoever reads a document page by page turns one when something about it was taken back.
func (l *life) seenAtTheNextPage(d *document) {
	var open []*disclosure
	for _, x := range l.w.disclosures {
		if x.document == d && x.reading.Form == article4.View && !x.closed {
			open = append(open, x)
		}
	}
	for _, x := range latest(open, 2) {
		l.carryOut(l.turns(does{person: x.to}, x, 1))
	}
}

func (l *life) stage() *step {
	marking := l.markings("marking")
	if l.rarely("unmarked", 8) {
		marking = ""
	}
	text := l.text()
	p := l.who(func(p does) answer { return l.w.mayStage(p, marking, "x") })
	var out exchange.Staged
	return &step{
		verb:    "stage",
		who:     p,
		what:    fmt.Sprint(marking, " ", len(text), " bytes"),
		want:    l.w.mayStage(p, marking, text),
		entries: none,
		do: func() (err error) {
			out, err = l.g.Stage(l.ctx, p.actorNow(), stagedAs(marking), content(text))
			return err
		},
		learn: func() {
			l.w.staged = append(l.w.staged,
				&stagedFile{id: out.ID, by: p.person, text: text, expires: l.w.now.Add(days)})
			l.stagedForThemAlone()
		},
	}
}

// none: what is staged and looked at is no act under the Arrangement, and has no entry.
func none() int { return 0 }

// stagedForThemAlone: everybody finds what they staged themselves and that waits still, and nothing else.
func (l *life) stagedForThemAlone() {
	for _, p := range l.w.people {
		page, err := l.g.StagedFiles(l.ctx, p.actor, exchange.Paging{Limit: 100})
		must(l.h.t, err)
		var got, want []string
		for _, s := range page.Items {
			got = append(got, s.ID)
		}
		for _, s := range l.w.staged {
			if s.by == p && l.w.waits(s) && !l.w.suspended(p) {
				want = append(want, s.id)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			l.wrong("%s finds %v staged; want %v", p.name, got, want)
		}
	}
}

// stagedBy is something staged and who tries something with it, mostly whoever staged it.
func (l *life) stagedBy() (*stagedFile, does) {
	if len(l.w.staged) == 0 {
		return nil, does{}
	}
	s := one(l, "staged", latest(l.w.staged, 4)...)
	if l.rarely("somebody else", 4) {
		return s, does{person: one(l, "person", l.w.people...)}
	}
	return s, does{person: s.by}
}

func (l *life) seeStaged() *step {
	s, p := l.stagedBy()
	if s == nil {
		return nil
	}
	return &step{
		verb:    "see what is staged",
		who:     p,
		what:    s.id,
		want:    l.w.mayLookAt(p, s),
		entries: none,
		do:      func() error { return second(l.g.Staged(l.ctx, p.actorNow(), s.id)) },
		learn:   l.stagedForThemAlone,
	}
}

func (l *life) unstage() *step {
	s, p := l.stagedBy()
	if s == nil {
		return nil
	}
	return &step{
		verb:    "unstage",
		who:     p,
		what:    s.id,
		want:    l.w.mayLookAt(p, s),
		entries: none,
		do:      func() error { return second(l.g.Unstage(l.ctx, p.actorNow(), s.id)) },
		learn: func() {
			s.gone = true
			l.stagedForThemAlone()
		},
	}
}

func (l *life) depositStaged() *step {
	s, p := l.stagedBy()
	if s == nil {
		return nil
	}
	m := l.metadata(p.org, true)
	m.Staged = s.id
	if l.rarely("addressed", 3) {
		to := l.addressing(m.Recipient, m.Purposes)
		m.Addressed = &to
	}
	out := l.deposits("deposit what is staged", p, m, s.text)
	out.want = l.w.mayDepositStaged(p, s, m)
	learn := out.learn
	out.learn = func() {
		s.gone = true
		learn()
		l.stagedForThemAlone()
	}
	return out
}

// turnPage shows one page of what is read page by page: the ruling is asked again each time.
func (l *life) turnPage() *step {
	var all []*disclosure
	for _, x := range l.w.disclosures {
		if x.reading.Form == article4.View {
			all = append(all, x)
		}
	}
	if len(all) == 0 {
		return nil
	}
	x := one(l, "disclosure", latest(all, 4)...)
	p := does{person: x.to}
	if l.rarely("somebody else", 6) {
		p = does{person: one(l, "person", l.w.people...)}
	}
	return l.turns(p, x, 1+l.below(x.version.pages(), "page"))
}

func (l *life) turns(p does, x *disclosure, n int) *step {
	want := l.w.mayRead(p.person, x.document, x.version, x.reading)
	want.over = len(want.codes) == 0 && !want.absent && !l.w.now.Before(x.over)
	if p.person != x.to {
		want = answer{absent: true}
	}
	return &step{
		verb:    "turn a page",
		who:     p,
		what:    fmt.Sprint(x.id, " ", n),
		want:    want,
		entries: none,
		do:      func() error { return l.turn(p, x, n) },
	}
}

// turn shows one page.
func (l *life) turn(p does, x *disclosure, n int) error {
	page, err := l.g.Page(l.ctx, p.actorNow(), x.id, n)
	if err != nil {
		return err
	}
	if page.Number != n || page.Count != x.version.pages() || len(page.PNG) == 0 {
		l.wrong("%s is shown page %d of %d, %d bytes; want %d of %d", p.name, page.Number, page.Count, len(page.PNG), n,
			x.version.pages())
	}
	l.received(p.person, x)
	x.shown = append(x.shown, n)
	return nil
}
