package exchange_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// prose is long enough to be known again.
const prose = "Three ports on the eastern coast saw two carriers whose passenger lists were sent late in nine of ten " +
	"weeks. The analysts compared the lists with the crew changes that the harbour masters had reported and found " +
	"one pattern: the same agency booked the same cabins under names that differed by a letter. They recommend " +
	"asking both carriers for their lists a day before departure, and training the harbour masters in May."

// ofUNOCT is a confidential document of UNOCT for the WCO.
func ofUNOCT() exchange.Metadata {
	m := metadata()
	m.Recipient = wco
	return m
}

// wasReceived lets staff of UNOCT read a document of the WCO with an entity concerned.
func wasReceived(t *testing.T, h *fixture, g *exchange.Gateway, text string, entities ...article4.OrganisationID) (
	exchange.Document, exchange.Disclosure) {
	t.Helper()
	m := metadata()
	m.Entities = entities
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content(text))
	must(t, err)
	reader := h.staff(g, "staff.unoct")
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	for _, o := range append([]article4.OrganisationID{wco}, entities...) {
		q, err = g.Decide(t.Context(), h.signatory(g, "focal."+shortOf(o)), q.ID, verdict(article4.ActAuthorize, q))
		must(t, err)
	}
	d, err := g.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)
	return doc, d
}

func shortOf(o article4.OrganisationID) string {
	return strings.TrimSuffix(strings.TrimPrefix(string(o), "org_"), "-exampleland")
}

// Reading 0110: a derived document takes over what protects its sources, and whose the sources are is still theirs to
// tell: nobody learns the entities of a source by depositing something that is said to derive from it.
func TestReading0110ADerivedDocumentTakesOverWhatProtectsItsSource(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	source, _ := wasReceived(t, h, g, prose, customs)
	staff, focal := h.staff(g, "staff.unoct"), h.signatory(g, "focal.unoct")

	m := ofUNOCT()
	m.SourcesDeclared = false
	refusedFor(t, second(g.Deposit(t.Context(), staff, m, content("A summary"))), "art4.8/sources-undeclared")
	m = ofUNOCT()
	m.DerivedFrom = []article4.DocumentID{source.ID}
	m.Marking = article4.NonConfidential
	refusedFor(t, second(g.Deposit(t.Context(), staff, m, content("A summary"))), "art4.8/source-stricter")
	m.Marking, m.DerivedFrom = article4.Confidential, []article4.DocumentID{"doc_nowhere"}
	refusedFor(t, second(g.Deposit(t.Context(), staff, m, content("A summary"))), "art4.8/sources-undeclared")

	m.DerivedFrom = []article4.DocumentID{source.ID}
	derived, err := g.Deposit(t.Context(), staff, m, content("A summary"))
	must(t, err)
	if !slices.Equal(derived.Entities, []article4.OrganisationID{wco}) ||
		!slices.Equal(derived.DerivedFrom, m.DerivedFrom) {
		t.Errorf("the deriver is told of %v, of %v; want the source's Discloser, of the source", derived.Entities,
			derived.DerivedFrom)
	}
	for _, entity := range []article4.OrganisationID{customs, wco, piu} {
		_, _, err := g.ChangeEntities(t.Context(), focal, derived.ID,
			exchange.EntitiesChange{Remove: entity, Reason: "Not needed"})
		refusedFor(t, err, "art4.4/not-concerned")
	}

	q, err := g.Request(t.Context(), h.staff(g, "staff.wco"), derived.ID, ask(g, wco))
	must(t, err)
	asUNOCT, err := g.DescribeRequest(t.Context(), focal, q.ID)
	must(t, err)
	for _, m := range asUNOCT.Missing {
		if m.From == customs {
			t.Errorf("the deriver is told who is concerned by the source: %v", asUNOCT.Missing)
		}
	}
	q, err = g.Decide(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, asUNOCT))
	must(t, err)
	concerned, ofSource := h.signatory(g, "focal.customs"), h.signatory(g, "focal.wco")
	q, err = g.Decide(t.Context(), concerned, q.ID, verdict(article4.ActAuthorize, h.shown(g, concerned, q)))
	must(t, err)
	if q.State != article4.StateOpen {
		t.Fatalf("request %s without the source's Discloser", q.State)
	}
	q, err = g.Decide(t.Context(), ofSource, q.ID, verdict(article4.ActAuthorize, h.shown(g, ofSource, q)))
	must(t, err)
	asUNOCT, err = g.DescribeRequest(t.Context(), focal, q.ID)
	must(t, err)
	for _, one := range asUNOCT.Decisions {
		if one.Organisation == customs || asUNOCT.State != article4.StateInForce {
			t.Errorf("the deriver is shown %+v of a request %s", one, asUNOCT.State)
		}
	}
	d, err := g.Disclose(t.Context(), h.staff(g, "staff.wco"), derived.ID, reading())
	must(t, err)
	readAll(t, g, h.staff(g, "staff.wco"), d)
	h.inOrder(g)
}

// Article 4(8) speaks of information received: before a third party gets what is derived, the Discloser of the source
// consents as well.
func TestReading0110EachSourcesDiscloserConsentsBeforeAThirdParty(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	source, _ := wasReceived(t, h, g, prose)
	m := ofUNOCT()
	m.DerivedFrom = []article4.DocumentID{source.ID}
	derived, err := g.Deposit(t.Context(), h.staff(g, "staff.unoct"), m, content("A summary"))
	must(t, err)
	analyst := h.staff(g, "analyst.piu")
	request := ask(g, piu)
	request.People = []article4.PersonID{analyst.Person()}
	q, err := g.Request(t.Context(), h.staff(g, "staff.wco"), derived.ID, request)
	must(t, err)
	deputy, focal := h.signatory(g, "focal.unoct"), h.signatory(g, "focal.wco")
	q, err = g.Decide(t.Context(), deputy, q.ID, verdict(article4.ActConsent, q))
	must(t, err)
	refusedFor(t, second(g.Disclose(t.Context(), analyst, derived.ID, reading())), "art4.4/authorization-missing",
		"art4.8/source-not-consented")
	q, err = g.Decide(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, q))
	must(t, err)
	refusedFor(t, second(g.Disclose(t.Context(), analyst, derived.ID, reading())), "art4.8/source-not-consented")
	q, err = g.Decide(t.Context(), focal, q.ID, verdict(article4.ActConsent, q))
	must(t, err)
	d, err := g.Disclose(t.Context(), analyst, derived.ID, reading())
	must(t, err)
	if got := readAll(t, g, analyst, d); got != "A summary" {
		t.Errorf("read %q", got)
	}
	h.inOrder(g)

	h.superuser(`ALTER TABLE document_source DISABLE TRIGGER ALL; DELETE FROM document_source`)
	if _, err := g.Disclose(t.Context(), analyst, derived.ID, reading()); err == nil {
		t.Error("with its sources deleted in the database the document is handed out")
	}
}

// Reading 0110: what resembles something received is refused, whatever was done to the file, until it is named as a
// source.
func TestReading0110WhatResemblesSomethingReceivedIsRefused(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	source, d := wasReceived(t, h, g, prose)
	readAll(t, g, h.staff(g, "staff.unoct"), d)
	staff := h.staff(g, "staff.unoct")
	half := prose[:len(prose)/2]
	for name, text := range map[string]string{
		"a blank appended": prose + " ", "other lines": strings.ReplaceAll(prose, ". ", ".\r\n\r\n"),
		"capitals": strings.ToUpper(prose), "the first half": half, "a preface": "For the Director. " + prose,
		"as a page of HTML": "<html><body><p>" + prose + "</p></body></html>",
	} {
		refusal := refusedFor(t, second(g.Deposit(t.Context(), staff, ofUNOCT(), content(text))),
			"art4.9/resembles-received")
		if refusal.Document != source.ID {
			t.Errorf("%s: the depositor is told of %q; want the document that it resembles", name, refusal.Document)
		}
	}
	if n := h.count(`SELECT count(*) FROM upload WHERE state = 'stored' AND organisation = 'org_unoct'`); n != 0 {
		t.Errorf("%d uploads that were refused are kept", n)
	}
	other := ofUNOCT()
	other.Marking = article4.NonConfidential
	_, err := g.Deposit(t.Context(), staff, other, content(strings.Repeat("Quite another text of our own. ", 20)))
	must(t, err)
	// the Discloser's own text is its own
	own := metadata()
	_, err = g.Deposit(t.Context(), h.staff(g, "staff.wco"), own, content(prose+" Second edition."))
	must(t, err)

	named := ofUNOCT()
	named.DerivedFrom = []article4.DocumentID{source.ID}
	doc, err := g.Deposit(t.Context(), staff, named, content(prose+" "))
	must(t, err)
	// a new version is looked at as well
	second, err := g.Deposit(t.Context(), staff, ofUNOCT(), content("Nothing yet"))
	must(t, err)
	_, err = g.Correct(t.Context(), staff, second.ID, exchange.Correction{SourcesDeclared: true, Kind: article4.Updates,
		Explanation: "Now whole", Size: -1}, content(prose+"\n"))
	refusedFor(t, err, "art4.9/resembles-received")
	_, err = g.Correct(t.Context(), staff, doc.ID, exchange.Correction{SourcesDeclared: true, Kind: article4.Updates,
		Explanation: "A blank less", Size: -1}, content(prose+"\n"))
	must(t, err) // its source is named already
	got, err := g.Correct(t.Context(), staff, second.ID, exchange.Correction{SourcesDeclared: true,
		DerivedFrom: []article4.DocumentID{source.ID}, Kind: article4.Updates, Explanation: "Now whole", Size: -1},
		content(prose+"\n"))
	must(t, err)
	if !slices.Equal(got.DerivedFrom, named.DerivedFrom) ||
		!slices.Equal(got.Entities, []article4.OrganisationID{wco}) {
		t.Errorf("after a new version: derived from %v, concerned %v", got.DerivedFrom, got.Entities)
	}
	h.inOrder(g)
}

// With what was never disclosed to the depositor's organisation nothing is compared: the answer would tell.
func TestADepositIsNotComparedWithWhatItsOrganisationWasNeverGiven(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	_, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(prose))
	must(t, err)
	_, err = g.Deposit(t.Context(), h.staff(g, "staff.unoct"), ofUNOCT(), content(prose+" "))
	must(t, err)
}

// Reading 0110: two people of the Party say, each with a reason, that what resembles is none.
func TestReading0110TwoPeopleOfTheDepositorsPartySayThatAResemblanceIsNone(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	wasReceived(t, h, g, prose)
	staff, other := h.staff(g, "staff.unoct"), h.staff(g, "other.unoct")
	deposit := func(a exchange.Actor, reason, text string) error {
		m := ofUNOCT()
		m.NotDerived = reason
		return second(g.Deposit(t.Context(), a, m, content(text)))
	}
	const code = "art4.9/resembles-received"
	refusedFor(t, deposit(staff, "We wrote it first", prose+" "), code)
	refusedFor(t, deposit(staff, "We wrote it first", prose+" "), code) // one person twice is one person
	refusedFor(t, deposit(other, "", prose+" "), code)                  // a second without a reason
	refusedFor(t, deposit(other, "So I saw", prose+"  "), code)         // of another file
	waiting, err := g.Confirmations(t.Context(), staff, exchange.Paging{})
	must(t, err)
	if len(waiting.Items) != 1 || !waiting.Items[0].Mine {
		t.Errorf("what waits is %+v", waiting.Items)
	}
	must(t, deposit(other, "I saw it in our archive of 2019", prose+" "))
	refusedFor(t, deposit(other, "Once more", prose+" "), code) // said once, it serves once
	h.inOrder(g)
	if n := h.count(`SELECT count(*) FROM log_entry WHERE kind = 'deposit' AND position('our archive' IN
		convert_from(body, 'UTF8')) > 0`); n != 0 {
		t.Error("a reason stands in clear in an entry")
	}
	var refusal *exchange.Refusal
	if err := deposit(h.staff(g, "staff.wco"), "Ours", prose+" "); !errors.As(err, &refusal) { // not WCO's to say
		must(t, err)
	}
}
