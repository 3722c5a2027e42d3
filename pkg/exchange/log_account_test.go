package exchange_test

import (
	"bytes"
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/ledger"
)

// accounted reads the accounting page by page, as the lines that the items are.
func accounted(t *testing.T, g *exchange.Gateway, auditor exchange.Actor, of exchange.Disclosure) ([]byte,
	[]exchange.AccountedDisclosure) {
	t.Helper()
	var lines []byte
	var items []exchange.AccountedDisclosure
	for q := (exchange.AccountingQuery{Document: of.Document, Paging: exchange.Paging{Limit: 1}}); ; {
		page, err := g.LogAccounting(t.Context(), auditor, q)
		must(t, err)
		for _, item := range page.Items {
			data, err := item.Bytes()
			must(t, err)
			lines, items = append(append(lines, data...), '\n'), append(items, item)
		}
		if q.After = page.Next; page.Next == "" {
			return lines, items
		}
	}
}

// The accounting is made of entries alone: an auditor gets it from the gateway, and the same bytes out of a bundle.
func TestArticle4_8TheAccountingOfADocumentComesFromTheLogAlone(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	third := told(t, h, g)
	// what the records say is no matter
	h.superuser(`UPDATE disclosure SET purpose = 'art2.f', copy_number = copy_number || 'x'`)
	for auditor, want := range map[string]int{"auditor.wco": 3, "auditor.unoct": 2} {
		a := h.auditor(g, auditor)
		h.eventually(`SELECT count(*) FROM log_pending`, 0)
		lines, items := accounted(t, g, a, third)
		offline, err := ledger.AccountOf(h.export(g, a, exchange.LogQuery{}),
			ledger.AccountFilter{Document: string(third.Document)})
		must(t, err)
		if !bytes.Equal(lines, offline) {
			t.Errorf("%s: the gateway says\n%s\nthe bundle\n%s", auditor, lines, offline)
		}
		if len(items) != want {
			t.Fatalf("%s is shown %d disclosures; want %d", auditor, len(items), want)
		}
		for _, to := range []article4.OrganisationID{piu, unoct} {
			page, err := g.LogAccounting(t.Context(), a, exchange.AccountingQuery{To: to})
			must(t, err)
			var online []byte
			for _, item := range page.Items {
				data, err := item.Bytes()
				must(t, err)
				online = append(append(online, data...), '\n')
			}
			h.eventually(`SELECT count(*) FROM log_pending`, 0)
			offline, err := ledger.AccountOf(h.export(g, a, exchange.LogQuery{}), ledger.AccountFilter{To: string(to)})
			must(t, err)
			if len(page.Items) == 0 || !bytes.Equal(online, offline) {
				t.Errorf("%s of what %s had: the gateway says\n%s\nthe bundle\n%s", auditor, to, online, offline)
			}
		}
		last := items[len(items)-1]
		if last.CopyNumber != third.CopyNumber || last.To != string(piu) || last.Consent == "" ||
			last.Agreement == "" || last.Grant == "" || last.Purpose != "art2.e" {
			t.Errorf("%s: the third party's disclosure is accounted as %+v", auditor, last)
		}
		for _, item := range items {
			if len(item.Completions) != 1 || item.Completions[0].End != ledger.EndComplete ||
				item.Completions[0].Bytes != int64(len(secret)) {
				t.Errorf("%s: %s is closed as %+v", auditor, item.Disclosure, item.Completions)
			}
		}
	}
	page, err := g.LogAccounting(t.Context(), h.auditor(g, "auditor.wco"),
		exchange.AccountingQuery{Document: "doc_absent"})
	must(t, err)
	if len(page.Items) != 0 {
		t.Errorf("an absent document has %d disclosures", len(page.Items))
	}
	refusedFor(t, second(g.LogAccounting(t.Context(), h.signatory(g, "focal.wco"),
		exchange.AccountingQuery{Document: third.Document})),
		"art4.6/not-admitted")
}

// A marked copy is accounted with its digest, one that could not be made as failed.
func TestTheAccountingNamesMarkedCopiesAndThoseThatFailed(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	reader, a := h.staff(g, "staff.unoct"), h.auditor(g, "auditor.wco")
	doc, broken := granted(t, h, g, reader, secret), granted(t, h, g, reader, "%PDF-1.7\nbroken")
	d, err := g.Disclose(t.Context(), reader, doc.ID, stamped())
	must(t, err)
	refusedFor(t, second(g.Disclose(t.Context(), reader, broken.ID, stamped())), "gateway/cannot-be-marked")
	h.eventually(`SELECT count(*) FROM log_pending`, 0)
	_, items := accounted(t, g, a, d)
	if len(items) != 1 || items[0].Copy != string(d.SHA256) || len(items[0].Completions) != 0 {
		t.Errorf("%+v; want the copy %s, not closed yet", items, d.SHA256)
	}
	if _, items = accounted(t, g, a, exchange.Disclosure{Document: broken.ID}); len(items) != 1 ||
		!items[0].CopyFailed {
		t.Errorf("%+v; want one whose copy failed", items)
	}
}
