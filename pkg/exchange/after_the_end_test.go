package exchange_test

import (
	"io"
	"slices"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// ended is an Arrangement that is over, with a document of which the Recipient holds a copy, and one of which it holds
// none.
func (h *fixture) ended(g *exchange.Gateway) (held, unheld exchange.Document) {
	h.t.Helper()
	for i, d := range []*exchange.Document{&held, &unheld} {
		var err error
		*d, err = g.Deposit(h.t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret+string(rune('a'+i))))
		must(h.t, err)
	}
	asker, focal := h.staff(g, "staff.unoct"), h.signatory(g, "focal.wco")
	q, err := g.Request(h.t.Context(), asker, held.ID, ask(g, unoct))
	must(h.t, err)
	must(h.t, second(g.Decide(h.t.Context(), focal, q.ID, verdict(article4.ActAuthorize, h.shown(g, focal, q)))))
	x, err := g.Disclose(h.t.Context(), asker, held.ID, reading())
	must(h.t, err)
	transfer, err := g.Content(h.t.Context(), asker, x.ID, nil)
	must(h.t, err)
	n, err := io.Copy(io.Discard, transfer)
	must(h.t, err)
	must(h.t, transfer.Finish(h.t.Context(), n))
	h.terminate(g)
	h.moveClock(92 * days)
	return held, unheld
}

// After the end the Discloser consents in writing to a third party for a copy that the Recipient holds: 4(10) keeps
// 4(8) with its consent. It is recorded, the verifier finds the log in order, and no byte moves here.
func TestReading0009AConsentForACopyThatTheRecipientHoldsIsRecordedAndOpensNothing(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	held, unheld := h.ended(g)
	asker, focal, analyst := h.staff(g, "staff.unoct"), h.signatory(g, "focal.wco"), h.staff(g, "analyst.piu")
	want := ask(g, piu)
	want.Until = h.today().AddDate(0, 0, 30)
	want.People = []article4.PersonID{analyst.Person()}

	refusal := refused(t, second(g.Request(t.Context(), asker, unheld.ID, want)))
	if got := codes(refusal); !slices.Equal(got, []article4.Code{"art11.4/ended"}) {
		t.Errorf("for a document of which the Recipient holds nothing: %v", got)
	}
	for id, may := range map[article4.DocumentID]bool{held.ID: true, unheld.ID: false} {
		shown, err := g.Describe(t.Context(), asker, id)
		must(t, err)
		if said := shown.Permissions[article4.ActRequest]; said.Allowed != may {
			t.Errorf("what could be asked for is told otherwise: %+v, want %v", said, may)
		}
	}
	q, err := g.Request(t.Context(), asker, held.ID, want)
	must(t, err)
	if got := h.shown(g, asker, q); got.State != article4.StateOpen ||
		got.Missing[0].What != "art4.8/no-written-consent" {
		t.Fatalf("asked after the end: %s, missing %v", got.State, got.Missing)
	}
	must(t, second(g.Decide(t.Context(), focal, q.ID, verdict(article4.ActConsent, h.shown(g, focal, q)))))
	if got := h.shown(g, asker, q); got.State != article4.StateInForce {
		t.Errorf("consented after the end: %s", got.State)
	}

	for name, reader := range map[string]exchange.Actor{"the third party": analyst, "the Recipient": asker} {
		refusal := refused(t, second(g.Disclose(t.Context(), reader, held.ID, reading())))
		if !slices.Contains(codes(refusal), "art11.4/ended") {
			t.Errorf("%s reads after the end: %v", name, codes(refusal))
		}
	}
	seen, err := g.Describe(t.Context(), analyst, held.ID)
	must(t, err)
	if seen.FileName != "" || seen.SHA256 != "" {
		t.Errorf("the third party is shown the record: %+v", seen)
	}
	notices, err := g.Notices(t.Context(), asker, exchange.NoticeQuery{})
	must(t, err)
	told := noticesOf(notices.Items, "in-force")
	if len(told) == 0 || told[0].Request != q.ID ||
		!strings.Contains(english(told[0]), "gives access to nothing here") {
		t.Errorf("the asker is told %+v", told)
	}
	notices, err = g.Notices(t.Context(), analyst, exchange.NoticeQuery{})
	must(t, err)
	if told := noticesOf(notices.Items, "in-force"); len(told) != 0 {
		t.Errorf("the third party's reader is told of access: %+v", told)
	}
	must(t, second(g.Withdraw(t.Context(), focal, q.ID, exchange.Withdrawal{Statement: "No longer"})))
	if got := h.shown(g, asker, q); got.State != article4.StateWithdrawn {
		t.Errorf("withdrawn after the end: %s", got.State)
	}
}

// What the Recipient says that it destroyed it does not hold.
func TestReading0009ACopyThatWasDestroyedIsHeldNoLonger(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	held, _ := h.ended(g)
	asker, focal := h.staff(g, "staff.unoct"), h.signatory(g, "focal.wco")
	must(t, second(g.Recall(t.Context(), focal, held.ID, "The Arrangement has ended")))
	recipient := h.signatory(g, "focal.unoct")
	notices, err := g.Notices(t.Context(), recipient, exchange.NoticeQuery{})
	must(t, err)
	for _, n := range noticesOf(notices.Items, "recall") {
		must(t, second(g.Acknowledge(t.Context(), recipient, n.ID,
			exchange.Acknowledgement{Disposition: "destroyed", Statement: "Shredded"})))
	}
	want := ask(g, piu)
	want.Until = h.today().AddDate(0, 0, 30)
	refusal := refused(t, second(g.Request(t.Context(), asker, held.ID, want)))
	if got := codes(refusal); !slices.Equal(got, []article4.Code{"art11.4/ended"}) {
		t.Errorf("the Recipient destroyed its copy, and asks for a third party: %v", got)
	}
}
