package exchange_test

import (
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// A Release ends when the document is recalled, and when its marking is raised; that the marking is lowered again gives
// the third party nothing back: it takes another Release (Article 4(2)).
func TestArticle4_2AReleaseThatEndedDoesNotComeBack(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	analyst, focal, deputy := h.staff(g, "analyst.piu"), h.signatory(g, "focal.wco"), h.signatory(g, "deputy.wco")
	for name, end := range map[string]func(id article4.DocumentID) error{
		"recalled": func(id article4.DocumentID) error {
			return second(g.Recall(t.Context(), focal, id,
				"It is wrong"))
		},
		"raised and lowered again": func(id article4.DocumentID) error {
			must(t, third(g.Mark(t.Context(), focal, id,
				exchange.MarkingChange{Marking: article4.Restricted, Reason: "It names ports"})))
			lower := exchange.MarkingChange{Marking: article4.NonConfidential, Reason: "The ports were published"}
			shown, _, err := g.Mark(t.Context(), focal, id, lower)
			must(t, err)
			lower.IfMatch = shown.ETag
			return third(g.Mark(t.Context(), deputy, id, lower))
		},
	} {
		m := metadata()
		m.Marking = article4.NonConfidential
		doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content(secret))
		must(t, err)
		must(t, second(g.Release(t.Context(), focal, doc.ID,
			exchange.Release{To: piu, Purpose: "art2.e", Statement: "For the training"})))
		must(t, second(g.Disclose(t.Context(), analyst, doc.ID, reading())))
		must(t, end(doc.ID))
		if now, err := g.Describe(t.Context(), focal, doc.ID); err != nil || now.Marking != article4.NonConfidential {
			t.Fatalf("%s: marked %s, %v", name, now.Marking, err)
		}
		if _, err := g.Disclose(t.Context(), analyst, doc.ID, reading()); !isNotFound(err) {
			t.Errorf("%s: the third party is answered %v; want not found", name, err)
		}
		list, err := g.List(t.Context(), analyst, exchange.DocumentQuery{})
		must(t, err)
		if len(list.Items) != 0 {
			t.Errorf("%s: the third party still lists the document", name)
		}
	}
}
