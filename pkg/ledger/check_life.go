package ledger

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// How far is the Arrangement, and who speaks for whom? Nothing leaves the Discloser's own people before both Parties
// signed (Article 11(1)), nor after the end, but for a specific arrangement (Articles 6(3), 11(4), readings 0008,
// 0009). The first configuration says who the Parties are, and whose identity provider asserts whose people
// (docs/decisions/0091).
type lifeChecker struct {
	*past
	unbound int64 // entries of organisations whose identity provider no configuration named
	later   int64 // configurations that widen what the first said
}

// arrangement is what the log says so far of the Arrangement's own records.
type arrangement struct {
	configurations map[string]bool
	rules          map[string]int64 // digests that a configuration named: entries under them
	told           bool             // a configuration said when the Parties signed
	from           time.Time        // in effect; zero while a Party has not signed
	notice         time.Time        // the day from which notice of termination counts
	weakened       bool             // consents without evidence are admitted
	specific       map[string]Specific
	delegations    map[string]*delegated
	bindings       map[string]Binding // by organisation
	recognised     map[string]string  // records of third parties, since both Parties recognised them anew
	stops          []stop
}

// delegated is a Delegation that both Parties were shown, or a Mandate that both confirmed.
type delegated struct {
	Delegation
	index int64
	ended int64 // index; -1 while it stands
}

// stop is a suspension or a leak report that was not lifted.
type stop struct {
	index                                  int64
	id, by, document, person, organisation string
}

func newArrangement() arrangement {
	return arrangement{
		configurations: map[string]bool{},
		rules:          map[string]int64{},
		specific:       map[string]Specific{},
		delegations:    map[string]*delegated{},
		bindings:       map[string]Binding{},
		recognised:     map[string]string{},
	}
}

// noticeDays are those of Article 11(4).
const noticeDays = 90

// ends is 24:00 UTC of the ninetieth day after notice (reading 0008).
func (a *arrangement) ends() time.Time { return a.notice.AddDate(0, 0, noticeDays+1) }

func (a *arrangement) phase(at time.Time) string {
	switch {
	case a.from.IsZero() || at.Before(a.from):
		return "not-in-effect"
	case a.notice.IsZero() || at.Before(a.notice):
		return "in-effect"
	case at.Before(a.ends()):
		return "notice-given"
	}
	return "ended"
}

func (c *lifeChecker) see(e *seen) {
	if e.is(KindConfiguration) {
		c.configuration(e)
	}
	c.under(e)
	c.provider(e)
	if !e.done() {
		return
	}
	switch e.body.Kind {
	case KindNotice:
		c.notify(e)
	case KindDelegation:
		c.delegate(e)
	case KindMandate:
		c.mandate(e)
	case KindMandateEnded:
		c.endMandate(e)
	case KindRecognition:
		c.recognise(e)
	case KindSuspension, KindLeak:
		c.stop(e)
	case KindLifting:
		c.lift(e)
	}
}

// under holds an entry against the configurations before it: the rules that decided were announced to both Parties.
func (c *lifeChecker) under(e *seen) {
	b := e.body
	if _, announced := c.rules[b.Rules]; !announced && len(c.rules) > 0 {
		c.wrong(CheckRules, e, "no configuration before it names the rules %q", shorten(b.Rules))
		return
	}
	c.rules[b.Rules]++
	if b.Configuration != "" && !c.configurations[b.Configuration] {
		c.wrong(CheckRules, e, "the configuration %q stands nowhere earlier", shorten(b.Configuration))
	}
}

// provider: one identity provider asserts the people of an organisation, and of no other.
func (c *lifeChecker) provider(e *seen) {
	b := e.body
	if b.Organisation == "" || b.Issuer == "" {
		return
	}
	switch bound, known := c.bindings[b.Organisation]; {
	case !known:
		c.unbound++
	case bound.Issuer != b.Issuer:
		c.wrong(CheckParties, e, "somebody of %s by the identity provider %q; that of %s is %q", b.Organisation,
			shorten(b.Issuer), b.Organisation, bound.Issuer)
	}
}

func (c *lifeChecker) configuration(e *seen) {
	said := e.body.Configured
	c.configurations[e.body.ID] = true
	if _, before := c.rules[e.body.Rules]; !before {
		c.rules[e.body.Rules] = 0
	}
	if len(said.Signed) == 0 {
		return
	}
	c.signed(e, said)
	widened := c.bind(e, said)
	for _, s := range said.Specific {
		for _, purpose := range s.Purposes {
			c.specific[purpose] = s
		}
	}
	for _, d := range said.Delegations {
		if c.delegations[d.Digest] == nil {
			c.delegations[d.Digest], widened = &delegated{d, e.index, -1}, true
		}
	}
	weakened := slices.ContainsFunc(said.Weakening,
		func(w string) bool { return strings.Contains(w, WeakeningNoEvidence) })
	widened = widened || weakened && !c.weakened
	if c.weakened = weakened; widened && c.told {
		c.later++
	}
	c.told = true
}

// WeakeningNoEvidence stands in a configuration that admits consents without evidence.
const WeakeningNoEvidence = "consent_evidence_none"

// signed takes the Parties from the first configuration, and finds any that says otherwise, a bundle's head too.
func (c *lifeChecker) signed(e *seen, said *Configured) {
	var parties []string
	c.from = time.Time{}
	unsigned := false
	for _, s := range said.Signed {
		parties = append(parties, s.Party)
		unsigned = unsigned || s.On.IsZero()
		c.from = slices.MaxFunc([]time.Time{c.from, s.On}, time.Time.Compare)
	}
	if unsigned {
		c.from = time.Time{}
	}
	slices.Sort(parties)
	switch {
	case !slices.Equal(parties, slices.Sorted(slices.Values(c.parties))) && c.told:
		c.wrong(CheckParties, e, "it names other Parties, %s, than the configurations before: %s",
			strings.Join(parties, " and "), strings.Join(c.parties, " and "))
		return
	case !slices.Equal(parties, slices.Sorted(slices.Values(c.parties))):
		c.wrong(CheckParties, e, "the Parties are %s by the log, %s by the head of the bundle",
			strings.Join(parties, " and "), strings.Join(c.parties, " and "))
	}
	c.parties = parties
}

// bind takes whose identity provider speaks for whom; what both Parties recognised since stands over the file.
func (c *lifeChecker) bind(e *seen, said *Configured) (changed bool) {
	of := map[string]string{}
	for _, o := range said.Organisations {
		if other := of[o.Issuer]; other != "" {
			c.wrong(CheckParties, e, "one identity provider, %q, for %s and for %s", shorten(o.Issuer), other,
				o.Organisation)
		}
		of[o.Issuer] = o.Organisation
		if c.recognised[o.Organisation] != "" {
			continue
		}
		before, known := c.bindings[o.Organisation]
		changed = changed || !known || before.Issuer != o.Issuer
		c.bindings[o.Organisation] = o
	}
	return changed
}

func (c *lifeChecker) notify(e *seen) {
	given := e.body.Terms.Given
	if !given.AddDate(0, 0, 1).After(e.body.At) {
		c.wrong(CheckLife, e, "notice counts from %s, which was over (reading 0008)", given.Format(time.DateOnly))
	}
	if c.notice.IsZero() { // whichever Party gave it, its last day stands
		c.notice = given
	}
}

func (c *lifeChecker) delegate(e *seen) {
	b, t := e.body, e.body.Terms
	if d := c.delegations[t.Delegation]; d == nil {
		c.delegations[t.Delegation] = &delegated{Delegation{t.Delegation, b.Organisation, t.Acts, t.From, t.Until,
			t.Holder}, e.index, -1}
	} else if d.ended < 0 {
		d.ended = e.index
	}
}

// mandate takes who may decide and sign for a third party.
func (c *lifeChecker) mandate(e *seen) {
	t := e.body.Terms
	c.delegations[t.Delegation] = &delegated{Delegation{t.Delegation, t.Recipient,
		[]string{"authorize", "refuse", "sign"}, t.From, t.Until, t.Holder}, e.index, -1}
}

func (c *lifeChecker) endMandate(e *seen) {
	t := e.body.Terms
	d := c.delegations[t.Delegation]
	if d == nil || d.Organisation != t.Recipient {
		c.wrong(CheckLife, e, "it ends a Mandate of %s that stands nowhere earlier", t.Recipient)
		return
	}
	if d.ended < 0 {
		d.ended = e.index
	}
}

// recognise takes the new record of a third party, and its identity provider where the bundle shows it.
func (c *lifeChecker) recognise(e *seen) {
	t := e.body.Terms
	c.recognised[t.Subject] = t.RecipientRecord
	delete(c.bindings, t.Subject)
	if issuer, shown := e.shown("issuer"); shown {
		c.bindings[t.Subject] = Binding{Organisation: t.Subject, Issuer: issuer}
	}
}

func (c *lifeChecker) stop(e *seen) {
	b, t := e.body, e.body.Terms
	s := stop{index: e.index, id: t.Subject, by: b.Organisation, document: b.Document, organisation: t.Recipient}
	if e.is(KindLeak) {
		s.by = t.Discloser
	}
	if len(t.People) == 1 {
		s.person = t.People[0]
	}
	c.stops = append(c.stops, s)
}

func (c *lifeChecker) lift(e *seen) {
	b := e.body
	at := slices.IndexFunc(c.stops, func(s stop) bool { return s.id == b.Terms.Subject && s.by == b.Organisation })
	if at < 0 {
		c.wrong(CheckLife, e, "it lifts what %s did not stop", b.Organisation)
		return
	}
	c.stops = slices.Delete(c.stops, at, at+1)
}

func (c *lifeChecker) finish() {
	var who []string
	for _, organisation := range slices.Sorted(maps.Keys(c.bindings)) {
		if c.isParty(organisation) {
			who = append(who, fmt.Sprintf("%s (%s)", organisation, c.bindings[organisation].Issuer))
		}
	}
	switch {
	case len(who) > 0:
		c.say(CheckParties, "by the log %s, each with its identity provider: compare", strings.Join(who, " and "))
	case c.told:
		c.say(CheckParties, "by the log %s", strings.Join(c.parties, " and "))
	default:
		c.gap("entries in which a configuration says who the Parties are: there is none, and the bundle's own word "+
			"is taken", 1)
	}
	c.say(CheckLife, "%s, as the configurations say", c.phases())
	c.gap("entries of organisations whose identity provider no configuration names", c.unbound)
	c.gap("later configurations that name another identity provider, a new Delegation or a weakening: that both "+
		"Parties agreed", c.later)
}

func (c *lifeChecker) phases() string {
	switch {
	case c.from.IsZero():
		return "the Arrangement was never in effect"
	case c.notice.IsZero():
		return "the Arrangement is in effect from " + c.from.Format(time.DateOnly)
	}
	return "the Arrangement was in effect from " + c.from.Format(time.DateOnly) + "; notice counts from " +
		c.notice.Format(time.DateOnly)
}
