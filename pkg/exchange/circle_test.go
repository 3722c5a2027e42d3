package exchange_test

import (
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// seesNothing asks for a document and a request on it one by one and in every list.
func seesNothing(t *testing.T, g *exchange.Gateway, a exchange.Actor, id article4.DocumentID,
	request article4.RequestID) {
	t.Helper()
	if _, err := g.Describe(t.Context(), a, id); !isNotFound(err) {
		t.Errorf("the document: %v; want not found", err)
	}
	if _, err := g.DescribeRequest(t.Context(), a, request); !isNotFound(err) {
		t.Errorf("the request: %v; want not found", err)
	}
	documents, err := g.List(t.Context(), a, exchange.DocumentQuery{})
	must(t, err)
	if len(documents.Items) > 0 {
		t.Errorf("lists %s", documents.Items[0].Reference)
	}
	for _, box := range []string{"mine", "inbox", "for-us"} {
		requests, err := g.Requests(t.Context(), a, exchange.RequestQuery{Box: box})
		must(t, err)
		if len(requests.Items) > 0 {
			t.Errorf("%s holds %s", box, requests.Items[0].ID)
		}
	}
}

// Entities concerned have standing when they are asked. A request by which the Discloser admits its own people asks
// nobody, nor does one on a document that is not protected.
func TestStandingAnEntityIsNotShownWhatWasNotPutToIt(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	entity := h.person(g, "focal.customs", article4.RoleStaff, article4.RoleFocalPoint)
	staff := h.staff(g, "staff.wco")
	m := metadata()
	m.Entities = []article4.OrganisationID{customs}
	doc, err := g.Deposit(t.Context(), staff, m, content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), staff, doc.ID, ask(g, wco))
	must(t, err)
	seesNothing(t, g, entity, doc.ID, q.ID)
	reader := h.signatory(g, "focal.unoct") // of the Recipient: knows of the document, and not of who works on it
	if _, err := g.DescribeRequest(t.Context(), reader, q.ID); !isNotFound(err) {
		t.Errorf("the Recipient asks for the Discloser's own request: %v; want not found", err)
	}
	if _, err := g.Ask(t.Context(), reader, q.ID, "Who is this?"); !isNotFound(err) {
		t.Errorf("the Recipient asks a question on it: %v; want not found", err)
	}

	m.Marking = article4.NonConfidential
	doc, err = g.Deposit(t.Context(), staff, m, content("Open to both"))
	must(t, err)
	q, err = g.Request(t.Context(), h.staff(g, "staff.unoct"), doc.ID, ask(g, unoct))
	must(t, err)
	seesNothing(t, g, entity, doc.ID, q.ID)
}

// A list shows nothing that could not be found one by one: a request is over when the rules say so, and not only when
// the fixture has written its entry.
func TestStandingAListEndsWithTheRequest(t *testing.T) {
	h := newFixture(t)
	g := h.gateway(func(s *exchange.Settings) { s.SilenceAfter = time.Hour })
	entity := h.person(g, "focal.customs", article4.RoleStaff, article4.RoleFocalPoint)
	m := metadata()
	m.Entities = []article4.OrganisationID{customs}
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), h.staff(g, "staff.unoct"), doc.ID, ask(g, unoct))
	must(t, err)
	if box, err := g.Requests(t.Context(), entity, exchange.RequestQuery{Box: "inbox"}); err != nil ||
		len(box.Items) != 1 {
		t.Errorf("asked, the entity finds %d requests, %v; want one", len(box.Items), err)
	}
	h.moveClock(15 * 24 * time.Hour)
	seesNothing(t, g, entity, doc.ID, q.ID)
}

// Who the entities concerned are is the Discloser's to tell, and an ETag that is a digest of them tells it to whoever
// tries the few that there are.
func TestTheETagOfADocumentTellsOthersNothingOfTheEntitiesConcerned(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	focal, reader := h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	tags := func(id article4.DocumentID) (own, other string) {
		t.Helper()
		mine, err := g.Describe(t.Context(), focal, id)
		must(t, err)
		theirs, err := g.Describe(t.Context(), reader, id)
		must(t, err)
		return mine.ETag, theirs.ETag
	}
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	own, other := tags(doc.ID)
	_, _, err = g.ChangeEntities(t.Context(), focal, doc.ID,
		exchange.EntitiesChange{Add: []article4.OrganisationID{customs}})
	must(t, err)
	ownAfter, otherAfter := tags(doc.ID)
	if own == ownAfter {
		t.Error("the Discloser's ETag stayed: a second person would confirm what has changed")
	}
	if other != otherAfter {
		t.Error("the Recipient's ETag changed with the entities concerned")
	}
	_, _, err = g.Mark(t.Context(), focal, doc.ID,
		exchange.MarkingChange{Marking: article4.Restricted, Reason: "So it is called"})
	must(t, err)
	if _, marked := tags(doc.ID); marked == otherAfter {
		t.Error("the Recipient's ETag stayed though the marking changed")
	}
}

// An auditor sees no titles, so none can be searched for.
func TestSearchFindsAnAuditorNoTitle(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	m := metadata()
	m.Marking = article4.NonConfidential
	_, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content(secret))
	must(t, err)
	for role, want := range map[article4.Role]int{article4.RoleStaff: 1, article4.RoleAuditor: 0} {
		for _, subject := range []string{"one.wco", "one.unoct"} {
			found, err := g.List(t.Context(), h.person(g, string(role)+subject, role),
				exchange.DocumentQuery{Words: "indicators"})
			must(t, err)
			if len(found.Items) != want {
				t.Errorf("%s as %s finds %d; want %d", subject, role, len(found.Items), want)
			}
		}
	}
}

// The wind-down list shows a Party what is open between the two, and not whom the other admitted to its own documents.
func TestArticle11_4TheWindDownListHoldsNothingOfTheOthersOwnAffairs(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	own := ask(g, wco)
	own.Until = time.Now().AddDate(1, 0, 0)
	_, err = g.Request(t.Context(), h.staff(g, "staff.wco"), doc.ID, own)
	must(t, err)
	h.terminate(g)
	for subject, want := range map[string]int{"focal.wco": 1, "focal.unoct": 0} {
		list, err := g.WindDown(t.Context(), h.signatory(g, subject), exchange.Paging{})
		must(t, err)
		if len(list.Items) != want {
			t.Errorf("%s finds %d requests to wind down; want %d", subject, len(list.Items), want)
		}
	}
}
