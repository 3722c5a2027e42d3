package exchange_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// Nobody puts into writing what will not hold: a decision that says nothing of its own says what the ones before it
// left.
func TestReading0010TheTextSaysTheTermAndTheFormThatTheLeavesBeforeItLeft(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	focal, reader := h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	entity := h.person(g, "focal.customs", article4.RoleStaff, article4.RoleFocalPoint)
	m := metadata()
	m.Entities = []article4.OrganisationID{customs}
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	shorter := verdict(article4.ActAuthorize, h.shown(g, entity, q))
	shorter.Until, shorter.Form = time.Now().Add(72*time.Hour).UTC().Truncate(time.Second), article4.Stamped
	must(t, second(g.Decide(t.Context(), entity, q.ID, shorter)))
	q = h.shown(g, focal, q)
	draft, err := g.Draft(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, q))
	must(t, err)
	for _, line := range []string{"until: " + shorter.Until.Format(time.RFC3339), "form: stamped"} {
		if !strings.Contains(draft.Text, "\n"+line+"\n") {
			t.Errorf("the text does not say %q:\n%s", line, draft.Text)
		}
	}
	q, err = g.Decide(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, q))
	must(t, err)
	for _, l := range q.Decisions {
		if !l.Until.Equal(shorter.Until) {
			t.Errorf("the decision of %s reaches to %s; want %s", l.Organisation, l.Until, shorter.Until)
		}
	}
}

// Article 4(4): an authorization is obtained before it is filed.
func TestArticle4_4AnInstrumentOfADayToComeIsNotFiled(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	focal := h.signatory(g, "focal.wco")
	m := metadata()
	m.Entities = []article4.OrganisationID{customs}
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), h.staff(g, "staff.unoct"), doc.ID, ask(g, unoct))
	must(t, err)
	paper := exchange.FiledAuthorization{Entity: customs, GivenBy: "C. Rossi, Director",
		GivenOn: time.Now().Add(48 * time.Hour), InstrumentSHA256: h.paper(g, focal, q.ID), Statement: "By letter"}
	_, _, err = g.FileAuthorization(t.Context(), focal, q.ID, paper)
	var invalid *exchange.Invalid
	if !errors.As(err, &invalid) || invalid.Faults[0].Field != "given_on" {
		t.Errorf("filed: %v; want given_on named", err)
	}
	if _, _, err = g.FileAuthorization(t.Context(), h.staff(g, "analyst.piu"), q.ID, paper); !isNotFound(err) {
		t.Errorf("somebody without standing: %v; want not found", err)
	}
}

// Article 4(9): whoever holds any earlier version is told which one is to be used, also who never had the one before.
func TestArticle4_9HoldersOfTheFirstVersionAreToldOfTheThird(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	staff, reader := h.staff(g, "staff.wco"), h.staff(g, "staff.unoct")
	doc := granted(t, h, g, reader, secret)
	d, err := g.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)
	readAll(t, g, reader, d)
	for _, said := range []string{"The date was wrong.", "So was the place."} {
		_, err := g.Correct(t.Context(), staff, doc.ID,
			exchange.Correction{SourcesDeclared: true, Kind: article4.Corrects, Explanation: said, Size: -1},
			content(secret+said))
		must(t, err)
	}
	told, err := g.Notices(t.Context(), reader, exchange.NoticeQuery{})
	must(t, err)
	told.Items = noticesOf(told.Items, "correction")
	if len(told.Items) != 2 || !strings.Contains(english(told.Items[0]), "Version 3") ||
		len(told.Items[0].CopyNumbers) != 1 {
		t.Errorf("the holder of version 1 is told %+v; want a notice of each later version", told.Items)
	}
}
