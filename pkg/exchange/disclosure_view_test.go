package exchange_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"strings"
	"sync"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/stamp"
)

// written is a PDF file with so many pages.
func written(pages int) string {
	var kids, objects strings.Builder
	for i := range pages {
		fmt.Fprintf(&kids, "%d 0 R ", 4+2*i)
		text := fmt.Sprintf("BT /F 12 Tf 72 700 Td (Page %d of the assessment) Tj ET", i+1)
		fmt.Fprintf(&objects, "%d 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %d 0 R/Resources"+
			"<</Font<</F 3 0 R>>>>>>endobj\n%d 0 obj<</Length %d>>stream\n%s\nendstream endobj\n", 4+2*i, 5+2*i, 5+2*i,
			len(text), text)
	}
	return fmt.Sprintf("%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[%s]/"+
		"Count %d>>endobj\n3 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n%strailer<</Root"+
		" 1 0 R>>\n%%%%EOF\n",
		kids.String(), pages, objects.String())
}

func view() exchange.Reading {
	r := reading()
	r.Form = article4.View
	return r
}

// toRead deposits a PDF file and gives the reader of UNOCT a grant to read it page by page.
func toRead(t testing.TB, h *fixture, g *exchange.Gateway, reader exchange.Actor,
	pages int) (exchange.Document, exchange.AccessRequest) {
	t.Helper()
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(written(pages)))
	must(t, err)
	asked := ask(g, unoct)
	asked.Form = article4.View
	q, err := g.Request(t.Context(), reader, doc.ID, asked)
	must(t, err)
	q, err = g.Decide(t.Context(), h.signatory(g, "focal.wco"), q.ID, verdict(article4.ActAuthorize, q))
	must(t, err)
	return doc, q
}

// What is read page by page is shown marked, one page at a time, and nothing of it is handed out: Article 4(6), 4(9).
func TestArticle4_6AGrantToReadShowsMarkedPagesAndHandsOutNothing(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	reader := h.staff(g, "staff.unoct")
	doc, _ := toRead(t, h, g, reader, 4)
	refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())), "gateway/form-not-granted")
	refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, stamped())), "gateway/form-not-granted")
	d, err := g.Disclose(t.Context(), reader, doc.ID, view())
	must(t, err)
	seen, err := g.Pages(t.Context(), reader, d.ID)
	must(t, err)
	if seen.Count != 4 || len(seen.Shown) != 0 || seen.Disclosure.Form != article4.View {
		t.Fatalf("%+v", seen)
	}
	for _, n := range []int{1, 2, 4, 2} {
		page, err := g.Page(t.Context(), reader, d.ID, n)
		must(t, err)
		shown, err := png.Decode(bytes.NewReader(page.PNG))
		must(t, err)
		if page.Number != n || page.Count != 4 || shown.Bounds().Dx() < 800 {
			t.Errorf("page %d of %d, %v", page.Number, page.Count, shown.Bounds())
		}
	}
	for _, n := range []int{0, 5, -1} {
		if _, err := g.Page(t.Context(), reader, d.ID, n); !errors.Is(err, exchange.ErrNoPage) {
			t.Errorf("page %d: %v", n, err)
		}
	}
	refusedFor(t, second(g.Content(t.Context(), reader, d.ID, nil)), "gateway/form-not-granted")
	refusedFor(t, second(g.ContentHead(t.Context(), reader, d.ID)), "gateway/form-not-granted")
	refusedFor(t, second(g.Label(t.Context(), reader, d.ID)), "gateway/form-not-granted")
	if n := h.count(`SELECT count(*) FROM transfer`); n != 0 {
		t.Errorf("%d transfers of what is read page by page", n)
	}
	h.moveClock(61 * time.Minute)
	must(t, g.CloseUnfetched(t.Context()))
	if n := h.count(`SELECT count(*) FROM log_entry WHERE kind = 'completion' AND convert_from(body, 'UTF8')::jsonb ` +
		`-> 'completion' @> '{"end": "shown", "pages": "1-2,4"}'`); n != 1 {
		t.Errorf("%d completions name the pages that were shown; want 1", n)
	}
	if _, err := g.Page(t.Context(), reader, d.ID, 1); !errors.Is(err, exchange.ErrOver) {
		t.Errorf("a page after the hour: %v", err)
	}
}

// Nobody else sees a page, whoever they are and whatever they know: Article 4(6).
func TestArticle4_6NobodyElseSeesAPage(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	reader := h.staff(g, "staff.unoct")
	doc, _ := toRead(t, h, g, reader, 1)
	d, err := g.Disclose(t.Context(), reader, doc.ID, view())
	must(t, err)
	must(t, second(g.Page(t.Context(), reader, d.ID, 1))) // it is open from now on
	for _, other := range []exchange.Actor{h.staff(g, "colleague.unoct"), h.signatory(g, "focal.unoct"),
		h.staff(g, "staff.wco"), h.signatory(g, "focal.wco"), h.staff(g, "analyst.piu-exampleland"),
		h.person(g, "auditor.unoct", article4.RoleAuditor), h.person(g, "op.operator", article4.RoleOperator)} {
		var absent *exchange.NotFound
		if _, err := g.Page(t.Context(), other, d.ID, 1); !errors.As(err, &absent) {
			t.Errorf("a page for somebody else: %v", err)
		}
		if _, err := g.Pages(t.Context(), other, d.ID); !errors.As(err, &absent) {
			t.Errorf("the pages for somebody else: %v", err)
		}
	}
}

// A withdrawal is seen at the next page, and so is a recall: reading 0006.
func TestArticle4_8AWithdrawalIsSeenAtTheNextPage(t *testing.T) {
	h := newFixture(t)
	g, other := h.gateway(), h.gateway()
	reader := h.staff(g, "staff.unoct")
	doc, q := toRead(t, h, g, reader, 2)
	d, err := g.Disclose(t.Context(), reader, doc.ID, view())
	must(t, err)
	must(t, second(g.Page(t.Context(), reader, d.ID, 1)))
	must(t, second(g.Withdraw(t.Context(), h.signatory(other, "focal.wco"), q.ID,
		exchange.Withdrawal{Statement: "No longer"})))
	for range 2 {
		refusedFor(t, second(g.Page(t.Context(), reader, d.ID, 2)), "art4.4/authorization-withdrawn")
	}
	if n := h.count(`SELECT count(*) FROM page_shown`); n != 1 {
		t.Errorf("%d pages written down; want 1", n)
	}
}

// A marked copy may be read in place as well; the original has no pages, and neither has what is no PDF and no picture.
func TestAMarkedCopyIsReadInPlaceAndNothingElse(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	own := h.signatory(g, "focal.wco")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(written(2)))
	must(t, err)
	d, err := g.Disclose(t.Context(), own, doc.ID, stamped())
	must(t, err)
	must(t, second(g.Page(t.Context(), own, d.ID, 2)))
	readAll(t, g, own, d)
	original, err := g.Disclose(t.Context(), own, doc.ID, reading())
	must(t, err)
	refusedFor(t, second(g.Page(t.Context(), own, original.ID, 1)), "gateway/form-not-granted")
	text, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	refusedFor(t, second(g.Disclose(t.Context(), own, text.ID, view())), "gateway/form-unavailable")
	copied, err := g.Disclose(t.Context(), own, text.ID, stamped())
	must(t, err)
	refusedFor(t, second(g.Pages(t.Context(), own, copied.ID)), "gateway/form-unavailable")
	h.moveClock(16 * time.Minute)
	must(t, g.CloseUnfetched(t.Context()))
	if n := h.count(`SELECT count(*) FROM log_entry WHERE kind = 'completion' AND convert_from(body, 'UTF8')::jsonb ` +
		`-> 'completion' @> '{"disclosure": "` + string(d.ID) + `"}'`); n != 2 {
		t.Errorf("%d completions of a copy that was downloaded and read in place; want 2", n)
	}
}

// What cannot be shown is not asked for either, and no decision makes a grant that nobody can use.
func TestAFormThatCannotBeHadIsNotGranted(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	reader, focal := h.staff(g, "staff.unoct"), h.signatory(g, "focal.wco")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	asked := ask(g, unoct)
	asked.Form = article4.View
	refusedFor(t, second(g.Request(t.Context(), reader, doc.ID, asked)), "gateway/form-unavailable")
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	narrowed := verdict(article4.ActAuthorize, q)
	narrowed.Form = article4.View
	refusedFor(t, second(g.Decide(t.Context(), focal, q.ID, narrowed)), "gateway/form-unavailable")
}

// A decision narrows the original to reading page by page, and holders of nothing are asked for no disposition.
func TestAnAuthorizationMayNarrowToReading(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	reader, focal := h.staff(g, "staff.unoct"), h.signatory(g, "focal.wco")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(written(1)))
	must(t, err)
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	narrowed := verdict(article4.ActAuthorize, q)
	narrowed.Form = article4.View
	must(t, second(g.Decide(t.Context(), focal, q.ID, narrowed)))
	refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, stamped())), "gateway/form-not-granted")
	seen, err := g.Describe(t.Context(), reader, doc.ID)
	must(t, err)
	if p := seen.Permissions[article4.ActDisclose]; !p.Allowed || len(p.Forms.May) != 1 ||
		p.Forms.Ground != article4.FormGrantView {
		t.Errorf("disclose: %+v", p)
	}
	d, err := g.Disclose(t.Context(), reader, doc.ID, view())
	must(t, err)
	must(t, second(g.Page(t.Context(), reader, d.ID, 1)))
	must(t, second(g.Recall(t.Context(), focal, doc.ID, "Wrong annex")))
	told, err := g.Notices(t.Context(), reader, exchange.NoticeQuery{Document: doc.ID})
	must(t, err)
	recalls := 0
	for _, n := range told.Items {
		if n.Kind == "recall" {
			recalls++
			if len(n.CopyNumbers) != 0 {
				t.Errorf("asked for the copies %v", n.CopyNumbers)
			}
		}
	}
	if recalls != 1 {
		t.Errorf("%d recalls told to the reader; want 1", recalls)
	}
}

// Sixteen read at once, on fewer processes than there are readers, and none gets another's page.
func TestSixteenReadAtOnce(t *testing.T) {
	h := newFixture(t)
	g := h.gateway(func(s *exchange.Settings) { s.SilenceAfter = time.Minute }) // the machine may be slow
	own := h.signatory(g, "focal.wco")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(written(2)))
	must(t, err)
	var wait sync.WaitGroup
	var mu sync.Mutex
	pages := map[string]bool{}
	for range 16 {
		d, err := g.Disclose(t.Context(), own, doc.ID, view())
		must(t, err)
		wait.Go(func() {
			for n := 1; n <= 2; n++ {
				page, err := g.Page(t.Context(), own, d.ID, n)
				if err != nil {
					t.Errorf("page %d: %v", n, err)
					return
				}
				mu.Lock()
				pages[string(page.PNG)] = true
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	if len(pages) != 32 { // each bears its own copy number
		t.Errorf("%d different pages; want 32", len(pages))
	}
	if n := h.count(`SELECT count(*) FROM page_shown`); n != 32 {
		t.Errorf("%d pages written down; want 32", n)
	}
}

// A reader who goes away in the middle, and a process that is killed, leave the next page to be shown.
func TestAPageIsShownThoughItsProcessWasKilled(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	own := h.signatory(g, "focal.wco")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(written(2)))
	must(t, err)
	d, err := g.Disclose(t.Context(), own, doc.ID, view())
	must(t, err)
	must(t, second(g.Page(t.Context(), own, d.ID, 1)))
	gone, leave := context.WithCancel(t.Context())
	leave()
	_, _ = g.Page(gone, own, d.ID, 2)
	g.KillViews()
	must(t, second(g.Page(t.Context(), own, d.ID, 2)))
}

// What an Office file cannot show is said before anybody asks: stamp.CanShow is what the rules are told.
func TestOfficeFilesAreNotShown(t *testing.T) {
	if stamp.CanShow("application/vnd.openxmlformats-officedocument.wordprocessingml.document") {
		t.Error("a word processor's file has no pages of its own")
	}
}
