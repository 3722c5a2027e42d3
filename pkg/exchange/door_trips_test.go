package exchange_test

import (
	"sync/atomic"
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/devstack"
	"chancery.example/gateway/pkg/exchange"
)

// Whatever a decision looks at is read in one trip behind the locks (docs/decisions/0060): for third parties too, with
// their agreements, the evidence of consents and the Delegations that acts rest on; and for a batch of readers.
func TestWhatADecisionLooksAtIsReadInOneTrip(t *testing.T) {
	h := newFixture(t)
	g := h.still()
	db := h.apps[0]
	var at atomic.Int64
	var of atomic.Pointer[exchange.DecisionTaken]
	g.OnDecision(func(d exchange.DecisionTaken) {
		at.Store(db.Trips())
		of.Store(&d)
	})
	before := func(name string, act func() error) {
		t.Helper()
		began := db.Trips()
		must(t, act())
		if n := at.Load() - began; n != 1 {
			t.Errorf("%s: %d trips before the decision; want 1", name, n)
		}
	}
	analyst, focal, deputy := h.staff(g, "analyst.piu"), h.signatory(g, "focal.wco"), h.signatory(g, "deputy.wco")
	doc := consented(t, h, g, analyst)
	before("a third party reads", func() error { return second(g.Disclose(t.Context(), analyst, doc.ID, reading())) })
	access := of.Load().Facts.Access
	if access == nil || len(access.Grants) != 3 ||
		access.Grants[0].Agreements.OfDiscloser != article4.AgreementSigned {
		t.Fatalf("the decision looked at %+v; want three grants under a signed agreement", access)
	}
	before("a third party looks", func() error { return second(g.Describe(t.Context(), analyst, doc.ID)) })
	q, err := g.Request(t.Context(), h.staff(g, "staff.unoct"), doc.ID, ask(g, piu))
	must(t, err)
	before("a request is looked at", func() error { return second(g.DescribeRequest(t.Context(), focal, q.ID)) })
	before("a signatory consents",
		func() error { return second(g.Decide(t.Context(), deputy, q.ID, verdict(article4.ActConsent, q))) })

	const n = 8
	began := db.Trips()
	had, apart := h.together()
	var failed [n]error
	h.atOnce(g, n, func(i int) { failed[i] = second(g.Disclose(t.Context(), analyst, doc.ID, reading())) })
	for _, err := range failed {
		must(t, err)
	}
	disclosures, transactions := h.together()
	if trips := db.Trips() - began; disclosures-had != n || trips != 2*int64(transactions-apart) {
		t.Errorf("%d disclosures to a third party, %d trips in %d transactions; want %d, two for each transaction",
			disclosures-had, trips, transactions-apart, n)
	}
}

// consented is a document to whose disclosure to the analyst's organisation there are three consents, one of them
// evidenced by a token, under an agreement that was signed.
func consented(t *testing.T, h *fixture, g *exchange.Gateway, analyst exchange.Actor) exchange.Document {
	t.Helper()
	focal, asker := h.signatory(g, "focal.wco"), h.signatory(g, "focal.unoct")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	agreement, err := g.Propose(t.Context(), focal,
		exchange.Proposal{Organisation: piu, Text: "We keep it to ourselves."})
	must(t, err)
	must(t, second(g.Sign(t.Context(), h.person(g, "focal.piu", article4.RoleStaff, article4.RoleFocalPoint),
		agreement.ID,
		exchange.Signing{SHA256: agreement.SHA256, Name: "R. Silva", Function: "Head", Authority: "Decree 12",
			Accepts: true})))
	for i := range 3 {
		request := ask(g, piu)
		request.People = []article4.PersonID{analyst.Person()}
		q, err := g.Request(t.Context(), asker, doc.ID, request)
		must(t, err)
		v := verdict(article4.ActConsent, q)
		if i == 0 {
			v.Evidence.Kind = article4.EvidenceOIDC
			draft, err := g.Draft(t.Context(), focal, q.ID, v)
			must(t, err)
			_, v.Evidence.IDToken, err = h.issuers.Token("wco", "focal.wco", devstack.TokenOptions{Nonce: draft.Nonce})
			must(t, err)
		}
		must(t, second(g.Decide(t.Context(), focal, q.ID, v)))
	}
	return doc
}

// However many lowerings a page lists, their documents, what was said of them and which of them wait are read at once.
func TestAListOfLoweringsIsReadAtOnceHoweverLongItIs(t *testing.T) {
	h := newFixture(t)
	g := h.still()
	db, staff, focal := h.apps[0], h.staff(g, "staff.wco"), h.signatory(g, "focal.wco")
	m := metadata()
	m.Entities = []article4.OrganisationID{customs}
	put := func() {
		t.Helper()
		doc, err := g.Deposit(t.Context(), staff, m, content(secret))
		must(t, err)
		must(t, third(g.Mark(t.Context(), focal, doc.ID,
			exchange.MarkingChange{Marking: article4.NonConfidential, Reason: "Published in June"})))
	}
	trips := func(want int) int64 {
		t.Helper()
		began := db.Trips()
		listed, err := g.Lowerings(t.Context(), focal, exchange.Paging{})
		must(t, err)
		if len(listed.Items) != want || !listed.Items[0].Open || listed.Items[0].Reason == "" {
			t.Fatalf("listed %+v; want %d that wait", listed.Items, want)
		}
		return db.Trips() - began
	}
	put()
	alone := trips(1)
	put()
	put()
	if n := trips(3); n != alone {
		t.Errorf("three lowerings take %d trips, one takes %d", n, alone)
	}
}

// A page of documents is read in as many trips, however long it is.
func TestAListIsReadInAsManyTripsHoweverLong(t *testing.T) {
	h := newFixture(t)
	g := h.still()
	db, staff := h.apps[0], h.staff(g, "staff.wco")
	trips := func(documents int) int64 {
		t.Helper()
		t.Helper()
		began := db.Trips()
		found, err := g.List(t.Context(), staff, exchange.DocumentQuery{})
		must(t, err)
		if len(found.Items) != documents || !found.Items[0].Whole {
			t.Fatalf("%d documents are listed, want %d, whole", len(found.Items), documents)
		}
		return db.Trips() - began
	}
	deposit := func() { must(t, second(g.Deposit(t.Context(), staff, metadata(), content(secret)))) }
	deposit()
	one := trips(1)
	for range 6 {
		deposit()
	}
	if seven := trips(7); seven != one {
		t.Errorf("a list of one document takes %d trips, of seven %d", one, seven)
	}
}

// A page of requests and the circle of a document are read in as many trips, however many requests there are, and what
// stands in several boxes of a circle is read once.
func TestRequestsAreReadInAsManyTripsHoweverMany(t *testing.T) {
	h := newFixture(t)
	g := h.still()
	db, staff, asker := h.apps[0], h.staff(g, "staff.wco"), h.staff(g, "staff.unoct")
	focal := h.signatory(g, "focal.wco")
	doc, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
	must(t, err)
	authorized := func() {
		t.Helper()
		q, err := g.Request(t.Context(), asker, doc.ID, ask(g, unoct))
		must(t, err)
		must(t, second(g.Decide(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, q))))
	}
	trips := map[string]func() (int, error){
		"what was asked of us": func() (int, error) {
			found, err := g.Requests(t.Context(), focal, exchange.RequestQuery{Box: "asked-of-us", State: "in-force"})
			return len(found.Items), err
		},
		"one's own": func() (int, error) {
			found, err := g.Requests(t.Context(), asker, exchange.RequestQuery{Box: "mine"})
			if err == nil && found.Items[0].Title != doc.Title {
				t.Errorf("a request by which its asker reads has the title %q", found.Items[0].Title)
			}
			return len(found.Items), err
		},
		"the Discloser's circle": func() (int, error) {
			found, err := g.Circle(t.Context(), staff, doc.ID)
			return len(found.Edges), err
		},
		"the Recipient's circle": func() (int, error) {
			found, err := g.Circle(t.Context(), asker, doc.ID)
			return len(found.Edges), err
		},
	}
	one := map[string]int64{}
	for n := 1; n <= 4; n++ {
		authorized()
		for name, look := range trips {
			began := db.Trips()
			found, err := look()
			must(t, err)
			if found != n {
				t.Errorf("%s: %d requests, want %d", name, found, n)
			}
			took := db.Trips() - began
			if before, known := one[name]; known && before != took {
				t.Errorf("%s: %d requests take %d trips, one fewer %d", name, n, took, before)
			}
			one[name] = took
		}
	}
	if one["the Recipient's circle"] > one["the Discloser's circle"] {
		t.Errorf("a circle of which the same requests stand in three boxes takes %d trips, of one box %d",
			one["the Recipient's circle"], one["the Discloser's circle"])
	}
}
