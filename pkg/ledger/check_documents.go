package ledger

import (
	"slices"
	"strings"
	"time"
)

// What was the document, then? Marking, versions, entities concerned, releases and recalls are followed entry by entry
// (Articles 4(2) to 4(5), 4(9)); a disclosure says the same of its document as the log before it.
type documentsChecker struct{ *past }

// document is what the log says of one so far.
type document struct {
	discloser   string
	recipient   string
	depositor   string
	marking     string
	proprietary bool
	personal    bool
	retain      time.Time // the last day on which personal data is kept
	purposes    []string
	series      string            // empty: none
	taken       map[string]int64  // purposes that were taken off: where last
	versions    map[string]string // version: commitment
	superseded  map[string]int64  // versions that a new one closed: where
	destroyed   map[string]int64  // versions: where
	held        map[string]bool   // versions of which the Recipient was given a copy, and not only pages to look at
	recalled    int64             // index of the last recall
	recalledAt  time.Time
	released    []*Body // Article 4(2), to third parties
	entities    []string
	off         []string      // entities that were concerned, and are no longer
	sources     []derivedFrom // that it derives from
	hidden      bool          // not all of the entities concerned were shown
	withdrawn   bool          // a decision was
	beside      bool          // the Discloser authorized under conditions what it may have consented to as well
	put         bool          // something was put to the entities concerned
	lowerings   map[Hash]*lowering
}

// derivedFrom is a document that another derives from, as it was marked then.
type derivedFrom struct {
	*document
	protected bool
}

// sourceDisclosers are the other Party, where the document derives from something protected that is its.
func (p *past) sourceDisclosers(d *document) []string {
	var out []string
	for _, s := range d.sources {
		if s.protected && s.discloser != d.discloser && !slices.Contains(out, s.discloser) {
			out = append(out, s.discloser)
		}
	}
	return out
}

const unprotected = "non-confidential"

func (c *documentsChecker) see(e *seen) {
	if !e.done() || e.body.Terms == nil {
		if e.is(KindDisclosure) && e.done() {
			c.disclosed(e)
		}
		return
	}
	if e.is(KindDeposit) && c.document[e.body.Document] == nil {
		c.deposit(e)
	}
	d := c.document[e.body.Document]
	if d == nil {
		return
	}
	c.follow(e, d)
	c.amend(e, d)
	c.entities(e, d)
	c.derives(e, d)
}

func (c *documentsChecker) deposit(e *seen) {
	t := e.body.Terms
	c.document[e.body.Document] = &document{
		discloser:   t.Discloser,
		recipient:   t.Recipient,
		depositor:   e.body.Actor,
		marking:     t.Marking,
		proprietary: t.Proprietary,
		personal:    t.PersonalData,
		retain:      t.RetainUntil,
		purposes:    t.Purposes,
		series:      t.Series,
		versions:    map[string]string{t.DocumentVersion: t.VersionCommitment},
		taken:       map[string]int64{},
		superseded:  map[string]int64{},
		destroyed:   map[string]int64{},
		held:        map[string]bool{},
		lowerings:   map[Hash]*lowering{},
	}
}

// follow lets the document become what an entry made of it.
func (c *documentsChecker) follow(e *seen, d *document) {
	t := e.body.Terms
	switch e.body.Kind {
	case KindCorrection:
		d.versions[t.DocumentVersion] = t.VersionCommitment
		if t.Closes != "" {
			d.superseded[t.Closes] = e.index
		}
	case KindMarking:
		c.mark(e, d)
	case KindAuthorization:
		d.beside = d.beside || e.body.Organisation == d.discloser && t.Conditions != ""
	case KindWithdrawal:
		d.withdrawn = true
	case KindRelease:
		d.released = append(d.released, e.body)
	case KindReleaseEnded:
		c.unrelease(e, d)
	case KindRecall:
		d.released, d.recalled, d.recalledAt = nil, e.index, e.body.At
	case KindDestruction:
		d.destroyed[t.DocumentVersion] = e.index
	}
}

// unrelease ends a Release, by the Party that made it or by the Discloser.
func (c *documentsChecker) unrelease(e *seen, d *document) {
	at := slices.IndexFunc(d.released, func(r *Body) bool { return r.Terms.Subject == e.body.Terms.Subject })
	if at < 0 {
		c.wrong(CheckDocuments, e, "no release %q stands that it could end", shorten(e.body.Terms.Subject))
		return
	}
	if by := e.body.Organisation; by != d.discloser && by != d.released[at].Organisation {
		c.wrong(CheckDocuments, e, "%q neither released the document nor disclosed it", shorten(by))
	}
	d.released = slices.Delete(d.released, at, at+1)
}

// amend lets the document be used for what it says from now on (Article 4(7)). What was released for a purpose that is
// taken off is released no more, and what was decided for it before does not serve when it is stated again.
func (c *documentsChecker) amend(e *seen, d *document) {
	if !e.is(KindAmendment) {
		return
	}
	purposes := e.body.Terms.Purposes
	for _, code := range d.purposes {
		if !slices.Contains(purposes, code) {
			d.taken[code] = e.index
		}
	}
	d.purposes = purposes
	d.released = slices.DeleteFunc(d.released, func(r *Body) bool {
		return !slices.ContainsFunc(r.Terms.Purposes, func(code string) bool { return slices.Contains(purposes, code) })
	})
}

func (c *documentsChecker) mark(e *seen, d *document) {
	t := e.body.Terms
	lowers := d.marking != unprotected && t.Marking == unprotected || d.proprietary && !t.Proprietary
	if lowers && t.Step != StepSecond {
		c.wrong(CheckTwoPeople, e, "it takes protection away, which takes two people (reading 0002)")
	}
	if adds := t.Marking == d.marking && t.Proprietary && !d.proprietary; e.body.Organisation != d.discloser && !adds {
		c.wrong(CheckAuthority, e, "the other Party marks it, and does more than to state that it is proprietary "+
			"(Article 4(5))")
	}
	if d.marking, d.proprietary = t.Marking, t.Proprietary; d.marking != unprotected {
		d.released = nil
	}
}

// entities follows who is concerned, where the bundle shows it: it is the Discloser's to tell.
func (c *documentsChecker) entities(e *seen, d *document) {
	list := func(field string) []string {
		value, shown := e.shown(field)
		if !shown && e.body.Private[field] != "" {
			d.hidden = true
		}
		if !shown || value == "none" {
			return nil
		}
		return strings.Split(value, ",")
	}
	if e.is(KindDeposit) {
		d.entities = list("entities")
		return
	}
	d.entities = append(d.entities, list("added")...)
	if less := list("removed"); less != nil {
		if e.body.Terms.Step != StepSecond {
			c.wrong(CheckTwoPeople, e, "it takes an entity concerned off, which takes two people (Article 4(4))")
		}
		d.takeOff(less...)
	}
}

// takeOff takes entities off: what they gave before is theirs to take back still.
func (d *document) takeOff(entities ...string) {
	d.entities = slices.DeleteFunc(d.entities, func(o string) bool { return slices.Contains(entities, o) })
	d.off = append(d.off, entities...)
}

// derives takes over what protects the sources of a document (reading 0110), and wants it to be taken over.
func (c *documentsChecker) derives(e *seen, d *document) {
	if !e.is(KindDeposit, KindCorrection) {
		return
	}
	for _, id := range e.body.Terms.Sources {
		from := c.document[id]
		if from == nil || from == d {
			c.wrong(CheckDocuments, e, "it derives from %q, which was never deposited before", shorten(id))
			continue
		}
		if from.protects(d) {
			c.wrong(CheckDocuments, e, "it protects less than %s, from which it derives (reading 0110)", shorten(id))
		}
		d.takeOver(from)
	}
}

// protects is whether a document is protected more than one that derives from it.
func (d *document) protects(derived *document) bool {
	return d.marking != unprotected && derived.marking == unprotected || d.proprietary && !derived.proprietary ||
		d.personal && !derived.personal
}

// takeOver makes the entities concerned by a protected source, and its Discloser, entities concerned.
func (d *document) takeOver(from *document) {
	protected := from.marking != unprotected
	d.sources = append(d.sources, derivedFrom{from, protected})
	if !protected {
		return
	}
	for _, entity := range append([]string{from.discloser}, from.entities...) {
		if entity != d.discloser && !slices.Contains(d.entities, entity) {
			d.entities = append(d.entities, entity)
		}
	}
	d.hidden = d.hidden || from.hidden
}

// disclosed holds what a disclosure says of the document against what the log before it says.
func (c *documentsChecker) disclosed(e *seen) {
	d, doc := e.body.Disclosure, c.document[e.body.Document]
	if doc == nil {
		return // said: no deposit
	}
	if doc.discloser != d.From || doc.marking != d.Marking || doc.proprietary != d.Proprietary ||
		doc.personal != d.PersonalData {
		c.wrong(CheckDocuments, e, "it speaks of a %s document of %s; the log before it of a %s one of %s",
			shorten(d.Marking), shorten(d.From), doc.marking, doc.discloser)
	}
	c.version(e, doc)
	if d.To == doc.recipient && d.Form != "view" {
		doc.held[d.Version] = true
	}
	if d.From != d.To {
		c.handedOn(e, doc)
	}
}

// version wants one that was deposited as this document's, and its key not to be destroyed.
func (c *documentsChecker) version(e *seen, doc *document) {
	d := e.body.Disclosure
	if doc.versions[d.Version] != d.Commitment || d.Commitment == "" {
		c.wrong(CheckDocuments, e, "version %s was never deposited as this document's", shorten(d.Version))
	}
	if at, destroyed := doc.destroyed[d.Version]; destroyed {
		c.wrong(CheckDocuments, e, "the key of version %s was destroyed at index %d", d.Version, at)
	}
}

// handedOn is what holds for all but the Discloser's own people.
func (c *documentsChecker) handedOn(e *seen, doc *document) {
	d := e.body.Disclosure
	if at, closed := doc.superseded[d.Version]; closed {
		c.wrong(CheckDocuments, e, "version %s was closed at index %d, when a new one took its place (Article 4(9))",
			d.Version, at)
	}
	if !doc.retain.IsZero() && !e.body.At.Before(doc.retain.AddDate(0, 0, 1)) {
		c.wrong(CheckDocuments, e, "its personal data was kept until %s only (Article 4(3))",
			doc.retain.Format(time.DateOnly))
	}
	if !slices.Contains(doc.purposes, d.Purpose) {
		c.wrong(CheckDocuments, e, "it was not deposited for the purpose %q", shorten(d.Purpose))
	}
}

func (c *documentsChecker) finish() {
	c.say(CheckDocuments, "%s, each disclosure of one as it was marked then, of a version that was deposited, for a "+
		"purpose of its own",
		Several(len(c.document), "document"))
}
