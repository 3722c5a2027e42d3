package exchange_test

import (
	"errors"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

const hookAt = "https://receiver.example/hook"

// An address is sent word once a second person, a focal point of the same Party, said the same; one person takes it
// away. Nobody of the other Party sees it, confirms it or takes it away; the address is kept sealed.
func TestAnAddressIsSentWordOnceTwoPeopleSaidSo(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	deputy := h.person(g, "deputy.wco", article4.RoleStaff, article4.RoleSignatory)
	focal, theirs := h.signatory(g, "focal.wco"), h.signatory(g, "focal.unoct")
	in := exchange.WebhookProposed{Address: hookAt}
	_, waits, err := g.KeepWebhook(t.Context(), deputy, in)
	must(t, err)
	if waits == nil || len(webhooksOf(t, g, focal)) != 0 {
		t.Fatalf("after one person: %+v, %d addresses", waits, len(webhooksOf(t, g, focal)))
	}
	_, _, err = g.KeepWebhook(t.Context(), deputy, in)
	refusedFor(t, err, "gateway/second-person-missing")
	if _, _, err := g.KeepWebhook(t.Context(), theirs.Confirming(waits.ID), in); err == nil {
		t.Error("the other Party's focal point confirms it")
	}
	made, pending, err := g.KeepWebhook(t.Context(), focal.Confirming(waits.ID), in)
	must(t, err)
	if pending != nil || made.Address != hookAt || made.ProposedBy != deputy.Person() ||
		made.ConfirmedBy != focal.Person() {
		t.Errorf("confirmed: %+v", made)
	}
	if _, _, err := g.KeepWebhook(t.Context(), focal, in); !errors.Is(err, exchange.ErrConflict) {
		t.Errorf("the same address again: %v", err)
	}
	if len(webhooksOf(t, g, theirs)) != 0 || len(webhooksOf(t, g, h.staff(g, "staff.wco"))) != 0 {
		t.Error("others see the address")
	}
	for _, who := range []exchange.Actor{theirs, h.signatory(g, "focal.piu")} {
		_, listed := g.WebhookDeliveries(t.Context(), who, made.ID, exchange.Paging{})
		_, again := g.Redeliver(t.Context(), who, made.ID, nil)
		_, ended := g.EndWebhook(t.Context(), who, made.ID)
		if !isNotFound(listed) || !isNotFound(again) || !isNotFound(ended) {
			t.Errorf("others: %v, %v, %v; want that it is absent", listed, again, ended)
		}
	}
	_, err = g.EndWebhook(t.Context(), h.staff(g, "staff.wco"), made.ID)
	refusedFor(t, err, "gateway/no-authority")
	_, err = g.EndWebhook(t.Context(), deputy, made.ID)
	must(t, err)
	if _, err := g.EndWebhook(t.Context(), focal, made.ID); !isNotFound(err) || len(webhooksOf(t, g, focal)) != 0 {
		t.Errorf("taken away twice: %v", err)
	}
	if n := h.count(`SELECT count(*) FROM webhook WHERE position('receiver' IN encode(address_sealed, 'escape')) > 0`) +
		h.count(`SELECT count(*) FROM pending WHERE target LIKE '%receiver%'`); n != 0 {
		t.Error("an address stands in the database in clear")
	}
}

// A signatory who is no focal point confirms no address.
func TestOnlyAFocalPointConfirmsAnAddress(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	in := exchange.WebhookProposed{Address: hookAt}
	_, _, err := g.KeepWebhook(t.Context(), h.signatory(g, "focal.wco"), in)
	must(t, err)
	signatory := h.person(g, "deputy.wco", article4.RoleStaff, article4.RoleSignatory)
	_, _, err = g.KeepWebhook(t.Context(), signatory, in)
	refusedFor(t, err, "gateway/no-authority")
}

// What is no https address of a host is refused before anything is recorded.
func TestAnAddressIsHTTPSAndHoldsNoPassword(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	for _, address := range []string{"", "http://receiver.example/", "https://", "https:///x",
		"ftp://receiver.example/",
		"https://user:secret@receiver.example/", "https://receiver.example/#x", "https://receiver.example/ x",
		"https:receiver.example", "https://receiver.example/\r\nHost: x", "javascript:alert(1)",
		"https://receiver.example/" + strings.Repeat("x", 500)} {
		var wrong *exchange.Invalid
		_, _, err := g.KeepWebhook(t.Context(), h.signatory(g, "focal.wco"),
			exchange.WebhookProposed{Address: address})
		if !errors.As(err, &wrong) {
			t.Errorf("%q: %v", address, err)
		}
	}
	if n := h.count(`SELECT count(*) FROM pending`); n != 0 {
		t.Errorf("%d wait", n)
	}
}

// What a Party is told is put on its way to its addresses by the act itself, and to nobody else's; of one that is not
// reached for too long the Party is told, once.
func TestWhatAPartyIsToldIsOnItsWayToItsOwnAddressesAlone(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	for _, who := range []string{"wco", "unoct"} {
		in := exchange.WebhookProposed{Address: hookAt + "/" + who}
		_, _, err := g.KeepWebhook(t.Context(), h.signatory(g, "deputy."+who), in)
		must(t, err)
		_, _, err = g.KeepWebhook(t.Context(), h.signatory(g, "focal."+who), in)
		must(t, err)
	}
	focal := h.signatory(g, "focal.wco")
	ours, theirs := webhooksOf(t, g, focal)[0], webhooksOf(t, g, h.signatory(g, "focal.unoct"))[0]
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	_, err = g.Request(t.Context(), h.staff(g, "staff.unoct"), doc.ID, ask(g, unoct))
	must(t, err)
	asked := ofKind(t, g, focal, "asked")[0]
	mine, err := g.WebhookDeliveries(t.Context(), focal, ours.ID, exchange.Paging{})
	must(t, err)
	other, err := g.WebhookDeliveries(t.Context(), h.signatory(g, "focal.unoct"), theirs.ID, exchange.Paging{})
	must(t, err)
	if len(mine.Items) != 1 || mine.Items[0].Notice != asked.ID || mine.Items[0].State != "waiting" ||
		len(other.Items) != 0 {
		t.Errorf("on their way: %+v, and to the other Party %+v", mine.Items, other.Items)
	}
	h.superuser(`UPDATE webhook SET failing_since = now() - interval '4 days', rests_until = now() - interval '3 days'
		WHERE organisation = 'org_wco'`)
	must(t, g.EndFailingWebhooks(t.Context()))
	if webhooksOf(t, g, focal)[0].DisabledAt != nil {
		t.Error("an address that nobody tried for three days is ended unasked")
	}
	h.superuser(`UPDATE webhook SET rests_until = now() WHERE organisation = 'org_wco'`)
	for range 2 {
		must(t, g.EndFailingWebhooks(t.Context()))
	}
	if told := ofKind(t, g, focal, "webhook"); len(told) != 1 || told[0].Subject != ours.ID {
		t.Errorf("the Party is told %+v", told)
	}
	if webhooksOf(t, g, focal)[0].DisabledAt == nil {
		t.Error("it is sent to still")
	}
	_, err = g.Redeliver(t.Context(), focal, ours.ID, nil)
	must(t, err)
	if webhooksOf(t, g, focal)[0].DisabledAt != nil {
		t.Error("sent again, it is not sent to")
	}
}

func webhooksOf(t *testing.T, g *exchange.Gateway, a exchange.Actor) []exchange.Webhook {
	t.Helper()
	page, err := g.Webhooks(t.Context(), a, exchange.Paging{})
	must(t, err)
	return page.Items
}
