package exchange_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// paperText is the signed paper of every instrument that a test needs one of.
const paperText = "%PDF-1.7\nthe signed paper"

// paper deposits it for one of the organisation's acts, or for one request, and gives its digest.
func (h *fixture) paper(g *exchange.Gateway, a exchange.Actor, q article4.RequestID) article4.Digest {
	h.t.Helper()
	i, err := g.DepositInstrument(h.t.Context(), a, exchange.InstrumentDeposit{Request: q}, paperFile(paperText))
	must(h.t, err)
	return i.SHA256
}

// paper deposits it, where the rules let that person do so.
func (l *life) paper(p does, q article4.RequestID) {
	_, err := l.g.DepositInstrument(l.ctx, p.actorNow(), exchange.InstrumentDeposit{Request: q}, paperFile(paperText))
	var refused *exchange.Refusal
	if err != nil && !errors.As(err, &refused) && !isNotFound(err) {
		l.wrong("the paper of an instrument: %v", err)
	}
}

func paperFile(text string) exchange.ContentSource {
	return func() (io.Reader, exchange.ContentPart, error) {
		return strings.NewReader(text), exchange.ContentPart{FileName: "signed.pdf"}, nil
	}
}

// Delegations, designations, Mandates and filed authorizations rest on a signed paper that lies here (Article 4(8)),
// not on a digest that somebody states.
func TestNoDelegationRestsOnAPaperThatNobodyDeposited(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	focal, other := h.signatory(g, "focal.wco"), h.signatory(g, "focal.unoct")
	in := exchange.DelegationFiled{
		Subject:          "new.wco",
		Name:             "N. New",
		Acts:             []article4.Act{article4.ActConsent},
		From:             h.today(),
		Until:            h.today().AddDate(1, 0, 0),
		InstrumentSHA256: digest(paperText),
	}
	lies := func(err error) {
		t.Helper()
		var invalid *exchange.Invalid
		if !errors.As(err, &invalid) || invalid.Faults[0].Field != "instrument_sha256" {
			t.Errorf("%v; want instrument_sha256 named", err)
		}
	}
	before := h.count(`SELECT count(*) FROM log_entry`)
	lies(third(g.FileDelegation(t.Context(), focal, in)))
	lies(third(g.Designate(t.Context(), focal,
		exchange.Designation{Subject: "new.wco", Name: "N. New", InstrumentSHA256: digest(paperText)})))
	if now := h.count(`SELECT count(*) FROM log_entry`) + h.count(`SELECT count(*) FROM pending`); now != before {
		t.Errorf("what was not taken left %d entries or halves behind", now-before)
	}
	h.paper(g, other, "") // the other Party's is not this one's
	lies(third(g.FileDelegation(t.Context(), focal, in)))
	h.paper(g, focal, "")
	_, waits, err := g.FileDelegation(t.Context(), focal, in)
	must(t, err)
	_, err = g.ConfirmDelegation(t.Context(), h.signatory(g, "deputy.wco"), waits.ID)
	must(t, err)
}

// A paper is its own organisation's until an act that both Parties are shown names it; nobody else ever opens it, and
// the operator, staff and third parties never.
func TestAPaperIsOpenedByWhomItConcernsAndByNobodyElse(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	focal, other := h.signatory(g, "focal.wco"), h.signatory(g, "focal.unoct")
	i, err := g.DepositInstrument(t.Context(), focal, exchange.InstrumentDeposit{}, paperFile(paperText))
	must(t, err)
	opens := func(a exchange.Actor) bool {
		t.Helper()
		_, paper, err := g.InstrumentContent(t.Context(), a, i.ID)
		if err != nil && !isNotFound(err) {
			t.Fatal(err)
		}
		list, listErr := g.Instruments(t.Context(), a, exchange.InstrumentQuery{})
		must(t, listErr)
		if (err == nil) != (len(list.Items) == 1) {
			t.Errorf("opened: %v, listed: %d", err, len(list.Items))
		}
		return err == nil && string(paper) == paperText
	}
	strangers := []exchange.Actor{h.staff(g, "staff.wco"), h.staff(g, "staff.unoct"),
		h.person(g, "focal.piu", article4.RoleFocalPoint)}
	if !opens(focal) || !opens(h.signatory(g, "deputy.wco")) || opens(other) {
		t.Error("a paper that nothing names is opened by others than its own organisation's officials")
	}
	in := exchange.Designation{Subject: "deputy.wco", Name: "Daniel Moreau", InstrumentSHA256: i.SHA256}
	_, waits, err := g.Designate(t.Context(), focal, in)
	must(t, err)
	if opens(other) {
		t.Error("the other Party opens the paper of what waits for a second official")
	}
	_, err = g.ConfirmDesignation(t.Context(), h.signatory(g, "deputy.wco"), waits.ID)
	must(t, err)
	if !opens(other) {
		t.Error("the other Party does not open the paper of the designation that it is shown")
	}
	for _, a := range strangers {
		if opens(a) {
			t.Errorf("%v opens it", a)
		}
	}
	shown, err := g.Instrument(t.Context(), other, i.ID)
	must(t, err)
	if shown.Person != "" || shown.FileName != "" {
		t.Errorf("the other Party learns %+v", shown)
	}
}

// What is no signed paper leaves nothing behind: too large, empty, of another type, of another digest than declared.
func TestWhatIsNoSignedPaperIsNotTaken(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	focal := h.signatory(g, "focal.wco")
	for text, field := range map[string]string{"": "content", "plain text": "content",
		"%PDF-1.7\n" + strings.Repeat("x", 4<<20): "content"} {
		_, err := g.DepositInstrument(t.Context(), focal, exchange.InstrumentDeposit{}, paperFile(text))
		var invalid *exchange.Invalid
		if !errors.As(err, &invalid) || invalid.Faults[0].Field != field {
			t.Errorf("%d bytes: %v; want %s named", len(text), err, field)
		}
	}
	_, err := g.DepositInstrument(t.Context(), focal, exchange.InstrumentDeposit{SHA256: digest("other")},
		paperFile(paperText))
	var invalid *exchange.Invalid
	if !errors.As(err, &invalid) || invalid.Faults[0].Field != "sha256" {
		t.Errorf("another digest: %v", err)
	}
	refusedFor(t, second(g.DepositInstrument(t.Context(), h.staff(g, "staff.wco"), exchange.InstrumentDeposit{},
		func() (io.Reader, exchange.ContentPart, error) {
			t.Error("a byte was asked for of what is refused")
			return nil, exchange.ContentPart{}, io.EOF
		})), "gateway/no-authority")
	if n := h.count(`SELECT count(*) FROM instrument`); n != 0 {
		t.Errorf("%d papers lie here", n)
	}
}

// What nothing names is gone a day later, and may come again; what something names stays.
func TestAPaperThatNothingNamesIsGoneADayLater(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	focal := h.signatory(g, "focal.wco")
	first, err := g.DepositInstrument(t.Context(), focal, exchange.InstrumentDeposit{}, paperFile(paperText))
	must(t, err)
	again, err := g.DepositInstrument(t.Context(), focal, exchange.InstrumentDeposit{}, paperFile(paperText))
	must(t, err)
	if again.ID != first.ID {
		t.Error("the same paper lies here twice")
	}
	h.moveClock(25 * 3600 * 1e9)
	if err := second(g.Instrument(t.Context(), h.signatory(g, "focal.wco"), first.ID)); !isNotFound(err) {
		t.Errorf("a day later: %v; want not found", err)
	}
	focal = h.signatory(g, "focal.wco")
	digest := h.paper(g, focal, "")
	_, _, err = g.Designate(t.Context(), focal,
		exchange.Designation{Subject: "deputy.wco", Name: "Daniel Moreau", InstrumentSHA256: digest})
	must(t, err)
	h.moveClock(25 * 3600 * 1e9)
	list, err := g.Instruments(t.Context(), h.signatory(g, "focal.wco"), exchange.InstrumentQuery{})
	must(t, err)
	if len(list.Items) != 1 || !list.Items[0].ExpiresAt.IsZero() {
		t.Errorf("named, and %+v lies here", list.Items)
	}
}
