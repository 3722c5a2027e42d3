package exchange_test

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// What is done with a document, at random: each verb says who tries what, what the model expects, and what it learns
// when the gateway did it.

// passengerList is a file in which passenger data is found (Article 4(3)).
const passengerList = "UNB+UNOA:4+AIR1+BORDER+260521:0830+1'UNH+1+PAXLST:D:05B:UN:IATA'BGM+745'UNT+3+1'UNZ+1+1'"

// step is one act.
type step struct {
	verb string
	who  does
	what string // for the reader of a failure
	want answer
	// entries are those that it is when it is permitted; nil: one.
	entries func() int
	// quiet is what no person does; it counts its entries itself.
	quiet bool
	// prepare looks up what the act names; what that writes is not the act's.
	prepare func()
	do      func() error
	learn   func()
	// always happens whatever the answer was, unless the thing was absent.
	always func()
}

// one of several, drawn by its place: identifiers are others each time.
func one[T any](l *life, label string, from ...T) T {
	return from[l.below(len(from), label)]
}

// below draws from 0 to n-1, each as often: rapid's own ranges prefer their ends.
func (l *life) below(n int, label string) int {
	for len(l.numbers) < n {
		l.numbers = append(l.numbers, len(l.numbers))
	}
	return rapid.SampledFrom(l.numbers[:n]).Draw(l.rt, label)
}

// rarely is true once in n.
func (l *life) rarely(label string, n int) bool { return l.below(n, label) == n-1 }

// document is one of the newest, for a history that always looks back gets nowhere.
func (l *life) document(may ...func(*document, does) answer) *document {
	return fitting(l, "document", latest(l.w.documents, 8), may...)
}

func latest[T any](all []T, n int) []T { return all[max(0, len(all)-n):] }

// fitting is mostly one with which somebody may do what is to be tried.
func fitting[T any](l *life, label string, all []*T, may ...func(*T, does) answer) *T {
	if len(all) == 0 {
		return nil
	}
	if len(may) > 0 && l.below(10, "any "+label) < 7 {
		some := func(x *T) bool {
			return slices.ContainsFunc(l.w.people,
				func(p *person) bool { a := may[0](x, does{person: p}); return a.permitted() })
		}
		var able []*T
		for _, x := range all {
			if some(x) {
				able = append(able, x)
			}
		}
		if len(able) > 0 {
			return one(l, label, able...)
		}
	}
	return one(l, label, all...)
}

func (l *life) markings(label string) article4.Marking {
	return one(l, label, article4.Confidential, article4.Confidential, article4.Restricted, article4.NonConfidential)
}

func (l *life) purpose(d *document) code {
	if l.rarely("other purpose", 12) {
		return one[code](l, "purpose", "art2.e", "art2.f", "sa1.a", "art2.z")
	}
	return one(l, "purpose of the document", d.purposes...)
}

func (l *life) deposit() *step {
	p := l.who(func(p does) answer { return l.w.mayDeposit(p, l.metadata(p.org, false), "x") })
	m := l.metadata(p.org, true)
	text := l.text()
	if l.rarely("what the other Party disclosed", 15) && len(l.w.disclosures) > 0 {
		x := one(l, "disclosure", l.w.disclosures...)
		if x.to.official() && x.to.org != x.document.discloser {
			p, text = does{person: x.to}, x.version.text
			m.Recipient = other(p.org)
		}
	}
	return l.deposits("deposit", p, m, text)
}

// text is new each time: of what the other Party disclosed nothing can be deposited.
func (l *life) text() string {
	l.texts++
	switch l.below(20, "file") {
	case 0:
		return ""
	case 1:
		return passengerList
	case 2, 3, 4, 5, 6, 7, 8, 9:
		return paged(l.texts, 1+l.below(3, "pages"))
	}
	return fmt.Sprintf("%s (%d)", secret, l.texts)
}

// metadata is complete, or lacks one thing.
func (l *life) metadata(from org, drawn bool) exchange.Metadata {
	m := metadata()
	m.Recipient, m.Purposes = other(from), []code{"art2.e"}
	if !drawn {
		return m
	}
	m.Marking = l.markings("marking")
	m.Purposes = one(l, "purposes", []code{"art2.e"}, []code{"art2.e", "sa1.a"}, []code{"art2.e", "art2.f"},
		[]code{"sa1.a"})
	m.Proprietary = l.rarely("proprietary", 4)
	m.Entities = one(l, "entities", nil, nil, []org{customs}, []org{portAuthority}, []org{other(from)},
		[]org{customs, portAuthority}, []org{piu})
	if l.rarely("personal data", 3) {
		m.PersonalData = exchange.PersonalData{Declared: true, Present: true, Regime: "GDPR",
			LegalBasis:  "Article 6(1)(e)",
			RetainUntil: l.h.today().AddDate(0, 0, one(l, "retained for days", 20, 60, 400, 400))}
	}
	switch l.below(31, "lacks") {
	case 1:
		m.Marking = ""
	case 2:
		m.Title = ""
	case 3:
		m.PurposeStatement = ""
	case 4:
		m.Recipient = one(l, "recipient", from, piu)
	case 5:
		m.EntitiesDeclared, m.Entities = false, nil
	case 6:
		m.Entities = []org{academy}
	case 7:
		m.PersonalData = exchange.PersonalData{}
	case 8:
		m.PersonalData = exchange.PersonalData{Declared: true, Present: true, LegalBasis: "Law"}
	case 9:
		m.PersonalData = exchange.PersonalData{Declared: true, Present: true, Regime: "GDPR", LegalBasis: "Law",
			RetainUntil: l.h.today().AddDate(0, 0, -2)}
	case 10:
		m.Purposes = []code{"art2.z"}
	case 11:
		m.SourcesDeclared = false
	}
	return m
}

func (l *life) correct() *step {
	d := l.document(func(d *document, p does) answer { return l.w.mayCorrect(p, d, "x") })
	if d == nil {
		return nil
	}
	text := l.text()
	p := l.who(func(p does) answer { return l.w.mayCorrect(p, d, "x") })
	in := exchange.Correction{SourcesDeclared: true,
		Kind:         one(l, "kind", article4.Corrects, article4.Updates, article4.Replaces),
		Explanation:  "Port 3 was wrong",
		KeepPrevious: l.rarely("keeps the version before", 3), Size: -1}
	first := l.rarely("staged first", 3)
	var out exchange.Document
	return &step{
		verb: "correct",
		who:  p,
		what: string(d.id),
		want: l.w.mayCorrect(p, d, text),
		do: func() (err error) {
			if in.Staged = ""; first {
				file, err := l.g.Stage(l.ctx, p.actorNow(), exchange.StagedFile{Document: d.id, Size: -1},
					content(text))
				if err != nil {
					return err
				}
				in.Staged = file.ID
			}
			out, err = l.g.Correct(l.ctx, p.actorNow(), d.id, in, content(text))
			return err
		},
		learn: func() {
			l.stagedForThemAlone()
			if !in.KeepPrevious {
				d.current().closed = true
			}
			d.versions = append(d.versions, &version{id: out.Version, text: text})
		},
	}
}

func (l *life) mark() *step {
	d := l.document()
	if d == nil {
		return nil
	}
	m, proprietary := l.markings("new marking"), rapid.Bool().Draw(l.rt, "proprietary")
	if f := l.w.waiting("mark", string(d.id)); f != nil && !l.rarely("something else", 4) {
		said, _, _ := strings.Cut(f.said, seenOn)
		said, dropped := strings.CutSuffix(said, " proprietary")
		m, proprietary = article4.Marking(said), dropped
	}
	p := l.who(func(p does) answer { return l.w.mayMark(p, d, m, proprietary) })
	var waits *exchange.Pending
	change := exchange.MarkingChange{Marking: m, Proprietary: &proprietary, Reason: "It is known by now"}
	return &step{
		verb: "mark",
		who:  p,
		what: fmt.Sprint(d.id, m, proprietary),
		want: l.w.mayMark(p, d, m, proprietary),
		prepare: func() {
			if seen, err := l.g.Describe(l.ctx, l.unstopped(d.discloser).actor, d.id); err == nil {
				change.IfMatch = seen.ETag
			}
		},
		do: func() (err error) {
			_, waits, err = l.g.Mark(l.ctx, p.actorNow(), d.id, change)
			return err
		},
		learn: func() {
			lowers := d.protected() && m == article4.NonConfidential || d.proprietary && !proprietary
			if lowers && !l.w.heard(p, "mark", string(d.id), markSaid(d, m, proprietary), "") {
				l.put(d, waits)
				return
			}
			if !d.protected() && m != article4.NonConfidential {
				d.endReleases()
			}
			d.marking, d.proprietary = m, proprietary
		},
	}
}

// put puts the lowering that was begun last to the entities concerned, who have as long as for any request.
func (l *life) put(d *document, waits *exchange.Pending) {
	f := l.w.firsts[len(l.w.firsts)-1]
	f.document, f.lowering = d, idOf(waits)
	if slices.ContainsFunc(d.entities, func(o org) bool { return o != d.discloser }) {
		f.put, f.expires = true, l.w.now.Add(14*days)
	}
}

// loweringPut is one of the newest that were put to entities concerned.
func (l *life) loweringPut(may func(*first, does) answer) *first {
	var all []*first
	for _, f := range l.w.firsts {
		if f.put {
			all = append(all, f)
		}
	}
	return fitting(l, "lowering", latest(all, 6), may)
}

func (l *life) decideLowering() *step {
	act := one(l, "decision", article4.ActAuthorize, article4.ActAuthorize, article4.ActAuthorize, article4.ActRefuse)
	f := l.loweringPut(func(f *first, p does) answer { return l.w.mayDecideLowering(p, f, act) })
	if f == nil {
		return nil
	}
	p := l.who(func(p does) answer { return l.w.mayDecideLowering(p, f, act) })
	in := exchange.LoweringVerdict{Act: article4.ActRefuseLowering, Statement: "Said so"}
	if act == article4.ActAuthorize {
		in.Act = article4.ActAuthorizeLowering
	}
	return &step{
		verb: "decide on a lowering",
		who:  p,
		what: fmt.Sprint(act, f.lowering, f.said),
		want: l.w.mayDecideLowering(p, f, act),
		do:   func() error { return second(l.g.DecideLowering(l.ctx, p.actorNow(), f.lowering, in)) },
		learn: func() {
			f.lowerings = append(f.lowerings, &lowering{by: p.org, given: act == article4.ActAuthorize})
		},
	}
}

func (l *life) withdrawLowering() *step {
	f := l.loweringPut(func(f *first, p does) answer { return l.w.mayWithdrawLowering(p, f) })
	if f == nil {
		return nil
	}
	p := l.who(func(p does) answer { return l.w.mayWithdrawLowering(p, f) })
	return &step{
		verb: "withdraw from a lowering",
		who:  p,
		what: f.lowering,
		want: l.w.mayWithdrawLowering(p, f),
		do: func() error {
			return second(l.g.WithdrawLowering(l.ctx, p.actorNow(), f.lowering, exchange.Withdrawal{Statement: "No"}))
		},
		learn: func() { f.saidBy(p.org).withdrawn = true },
	}
}

func (l *life) sayNotConcerned() *step {
	d := l.document(func(d *document, p does) answer { return l.w.maySayNotConcerned(p, d) })
	if d == nil {
		return nil
	}
	p := l.who(func(p does) answer { return l.w.maySayNotConcerned(p, d) })
	return &step{
		verb: "say not concerned",
		who:  p,
		what: string(d.id),
		want: l.w.maySayNotConcerned(p, d),
		do: func() error {
			return second(l.g.SayNotConcerned(l.ctx, p.actorNow(), d.id, "Not ours"))
		},
		learn: func() {
			d.entities = slices.DeleteFunc(slices.Clone(d.entities), func(o org) bool { return o == p.org })
		},
	}
}

func (d *document) endReleases() {
	for _, r := range d.releases {
		r.ended = true
	}
}

func (l *life) addEntity() *step {
	d := l.document()
	if d == nil {
		return nil
	}
	e := one(l, "entity", customs, portAuthority, piu, unoct, academy)
	p := l.who(func(p does) answer { return l.w.mayAddEntity(p, d, e) })
	return &step{
		verb: "add entity",
		who:  p,
		what: fmt.Sprint(d.id, e),
		want: l.w.mayAddEntity(p, d, e),
		do: func() error {
			return third(l.g.ChangeEntities(l.ctx, p.actorNow(), d.id,
				exchange.EntitiesChange{Add: []org{e}, Reason: "It gave figures"}))
		},
		learn: func() {
			defer l.silenceAnew(l.inForce(func(q *request) bool { return q.document == d }))
			if !d.concerns(e) {
				d.entities, d.settled = append(slices.Clone(d.entities), e), true
			}
			slices.Sort(d.entities)
		},
	}
}

func (l *life) removeEntity() *step {
	d := l.document()
	if d == nil {
		return nil
	}
	e := customs
	if len(d.entities) > 0 && !l.rarely("not concerned", 8) {
		e = one(l, "entity", d.entities...)
	}
	p := l.who(func(p does) answer { return l.w.mayRemoveEntity(p, d, e) })
	return &step{
		verb: "remove entity",
		who:  p,
		what: fmt.Sprint(d.id, e),
		want: l.w.mayRemoveEntity(p, d, e),
		do: func() error {
			return third(l.g.ChangeEntities(l.ctx, p.actorNow(), d.id,
				exchange.EntitiesChange{Remove: e, Reason: "Its figures went"}))
		},
		learn: func() {
			if l.w.heard(p, "remove", string(d.id)+string(e), string(e)+d.seen(), "") {
				d.entities = slices.DeleteFunc(slices.Clone(d.entities), func(o org) bool { return o == e })
			}
		},
	}
}

func (l *life) recall() *step {
	d := l.document(func(d *document, p does) answer { return l.w.mayRecall(p, d) })
	if d == nil {
		return nil
	}
	p := l.who(func(p does) answer { return l.w.mayRecall(p, d) })
	return &step{
		verb: "recall",
		who:  p,
		what: string(d.id),
		want: l.w.mayRecall(p, d),
		do:   func() error { return second(l.g.Recall(l.ctx, p.actorNow(), d.id, "Sent too early")) },
		learn: func() {
			for _, q := range l.w.requests {
				for _, x := range q.decisions {
					if q.document == d && x.given {
						x.withdrawn = true
					}
				}
			}
			d.endReleases()
			l.seenAtTheNextPage(d)
		},
	}
}

func (l *life) destroy() *step {
	d := l.document()
	if d == nil {
		return nil
	}
	v := one(l, "version", d.versions...)
	p := l.who(func(p does) answer { return l.w.mayDestroy(p, d, v) })
	return &step{
		verb: "destroy",
		who:  p,
		what: fmt.Sprint(d.id, v.id),
		want: l.w.mayDestroy(p, d, v),
		do:   func() error { return second(l.g.Destroy(l.ctx, p.actorNow(), d.id, v.id, "A wrong file")) },
		learn: func() {
			if l.w.heard(p, "destroy", string(v.id), "", "") {
				v.destroyed, v.closed = true, true
			}
		},
	}
}

func (l *life) erase() *step {
	d := l.document(func(d *document, p does) answer { return l.w.mayErase(p, d) })
	if d == nil {
		return nil
	}
	p := l.who(func(p does) answer { return l.w.mayErase(p, d) })
	return &step{
		verb: "erase",
		who:  p,
		what: string(d.id),
		want: l.w.mayErase(p, d),
		do: func() error {
			l.h.eventually(`SELECT count(*) FROM log_pending`, 0)
			return second(l.g.Erase(l.ctx, p.actorNow(),
				exchange.Erasure{Entry: d.entry, Field: "title", LegalBasis: "Regulation 12"}))
		},
		learn: func() {
			if l.w.heard(p, "erase", string(d.id), "", "") {
				d.titleGone = true
			}
		},
	}
}

// read discloses, the current version or one before.
func (l *life) read() *step {
	d := l.document(func(d *document, p does) answer {
		return l.w.mayRead(p.person, d, d.current(),
			l.accepting(p, d, exchange.Reading{Purpose: d.purposes[0], Form: article4.Original}))
	})
	if d == nil {
		return nil
	}
	v := d.current()
	if l.rarely("an earlier version", 6) {
		v = one(l, "version", d.versions...)
	}
	r := exchange.Reading{Purpose: l.purpose(d), Statement: "Preparing the training", Form: article4.Original,
		Version: v.id}
	if v.pages() > 0 && l.below(2, "page by page") == 0 || l.rarely("page by page though it cannot be", 20) {
		r.Form = article4.View
	}
	p := l.who(func(p does) answer { return l.w.mayRead(p.person, d, v, l.accepting(p, d, r)) })
	return l.reads(p, d, v, l.accepting(p, d, r))
}

// reads is the act of a disclosure.
func (l *life) reads(p does, d *document, v *version, r exchange.Reading) *step {
	var out exchange.Disclosure
	return &step{
		verb: "disclose",
		who:  p,
		what: fmt.Sprintf("%s %+v", d.id, r),
		want: l.w.mayRead(p.person, d, v, r),
		entries: func() int {
			if r.Form == article4.View {
				return 2 // one of its marked copy
			}
			return 1
		},
		do: func() (err error) {
			out, err = l.g.Disclose(l.ctx, p.actorNow(), d.id, r)
			return err
		},
		learn: func() {
			x := &disclosure{id: out.ID, document: d, version: v, to: p.person, reading: r, over: out.ExpiresAt}
			l.w.disclosures = append(l.w.disclosures, x)
			if r.Form == article4.View {
				must(l.h.t, l.turn(p, x, 1))
				return
			}
			l.fetched(x) // what may be disclosed is fetched at once, and once more later
		},
	}
}

// accepting accepts the conditions of the newest request that might serve; now and then nobody reads them.
func (l *life) accepting(p does, d *document, r exchange.Reading) exchange.Reading {
	for _, q := range l.w.requests {
		if q.document == d && q.to == p.org && q.purpose == r.Purpose && d.discloser != p.org {
			_, form, conditions := q.terms()
			r.ConditionsSHA256 = article4.Digest(conditions)
			if form == article4.View && d.current().pages() > 0 {
				r.Form = article4.View
			}
		}
	}
	return r
}

func (l *life) fetch() *step {
	if len(l.w.disclosures) == 0 {
		return nil
	}
	recent := l.w.disclosures[max(0, len(l.w.disclosures)-8):]
	x := one(l, "disclosure", recent...)
	p := does{person: x.to}
	if l.rarely("somebody else", 6) {
		p = does{person: one(l, "person", l.w.people...)}
	}
	want := l.w.mayRead(p.person, x.document, x.version, x.reading)
	want.also("gateway/form-not-granted", x.reading.Form == article4.View) // nothing is handed out
	want.over = len(want.codes) == 0 && !want.absent && !l.w.now.Before(x.over)
	if p.person != x.to {
		want = answer{absent: true}
	}
	return &step{verb: "fetch", who: p, what: string(x.id), want: want, do: func() error { return l.take(p, x) }}
}

// take fetches the bytes and holds them against what was deposited.
func (l *life) take(p does, x *disclosure) error {
	transfer, err := l.g.Content(l.ctx, p.actorNow(), x.id, nil)
	if err != nil {
		return err
	}
	data, err := io.ReadAll(transfer)
	if err != nil {
		return err
	}
	if string(data) != x.version.text {
		l.wrong("%s got %q of %s; it holds %q", p.name, data, x.version.id, x.version.text)
	}
	l.received(p.person, x)
	return transfer.Finish(l.ctx, int64(len(data)))
}

func (l *life) fetched(x *disclosure) {
	if err := l.take(does{person: x.to}, x); err != nil {
		l.wrong("%s was disclosed to %s and could not be fetched: %v", x.document.id, x.to.name, err)
	}
	l.expected++ // its completion entry
}

func short(o org) string { return strings.TrimPrefix(string(o), "org_") }
