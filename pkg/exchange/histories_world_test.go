package exchange_test

import (
	"slices"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/instrument"
)

// What the model of the random histories knows: what was done so far, in plain words. It shares no code with the rules,
// nor with the oracle of pkg/article4; histories_model_*_test.go says what follows from it.

type (
	org  = article4.OrganisationID
	code = article4.PurposeCode
)

const (
	operator      org = "org_operator"
	portAuthority org = "org_port-exampleland"    // an entity of which nobody ever signs in
	academy       org = "org_academy-exampleland" // unknown until both Parties recognised it
)

// world is one life of the Arrangement.
type world struct {
	now         time.Time
	noticeOn    time.Time // the day from which notice counts; zero while none is given
	projectEnds time.Time // the last day of the specific arrangement; zero: it has no term
	named       map[org]bool
	// the names in the records of third parties: who changes it is somebody else to a consent
	names       map[org]string
	people      []*person
	documents   []*document
	requests    []*request
	agreements  []*agreement
	stops       []*stop
	holds       []*hold
	delegations []*delegation
	disclosures []*disclosure
	series      []*series
	standing    []*standing
	staged      []*stagedFile
	offices     map[org]*office
	notices     map[string]*noticed
	firsts      []*first
}

type person struct {
	name     string
	subject  string
	org      org
	roles    []article4.Role
	limits   *article4.ServiceLimits
	identity article4.PersonID
	actor    exchange.Actor
	stale    exchange.Actor // the same, signed in too long ago for a deciding act
	sessions int            // with the pages, that go on
}

type document struct {
	id                    article4.DocumentID
	entry                 string
	discloser, recipient  org
	depositor             *person
	marking               article4.Marking
	proprietary, personal bool
	retainUntil           time.Time // the last day of retention
	purposes              []code
	entities              []org
	settled               bool // which entities are concerned was said by name, or "none" repeated by a decision
	titleGone             bool
	versions              []*version // the last one is current
	releases              []*release
	series                *series // nil: of none
}

type version struct {
	id                article4.VersionID
	text              string
	closed, destroyed bool
}

type release struct {
	id                 string
	document           *document
	to, by             org
	purpose            code
	basis, byDiscloser bool
	ended              bool
}

type request struct {
	id               article4.RequestID
	document         *document
	version          *version
	asker            *person
	to               org
	people, admitted []*person
	purpose          code
	until, lapses    time.Time
	made             time.Time // or the last answer
	asked            bool      // a question waits for its answer
	form             article4.Form
	withdrawn        bool
	delivery         bool // given unasked
	lapsed           bool // the gateway wrote it down
	written          bool // the gateway wrote a lapse or an expiry down
	decisions        []*decision
}

type decision struct {
	consent      bool // else an authorization
	by           org
	given        bool // else a refusal
	filed        bool // by the Discloser, for an entity without an account
	withdrawn    bool
	until        time.Time
	form         article4.Form
	conditions   string
	recordOf     string     // the name in the record of the organisation that it was given for
	earlierTexts bool       // a signature under an earlier agreement serves
	named        *agreement // of a consent; nil: none was put that binds
	at           time.Time
	standing     *standing // that it is; nil: it was given for this request
}

type agreement struct {
	id     article4.AgreementID
	sha    article4.Digest
	to     org
	by     org // the Party that put it
	text   string
	signed bool
	at     time.Time

	declined bool
}

type stop struct {
	id       string
	document *document
	person   *person
	org      org
	by       org
	lifted   bool
}

type hold struct {
	id       string
	document *document
	by       org
	ended    bool
}

type delegation struct {
	id          article4.DelegationID
	subject     string
	org         org
	acts        []article4.Act
	from, until time.Time
	ended       bool
}

type disclosure struct {
	id       article4.DisclosureID
	document *document
	version  *version
	to       *person
	reading  exchange.Reading
	over     time.Time
	shown    []int // the pages that were shown
	closed   bool  // the gateway wrote its completion down
}

// noticed is a notice that somebody got.
type noticed struct {
	to       org
	person   article4.PersonID // empty: to whoever answers for the organisation
	answered bool
	copies   bool // it names copies: an answer about them may be corrected
}

// first is what one of two people said, waiting for the second.
type first struct {
	act, target, said string
	by                *person
	expires           time.Time
	id                string
	over              bool

	document  *document // of a lowering
	lowering  string    // its identifier
	put       bool      // to entities concerned
	lowerings []*lowering
}

// lowering is what an entity concerned said of one that waits.
type lowering struct {
	by               org
	given, withdrawn bool
}

func (w *world) person(name string) *person {
	return w.people[slices.IndexFunc(w.people, func(p *person) bool { return p.name == name })]
}

func (p *person) has(roles ...article4.Role) bool {
	return slices.ContainsFunc(roles, func(r article4.Role) bool { return slices.Contains(p.roles, r) })
}

func (p *person) official() bool { return p.org == wco || p.org == unoct }

// delegated: a Delegation of the own Party for this act, in force.
func (w *world) delegated(p *person, act article4.Act) bool {
	return slices.ContainsFunc(w.delegations, func(d *delegation) bool {
		return d.org == p.org && d.subject == p.subject && !d.ended && slices.Contains(d.acts, act) &&
			!w.now.Before(d.from) && w.now.Before(d.until)
	})
}

// signs: a signatory is the role and the Delegation.
func (w *world) signs(p *person, act article4.Act) bool {
	return p.has(article4.RoleSignatory) && w.delegated(p, act)
}

// The Arrangement ends at 24:00 UTC of the 90th day after notice (Article 11(4), reading 0008).
func (w *world) ends() time.Time { return w.noticeOn.AddDate(0, 0, 91) }

func (w *world) noticeGiven() bool { return !w.noticeOn.IsZero() }

func (w *world) ended() bool { return w.noticeGiven() && !w.now.Before(w.ends()) }

// ofProject: purposes of the specific arrangement (Article 6(3)).
func ofProject(c code) bool { return c == "sa1.a" }

func (w *world) projectRuns() bool {
	return w.projectEnds.IsZero() || w.now.Before(w.projectEnds.AddDate(0, 0, 1))
}

// open: a purpose serves until the Arrangement ends, one of a specific arrangement until that does (Article 11(4)).
func (w *world) open(c code) bool {
	if ofProject(c) {
		return w.projectRuns()
	}
	return slices.Contains([]code{"art2.e", "art2.f"}, c) && !w.ended()
}

func (w *world) anyOpen() bool { return w.open("art2.e") || w.open("sa1.a") }

// inForce: third parties that both Parties know.
func (w *world) inForce(o org) bool { return w.names[o] != "" }

func other(party org) org {
	if party == wco {
		return unoct
	}
	return wco
}

func (d *document) protected() bool { return d.marking != article4.NonConfidential }

func (d *document) current() *version { return d.versions[len(d.versions)-1] }

func (d *document) concerns(o org) bool { return slices.Contains(d.entities, o) }

// keptTooLong: personal data may be kept through the day of retention (Article 4(3)).
func (w *world) keptTooLong(d *document) bool {
	return d.personal && !w.now.Before(d.retainUntil.AddDate(0, 0, 1))
}

func (w *world) stopped(d *document) bool {
	return slices.ContainsFunc(w.stops, func(s *stop) bool { return !s.lifted && s.document == d })
}

func (w *world) suspended(p *person) bool {
	return slices.ContainsFunc(w.stops,
		func(s *stop) bool { return !s.lifted && (s.person == p || s.org != "" && s.org == p.org) })
}

func (w *world) held(d *document) bool {
	return slices.ContainsFunc(w.holds, func(h *hold) bool { return !h.ended && h.document == d })
}

// waiting is what one person said of an act that takes two, if it waits still.
func (w *world) waiting(act, target string) *first {
	at := slices.IndexFunc(w.firsts, func(f *first) bool {
		return f.act == act && f.target == target && !f.over && w.now.Before(f.expires)
	})
	if at < 0 {
		return nil
	}
	return w.firsts[at]
}

// instrument is the Arrangement file of this life.
func (l *life) instrument() {
	in := &l.h.instrument
	in.ThirdParties = append(in.ThirdParties, instrument.ThirdParty{
		Short:       short(portAuthority),
		Name:        "Port of Exampleland",
		Type:        "contractor",
		Issuer:      "https://id.port.example.int",
		ProposedBy:  "wco",
		ConfirmedBy: "unoct",
	})
	if !l.w.named[unoct] {
		in.Parties[slices.IndexFunc(in.Parties,
			func(p instrument.Party) bool { return p.Short == "unoct" })].FocalPoint = nil
	}
	l.w.names = map[org]string{}
	for _, o := range in.ThirdParties {
		l.w.names[org("org_"+o.Short)] = o.Name
		for _, m := range o.Mandates {
			l.w.delegations = append(l.w.delegations, &delegation{subject: m.Subject, org: org("org_" + o.Short),
				acts: mandated(), from: m.From, until: m.Until})
		}
	}
	for _, p := range in.Parties {
		for _, d := range p.Delegations {
			l.w.delegations = append(l.w.delegations,
				&delegation{subject: d.Subject, org: org("org_" + p.Short), acts: delegated(d.Acts), from: d.From,
					until: d.Until})
		}
	}
}

// mandated is what a Mandate lets its holder do.
func mandated() []article4.Act {
	return []article4.Act{article4.ActAuthorize, article4.ActRefuse, article4.ActSign}
}

// delegated are acts that the file names, as the rules name them.
func delegated(acts []string) []article4.Act {
	out := make([]article4.Act, len(acts))
	for i, act := range acts {
		out[i] = article4.Act(act)
	}
	return out
}
