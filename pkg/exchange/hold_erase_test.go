package exchange_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/ledger"
)

// deposited is the newest deposit, as the WCO's auditor sees it.
func deposited(t *testing.T, h *fixture, g *exchange.Gateway) exchange.LogEntry {
	t.Helper()
	h.eventually(`SELECT count(*) FROM log_pending`, 0)
	auditor := h.auditor(g, "auditor.wco")
	page, err := g.LogEntries(t.Context(), auditor, exchange.LogQuery{Kind: "deposit"})
	must(t, err)
	entry, err := g.LogEntry(t.Context(), auditor, page.Items[0].ID)
	must(t, err)
	return entry
}

func shownOf(e exchange.LogEntry, field string) string {
	at := slices.IndexFunc(e.Details, func(d exchange.LogDetail) bool { return d.Field == field })
	if at < 0 || e.Details[at].Salt == nil {
		return ""
	}
	return e.Details[at].Value
}

// Two signatories take away what stands behind one private field; the commitment stays, and both Parties' bundles
// verify.
func TestTwoSignatoriesEraseAPrivateFieldAndTheLogStaysValid(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	told(t, h, g)
	focal, deputy, other := h.signatory(g, "focal.wco"), h.signatory(g, "deputy.wco"), h.signatory(g, "focal.unoct")
	before := deposited(t, h, g)
	in := exchange.Erasure{Entry: before.ID, Field: "title", LegalBasis: "Regulation 12, right to erasure"}

	// the Recipient may open the entry, not the title
	refusedFor(t, second(g.Erase(t.Context(), other, in)), "gateway/no-authority")
	refusedFor(t, second(g.Erase(t.Context(), h.auditor(g, "auditor.wco"), in)), "gateway/no-authority")
	if _, err := g.Erase(t.Context(), h.staff(g, "staff.wco"), in); !isNotFound(err) {
		t.Errorf("staff, who read no log: %v; want not found", err)
	}
	kept := in
	kept.Field = "entities"
	refusedFor(t, second(g.Erase(t.Context(), focal, kept)), "gateway/not-erasable")
	out, err := g.Erase(t.Context(), focal, in)
	must(t, err)
	if out.Pending == nil || shownOf(deposited(t, h, g), "title") == "" {
		t.Fatal("one signatory was enough")
	}
	refusedFor(t, second(g.Erase(t.Context(), focal, in)), "gateway/second-person-missing")
	waiting, err := g.Erasures(t.Context(), deputy)
	must(t, err)
	if len(waiting) != 1 || waiting[0].Field != "title" || waiting[0].LegalBasis != in.LegalBasis {
		t.Errorf("the second signatory sees %+v", waiting)
	}
	out, err = g.Erase(t.Context(), deputy, in)
	must(t, err)
	if out.Pending != nil || out.LogEntry == "" {
		t.Errorf("after the second signatory: %+v", out)
	}
	after := deposited(t, h, g)
	if shownOf(after, "title") != "" || shownOf(after, "file-name") == "" || !bytes.Equal(before.Body, after.Body) {
		t.Error("the title is still there, or more than the title went")
	}
	if n := h.count(`SELECT count(*) FROM log_detail WHERE entry = '` + before.ID + `' AND field = 'title'`); n != 0 {
		t.Errorf("%d rows of the title", n)
	}
	refusedFor(t, second(g.Erase(t.Context(), focal, in)), "gateway/not-erasable")
	for _, auditor := range []string{"auditor.wco", "auditor.unoct"} {
		bundle := h.export(g, h.auditor(g, auditor), exchange.LogQuery{})
		r, err := ledger.Verify(bundle, ledger.Options{Keys: []note.Verifier{h.verifier}})
		good(t, r, err)
		data, err := io.ReadAll(io.NewSectionReader(bundle.R, 0, bundle.Size))
		must(t, err)
		if bytes.Contains(data, []byte(metadata().Title)) {
			t.Errorf("the bundle of %s holds the title", auditor)
		}
		if !bytes.Contains(data, []byte(in.LegalBasis)) {
			t.Errorf("the bundle of %s does not say on what legal basis something was erased", auditor)
		}
	}
	if _, err := g.Erase(t.Context(), focal,
		exchange.Erasure{Entry: "ent_absent", Field: "title", LegalBasis: "x"}); !isNotFound(err) {
		t.Errorf("an absent entry: %v", err)
	}
}

// A Hold of either Party keeps everything about a document; ending it takes two people of the Party that placed it.
func TestUnderHoldNothingIsErasedAndNoVersionDestroyed(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	// the Hold is the Recipient's: what it says is not shown to the Discloser, whose auditor finds nothing amiss
	defer h.inOrder(g)
	focal, deputy := h.signatory(g, "focal.wco"), h.signatory(g, "deputy.wco")
	auditor, otherFocal := h.auditor(g, "auditor.unoct"), h.signatory(g, "focal.unoct")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	entry := deposited(t, h, g)
	in := exchange.Erasure{Entry: entry.ID, Field: "title", LegalBasis: "Regulation 12"}
	must(t, second(g.Erase(t.Context(), focal, in))) // the first of two, before the Hold

	refusedFor(t, second(g.PlaceHold(t.Context(), h.staff(g, "staff.unoct"), doc.ID, "A dispute")),
		"gateway/no-authority")
	hold, err := g.PlaceHold(t.Context(), auditor, doc.ID, "A dispute about the figures")
	must(t, err)
	if _, err := g.PlaceHold(t.Context(), auditor, doc.ID, "Again"); !errors.Is(err, exchange.ErrConflict) {
		t.Errorf("a second Hold of the same Party: %v", err)
	}
	refusedFor(t, second(g.Erase(t.Context(), deputy, in)), "gateway/under-hold")
	if shownOf(deposited(t, h, g), "title") == "" {
		t.Fatal("the title was erased under Hold")
	}
	seen, err := g.Holds(t.Context(), focal, exchange.Paging{})
	must(t, err)
	if len(seen.Items) != 1 || seen.Items[0].ByOrg != unoct || seen.Items[0].Reason != "" {
		t.Errorf("the Discloser sees %+v; want the Hold without what UNOCT said", seen.Items)
	}
	if _, _, err := g.EndHold(t.Context(), focal, hold.ID, "We disagree"); !isNotFound(err) {
		t.Errorf("the other Party ends it: %v", err)
	}
	_, waits, err := g.EndHold(t.Context(), auditor, hold.ID, "Settled")
	must(t, err)
	if waits == nil {
		t.Fatal("one person ended a Hold")
	}
	_, _, err = g.EndHold(t.Context(), auditor, hold.ID, "Settled")
	refusedFor(t, err, "gateway/second-person-missing")
	ended, waits, err := g.EndHold(t.Context(), otherFocal, hold.ID, "Settled")
	must(t, err)
	if waits != nil || ended.EndedAt == nil {
		t.Errorf("after the second person: %+v", ended)
	}
	must(t, second(g.Erase(t.Context(), deputy, in)))
	if shownOf(deposited(t, h, g), "title") != "" {
		t.Error("after the Hold the title could not be erased")
	}
}

// The database keeps the promise by itself: its app login erases nothing without an entry of two people.
func TestTheDatabaseErasesNothingWithoutAnErasureOfTwo(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	must(t, second(g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))))
	entry := deposited(t, h, g)
	focal := h.signatory(g, "focal.wco")
	first, err := g.Erase(t.Context(), focal,
		exchange.Erasure{Entry: entry.ID, Field: "title", LegalBasis: "Regulation 12"})
	must(t, err)
	for _, statement := range []string{`DELETE FROM log_detail`, `SELECT log_erase('` + entry.ID + `')`,
		`SELECT log_erase('` + first.LogEntry + `')`, `SELECT log_erase('ent_absent')`} {
		if err := h.asApp(statement); err == nil {
			t.Errorf("the app login may %s", statement)
		}
	}
	if shownOf(deposited(t, h, g), "title") == "" {
		t.Error("the title is gone")
	}
}

// Who a person is can be taken away, unless they decided; whoever signs in again is somebody new.
func TestAPersonWhoDecidedNothingCanBeForgotten(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	reader := h.staff(g, "staff.unoct")
	doc := granted(t, h, g, reader, secret)
	focal, deputy := h.signatory(g, "focal.unoct"), h.signatory(g, "deputy.unoct")
	in := exchange.Erasure{Person: reader.Person(), LegalBasis: "Left the organisation"}
	if _, err := g.Erase(t.Context(), h.signatory(g, "focal.wco"), in); !isNotFound(err) {
		t.Errorf("a person of the other Party: %v; want not found", err)
	}
	refusedFor(t, second(g.Erase(t.Context(), focal, exchange.Erasure{Person: deputy.Person(), LegalBasis: "x"})),
		"gateway/not-erasable")
	hold, err := g.PlaceHold(t.Context(), focal, doc.ID, "A dispute")
	must(t, err)
	refusedFor(t, second(g.Erase(t.Context(), focal, in)), "gateway/under-hold")
	for _, who := range []exchange.Actor{focal, deputy} {
		_, _, err = g.EndHold(t.Context(), who, hold.ID, "Settled")
		must(t, err)
	}
	must(t, second(g.Erase(t.Context(), focal, in)))
	if h.staff(g, "staff.unoct").Person() != reader.Person() {
		t.Fatal("one signatory was enough")
	}
	must(t, second(g.Erase(t.Context(), deputy, in)))
	if again := h.staff(g, "staff.unoct"); again.Person() == reader.Person() {
		t.Error("the person is known again under the old identifier")
	}
	page, err := g.People(t.Context(), focal, unoct, exchange.Paging{})
	must(t, err)
	for _, p := range page.Items {
		if p.ID == reader.Person() && p.Name != "(erased)" {
			t.Errorf("the forgotten person is shown as %q", p.Name)
		}
	}
	refusedFor(t, second(g.Erase(t.Context(), focal, in)), "gateway/not-erasable")
}

// A Hold of the other Party keeps what it had: a wrong file that it never got is destroyed all the same.
func TestAHoldKeepsNoVersionThatItsPartyNeverHad(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	focal, deputy := h.signatory(g, "focal.wco"), h.signatory(g, "deputy.wco")
	reader, auditor := h.staff(g, "staff.unoct"), h.auditor(g, "auditor.unoct")
	wrong, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	must(t, second(g.PlaceHold(t.Context(), auditor, wrong.ID, "A dispute")))
	must(t, second(g.Destroy(t.Context(), focal, wrong.ID, wrong.Version, "A wrong file")))
	must(t, second(g.Destroy(t.Context(), deputy, wrong.ID, wrong.Version, "A wrong file")))

	had := granted(t, h, g, reader, secret+" (2)")
	d, err := g.Disclose(t.Context(), reader, had.ID, reading())
	must(t, err)
	readAll(t, g, reader, d)
	must(t, second(g.PlaceHold(t.Context(), auditor, had.ID, "A dispute")))
	refusedFor(t, second(g.Destroy(t.Context(), focal, had.ID, had.Version, "A wrong file")), "gateway/under-hold")
}
