package exchange_test

import (
	"errors"
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// Who was recognised a moment ago is known again without a question to the database. What the records say since holds.
func TestSomebodyKnownAgainIsWhoTheRecordsSay(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	h.staff(g, "analyst.piu")
	again := h.staff(g, "analyst.piu")
	h.superuser(`UPDATE organisation SET name = 'Renamed' WHERE id = 'org_piu-exampleland'`)
	self, err := g.Self(t.Context(), again)
	must(t, err)
	if self.Organisation.Name != "Renamed" || self.Person.ID != again.Person() {
		t.Errorf("%+v", self)
	}
	h.staff(g, "analyst.piu")
	again = h.staff(g, "analyst.piu")
	h.superuser(`UPDATE organisation SET issuer = 'https://id.thief.example' WHERE id = 'org_piu-exampleland'`)
	if _, err := g.Self(t.Context(), again); !errors.Is(err, exchange.ErrUnrecognised) {
		t.Errorf("known again by a binding that ended: %v", err)
	}
	if _, err := g.Recognise(t.Context(),
		exchange.Claims{Issuer: h.issuers.URL("piu-exampleland"), Subject: "analyst.piu",
			Name: "analyst.piu"}); !errors.Is(err, exchange.ErrUnrecognised) {
		t.Errorf("recognised by a binding that ended: %v", err)
	}
}

// The purposes are kept in memory beside a revision; completion one holds at the next access.
func TestARecordThatChangesHoldsFromTheNextAccess(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), plain(), content(secret))
	must(t, err)
	reader := h.staff(g, "staff.unoct")
	_, err = g.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)
	h.superuser(`UPDATE purpose SET closed_on = now() - interval '1 day' WHERE code = '` + string(reading().Purpose) +
		`'`)
	refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())), "art4.2/purpose-closed")
}

func plain() exchange.Metadata {
	m := metadata()
	m.Marking = article4.NonConfidential
	return m
}
