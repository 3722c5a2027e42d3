package ledger

import (
	"slices"
	"time"
)

// life is what the log says so far of the Arrangement's own records: how far it is, what outlives it, who may decide, and
// what was stopped.
type life struct {
	configurations map[string]bool
	rules          map[string]int64 // digests that a configuration named: entries under them
	told           bool             // a configuration said when the Parties signed
	from           time.Time        // in effect; zero while a Party has not signed
	notice         time.Time        // the day from which notice of termination counts
	specific       map[string]Specific
	delegations    map[string]*delegated
	firsts         map[Hash]half
	stops          []stop
	records        map[string]string // of organisations, since both Parties recognised them anew
	halves         int64             // first halves that only the other Party may see
	unphased       int64             // disclosures before a configuration said when the Parties signed
	unfounded      int64             // decisions, likewise
	pairs          int64
	leaves         int64
}

// delegated is a Delegation that both Parties were shown.
type delegated struct {
	Delegation
	index int64
	ended int64 // index; -1 while it stands
}

// half is the first half of an act that takes two people.
type half struct {
	index               int64
	kind                Kind
	actor, organisation string
}

// stop is a suspension or a leak report that was not lifted.
type stop struct {
	index                                  int64
	id, by, document, person, organisation string
}

func newLife() life {
	return life{configurations: map[string]bool{}, rules: map[string]int64{}, specific: map[string]Specific{}, delegations: map[string]*delegated{},
		firsts: map[Hash]half{}, records: map[string]string{}}
}

// noticeDays are those of Article 11(4).
const noticeDays = 90

// ends is 24:00 UTC of the ninetieth day after notice (reading 0008).
func (l *life) ends() time.Time { return l.notice.AddDate(0, 0, noticeDays+1) }

func (l *life) phase(at time.Time) string {
	switch {
	case l.from.IsZero() || at.Before(l.from):
		return "not-in-effect"
	case l.notice.IsZero() || at.Before(l.notice):
		return "in-effect"
	case at.Before(l.ends()):
		return "notice-given"
	}
	return "ended"
}

// under holds an entry against the configurations before it: the rules that decided were announced to both Parties.
func (j *judge) under(b *Body) {
	l := &j.life
	if b.Kind == KindConfiguration && b.Outcome == Permitted {
		j.configuration(b)
	}
	if _, announced := l.rules[b.Rules]; !announced && len(l.rules) > 0 {
		j.fault(CheckRules, b, "no configuration before it names the rules %s", shorten(b.Rules))
		return
	}
	l.rules[b.Rules]++
	if b.Configuration != "" && !l.configurations[b.Configuration] {
		j.fault(CheckRules, b, "the configuration %s stands nowhere earlier", shorten(b.Configuration))
	}
}

func (j *judge) configuration(b *Body) {
	l, c := &j.life, b.Configured
	l.configurations[b.ID] = true
	if _, before := l.rules[b.Rules]; !before {
		l.rules[b.Rules] = 0
	}
	if c == nil || len(c.Signed) == 0 {
		return
	}
	l.told, l.from = true, time.Time{}
	for _, s := range c.Signed {
		if s.On.IsZero() {
			l.from = s.On
			break
		}
		l.from = slices.MaxFunc([]time.Time{l.from, s.On}, time.Time.Compare)
	}
	for _, s := range c.Specific {
		for _, purpose := range s.Purposes {
			l.specific[purpose] = s
		}
	}
	for _, d := range c.Delegations {
		if l.delegations[d.Digest] == nil {
			l.delegations[d.Digest] = &delegated{d, j.index, -1}
		}
	}
}

// takesTwo are the kinds of act that one person alone never does.
var takesTwo = []Kind{KindFiling, KindLifting, KindDesignation, KindDelegation, KindRecognition, KindNotice, KindDestruction, KindErasure, KindHoldEnded}

// second wants the first half of an act of two people to stand earlier, by somebody else, and to serve once. Both are of one
// organisation, but for a third party, which one Party proposes and the other confirms.
func (j *judge) second(b *Body) {
	if b.Terms.Step != StepSecond {
		if slices.Contains(takesTwo, b.Kind) {
			j.fault(CheckTwoPeople, b, "a %s takes two people, and this one is of one", b.Kind)
		}
		return
	}
	for _, name := range b.Terms.Relies {
		h, _ := ParseHash(name)
		first, stands := j.life.firsts[h]
		if !stands || first.kind != b.Kind {
			continue
		}
		delete(j.life.firsts, h)
		j.life.pairs++
		if first.actor == b.Actor || (first.organisation == b.Organisation) == (b.Kind == KindRecognition) {
			j.fault(CheckTwoPeople, b, "its first half, at index %d, is of %s of %s", first.index, first.actor, first.organisation)
		}
		return
	}
	own := slices.Contains([]Kind{KindNotice, KindDelegation, KindDesignation, KindErasure}, b.Kind)
	if own && !j.sees(b.Organisation) {
		j.life.halves++ // what one official begins, only the own Party is shown
		return
	}
	j.fault(CheckTwoPeople, b, "the first of two people stands nowhere earlier")
}

// records follows what the Parties change of the Arrangement's own records.
func (j *judge) records(b *Body) {
	l, t := &j.life, b.Terms
	switch b.Kind {
	case KindNotice:
		if !t.Given.AddDate(0, 0, 1).After(b.At) {
			j.fault(CheckAuthority, b, "notice counts from %s, which was over (reading 0008)", t.Given.Format(time.DateOnly))
		}
		if l.notice.IsZero() { // whichever Party gave it, its last day stands
			l.notice = t.Given
		}
	case KindDelegation:
		if d := l.delegations[t.Delegation]; d != nil && d.ended < 0 {
			d.ended = j.index
		} else if d == nil {
			l.delegations[t.Delegation] = &delegated{Delegation{t.Delegation, b.Organisation, t.Acts, t.From, t.Until, t.Holder}, j.index, -1}
		}
	case KindRecognition:
		l.records[t.Subject] = t.RecipientRecord
	case KindSuspension, KindLeak:
		s := stop{index: j.index, id: t.Subject, by: b.Organisation, document: b.Document, organisation: t.Recipient}
		if b.Kind == KindLeak {
			s.by = t.Discloser
		}
		if len(t.People) == 1 {
			s.person = t.People[0]
		}
		l.stops = append(l.stops, s)
	case KindLifting:
		at := slices.IndexFunc(l.stops, func(s stop) bool { return s.id == t.Subject && s.by == b.Organisation })
		if at < 0 {
			j.fault(CheckAuthority, b, "it lifts what %s did not stop", b.Organisation)
			return
		}
		l.stops = slices.Delete(l.stops, at, at+1)
	}
}

// stopped: nothing of a stopped document leaves the Discloser's own people, and nobody who was stopped gets anything (4(6)).
func (j *judge) stopped(b *Body) {
	d := b.Disclosure
	for _, s := range j.life.stops {
		switch {
		case s.document != "" && s.document == b.Document && d.From != d.To:
			j.fault(CheckAuthority, b, "the document was suspended at index %d, and that was not lifted (Article 4(6))", s.index)
		case s.person != "" && s.person == b.Actor:
			j.fault(CheckAuthority, b, "the reader was suspended at index %d, and that was not lifted (Article 4(6))", s.index)
		case s.organisation != "" && s.organisation == d.To:
			j.fault(CheckAuthority, b, "%s was suspended at index %d, and that was not lifted (Article 4(6))", d.To, s.index)
		}
	}
}

// inEffect: nothing leaves the Discloser's own people before both Parties signed (Article 11(1)), nor after the end but for a
// purpose of a specific arrangement in force (Article 11(4), reading 0009).
func (j *judge) inEffect(b *Body) {
	l, d := &j.life, b.Disclosure
	if !l.told {
		l.unphased++
		return
	}
	phase := l.phase(b.At)
	if d.Phase != phase {
		j.fault(CheckAuthority, b, "it says that the Arrangement was %s; by the log before it, it was %s", shorten(d.Phase), phase)
	}
	if d.From == d.To {
		return
	}
	s, specific := l.specific[d.Purpose]
	switch {
	case phase == "not-in-effect":
		j.fault(CheckAuthority, b, "the Arrangement was not in effect (Article 11(1))")
	case specific && (b.At.Before(s.Signed) || !s.Ends.IsZero() && !b.At.Before(s.Ends.AddDate(0, 0, 1)) || phase == "ended" && !s.Signed.Before(l.ends())):
		j.fault(CheckAuthority, b, "the specific arrangement of its purpose %s was not in force (Article 6(3))", d.Purpose)
	case phase == "ended" && !specific:
		j.fault(CheckAuthority, b, "the Arrangement had ended on %s (Article 11(4), reading 0009)", l.ends().Format(time.DateOnly))
	}
}

// mandate wants whoever gave a decision for a Party to have had a Delegation for it then, which both Parties were shown earlier;
// its later end changes nothing. Entities that are no Party decide by their focal points.
func (j *judge) mandate(b *Body, act string) {
	if !slices.Contains(j.parties, b.Organisation) {
		return
	}
	j.life.leaves++
	d := j.life.delegations[b.Terms.Delegation]
	why := ""
	switch {
	case d == nil && !j.life.told:
		j.life.unfounded++
		return
	case d == nil:
		why = "that stands earlier and was confirmed"
	case d.Organisation != b.Organisation:
		why = "of " + b.Organisation + ": the one it names is of " + d.Organisation
	case d.ended >= 0:
		why = "in force: it was ended before"
	case len(d.Acts) > 0 && !slices.Contains(d.Acts, act):
		why = "that lets its holder " + act
	case b.At.Before(d.From) || !b.At.Before(d.Until):
		why = "within its dates: it is from " + d.From.Format(time.DateOnly) + " until " + d.Until.Format(time.DateOnly)
	default:
		return
	}
	j.fault(CheckAuthority, b, "it rests on no Delegation %s", why)
}
