package exchange_test

import (
	"context"
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// listedOf counts what a list shows, and what it says that it leaves out.
func listedOf[T any](t *testing.T, page exchange.Page[T], err error) (shown, left int) {
	t.Helper()
	must(t, err)
	return len(page.Items), page.LeftOut
}

// firstPage counts what the first page of a list is, as one of its readers sees it.
func firstPage[T any](t *testing.T,
	read func(context.Context, exchange.Actor, exchange.Paging) (exchange.Page[T], error),
	a exchange.Actor) func() (shown, left int) {
	return func() (int, int) {
		page, err := read(t.Context(), a, exchange.Paging{})
		return listedOf(t, page, err)
	}
}

// One record that was altered keeps nobody from what stands beside it in a list: it is left out, the list says so, and
// the auditors of both Parties are told. Whoever may write into the database stopped every list, the home page and the
// events of every machine with one row.
func TestAnAlteredRecordEndsNoList(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff, focal, reader := h.staff(g, "staff.wco"), h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	two := func(do func() error) {
		t.Helper()
		must(t, do())
		must(t, do())
	}
	deposit := func() exchange.Document {
		doc, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
		must(t, err)
		return doc
	}
	var asked exchange.AccessRequest
	two(func() (err error) {
		asked, err = g.Request(t.Context(), reader, deposit().ID, ask(g, unoct))
		return err
	})
	two(func() error { return second(g.Ask(t.Context(), focal, asked.ID, "For what?")) })
	two(func() error { waitsToBeLowered(t, h, g); return nil })
	two(func() error {
		return second(g.Suspend(t.Context(), focal, exchange.Suspension{Document: deposit().ID, Reason: "A doubt"}))
	})
	two(func() error { return second(g.PlaceHold(t.Context(), focal, deposit().ID, "A dispute")) })
	two(func() error {
		return second(g.Stage(t.Context(), staff, stagedAs(article4.Restricted), content(prose)))
	})
	for _, o := range []article4.OrganisationID{piu, customs} {
		in := exchange.Proposal{Organisation: o, Text: "We keep it to ourselves."}
		must(t, second(g.Propose(t.Context(), focal, in)))
	}
	for _, text := range []string{paperText, paperText + ", another"} {
		must(t, second(g.DepositInstrument(t.Context(), focal, exchange.InstrumentDeposit{}, paperFile(text))))
	}
	two(func() error { weekly(t, g, focal); return nil })
	all := exchange.Paging{}
	requests := func(a exchange.Actor, box string) func() (int, int) {
		return func() (int, int) {
			page, err := g.Requests(t.Context(), a, exchange.RequestQuery{Box: box})
			return listedOf(t, page, err)
		}
	}
	documents := func(a exchange.Actor) func() (int, int) {
		return func() (int, int) {
			page, err := g.List(t.Context(), a, exchange.DocumentQuery{})
			return listedOf(t, page, err)
		}
	}
	notices := func() (int, int) {
		page, err := g.Notices(t.Context(), focal, exchange.NoticeQuery{Kind: "asked"})
		return listedOf(t, page, err)
	}
	for _, c := range []struct {
		name, table, column, where string
		list                       func() (int, int)
	}{
		{"documents", "document", "title_sealed", "", documents(staff)},
		{"documents, by a version", "version", "file_name_sealed", "", documents(staff)},
		{"documents, by a request", "access_request", "terms_sealed", "", documents(reader)},
		{"one's own requests", "access_request", "terms_sealed", "", requests(reader, "mine")},
		{"one's own requests, by a document", "document", "terms_sealed", "id IN (SELECT document FROM access_request)",
			requests(reader, "mine")},
		{"the inbox", "access_request", "statement_sealed", "", requests(focal, "inbox")},
		{"notices", "notice", "facts_sealed", "kind = 'asked'", notices},
		{"what waits for a second person", "pending", "payload_sealed", "", firstPage(t, g.Confirmations, focal)},
		{"suspensions", "suspension", "reason_sealed", "", firstPage(t, g.Suspensions, focal)},
		{"Holds", "hold", "reason_sealed", "", firstPage(t, g.Holds, focal)},
		{"Confidentiality Agreements", "agreement", "text_sealed", "", firstPage(t, g.Agreements, focal)},
		{"staged files", "staged", "found_sealed", "", firstPage(t, g.StagedFiles, staff)},
		{"papers", "instrument", "said_sealed", "", func() (int, int) {
			page, err := g.Instruments(t.Context(), focal, exchange.InstrumentQuery{})
			return listedOf(t, page, err)
		}},
		{"series", "series", "said_sealed", "", firstPage(t, g.SeriesKept, focal)},
		{"what was said of a request", "message", "text_sealed", "", func() (int, int) {
			page, err := g.Messages(t.Context(), reader, asked.ID, all)
			return listedOf(t, page, err)
		}},
		{"people", "person", "name_sealed", "organisation = '" + string(wco) +
			"' AND id <> '" + string(focal.Person()) + "'",
			func() (int, int) {
				page, err := g.People(t.Context(), focal, "", all)
				return listedOf(t, page, err)
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.where == "" {
				c.where = "true"
			}
			before, none := c.list()
			if before < 2 || none != 0 {
				t.Fatalf("%d are shown, %d left out", before, none)
			}
			update := `SET session_replication_role = replica; UPDATE ` + c.table + ` SET ` + c.column + ` = `
			of := ` WHERE id = (SELECT min(id) FROM ` + c.table + ` WHERE ` + c.where + `)`
			h.superuser(update + c.column + ` || '\x00'` + of)
			told := h.count(`SELECT count(*) FROM log_entry WHERE log_said(body) -> 'reasons' ? 'gateway/altered'`)
			if shown, left := c.list(); shown != before-1 || left != 1 {
				t.Errorf("with one altered %d are shown and %d left out; want %d and 1", shown, left, before-1)
			}
			must(t, second(g.Events(t.Context(), focal, exchange.EventQuery{})))
			must(t, second(g.Waiting(t.Context(), focal)))
			h.superuser(update + `substring(` + c.column + ` FOR octet_length(` + c.column + `) - 1)` + of)
			if shown, left := c.list(); shown != before || left != 0 {
				t.Errorf("put right, %d are shown and %d left out", shown, left)
			}
			if told == 0 { // once a day for each document; the first case tells
				h.toldOfAlterations(2)
			}
		})
	}
}
