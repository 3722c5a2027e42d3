package exchange_test

import (
	"slices"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// Article 4(5): what is "considered proprietary by either Party". The Recipient states it, alone and with a reason; the
// other Party is told, and a third party gets the document by the Discloser's written decision only. What was stated
// the Discloser's two people take back, and nobody else.
func TestArticle4_5EitherPartyStatesThatADocumentIsProprietaryAndTheDiscloserTakesItBack(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	focal, recipient, analyst := h.signatory(g, "focal.wco"), h.signatory(g, "focal.unoct"), h.staff(g, "analyst.piu")
	m := metadata()
	m.Marking = article4.NonConfidential
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content(secret))
	must(t, err)
	must(t, second(g.Release(t.Context(), recipient, doc.ID,
		exchange.Release{To: piu, Purpose: "art2.e", Statement: "For the training"})))
	must(t, second(g.Disclose(t.Context(), analyst, doc.ID, reading())))

	yes, no := true, false
	states := exchange.MarkingChange{Marking: article4.NonConfidential, Proprietary: &yes,
		Reason: "It has our method in it"}
	refusedFor(t, third(g.Mark(t.Context(), h.staff(g, "staff.unoct"), doc.ID, states)), "art4.9/no-authority")
	raises := states
	raises.Marking = article4.Restricted
	refusedFor(t, third(g.Mark(t.Context(), recipient, doc.ID, raises)), "art4.9/no-authority")
	marked, waits, err := g.Mark(t.Context(), recipient, doc.ID, states)
	must(t, err)
	if waits != nil || !marked.Proprietary || marked.Marking != article4.NonConfidential {
		t.Fatalf("the Recipient stated it: %+v, waits %v", marked, waits)
	}

	notices, err := g.Notices(t.Context(), focal, exchange.NoticeQuery{Document: doc.ID})
	must(t, err)
	told := slices.DeleteFunc(noticesOf(notices.Items, "marking"), func(n exchange.Notice) bool { return n.To != wco })
	if len(told) != 1 || !strings.Contains(english(told[0]), "proprietary (Article 4(5))") {
		t.Errorf("the Discloser is told %v", told)
	}
	refusedFor(t, second(g.Disclose(t.Context(), analyst, doc.ID, reading())), "art4.5/proprietary")
	refusedFor(t, second(g.Release(t.Context(), recipient, doc.ID,
		exchange.Release{To: piu, Purpose: "art2.e", Statement: "Again"})), "art4.5/proprietary")

	drops := exchange.MarkingChange{Marking: article4.NonConfidential, Proprietary: &no, Reason: "It is not ours"}
	refusedFor(t, third(g.Mark(t.Context(), recipient, doc.ID, drops)), "art4.9/no-authority")
	_, waits, err = g.Mark(t.Context(), focal, doc.ID, drops)
	must(t, err)
	if waits == nil {
		t.Fatal("one person of the Discloser dropped it")
	}
	shown, err := g.Describe(t.Context(), focal, doc.ID)
	must(t, err)
	drops.IfMatch = shown.ETag
	must(t, third(g.Mark(t.Context(), h.signatory(g, "deputy.wco"), doc.ID, drops)))
	must(t, second(g.Disclose(t.Context(), analyst, doc.ID, reading())))
}

// Who is concerned by a document is the Discloser's to tell: the entry of what the Recipient states of a protected one
// does not have it, and the Recipient sees no more of the document than before.
func TestArticle4_5WhatTheRecipientStatesTellsItNothing(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	recipient := h.signatory(g, "focal.unoct")
	m := metadata()
	m.Entities = []article4.OrganisationID{customs}
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content(secret))
	must(t, err)
	before, err := g.Describe(t.Context(), recipient, doc.ID)
	must(t, err)
	yes := true
	after, _, err := g.Mark(t.Context(), recipient, doc.ID,
		exchange.MarkingChange{Marking: doc.Marking, Proprietary: &yes, Reason: "It has our method in it"})
	must(t, err)
	if after.Whole || after.Title != before.Title || len(after.Entities) != 0 {
		t.Errorf("the Recipient is shown %+v", after)
	}
	h.eventually(`SELECT count(*) FROM log_pending`, 0)
	entries, err := g.LogEntries(t.Context(), h.auditor(g, "auditor.wco"), exchange.LogQuery{Kind: "marking"})
	must(t, err)
	entry, err := g.LogEntry(t.Context(), h.auditor(g, "auditor.wco"), entries.Items[0].ID)
	must(t, err)
	if strings.Contains(string(entry.Body), `"entities"`) ||
		!strings.Contains(string(entry.Body), `"proprietary":true`) {
		t.Errorf("the entry of the Recipient: %s", entry.Body)
	}
}
