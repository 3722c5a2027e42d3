package exchange_test

import (
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// waitsToBeLowered is a document whose marking one of two people lowered, and what the second one says.
func waitsToBeLowered(t *testing.T, h *fixture, g *exchange.Gateway) (exchange.Document, exchange.MarkingChange) {
	t.Helper()
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	lower := exchange.MarkingChange{Marking: article4.NonConfidential, Reason: "It was published"}
	begun, waits, err := g.Mark(t.Context(), h.signatory(g, "focal.wco"), doc.ID, lower)
	must(t, err)
	if waits == nil {
		t.Fatal("one person lowered a marking")
	}
	lower.IfMatch = begun.ETag
	return doc, lower
}

// Nobody becomes two people by what stands in the rows: who began an act, which act on what, what was said and until
// when is sealed, and the gateway's own login cannot alter it.
func TestWhatWaitsForASecondPersonIsNotAlteredUnnoticed(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	doc, lower := waitsToBeLowered(t, h, g)
	deputy, other := h.signatory(g, "deputy.wco"), h.signatory(g, "other.wco")
	h.superuser(`CREATE TABLE kept AS SELECT * FROM pending`)
	const restored = `UPDATE pending p SET id = k.id, act = k.act, target = k.target, organisation = k.organisation,
		by_person = k.by_person, at = k.at, expires_at = k.expires_at, payload_sha256 = k.payload_sha256,
		payload_sealed = k.payload_sealed, entry = k.entry, entry_hash = k.entry_hash, terms_sealed = k.terms_sealed
		FROM kept k`
	for name, set := range map[string]string{
		"who began it":          `by_person = '` + string(other.Person()) + `'`,
		"what was said":         `payload_sha256 = repeat('0', 64)`,
		"when":                  `at = at - interval '1 hour'`,
		"until when":            `expires_at = expires_at + interval '1 year'`,
		"its entry":             `entry = 'ent_other'`,
		"its entry's hash":      `entry_hash = repeat('0', 64)`,
		"its identifier":        `id = 'pen_other'`,
		"its words":             `payload_sealed = '\x00'`,
		"its seal":              `terms_sealed = '\x00'`,
		"its seal, taken away":  `terms_sealed = NULL`,
		"of which organisation": `organisation = 'org_unoct'`,
	} {
		if err := h.asApp(`UPDATE pending SET ` + set); err == nil {
			t.Errorf("%s: the gateway's login altered it", name)
		}
		h.superuser(`UPDATE pending SET ` + set)
		_, _, err := g.Mark(t.Context(), deputy, doc.ID, lower)
		if err == nil {
			t.Fatalf("%s: one person lowered the marking", name)
		}
		t.Log(name)
		refusedFor(t, err, "gateway/altered")
		h.superuser(restored)
	}
	done, waits, err := g.Mark(t.Context(), deputy, doc.ID, lower)
	must(t, err)
	if waits != nil || done.Marking != article4.NonConfidential {
		t.Errorf("two people were not enough: %v waits, %s", waits, done.Marking)
	}
	h.inOrder(g)
}

// A first half serves for the act and the target that it was said of, and for no other.
func TestAFirstHalfServesForNoOtherActOrTarget(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	doc, lower := waitsToBeLowered(t, h, g)
	deputy := h.signatory(g, "deputy.wco")
	other, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content("something else"))
	must(t, err)
	h.superuser(`UPDATE pending SET target = '` + string(other.ID) + `'`)
	_, _, err = g.Mark(t.Context(), deputy, other.ID, exchange.MarkingChange{Marking: article4.NonConfidential,
		Reason: "It was published", IfMatch: other.ETag})
	refusedFor(t, err, "gateway/altered")
	h.superuser(`UPDATE pending SET act = 'destroy', target = '` + string(doc.Version) + `'`)
	_, err = g.Destroy(t.Context(), deputy, doc.ID, doc.Version, "Its time is over")
	refusedFor(t, err, "gateway/altered")
	h.superuser(`UPDATE pending SET act = 'mark', target = '` + string(doc.ID) + `'`)
	_, waits, err := g.Mark(t.Context(), deputy, doc.ID, lower)
	must(t, err)
	if waits != nil {
		t.Error("two people were not enough")
	}
}

// A first half serves once: that its second one was recorded stands in the log, whatever the row says, and one that was
// ended before rows were sealed serves nobody.
func TestAFirstHalfThatServedIsNotRevived(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	doc, lower := waitsToBeLowered(t, h, g)
	deputy := h.signatory(g, "deputy.wco")
	lowered, _, err := g.Mark(t.Context(), deputy, doc.ID, lower)
	must(t, err)
	raised, _, err := g.Mark(t.Context(), deputy, doc.ID, exchange.MarkingChange{Marking: article4.Confidential,
		Reason: "It was not", IfMatch: lowered.ETag})
	must(t, err)
	lower.IfMatch = raised.ETag
	must(t, h.asApp(`UPDATE pending SET ended_at = NULL`))
	_, _, err = g.Mark(t.Context(), deputy, doc.ID, lower)
	refusedFor(t, err, "gateway/altered")
	h.superuser(`UPDATE pending SET terms_sealed = NULL`)
	_, _, err = g.Mark(t.Context(), deputy, doc.ID, lower)
	refusedFor(t, err, "gateway/altered")
	must(t, h.asApp(`UPDATE pending SET ended_at = now()`))
	_, waits, err := g.Mark(t.Context(), deputy, doc.ID, lower)
	must(t, err)
	if waits == nil {
		t.Error("one person lowered the marking")
	}
	// Nor is one made anew of what an old row holds.
	must(t, h.asApp(`UPDATE pending SET ended_at = now() WHERE ended_at IS NULL`))
	must(t, h.asApp(`INSERT INTO pending (id, act, target, organisation, by_person, at, expires_at, payload_sealed,
		payload_sha256, entry, entry_hash, terms_sealed) SELECT 'pen_made', act, target, organisation, by_person, at,
		expires_at, payload_sealed, payload_sha256, entry, entry_hash, terms_sealed FROM pending
		WHERE terms_sealed IS NOT NULL LIMIT 1`))
	_, _, err = g.Mark(t.Context(), h.signatory(g, "focal.wco"), doc.ID, lower)
	refusedFor(t, err, "gateway/altered")
}
