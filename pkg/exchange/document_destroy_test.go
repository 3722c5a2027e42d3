package exchange_test

import (
	"errors"
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/invalid"
)

// Destroying a wrong file erases its key and those of the copies made of it, and removes the objects: nothing is left
// that a stolen key or a stolen bucket could give alone.
func TestDestroyingAVersionErasesTheKeysOfItsCopiesAndRemovesTheObjects(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(prose))
	must(t, err)
	focal, deputy, reader := h.signatory(g, "focal.wco"), h.signatory(g, "deputy.wco"), h.staff(g, "staff.unoct")
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	_, err = g.Decide(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, q))
	must(t, err)
	in := reading()
	in.Form = article4.Stamped
	d, err := g.Disclose(t.Context(), reader, doc.ID, in)
	must(t, err)
	readAll(t, g, reader, d)
	if n := h.count(`SELECT count(*) FROM copy WHERE wrapped_key IS NOT NULL`); n != 1 {
		t.Fatalf("%d copies; want one, or the test shows nothing", n)
	}
	waits, err := g.Destroy(t.Context(), focal, doc.ID, doc.Version, "The wrong file")
	must(t, err)
	if waits == nil {
		t.Fatal("one person destroyed it")
	}
	if n := h.count(`SELECT count(*) FROM version WHERE wrapped_key IS NULL`); n != 0 {
		t.Error("the first of two people destroyed it")
	}
	_, err = g.Destroy(t.Context(), deputy, doc.ID, doc.Version, "The wrong file")
	must(t, err)
	if n := h.count(`SELECT (SELECT count(*) FROM copy WHERE wrapped_key IS NOT NULL)
		+ (SELECT count(*) FROM version WHERE wrapped_key IS NOT NULL)`); n != 0 {
		t.Errorf("%d keys are left", n)
	}
	must(t, g.Sweep(t.Context()))
	if n := h.count(`SELECT count(*) FROM upload WHERE removed_at IS NULL`); n != 0 {
		t.Errorf("%d objects are left", n)
	}
	refusedFor(t, second(g.Content(t.Context(), reader, d.ID, nil)), "art4.9/version-destroyed")
}

// Having read a notice is no answer to what became of the copies.
func TestReadingANoticeIsNoAnswerToWhatBecameOfTheCopies(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	doc, _ := wasReceived(t, h, g, prose)
	_, err := g.Recall(t.Context(), h.signatory(g, "focal.wco"), doc.ID, "A wrong annex")
	must(t, err)
	reader := h.staff(g, "staff.unoct")
	told, err := g.Notices(t.Context(), reader, exchange.NoticeQuery{Kind: "recall"})
	must(t, err)
	if len(told.Items) != 1 || len(told.Items[0].CopyNumbers) != 1 {
		t.Fatalf("told %+v; want the recall of one copy", told.Items)
	}
	id := told.Items[0].ID
	var fault *invalid.Error
	_, err = g.Acknowledge(t.Context(), reader, id, exchange.Acknowledgement{Disposition: "read"})
	if !errors.As(err, &fault) {
		t.Errorf("having read the recall was taken for an answer: %v", err)
	}
	_, err = g.Acknowledge(t.Context(), reader, id, exchange.Acknowledgement{Disposition: "destroyed"})
	must(t, err)
}
