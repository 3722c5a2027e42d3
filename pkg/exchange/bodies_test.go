package exchange_test

import (
	"slices"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/ledger"
)

// newest is the newest entry of a kind that an auditor may open, decoded and with what is shown of its private fields.
func newest(t *testing.T, h *fixture, g *exchange.Gateway, auditor exchange.Actor, kind ledger.Kind) (ledger.Body,
	map[string]string) {
	t.Helper()
	h.eventually(`SELECT count(*) FROM log_pending`, 0)
	page, err := g.LogEntries(t.Context(), auditor, exchange.LogQuery{Kind: string(kind), Outcome: "permit"})
	must(t, err)
	if len(page.Items) == 0 {
		t.Fatalf("no entry of kind %s", kind)
	}
	entry, err := g.LogEntry(t.Context(), auditor, page.Items[0].ID)
	must(t, err)
	body, err := ledger.Decode(entry.Body)
	must(t, err)
	shown := map[string]string{}
	for _, d := range entry.Details {
		if d.Salt != nil {
			shown[d.Field] = d.Value
		}
	}
	return body, shown
}

// What an entry about a disclosure or a change of a document has to say, beside what every entry says.
func TestEntriesSayOnWhatADisclosureRestedAndWhatAChangeWasAbout(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	focal, reader := h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	own, other := h.auditor(g, "auditor.wco"), h.auditor(g, "auditor.unoct")
	m := metadata()
	m.Entities = []article4.OrganisationID{customs}
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	q, err = g.Decide(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, q))
	must(t, err)
	concerned := h.person(g, "focal.customs", article4.RoleFocalPoint)
	given, err := g.Decide(t.Context(), concerned, q.ID, verdict(article4.ActAuthorize, h.shown(g, concerned, q)))
	must(t, err)
	must(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())))

	authorized, _ := newest(t, h, g, other, ledger.KindAuthorization) // the Discloser's: the entity's is not for UNOCT
	body, shown := newest(t, h, g, own, ledger.KindDisclosure)
	entity, decision, _ := strings.Cut(shown["required"], " ")
	if entity != string(customs) || !slices.Contains(body.Disclosure.Authorizations, decision) ||
		len(given.Decisions) != 2 {
		t.Errorf("required: %q; want the entity with the hash of its decision, one of %v", shown["required"],
			body.Disclosure.Authorizations)
	}
	if body.Disclosure.Delegation == "" || body.Disclosure.Delegation != authorized.Terms.Delegation {
		t.Errorf("it rests on the Delegation %q; want that of the authorization, %q", body.Disclosure.Delegation,
			authorized.Terms.Delegation)
	}
	if body.AuthTime.IsZero() || body.ACR == "" || body.Client == "" || body.Issuer == "" || body.Configuration == "" ||
		body.Rules == "" {
		t.Errorf("not all that every entry says is there: %+v", body)
	}
	if _, shown := newest(t, h, g, other, ledger.KindDisclosure); shown["required"] != "" {
		t.Errorf("the Recipient's auditor is shown %q", shown["required"])
	}

	_, _, err = g.Mark(t.Context(), focal, doc.ID,
		exchange.MarkingChange{Marking: article4.Restricted, Reason: "Policy"})
	must(t, err)
	body, shown = newest(t, h, g, own, ledger.KindMarking)
	if body.Terms.Recipient != string(unoct) || body.Terms.Marking != "restricted" ||
		shown["entities"] != string(customs) {
		t.Errorf("a change of marking says %+v, entities %q", body.Terms, shown["entities"])
	}
	must(t, second(g.Recall(t.Context(), focal, doc.ID, "Wrong figures")))
	body, shown = newest(t, h, g, other, ledger.KindRecall)
	if body.Terms.Recipient != string(unoct) || body.Terms.Marking != "restricted" || shown["entities"] != "" {
		t.Errorf("a recall says %+v to the other Party, entities %q", body.Terms, shown["entities"])
	}
}
