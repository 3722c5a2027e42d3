package exchange_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

func released(t *testing.T, h *fixture, g *exchange.Gateway, by exchange.Actor) (article4.DocumentID,
	exchange.Release) {
	t.Helper()
	m := metadata()
	m.Marking = article4.NonConfidential
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content(secret))
	must(t, err)
	rel, err := g.Release(t.Context(), by, doc.ID, exchange.Release{To: piu, Purpose: "art2.e", Statement: "For May"})
	must(t, err)
	return doc.ID, rel
}

// Releases are told to the Discloser, listed, and ended by whoever released or by the Discloser, one person enough;
// from then on nothing of the document leaves for that third party (Article 4(2)).
func TestArticle4_2AReleaseIsListedAndEnded(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	focal, recipient := h.signatory(g, "focal.wco"), h.signatory(g, "focal.unoct")
	analyst := h.staff(g, "analyst.piu")
	doc, rel := released(t, h, g, recipient)
	told := func(who exchange.Actor, kind string) []string {
		page, err := g.Notices(t.Context(), who, exchange.NoticeQuery{})
		must(t, err)
		var out []string
		for _, n := range page.Items {
			if n.Kind == kind {
				english, _ := n.Words()
				out = append(out, english)
			}
		}
		return out
	}
	if said := told(focal, "released"); len(said) != 1 || !strings.Contains(said[0], "The Recipient released") {
		t.Errorf("the Discloser is told %q", said)
	}
	d, err := g.Disclose(t.Context(), analyst, doc, reading())
	must(t, err)
	readAll(t, g, analyst, d)

	for who, actor := range map[string]exchange.Actor{"staff of the Party": h.staff(g, "staff.unoct"),
		"the third party": h.person(g, "focal.piu", article4.RoleFocalPoint)} {
		refusedFor(t, second(g.EndRelease(t.Context(), actor, doc, rel.ID, "x")), "art4.2/no-authority")
		if t.Failed() {
			t.Fatal(who)
		}
	}
	if err := second(g.EndRelease(t.Context(), h.person(g, "focal.customs", article4.RoleFocalPoint), doc, rel.ID,
		"x")); !isNotFound(err) {
		t.Errorf("another third party: %v", err)
	}
	listed, err := g.Releases(t.Context(), h.person(g, "auditor.wco", article4.RoleAuditor), doc)
	must(t, err)
	if len(listed) != 1 || listed[0].Statement != "For May" || listed[0].EndedAt != nil ||
		listed[0].Permissions[article4.ActEndRelease].Allowed {
		t.Errorf("listed for an auditor: %+v", listed)
	}
	if own, err := g.Releases(t.Context(), analyst, doc); err != nil || len(own) != 1 || own[0].Statement != "" {
		t.Errorf("listed for the third party: %+v, %v", own, err)
	}
	ended, err := g.EndRelease(t.Context(), focal, doc, rel.ID, "The training is over")
	must(t, err)
	if ended.EndedAt == nil || ended.EndedByOrg != wco {
		t.Errorf("ended: %+v", ended)
	}
	if err := second(g.Disclose(t.Context(), analyst, doc, reading())); !isNotFound(err) {
		t.Errorf("after the end: %v", err)
	}
	if _, err := g.Content(t.Context(), analyst, d.ID, nil); err == nil {
		t.Error("the permit of before the end still opens")
	}
	if err := second(g.EndRelease(t.Context(), recipient, doc, rel.ID, "again")); err == nil {
		t.Error("ended twice")
	}
	if said := told(recipient, "released"); len(said) != 1 || !strings.Contains(said[0], "was ended") {
		t.Errorf("the Party that released is told %q", said)
	}
	if said := told(analyst, "withdrawal"); len(said) != 1 || !strings.Contains(said[0], "what became of yours") {
		t.Errorf("whoever holds a copy is told %q", said)
	}
	listed, err = g.Releases(t.Context(), recipient, doc)
	must(t, err)
	if len(listed) != 1 || listed[0].EndStatement != "The training is over" {
		t.Errorf("listed when it is over: %+v", listed)
	}
}

// The end of a Release stands in the log: whoever takes it out of the database gets nothing by that.
func TestArticle4_2AnEndedReleaseDoesNotComeBackByTheDatabase(t *testing.T) {
	type ending func(h *fixture, g *exchange.Gateway, doc article4.DocumentID, release string) error
	for name, end := range map[string]ending{
		"by itself": func(h *fixture, g *exchange.Gateway, doc article4.DocumentID, release string) error {
			return second(g.EndRelease(t.Context(), h.signatory(g, "focal.wco"), doc, release, "The training is over"))
		},
		"by a recall": func(h *fixture, g *exchange.Gateway, doc article4.DocumentID, _ string) error {
			return second(g.Recall(t.Context(), h.signatory(g, "focal.wco"), doc, "The wrong file"))
		},
		"by a marking that two people lowered again": func(h *fixture, g *exchange.Gateway, doc article4.DocumentID,
			_ string) error {
			focal, deputy := h.signatory(g, "focal.wco"), h.signatory(g, "deputy.wco")
			must(t, third(g.Mark(t.Context(), focal, doc,
				exchange.MarkingChange{Marking: article4.Restricted, Reason: "It holds more than we thought"})))
			lower := exchange.MarkingChange{Marking: article4.NonConfidential, Reason: "It is published"}
			must(t, third(g.Mark(t.Context(), focal, doc, lower)))
			shown, err := g.Describe(t.Context(), focal, doc)
			must(t, err)
			lower.IfMatch = shown.ETag
			return third(g.Mark(t.Context(), deputy, doc, lower))
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newFixture(t)
			g := h.gateway()
			doc, rel := released(t, h, g, h.signatory(g, "focal.wco"))
			must(t, end(h, g, doc, rel.ID))
			h.inOrder(g)
			h.superuser(`UPDATE release SET ended_at = NULL, ended_by = NULL, ended_by_org = NULL, end_entry = NULL,
				end_statement_sealed = NULL`)
			if err := second(g.Disclose(t.Context(), h.staff(g, "analyst.piu"), doc, reading())); err == nil {
				t.Error("disclosed on a Release that the log says was ended")
			}
		})
	}
}

// What the first of two people asks for ends nothing yet, and is taken for nothing that the log says was done: a
// document that was stated to be proprietary is marked as confidential and not proprietary by two (Article 4(2), 4(5)).
func TestArticle4_2TheFirstOfTwoWhoMarkEndsNoRelease(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	focal, deputy := h.signatory(g, "focal.wco"), h.signatory(g, "deputy.wco")
	m := metadata()
	m.Marking, m.Proprietary = article4.NonConfidential, true
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content(secret))
	must(t, err)
	// By the Discloser: what is proprietary leaves on its word alone.
	_, err = g.Release(t.Context(), focal, doc.ID, exchange.Release{To: piu, Purpose: "art2.e", Statement: "For May"})
	must(t, err)
	no := false
	marked := exchange.MarkingChange{Marking: article4.Confidential, Proprietary: &no, Reason: "Not theirs"}
	must(t, third(g.Mark(t.Context(), focal, doc.ID, marked)))
	h.inOrder(g)
	must(t, second(g.Disclose(t.Context(), h.staff(g, "analyst.piu"), doc.ID, reading())))
	shown, err := g.Describe(t.Context(), deputy, doc.ID)
	must(t, err)
	marked.IfMatch = shown.ETag
	must(t, third(g.Mark(t.Context(), deputy, doc.ID, marked)))
	if err := second(g.Disclose(t.Context(), h.staff(g, "analyst.piu"), doc.ID, reading())); err == nil {
		t.Error("disclosed on a Release that two people ended")
	}
}

// personal is metadata of a confidential document that relates to people.
func personal(until time.Time) exchange.Metadata {
	m := metadata()
	m.PersonalData = exchange.PersonalData{Declared: true, Present: true, Regime: "UN principles",
		LegalBasis: "Resolution 2396", RetainUntil: until}
	return m
}

// Protected personal data goes to a third party only where the consent itself names a legal basis for this transfer,
// in the text that is signed (Article 4(3)).
func TestArticle4_3AConsentForPersonalDataNamesTheBasisOfTheTransfer(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	focal, analyst := h.signatory(g, "focal.wco"), h.staff(g, "analyst.piu")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), personal(time.Now().AddDate(1, 0, 0)), content(secret))
	must(t, err)
	asked := ask(g, piu)
	asked.People = []article4.PersonID{analyst.Person()}
	q, err := g.Request(t.Context(), h.signatory(g, "focal.unoct"), doc.ID, asked)
	must(t, err)
	v := verdict(article4.ActConsent, q)
	refusedFor(t, second(g.Draft(t.Context(), focal, q.ID, v)), "art4.3/no-transfer-basis")
	refusedFor(t, second(g.Decide(t.Context(), focal, q.ID, v)), "art4.3/no-transfer-basis")
	v.TransferBasis = "  "
	if err := second(g.Decide(t.Context(), focal, q.ID, v)); err == nil {
		t.Error("consented with a blank for a basis")
	}
	v.TransferBasis = "Article 49(1)(d) of the Regulation"
	draft, err := g.Draft(t.Context(), focal, q.ID, v)
	must(t, err)
	if !strings.Contains(draft.Text, "\nlegal basis of the transfer: Article 49(1)(d) of the Regulation\n") {
		t.Errorf("the text does not name it:\n%s", draft.Text)
	}
	q, err = g.Decide(t.Context(), focal, q.ID, v)
	must(t, err)
	if q.Decisions[0].TransferBasis != v.TransferBasis {
		t.Errorf("shown as %+v", q.Decisions[0])
	}
	must(t, second(g.Disclose(t.Context(), analyst, doc.ID, reading())))
	h.superuser(`UPDATE decision SET transfer_basis_sealed = NULL`)
	refusedFor(t, second(g.Disclose(t.Context(), analyst, doc.ID, reading())), "art4.3/no-transfer-basis")
	h.superuser(`UPDATE decision SET transfer_basis_sealed = text_sealed`)
	if err := second(g.Disclose(t.Context(), analyst, doc.ID, reading())); err == nil {
		t.Error("disclosed on a basis that somebody wrote into the database")
	}
	h.superuser(`UPDATE decision SET transfer_basis_sealed = NULL`)
}

func TestABasisOfATransferBelongsToAConsentOnly(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), h.staff(g, "staff.unoct"), doc.ID, ask(g, unoct))
	must(t, err)
	v := verdict(article4.ActAuthorize, q)
	v.TransferBasis = "Article 49(1)(d)"
	if err := second(g.Decide(t.Context(), h.signatory(g, "focal.wco"), q.ID, v)); err == nil {
		t.Error("an authorization took the basis of a transfer to a third party")
	}
}

// When retention is over the Discloser is told, once, that disposal is due, and whoever holds copies is asked to
// destroy them (Article 4(3)). Nothing is destroyed by itself.
func TestArticle4_3WhenRetentionIsOverDisposalIsProposedOnce(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	reader := h.staff(g, "staff.unoct")
	focal := h.signatory(g, "focal.wco")
	today := h.clock(time.Now()).UTC()
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), personal(today.AddDate(0, 0, 20)), content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	must(t, second(g.Decide(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, q))))
	d, err := g.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)
	readAll(t, g, reader, d)
	of := func(who exchange.Actor, kind string) []exchange.Notice {
		page, err := g.Notices(t.Context(), who, exchange.NoticeQuery{})
		must(t, err)
		return slices.DeleteFunc(page.Items, func(n exchange.Notice) bool { return n.Kind != kind })
	}
	must(t, g.TellDue(t.Context()))
	if told := of(focal, "retention"); len(told) != 0 {
		t.Errorf("told before its day is over: %+v", told)
	}
	h.moveClock(22 * 24 * time.Hour)
	must(t, g.TellDue(t.Context()))
	must(t, g.TellDue(t.Context()))
	focal, reader = h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	if told := of(focal, "retention"); len(told) != 1 || told[0].Document != doc.ID {
		t.Errorf("the Discloser is told %+v", told)
	} else if says, _ := told[0].Words(); !strings.Contains(says, "Destroy its versions") {
		t.Errorf("the Discloser is told %q", says)
	}
	if told := of(reader, "recall"); len(told) != 1 || len(told[0].CopyNumbers) != 1 {
		t.Errorf("whoever holds a copy is told %+v", told)
	}
	versions, err := g.Versions(t.Context(), focal, doc.ID)
	must(t, err)
	if len(versions) != 1 || versions[0].Destroyed {
		t.Errorf("destroyed by itself: %+v", versions)
	}
}
