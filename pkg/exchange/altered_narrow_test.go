package exchange_test

import (
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// A row that was altered keeps nobody from taking permission away: what cannot be read is passed over where people are
// told, a recall ends it by what the log has, and the auditors of both Parties are told.
func TestWhatWasAlteredKeepsNobodyFromNarrowing(t *testing.T) {
	alterations := map[string][2]string{
		"a request's term": {`UPDATE access_request SET until = until + interval '1 year'`,
			`UPDATE access_request SET until = until - interval '1 year'`},
		"a decision's term": {`UPDATE decision SET until = until + interval '1 year'`,
			`UPDATE decision SET until = until - interval '1 year'`},
	}
	type world struct {
		*fixture
		g   *exchange.Gateway
		doc exchange.Document
	}
	for act, c := range map[string]struct {
		narrow func(w world) error
		after  article4.Code // why nothing leaves when the row is as it was
	}{
		"a marking is raised": {func(w world) error {
			return third(w.g.Mark(t.Context(), w.signatory(w.g, "focal.wco"), w.doc.ID,
				exchange.MarkingChange{Marking: article4.Restricted, Reason: "It names a port"}))
		}, ""},
		"an entity is named": {func(w world) error {
			return third(w.g.ChangeEntities(t.Context(), w.signatory(w.g, "focal.wco"), w.doc.ID,
				exchange.EntitiesChange{Add: []article4.OrganisationID{customs}}))
		}, "art4.4/authorization-missing"},
		"a document is recalled": {func(w world) error {
			return second(w.g.Recall(t.Context(), w.signatory(w.g, "focal.wco"), w.doc.ID, "The wrong file"))
		}, "art4.4/authorization-withdrawn"},
		"a text is put": {func(w world) error {
			return second(w.g.Propose(t.Context(), w.signatory(w.g, "focal.wco"),
				exchange.Proposal{Organisation: piu, Text: "We keep it to ourselves."}))
		}, ""},
	} {
		for what, alter := range alterations {
			t.Run(act+", "+what, func(t *testing.T) {
				h := newFixture(t)
				g := h.gateway()
				reader := h.staff(g, "staff.unoct")
				doc := granted(t, h, g, reader, secret)
				if act == "a text is put" {
					_, err := g.Request(t.Context(), h.signatory(g, "focal.unoct"), doc.ID, ask(g, piu))
					must(t, err)
				}
				must(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())))
				h.superuser(alter[0])
				must(t, c.narrow(world{h, g, doc}))
				if act != "a text is put" { // it meets what is asked for that third party alone
					h.toldOfAlterations(2)
				}
				refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())), "gateway/altered")
				h.toldOfAlterations(2)
				h.superuser(alter[1])
				if c.after != "" {
					refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())), c.after)
				}
				h.inOrder(g)
			})
		}
	}
}

// A Release whose row was altered ends with a recall, by its entry in the log.
func TestARecallEndsAReleaseWhoseRowWasAltered(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	focal, analyst := h.signatory(g, "focal.wco"), h.staff(g, "analyst.piu")
	doc, _ := released(t, h, g, focal)
	must(t, h.asApp(`UPDATE release SET purpose = 'art3.a'`))
	must(t, second(g.Recall(t.Context(), focal, doc, "The wrong file")))
	must(t, h.asApp(`UPDATE release SET purpose = 'art2.e', ended_at = NULL`))
	if second(g.Disclose(t.Context(), analyst, doc, reading())) == nil {
		t.Error("disclosed on a Release that the recall ended")
	}
	h.inOrder(g)
}
