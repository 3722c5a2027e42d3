package exchange_test

import (
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// What is given unasked, what stands for a series (reading 0111), and what is staged.

type (
	// series is what a Party said of documents that it will deposit.
	series struct {
		id                    article4.SeriesID
		discloser             org
		markings              []article4.Marking
		purposes              []code
		entities              []org
		personal, proprietary bool
	}

	// standing is an authorization of all documents of a series, for one purpose, until a day.
	standing struct {
		id        article4.DecisionID
		series    *series
		by        *person
		purpose   code
		people    []*person
		until, at time.Time
		form      article4.Form
		withdrawn bool
	}

	// stagedFile waits for the rest of its deposit.
	stagedFile struct {
		id      string
		by      *person
		text    string
		expires time.Time
		gone    bool
	}

	// office is a desk of a Party.
	office struct {
		id      string
		members []*person
	}

	// gift is a Delivery that somebody begins, or that a deposit begins with.
	gift struct {
		people     []*person
		purpose    code
		until      time.Time
		form       article4.Form
		belong     bool // somebody is addressed, and all are people of the Recipient
		standing   []*standing
		authorized bool // in the act that begins it
	}
)

// shownByPage begins whatever can be read page by page in these histories.
const shownByPage = "%PDF-"

// pages are those of a version that can be read page by page, else 0.
func (v *version) pages() int {
	if !strings.HasPrefix(v.text, shownByPage) {
		return 0
	}
	return max(1, strings.Count(v.text, "/Type/Page/"))
}

// narrower is the narrower of two forms: to be shown, a marked copy, the original.
func narrower(a, b article4.Form) article4.Form {
	for _, f := range []article4.Form{article4.View, article4.Stamped} {
		if a == f || b == f {
			return f
		}
	}
	return article4.Original
}

// over: it was taken back, or what it stands for was: one withdrawal ends a series for all its documents.
func (x *decision) over() bool { return x.withdrawn || x.standing != nil && x.standing.withdrawn }

// outside: what stands for a series serves no document of another marking, and none that its own signatory deposited.
func (s *standing) outside(d *document) bool {
	return !slices.Contains(s.series.markings, d.marking) || s.by == d.depositor
}

func (w *world) seriesOf(id article4.SeriesID) *series {
	at := slices.IndexFunc(w.series, func(s *series) bool { return s.id == id })
	if at < 0 {
		return nil
	}
	return w.series[at]
}

// holds: what is deposited into a series is what the series says, and of the Party that keeps it.
func (s *series) holds(discloser org, m exchange.Metadata) bool {
	if s == nil || s.discloser != discloser || m.Recipient != other(discloser) {
		return false
	}
	strange := slices.ContainsFunc(m.Entities, func(o org) bool {
		return o != discloser && !slices.Contains(s.entities, o)
	})
	return slices.Contains(s.markings, m.Marking) && len(beside(m.Purposes, s.purposes)) == 0 && !strange &&
		(s.personal || !m.PersonalData.Present) && (s.proprietary || !m.Proprietary)
}

// future is the document that a deposit would make.
func (w *world) future(p does, m exchange.Metadata, text string) *document {
	return &document{
		discloser:   p.org,
		recipient:   m.Recipient,
		depositor:   p.person,
		marking:     m.Marking,
		proprietary: m.Proprietary,
		personal:    m.PersonalData.Present,
		retainUntil: m.PersonalData.RetainUntil,
		purposes:    m.Purposes,
		entities:    m.Entities,
		settled:     len(m.Entities) > 0,
		versions:    []*version{{text: text}},
		series:      w.seriesOf(m.Series),
	}
}

// gifts are the Deliveries that a deposit begins with: to whom it is addressed, and to whom the Discloser's
// authorizations of its series name.
func (w *world) gifts(m exchange.Metadata, d *document) []gift {
	var out []gift
	if m.Addressed != nil {
		out = append(out, w.addressed(d, *m.Addressed))
	}
	for _, own := range w.standing {
		if own.by.org != d.discloser || own.by == d.depositor || !w.standsOver(own, d) {
			continue
		}
		g := gift{people: own.people, purpose: own.purpose, until: own.until, form: own.form, belong: true,
			standing: []*standing{own}}
		if w.beyondEnd(g.until, g.purpose) {
			g.until = w.ends()
		}
		for _, e := range d.entities {
			at := slices.IndexFunc(w.standing, func(s *standing) bool {
				return s.by.org == e && e != d.discloser && s.purpose == own.purpose && w.standsOver(s, d)
			})
			if at >= 0 {
				g.standing = append(g.standing, w.standing[at])
				if w.standing[at].until.Before(g.until) {
					g.until = w.standing[at].until
				}
			}
		}
		out = append(out, g)
	}
	return out
}

// standsOver: an authorization of a series that serves a document of it from its first day.
func (w *world) standsOver(s *standing, d *document) bool {
	return s.series == d.series && d.protected() && !s.withdrawn && w.now.Before(s.until) &&
		slices.Contains(s.series.markings, d.marking) && w.open(s.purpose) && slices.Contains(d.purposes, s.purpose)
}

// addressed is what somebody gives to people or to a desk.
func (w *world) addressed(d *document, to exchange.Addressed) gift {
	g := gift{purpose: to.Purpose, until: to.Until, form: to.Form}
	for _, id := range to.People {
		g.people = append(g.people, w.people[slices.IndexFunc(w.people,
			func(p *person) bool { return p.identity == id })])
	}
	for _, id := range to.Offices {
		for _, o := range w.offices {
			if o.id == id {
				g.people = append(g.people, o.members...)
			}
		}
	}
	g.belong = len(g.people) > 0 &&
		!slices.ContainsFunc(g.people, func(p *person) bool { return p.org != d.recipient })
	return g
}

// mayGive: the Discloser's people give unasked to people of the Recipient what these could ask for.
func (w *world) mayGive(p does, d *document, g gift) answer {
	ask := exchange.Ask{For: d.recipient, Purpose: g.purpose, Until: g.until, Form: g.form}
	a := w.mayRequest(p, d, ask, g.belong)
	a.because("gateway/not-the-other-party", p.org != d.discloser && !a.absent)
	return a
}

// givable: a deposit that cannot be given to whom it is for is refused for it.
func (w *world) givable(p does, m exchange.Metadata, text string) answer {
	d := w.future(p, m, text)
	for _, g := range w.gifts(m, d) {
		if a := w.mayGive(p, d, g); len(a.codes) > 0 {
			return a
		}
	}
	return answer{}
}

// asDelivery is the request that a gift is.
func (w *world) asDelivery(p does, d *document, g gift) *request {
	q := &request{
		document: d,
		version:  d.current(),
		asker:    p.person,
		to:       d.recipient,
		people:   g.people,
		purpose:  g.purpose,
		until:    g.until.UTC().Truncate(time.Microsecond),
		lapses:   w.now.Add(14 * days),
		made:     w.now,
		form:     g.form,
		delivery: true,
	}
	for _, s := range g.standing {
		q.decisions = append(q.decisions, &decision{by: s.by.org, given: true, until: s.until, form: s.form,
			recordOf: w.nameOf(q.to), at: s.at, standing: s})
	}
	return q
}

// authorizesAtOnce: a signatory who gives what no entity is concerned by authorizes it in the same act.
func (w *world) authorizesAtOnce(p does, d *document, g gift) bool {
	if len(g.standing) > 0 || len(d.entities) > 0 || !d.protected() {
		return false
	}
	a := w.mayDecide(p, w.asDelivery(p, d, g), exchange.Verdict{Act: article4.ActAuthorize})
	return a.permitted()
}

func (w *world) mayOpenSeries(p does, in exchange.SeriesOpened) answer {
	a := w.officer(p)
	a.because("art4.4/no-authority", !p.official() || !p.has(article4.RoleFocalPoint, article4.RoleSignatory))
	a.because("art4.4/entities-undeclared",
		!in.EntitiesDeclared || slices.ContainsFunc(in.Entities, func(o org) bool { return !w.concernable(o) }))
	return a
}

// concernedBy: the two Parties of a series, and the entities that it names.
func (s *series) concernedBy(p does) bool {
	return len(p.roles) > 0 && (p.official() || slices.Contains(s.entities, p.org))
}

// saysOf: whose authorization a series asks for: a signatory's of its Discloser, and that of each entity concerned.
func (w *world) saysOf(p does, s *series, act article4.Act) bool {
	if p.org != s.discloser && !slices.Contains(s.entities, p.org) {
		return false
	}
	return p.official() && w.signs(p.person, act) || !p.official() && p.has(article4.RoleFocalPoint) &&
		(act == article4.ActWithdraw || w.delegated(p.person, act))
}

func (w *world) mayAuthorizeSeries(p does, s *series, in exchange.StandingVerdict, people []*person) answer {
	if !s.concernedBy(p) {
		return answer{absent: true}
	}
	a := w.officer(p)
	a.because("art4.4/no-authority", !w.saysOf(p, s, article4.ActAuthorize))
	a.because("gateway/step-up", p.stale)
	strange := slices.ContainsFunc(people, func(x *person) bool { return x.org != other(s.discloser) })
	a.because("art4.4/not-the-recipient", strange || (len(people) > 0) != (p.org == s.discloser))
	a.because("art4.7/purpose-not-permitted", !slices.Contains(s.purposes, in.Purpose))
	a.because("art4.7/purpose-closed", !w.ended() && !w.open(in.Purpose))
	a.because("art11.4/ended", w.ended() && !w.open(in.Purpose))
	a.because("art4.5/no-end-ahead", !w.now.Before(in.Until))
	a.because("art11.4/notice-given", w.beyondEnd(in.Until, in.Purpose))
	return a
}

// mayWithdrawFromSeries: whoever gave it, at any time; what an entity gave is known to it and to the Discloser alone.
func (w *world) mayWithdrawFromSeries(p does, x *standing) answer {
	s := x.series
	told := p.org == s.discloser || p.org == x.by.org || p.org == other(s.discloser) && x.by.org == s.discloser
	if !s.concernedBy(p) || !told {
		return answer{absent: true}
	}
	var a answer
	a.because("art4.6/suspended", p.official() && w.suspended(p.person))
	a.because("art4.4/no-authority", !w.saysOf(p, s, article4.ActWithdraw))
	a.conflict = len(a.codes) == 0 && (x.by.org != p.org || x.withdrawn)
	return a
}

// mayStage: whatever could be deposited under this marking if all else were said as well as it can be.
func (w *world) mayStage(p does, marking article4.Marking, text string) answer {
	m := exchange.Metadata{Marking: marking, Title: "At best", PurposeStatement: "At best", Recipient: other(p.org),
		EntitiesDeclared: true, SourcesDeclared: true, PersonalData: exchange.PersonalData{Declared: true}}
	for _, c := range []code{"art2.e", "art2.f", "sa1.a"} {
		if len(m.Purposes) == 0 && w.open(c) && (p.limits == nil || slices.Contains(p.limits.Purposes, c)) {
			m.Purposes = []code{c}
		}
	}
	a := w.declared(p, m)
	if len(a.codes) == 0 {
		w.foundIn(&a, p, text, true, marking != article4.NonConfidential)
	}
	return a
}

func (w *world) waits(s *stagedFile) bool { return !s.gone && w.now.Before(s.expires) }

// mayLookAt: what is staged is its depositor's alone, and nobody else's.
func (w *world) mayLookAt(p does, s *stagedFile) answer {
	return answer{absent: p.person != s.by || !w.waits(s) || w.suspended(p.person)}
}

func (w *world) mayDepositStaged(p does, s *stagedFile, m exchange.Metadata) answer {
	if p.person != s.by || !w.waits(s) {
		return answer{absent: true}
	}
	return w.mayDeposit(p, m, s.text)
}
