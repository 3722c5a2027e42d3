package exchange_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

const secret = "Indicators: three ports, two carriers, one pattern."

// ask is a request with nothing missing.
func ask(g *exchange.Gateway, o article4.OrganisationID) exchange.Ask {
	return exchange.Ask{For: o, Purpose: "art2.e", Statement: "Joint training in May",
		Until: time.Now().AddDate(0, 0, 30), Form: article4.Original}
}

func reading() exchange.Reading {
	return exchange.Reading{Purpose: "art2.e", Statement: "Preparing the joint training", Form: article4.Original}
}

func verdict(act article4.Act, q exchange.AccessRequest) exchange.Verdict {
	v := exchange.Verdict{Act: act, Statement: "Agreed for the training", IfMatch: q.ETag}
	if act == article4.ActConsent {
		v.Evidence.Kind = article4.EvidenceNone
	}
	return v
}

// shown is a request as somebody is shown it now.
func (h *fixture) shown(g *exchange.Gateway, a exchange.Actor, q exchange.AccessRequest) exchange.AccessRequest {
	h.t.Helper()
	one, err := g.DescribeRequest(h.t.Context(), a, q.ID)
	must(h.t, err)
	return one
}

func readAll(t *testing.T, g *exchange.Gateway, a exchange.Actor, d exchange.Disclosure) string {
	t.Helper()
	transfer, err := g.Content(t.Context(), a, d.ID, nil)
	must(t, err)
	data, err := io.ReadAll(transfer)
	must(t, err)
	must(t, transfer.Finish(t.Context(), int64(len(data))))
	return string(data)
}

// The main way through the gateway, between the Parties: no byte without the Discloser's authorization.
func TestArticle4_4AConfidentialDocumentReachesTheRecipientOnlyAuthorized(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff, focal := h.staff(g, "staff.wco"), h.signatory(g, "focal.wco")
	reader := h.staff(g, "staff.unoct")

	unmarked := metadata()
	unmarked.Marking = ""
	refusedFor(t, second(g.Deposit(t.Context(), staff, unmarked, func() (io.Reader, exchange.ContentPart, error) {
		t.Error("the content of an unmarked document was opened")
		return strings.NewReader(secret), exchange.ContentPart{}, nil
	})), "art4.9/unmarked")

	doc, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
	must(t, err)
	stub, err := g.Describe(t.Context(), reader, doc.ID)
	must(t, err)
	if stub.Whole || stub.Title != "" || stub.Reference != doc.Reference {
		t.Errorf("the Recipient sees %+v; want the stub without title", stub)
	}
	refusal := refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())), "art4.4/authorization-missing",
		"art4.5/not-granted")
	if refusal.Entry == "" {
		t.Error("the refusal has no entry in the log")
	}

	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	if q.State != article4.StateOpen || len(q.Missing) == 0 {
		t.Errorf("request %+v; want open, with what is missing", q)
	}
	refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())), "art4.4/authorization-missing")
	q, err = g.Decide(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, q))
	must(t, err)
	if q.State != article4.StateInForce {
		t.Errorf("request %s, missing %v; want in force", q.State, q.Missing)
	}
	d, err := g.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)
	if got := readAll(t, g, reader, d); got != secret {
		t.Errorf("read %q; want %q", got, secret)
	}
	if _, err := g.Content(t.Context(), h.staff(g, "other.unoct"), d.ID, nil); !isNotFound(err) {
		t.Errorf("another person of the Recipient: %v; want not found", err)
	}

	_, err = g.Withdraw(t.Context(), focal, q.ID, exchange.Withdrawal{Statement: "The training is cancelled"})
	must(t, err)
	refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())), "art4.4/authorization-withdrawn")
	_, err = g.Content(t.Context(), reader, d.ID, nil)
	refusedFor(t, err, "art4.4/authorization-withdrawn")
}

// The main way to a third party: consent, Confidentiality Agreement, withdrawal.
func TestArticle4_8AThirdPartyGetsNothingWithoutTheDisclosersPriorWrittenConsent(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff, focal, asker := h.staff(g, "staff.wco"), h.signatory(g, "focal.wco"), h.signatory(g, "focal.unoct")
	analyst, signer := h.staff(g, "analyst.piu"), h.person(g, "focal.piu", article4.RoleStaff, article4.RoleFocalPoint)

	doc, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
	must(t, err)
	agreement, err := g.Propose(t.Context(), focal,
		exchange.Proposal{Organisation: piu, Text: "We keep it to ourselves."})
	must(t, err)
	if _, err := g.Describe(t.Context(), analyst, doc.ID); !isNotFound(err) {
		t.Errorf("before the consent the third party gets %v; want the answer of an absent document", err)
	}
	request := ask(g, piu)
	request.People = []article4.PersonID{analyst.Person()}
	q, err := g.Request(t.Context(), asker, doc.ID, request)
	must(t, err)
	if _, err := g.Disclose(t.Context(), analyst, doc.ID, reading()); !isNotFound(err) {
		t.Errorf("before the consent the third party gets %v; want not found", err)
	}
	q, err = g.Decide(t.Context(), focal, q.ID, verdict(article4.ActConsent, q))
	must(t, err)
	if q.State != article4.StateOpen || q.Missing[0].What != "art4.8/agreement-unsigned" {
		t.Errorf("after the consent: %s, missing %v; want the agreement", q.State, q.Missing)
	}
	refusedFor(t, second(g.Disclose(t.Context(), analyst, doc.ID, reading())), "art4.8/agreement-unsigned")
	_, err = g.Sign(t.Context(), signer, agreement.ID,
		exchange.Signing{SHA256: agreement.SHA256, Name: "R. Silva", Function: "Head", Authority: "Decree 12",
			Accepts: true})
	must(t, err)
	d, err := g.Disclose(t.Context(), analyst, doc.ID, reading())
	must(t, err)
	if got := readAll(t, g, analyst, d); got != secret {
		t.Errorf("read %q; want %q", got, secret)
	}
	_, err = g.Withdraw(t.Context(), focal, q.ID, exchange.Withdrawal{Statement: "No longer"})
	must(t, err)
	_, err = g.Content(t.Context(), analyst, d.ID, nil)
	refusedFor(t, err, "art4.8/consent-withdrawn")
	told, err := g.Notices(t.Context(), analyst, exchange.NoticeQuery{})
	must(t, err)
	told.Items = noticesOf(told.Items, "withdrawal")
	if len(told.Items) != 1 || told.Items[0].CopyNumbers[0] != d.CopyNumber {
		t.Errorf("the holder is told %+v; want the withdrawal with copy %s", told.Items, d.CopyNumber)
	}
	refusedFor(t, second(g.Disclose(t.Context(), analyst, doc.ID, reading())), "art4.8/consent-withdrawn")
}

// A withdrawal cuts a running download from the next byte, on another replica too.
func TestReading0006AWithdrawalCutsRunningDownloadsOnEveryReplica(t *testing.T) {
	h := newFixture(t)
	one, two := h.gateway(), h.gateway()
	staff, focal := h.staff(one, "staff.wco"), h.signatory(one, "focal.wco")
	reader := h.staff(two, "staff.unoct")
	doc, err := one.Deposit(t.Context(), staff, metadata(), content(strings.Repeat(secret, 200_000)))
	must(t, err)
	q, err := one.Request(t.Context(), reader, doc.ID, ask(one, unoct))
	must(t, err)
	q, err = one.Decide(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, q))
	must(t, err)
	d, err := two.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)
	transfer, err := two.Content(t.Context(), reader, d.ID, nil)
	must(t, err)
	buf := make([]byte, 64<<10)
	_, err = io.ReadFull(transfer, buf)
	must(t, err)
	start := time.Now()
	_, err = one.Withdraw(t.Context(), focal, q.ID, exchange.Withdrawal{Statement: "Stop"})
	must(t, err)
	select {
	case <-transfer.Cut():
		t.Logf("cut %s after the withdrawal was asked for", time.Since(start))
	case <-time.After(3 * time.Second):
		t.Fatal("the download was not cut within 3 s")
	}
	if _, err := transfer.Read(buf); !errors.Is(err, exchange.ErrCut) {
		t.Errorf("Read = %v; want ErrCut", err)
	}
	must(t, transfer.Finish(t.Context(), int64(len(buf))))
}

func second[T any](_ T, err error) error { return err }

func isNotFound(err error) bool {
	var absent *exchange.NotFound
	return errors.As(err, &absent) && absent.Entry != ""
}
