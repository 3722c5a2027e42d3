package ledger

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// On whose authority? A protected document leaves with the authorization of the entity or entities concerned (Article
// 4(4)); to a third party with the prior written consent of the Discloser (4(8)); a non-confidential one to a third
// party by a Release (4(2)). All of it stands earlier in the log, unexpired and not withdrawn, for this version,
// recipient and purpose (readings 0001, 0006), and the reader is of the request (4(6)).
type authorityChecker struct {
	*past
	transfers *transfersChecker
	missing   map[Hash]int64 // authority that nobody showed: the disclosure that named it
	closed    int64          // authorizations that cannot be seen
	deferred  int64          // disclosures whose entities are the other Party's to show
	unsettled int64          // conditions that cannot be seen whole
	unphased  int64          // before a configuration said when the Parties signed
	unsigned  int64          // acts that nobody's own key signed
}

func newAuthorityChecker(p *past, t *transfersChecker) *authorityChecker {
	return &authorityChecker{past: p, transfers: t, missing: map[Hash]int64{}}
}

func (c *authorityChecker) see(e *seen) {
	if at, named := c.missing[e.name]; named {
		c.wrong(CheckAuthority, e, "the disclosure at index %d rests on this entry, which came later", at)
	}
	(&requestsChecker{c.past}).see(e)
	if e.done() && bare(e) {
		c.unsigned++
	}
	if !e.done() || !e.is(KindDisclosure) {
		return
	}
	c.transfers.begin(e)
	doc := c.document[e.body.Document]
	if doc == nil {
		return // said: no deposit
	}
	c.stopped(e)
	c.inEffect(e)
	c.stated(e, doc)
	d, counts := e.body.Disclosure, &c.report.Disclosures
	switch {
	case d.From == d.To:
		counts.Own++
	case d.Marking == unprotected:
		counts.Unprotected++
		if !c.isParty(d.To) {
			c.release(e, doc)
		}
	default:
		counts.Protected++
		c.authority(e, doc)
	}
}

// stated wants a purpose of those that the document says, of whoever is not of the Discloser (Articles 4(2), 4(7)).
func (c *authorityChecker) stated(e *seen, doc *document) {
	d := e.body.Disclosure
	if d.From != d.To && !slices.Contains(doc.purposes, d.Purpose) {
		c.wrong(CheckAuthority, e, "the document may not be used for %s (Article 4(7))", shorten(d.Purpose))
	}
}

// bare reports whether an act bears nothing that only the person who did it could have made.
func bare(e *seen) bool {
	if e.is(KindAuthorization, KindStanding, KindSignature) && e.body.Terms.Evidence == "oidc" {
		return false
	}
	return e.is(KindAuthorization, KindStanding, KindSignature, KindFiling,
		KindMarking, KindRelease, KindWithdrawal, KindDelegation)
}

// authority wants the request, the decision of the Discloser, and that of each entity concerned.
func (c *authorityChecker) authority(e *seen, doc *document) {
	q := c.request(e)
	given, relied := c.authorizations(e, doc)
	consent := c.consented(e, doc, given)
	if consent != nil || e.body.Disclosure.Consent != "" {
		relied = append(relied, consent)
	}
	relied = append(relied, c.sourcesConsented(e, doc)...)
	c.sameDelegation(e, relied)
	c.conditions(e, doc, relied)
	c.concerned(e, doc, q, given)
}

// authorizations are those that the disclosure names, and whose they are; nil for one that cannot be relied on.
func (c *authorityChecker) authorizations(e *seen, doc *document) (given map[string]bool, relied []*standing) {
	given = map[string]bool{}
	for _, name := range e.body.Disclosure.Authorizations {
		s := c.decision(e, doc, name, false)
		if relied = append(relied, s); s != nil {
			given[s.from] = true
		}
	}
	return given, relied
}

// consented wants the Discloser's consent to a third party, and else its authorization.
func (c *authorityChecker) consented(e *seen, doc *document, given map[string]bool) *standing {
	d := e.body.Disclosure
	third := !c.isParty(d.To)
	if third {
		c.report.Disclosures.ThirdParty++
	}
	switch {
	case third && d.Consent == "":
		c.wrong(CheckAuthority, e, "no written consent of %s is named (Article 4(8))", d.From)
	case d.Consent == "" && !given[d.From]:
		c.wrong(CheckAuthority, e, "no authorization of the Discloser %s stands (Article 4(4))", d.From)
	}
	if d.Consent == "" {
		return nil
	}
	s := c.decision(e, doc, d.Consent, true)
	if s != nil && s.from != d.From {
		c.wrong(CheckAuthority, e, "the consent at index %d is not of the Discloser %s", s.index, d.From)
	} else if s != nil {
		c.agreement(e, s.body.Terms)
	}
	if third {
		c.transfer(e, doc, s)
		c.declined(e, s)
	}
	return s
}

// transfer wants a consent to a third party to name the basis on which personal data is transferred (Article 4(3)).
func (c *authorityChecker) transfer(e *seen, doc *document, consent *standing) {
	if consent != nil && doc.personal && consent.body.Private["transfer-basis"] == "" {
		c.wrong(CheckAuthority, e, "the consent at index %d names no basis for the transfer of personal data "+
			"(Article 4(3))", consent.index)
	}
}

// sourcesConsented wants, before a third party, the consent of the other Party where the document derives from what
// that Party provided (reading 0110).
func (c *authorityChecker) sourcesConsented(e *seen, doc *document) (relied []*standing) {
	d, given := e.body.Disclosure, map[string]bool{}
	for _, name := range d.SourceConsents {
		s := c.decision(e, doc, name, true)
		if relied = append(relied, s); s != nil {
			given[s.from] = true
		}
	}
	if c.isParty(d.To) {
		return relied
	}
	for _, discloser := range c.sourceDisclosers(doc) {
		if !given[discloser] {
			c.wrong(CheckAuthority, e, "no written consent of %s stands, from whose document this one derives "+
				"(Article 4(8))", discloser)
		}
	}
	return relied
}

// sameDelegation: what the disclosure names is that of the decision it rests on; what else the Discloser gave is beside
// it.
func (c *authorityChecker) sameDelegation(e *seen, relied []*standing) {
	d := e.body.Disclosure
	for _, s := range relied {
		own := s != nil && s.from == d.From && (d.Consent == "" || s.body.Kind == KindConsent)
		if own && d.Delegation != "" && s.body.Terms.Delegation != d.Delegation {
			c.wrong(CheckAuthority, e, "it names another Delegation than the %s at index %d", s.body.Kind, s.index)
		}
	}
}

// concerned wants the authorization of every entity concerned, where the bundle shows who is.
func (c *authorityChecker) concerned(e *seen, doc *document, q *standing, given map[string]bool) {
	d := e.body.Disclosure
	if doc.hidden || !c.sees(d.From) {
		c.deferred++
		return
	}
	for _, entity := range doc.entities {
		if entity == d.From {
			continue
		}
		if !given[entity] {
			c.wrong(CheckAuthority, e, "no authorization of the entity concerned %s stands (Article 4(4))", entity)
		}
		if q != nil && slices.Contains(q.refused, entity) {
			c.wrong(CheckAuthority, e, "the entity concerned %s had refused (Article 4(4))", entity)
		}
	}
}

// conditions wants the reader to have accepted what the decisions ask for, all of it under one hash. A decision that
// was taken back, of somebody who is concerned no longer, may have set some of it and is not named any more; nor is
// what the Discloser authorized beside its consent.
func (c *authorityChecker) conditions(e *seen, doc *document, relied []*standing) {
	if slices.Contains(relied, nil) {
		c.unsettled++
		return
	}
	slices.SortFunc(relied, func(a, b *standing) int { return cmp.Compare(a.index, b.index) })
	want := ""
	for _, s := range relied {
		switch next := s.body.Terms.Conditions; {
		case want == "":
			want = next
		case next != "":
			want = digestOf(want + "\n" + next)
		}
	}
	switch accepted := e.body.Disclosure.Conditions; {
	case accepted == want:
	case accepted != "" && (doc.withdrawn || doc.beside && e.body.Disclosure.Consent != "" ||
		!c.sees(e.body.Disclosure.From)):
		c.unsettled++
	case want == "": // what a reader accepted unasked takes nothing from anybody
	default:
		c.wrong(CheckAuthority, e, "the reader did not accept the conditions that the decisions set")
	}
}

// request checks the one that the disclosure rests on, and that the reader is of it.
func (c *authorityChecker) request(e *seen) *standing {
	b := e.body
	q := c.find(b.Disclosure.Grant)
	if q == nil || q.body.Kind != KindRequest {
		c.wrong(CheckAuthority, e, "the request it rests on stands nowhere earlier")
		return nil
	}
	if w, gone := c.lately(b.Disclosure.Grant); gone {
		c.wrong(CheckAuthority, e, "the request at index %d was withdrawn at index %d", q.index, w.index)
	}
	if q.ended != "" {
		c.wrong(CheckAuthority, e, "the request at index %d was %s", q.index, q.ended)
	}
	c.terms(e, q)
	if q.body.Actor != b.Actor && !slices.Contains(q.body.Terms.People, b.Actor) &&
		!slices.Contains(q.admitted, b.Actor) {
		c.wrong(CheckAuthority, e, "the reader is neither asker, named nor admitted (Article 4(6))")
	}
	return q
}

// decision checks one authorization or consent; nil when it cannot be relied on, or cannot be seen.
func (c *authorityChecker) decision(e *seen, doc *document, name string, consent bool) *standing {
	h, err := ParseHash(name)
	if err != nil {
		c.wrong(CheckAuthority, e, "authority is named by %q, which is no hash", shorten(name))
		return nil
	}
	s, what := c.known[h], "authorization"
	if consent {
		what = "consent"
	}
	if s == nil {
		c.missing[h] = e.index
		if !consent && !c.seesEntities(doc) {
			c.closed++ // whose authorization it is, only the Discloser may see, or that of a source
			return nil
		}
		c.wrong(CheckAuthority, e, "the %s that it names stands nowhere earlier", what)
		return nil
	}
	if !consent && s.body.Kind == KindStanding {
		if why := c.standingServes(e, doc, s, name); why != "" {
			c.wrong(CheckAuthority, e, "%s", why)
			return nil
		}
		return s
	}
	if why := c.stands(e, doc, s, name, what); why != "" {
		c.wrong(CheckAuthority, e, "%s", why)
		return nil
	}
	if !c.terms(e, s) {
		return nil
	}
	return s
}

// seesEntities is whether the bundle shows what every entity concerned did: it is for the Discloser to see, and of a
// source for the Discloser of that.
func (c *authorityChecker) seesEntities(doc *document) bool {
	return c.sees(doc.discloser) &&
		!slices.ContainsFunc(c.sourceDisclosers(doc), func(party string) bool { return !c.sees(party) })
}

// stands says why a decision that was given does not stand any more, or never was one.
func (c *authorityChecker) stands(e *seen, doc *document, s *standing, name, what string) string {
	d := e.body.Disclosure
	kinds := []Kind{KindConsent}
	if what == "authorization" {
		kinds = append(kinds, KindAuthorization, KindFiling)
	}
	w, gone := c.lately(name)
	record := c.recognised[d.To]
	switch {
	case !slices.Contains(kinds, s.body.Kind):
		return fmt.Sprintf("what it names as %s, at index %d, is of kind %s", what, s.index, s.body.Kind)
	case gone:
		return fmt.Sprintf("the %s at index %d was withdrawn at index %d, before the disclosure", what, s.index,
			w.index)
	case s.index < doc.recalled:
		return fmt.Sprintf("the document was recalled at index %d, after the %s at index %d", doc.recalled, what,
			s.index)
	case s.index < doc.taken[d.Purpose]:
		return fmt.Sprintf("the purpose was taken off at index %d, after the %s at index %d", doc.taken[d.Purpose],
			what, s.index)
	case record != "" && record != s.body.Terms.RecipientRecord:
		return fmt.Sprintf("the %s at index %d is for what %s was before both Parties recognised it anew (Article "+
			"4(8))", what, s.index, d.To)
	case !slices.Contains(s.body.Terms.Relies, d.Grant):
		return fmt.Sprintf("the %s at index %d was given on another request", what, s.index)
	}
	return ""
}

// terms holds a request or a decision against the disclosure.
func (c *authorityChecker) terms(e *seen, s *standing) bool {
	b, d, t := e.body, e.body.Disclosure, s.body.Terms
	why := ""
	switch {
	case s.body.Document != b.Document:
		why = "is about another document"
	case t.DocumentVersion != d.Version:
		why = "is for another version"
	case t.Recipient != d.To:
		why = "is for another recipient, " + t.Recipient
	case !slices.Contains(t.Purposes, d.Purpose):
		why = "is for another purpose"
	case !b.At.Before(t.Until):
		why = "ended on " + t.Until.Format(time.RFC3339)
	case t.Form == "view" && d.Form != "view":
		why = "is for reading page by page"
	case t.Form == "stamped" && d.Form == "original":
		why = "asks for the marked form"
	default:
		return true
	}
	c.wrong(CheckAuthority, e, "the %s at index %d %s", s.body.Kind, s.index, why)
	return false
}

func (c *authorityChecker) finish() {
	counts := c.report.Disclosures
	c.say(CheckAuthority, "%s, %d to third parties, each with its decisions standing before it; %d to the "+
		"Discloser's own people; %d non-confidential",
		Several(counts.Protected, "protected disclosure"), counts.ThirdParty, counts.Own, counts.Unprotected)
	c.gap("closed: authorizations that only the other Party may see", c.closed)
	c.gap("that every entity concerned authorized: the list is the Discloser's to show", c.deferred)
	c.gap("that all conditions were accepted: some are set by decisions that only the other Party may see", c.unsettled)
	c.gap("disclosures before a configuration entry said when the Parties signed: whether the Arrangement was in "+
		"effect", c.unphased)
	c.limit("%s (authorizations, signatures of agreements, markings, releases, withdrawals, Delegations) bear no "+
		"signature of the person who did them: whoever holds the log's key and its database could have invented them",
		Several(c.unsigned, "act"))
}
