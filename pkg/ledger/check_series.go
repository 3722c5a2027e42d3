package ledger

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Does an authorization that stands for a series reach this far? Between the two Parties the authorization of paragraph
// 4(4) may be given for the documents of one series, one purpose and a stated time, and for named people of the
// Recipient; never for a third party (reading 0111). What is deposited into the series lies within what it states.
type seriesChecker struct {
	*past
	given int64 // authorizations that stand, or stood
}

// seriesOf is what the log says of one series.
type seriesOf struct {
	name     Hash // its entry
	terms    *Terms
	entities []string
	hidden   bool // who is concerned was not shown
}

func (c *seriesChecker) see(e *seen) {
	if !e.done() || e.body.Terms == nil {
		return
	}
	switch e.body.Kind {
	case KindSeries:
		c.opened(e)
	case KindDeposit:
		c.deposited(e)
	case KindStanding:
		c.given++
		c.stands(e)
	case KindStandingWithdrawal:
		c.takenBack(e)
	case KindRequest:
		c.delivered(e)
	}
}

func (c *seriesChecker) opened(e *seen) {
	t := e.body.Terms
	entities, shown := e.shown("entities")
	s := &seriesOf{name: e.name, terms: t, hidden: !shown}
	if shown && entities != "none" {
		s.entities = strings.Split(entities, ",")
	}
	if e.body.Organisation != t.Discloser || !c.isParty(t.Recipient) || t.Recipient == t.Discloser {
		c.wrong(CheckAuthority, e, "a series is of one Party's documents, for the other (reading 0111)")
	}
	c.series[t.Series] = s
}

// deposited wants a document of a series to lie within it.
func (c *seriesChecker) deposited(e *seen) {
	t, why := e.body.Terms, ""
	s := c.series[t.Series]
	switch {
	case t.Series == "":
		return
	case s == nil:
		why = "stands nowhere earlier"
	case s.terms.Discloser != t.Discloser || s.terms.Recipient != t.Recipient:
		why = "is of other Parties"
	case !slices.Contains(s.terms.Markings, t.Marking):
		why = "holds nothing marked " + shorten(t.Marking)
	case t.PersonalData && !s.terms.PersonalData:
		why = "holds no personal data"
	case t.Proprietary && !s.terms.Proprietary:
		why = "holds nothing proprietary"
	case slices.ContainsFunc(t.Purposes, func(code string) bool { return !slices.Contains(s.terms.Purposes, code) }):
		why = "serves fewer purposes"
	}
	if why != "" {
		c.wrong(CheckAuthority, e, "the series %s, of which it is said to be, %s (reading 0111)", shorten(t.Series),
			why)
	}
}

// stands wants an authorization of a series to be no wider than the series, and of somebody whose it is.
func (c *seriesChecker) stands(e *seen) {
	t, own, why := e.body.Terms, e.body.Organisation, ""
	s := c.series[t.Series]
	wider := func(all []string) func(string) bool {
		return func(one string) bool { return !slices.Contains(all, one) }
	}
	switch {
	case s == nil || !slices.Contains(t.Relies, s.name.String()):
		why = "the series stands nowhere earlier"
	case t.Discloser != s.terms.Discloser || t.Recipient != s.terms.Recipient:
		why = "it is for " + shorten(t.Recipient) + ", and the series for " + s.terms.Recipient
	case slices.ContainsFunc(t.Markings, wider(s.terms.Markings)):
		why = "it is wider than the markings of the series"
	case len(t.Purposes) != 1 || slices.ContainsFunc(t.Purposes, wider(s.terms.Purposes)):
		why = "it is not for one purpose of the series"
	default:
		why = s.lacks(own, t)
	}
	if why != "" {
		c.wrong(CheckAuthority, e, "an authorization that stands for a series, and %s (reading 0111)", why)
	}
}

// lacks says why an organisation's authorization of the series is none; nothing, where it is one.
func (s *seriesOf) lacks(own string, t *Terms) string {
	switch {
	case own == s.terms.Discloser && len(t.People) == 0:
		return "it names nobody of the Recipient"
	case own != s.terms.Discloser && !s.hidden && !slices.Contains(s.entities, own):
		return shorten(own) + " is no entity concerned of the series"
	}
	return ""
}

func (c *seriesChecker) takenBack(e *seen) {
	for _, name := range e.body.Terms.Withdraws {
		given := c.find(name)
		if given == nil || given.body.Kind != KindStanding || given.from != e.body.Organisation ||
			given.body.Terms.Series != e.body.Terms.Series {
			c.wrong(CheckAuthority, e, "it takes back what its organisation never gave for this series")
		}
	}
}

// delivered wants a Delivery that began with the deposit to be what the standing authorizations reach, and no more.
func (c *seriesChecker) delivered(e *seen) {
	t, doc := e.body.Terms, c.document[e.body.Document]
	if t.Series == "" || doc == nil {
		return
	}
	if !t.Delivery || doc.series != t.Series {
		c.wrong(CheckAuthority, e, "it rests on a series, and is no Delivery of a document of that series (reading "+
			"0111)")
	}
	for _, name := range t.Relies {
		s := c.find(name)
		if s == nil || s.body.Kind != KindStanding {
			continue
		}
		if why := c.exceeds(e, s); why != "" {
			c.wrong(CheckAuthority, e, "it rests on the standing authorization at index %d, %s (reading 0111)", s.index,
				why)
		}
	}
}

// exceeds says in what a Delivery goes beyond what stands for its series.
func (c *seriesChecker) exceeds(e *seen, s *standing) string {
	t, given := e.body.Terms, s.body.Terms
	w, gone := c.lately(s.name)
	switch {
	case gone:
		return fmt.Sprintf("which was withdrawn at index %d", w.index)
	case given.Series != t.Series:
		return "which is for another series"
	case given.Recipient != t.Recipient:
		return "which is for another recipient"
	case !slices.Equal(given.Purposes, t.Purposes):
		return "which is for another purpose"
	case t.Until.After(given.Until):
		return "and reaches beyond its end"
	case s.from == given.Discloser && !slices.Equal(t.People, given.People):
		return "and names other people"
	}
	return ""
}

// standingServes says why a standing authorization does not serve a disclosure; nothing, where it does.
func (c *authorityChecker) standingServes(e *seen, doc *document, s *standing, name string) string {
	d, t := e.body.Disclosure, s.body.Terms
	q, what := c.find(d.Grant), fmt.Sprintf("the standing authorization at index %d", s.index)
	w, gone := c.lately(name)
	switch {
	case gone:
		return fmt.Sprintf("%s was withdrawn at index %d, before the disclosure", what, w.index)
	case !c.isParty(d.To) || t.Recipient != d.To:
		return what + " is not for " + d.To + ": it stands between the Parties alone (reading 0111)"
	case q == nil || !slices.Contains(q.body.Terms.Relies, name):
		return what + " is none that the request rests on"
	case q.index < doc.recalled:
		return fmt.Sprintf("the document was recalled at index %d, after it was given by %s", doc.recalled, what)
	case q.index < doc.taken[d.Purpose]:
		return fmt.Sprintf("the purpose was taken off at index %d, after the document was given by %s",
			doc.taken[d.Purpose], what)
	case t.Series == "" || t.Series != doc.series:
		return what + " is for another series"
	case !slices.Contains(t.Markings, d.Marking):
		return what + " does not reach what is marked " + shorten(d.Marking)
	case s.body.Actor == doc.depositor:
		return what + " was given by the person who deposited the document, which takes two"
	}
	return c.standingTerms(e, t, what)
}

// standingTerms holds what stands for a series against one disclosure of its documents.
func (c *authorityChecker) standingTerms(e *seen, t *Terms, what string) string {
	d := e.body.Disclosure
	switch {
	case !slices.Contains(t.Purposes, d.Purpose):
		return what + " is for another purpose"
	case !e.body.At.Before(t.Until):
		return what + " ended on " + t.Until.Format(time.RFC3339)
	case t.Form == "view" && d.Form != "view", t.Form == "stamped" && d.Form == "original":
		return what + " does not give this form"
	}
	return ""
}

func (c *seriesChecker) finish() {
	if c.given > 0 {
		c.say(CheckAuthority, "%s, each for a series between the Parties and no wider than it",
			Several(c.given, "standing authorization"))
	}
}
