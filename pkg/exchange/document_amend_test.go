package exchange_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// amending is an amendment of a document as somebody sees it now.
func (h *fixture) amending(g *exchange.Gateway, a exchange.Actor, id article4.DocumentID,
	change func(*exchange.Amendment)) (exchange.Document, error) {
	h.t.Helper()
	d, err := g.Describe(h.t.Context(), a, id)
	must(h.t, err)
	in := exchange.Amendment{Reason: "It was wrong", IfMatch: d.ETag}
	change(&in)
	return g.Amend(h.t.Context(), a, id, in)
}

func serves(codes ...article4.PurposeCode) func(*exchange.Amendment) {
	return func(in *exchange.Amendment) { in.Purposes = &codes }
}

func titled(title string) func(*exchange.Amendment) {
	return func(in *exchange.Amendment) { in.Title = &title }
}

// toldAs are the words of the notices of one kind that somebody reads.
func toldAs(t *testing.T, g *exchange.Gateway, who exchange.Actor, kind string) (out []string) {
	t.Helper()
	found, err := g.Notices(t.Context(), who, exchange.NoticeQuery{})
	must(t, err)
	for _, n := range found.Items {
		if n.Kind == kind {
			english, _ := n.Words()
			out = append(out, english)
		}
	}
	return out
}

// Article 4(9), decision 0320: a typo in the title is corrected without a new version, and voids no decision. Holders
// are told; the words are found anew.
func TestArticle4_9ATypoVoidsNoDecision(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	staff, focal, reader := h.staff(g, "staff.wco"), h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	doc, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	must(t, second(g.Decide(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, q))))
	d, err := g.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)

	handling, alias, shown := "Do not print.", "A/7", true
	countries, by := []string{"KE", "MZ"}, h.today().AddDate(0, 6, 0)
	amended, err := h.amending(g, staff, doc.ID, func(in *exchange.Amendment) {
		titled("  Quayside indicators  ")(in)
		in.Handling, in.Alias, in.ShowTitle, in.Countries, in.ReviewBy = &handling, &alias, &shown, &countries, &by
	})
	must(t, err)
	if amended.Title != "Quayside indicators" || amended.Handling != handling || amended.Alias != alias ||
		!amended.ShowTitle || !slices.Equal(amended.Countries, countries) || !amended.ReviewBy.Equal(by) ||
		amended.Version != doc.Version || amended.VersionNumber != 1 {
		t.Errorf("amended: %+v", amended)
	}
	if got := readAll(t, g, reader, d); got != secret {
		t.Errorf("after the amendment the permit of before gives %q", got)
	}
	must(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())))
	if one := h.shown(g, reader, q); one.State != article4.StateInForce {
		t.Errorf("the request is %s", one.State)
	}
	said := toldAs(t, g, reader, "amended")
	if len(said) != 2 || !strings.Contains(strings.Join(said, " "), "Do not print.") {
		t.Errorf("the holder is told %q", said)
	}
	for words, want := range map[string]int{"quayside": 1, strings.Fields(doc.Title)[0]: 0} {
		found, err := g.List(t.Context(), staff, exchange.DocumentQuery{Words: words})
		if must(t, err); len(found.Items) != want {
			t.Errorf("%q finds %d documents; want %d", words, len(found.Items), want)
		}
	}
	stub, err := g.Describe(t.Context(), h.staff(g, "other.unoct"), doc.ID)
	if must(t, err); stub.Whole || stub.Title != "Quayside indicators" {
		t.Errorf("the stub says %q", stub.Title)
	}
}

// Decision 0320: who amends, on what was seen, and what is no amendment. A refused act changes nothing.
func TestArticle4_9WhoAmendsAndOnWhat(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	staff := h.staff(g, "staff.wco")
	doc, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
	must(t, err)
	before := doc.Title
	for _, who := range []exchange.Actor{h.signatory(g, "focal.unoct"), h.staff(g, "staff.unoct"),
		h.person(g, "auditor.wco", article4.RoleAuditor)} {
		_, err := h.amending(g, who, doc.ID, titled("Forged"))
		refusedFor(t, err, "art4.9/no-authority")
	}
	if err := second(g.Amend(t.Context(), h.staff(g, "analyst.piu"), doc.ID,
		exchange.Amendment{Reason: "x", IfMatch: "x"})); !isNotFound(err) {
		t.Errorf("a third party: %v", err)
	}
	_, err = h.amending(g, staff, doc.ID, func(in *exchange.Amendment) { titled("New")(in); in.Reason = " " })
	refusedFor(t, err, "gateway/no-statement")
	_, err = h.amending(g, staff, doc.ID, serves("art2.e", "art9.z"))
	refusedFor(t, err, "art4.7/purpose-closed")
	for what, change := range map[string]func(*exchange.Amendment){
		"a blank title": titled(" "), "no purpose": serves(), "a title in two lines": titled("A\nB"),
		"no country": func(in *exchange.Amendment) { in.Countries = &[]string{"Kenya"} },
	} {
		if _, err := h.amending(g, staff, doc.ID, change); !isInvalid(err) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := h.amending(g, staff, doc.ID, titled(before)); !errors.Is(err, exchange.ErrConflict) {
		t.Errorf("nothing new: %v", err)
	}
	old := doc.ETag
	must(t, second(h.amending(g, staff, doc.ID, titled("New"))))
	if err := second(g.Amend(t.Context(), staff, doc.ID, exchange.Amendment{Title: &before, Reason: "x",
		IfMatch: old})); !errors.Is(err, exchange.ErrChanged) {
		t.Errorf("on what was seen before another amended: %v", err)
	}
	now, err := g.Describe(t.Context(), staff, doc.ID)
	if must(t, err); now.Title != "New" || !slices.Equal(now.Purposes, doc.Purposes) {
		t.Errorf("the document says %q, for %v", now.Title, now.Purposes)
	}
}

func isInvalid(err error) bool {
	var malformed *exchange.Invalid
	return errors.As(err, &malformed)
}

// Article 4(7), decision 0320: a purpose that is added opens nothing to anybody; one that is taken off binds at once,
// by a signatory where decisions end with it, and they are not revived when it is stated again.
func TestArticle4_7APurposeThatIsTakenOffEndsWhatWasDecidedForIt(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	staff, focal, reader := h.staff(g, "staff.wco"), h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	entity := h.person(g, "focal.customs", article4.RoleStaff, article4.RoleFocalPoint)
	m := metadata()
	m.Entities = []article4.OrganisationID{customs}
	doc, err := g.Deposit(t.Context(), staff, m, content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	must(t, second(g.Decide(t.Context(), entity, q.ID, verdict(article4.ActAuthorize, h.shown(g, entity, q)))))
	must(t, second(g.Decide(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, h.shown(g, focal, q)))))

	must(t, second(h.amending(g, staff, doc.ID, serves("art2.e", "art2.b"))))
	other := reading()
	other.Purpose = "art2.b"
	refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, other)), "art4.4/other-purpose",
		"art4.5/not-granted")

	running, err := g.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)
	readAll(t, g, reader, running)
	_, err = h.amending(g, staff, doc.ID, serves("art2.b"))
	refusedFor(t, err, "art4.7/no-authority")
	must(t, second(h.amending(g, focal, doc.ID, serves("art2.b"))))
	_, err = g.Content(t.Context(), reader, running.ID, nil)
	if err == nil {
		t.Error("the permit of before still opens")
	}
	if err := second(g.Disclose(t.Context(), reader, doc.ID, reading())); err == nil {
		t.Error("disclosed for a purpose that was taken off")
	}
	if one := h.shown(g, reader, q); one.State != article4.StateWithdrawn {
		t.Errorf("the request is %s; want withdrawn", one.State)
	}
	for who, kind := range map[*exchange.Actor]string{&reader: "withdrawal", &entity: "decided"} {
		if said := toldAs(t, g, *who, kind); len(said) == 0 {
			t.Errorf("nobody is told: %s", kind)
		}
	}
	must(t, second(h.amending(g, focal, doc.ID, serves("art2.e", "art2.b"))))
	refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())), "art4.4/authorization-withdrawn")

	h.superuser(`DELETE FROM withdrawal`)
	if err := second(g.Disclose(t.Context(), reader, doc.ID, reading())); err == nil {
		t.Error("what ended came back by the database")
	}
	h.superuser(`INSERT INTO document_purpose (document, code) SELECT id, 'art2.a' FROM document`)
	if err := second(g.Describe(t.Context(), staff, doc.ID)); err == nil {
		t.Error("a purpose that nobody stated is taken for one")
	}
	h.superuser(`DELETE FROM document_purpose WHERE code = 'art2.a'`)
}

// Article 4(2), decision 0320: a Release for a purpose that is taken off is over, and stays so.
func TestArticle4_2AReleaseEndsWithItsPurpose(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	focal, analyst := h.signatory(g, "focal.wco"), h.staff(g, "analyst.piu")
	doc, _ := released(t, h, g, h.signatory(g, "focal.unoct"))
	d, err := g.Disclose(t.Context(), analyst, doc, reading())
	must(t, err)
	readAll(t, g, analyst, d)
	_, err = h.amending(g, h.staff(g, "staff.wco"), doc, serves("art2.b"))
	refusedFor(t, err, "art4.7/no-authority")
	must(t, second(h.amending(g, focal, doc, serves("art2.b"))))
	must(t, second(h.amending(g, focal, doc, serves("art2.b", "art2.e"))))
	if err := second(g.Disclose(t.Context(), analyst, doc, reading())); !isNotFound(err) {
		t.Errorf("on a Release for a purpose that was taken off: %v", err)
	}
	listed, err := g.Releases(t.Context(), focal, doc)
	if must(t, err); len(listed) != 1 || listed[0].EndedAt == nil || listed[0].EndStatement != "It was wrong" {
		t.Errorf("listed: %+v", listed)
	}
	if said := toldAs(t, g, analyst, "withdrawal"); len(said) != 1 {
		t.Errorf("whoever holds a copy is told %q", said)
	}
}

// Survival: after the end words are still corrected, and no purpose is added that no work is left for.
func TestArticle11_4AfterTheEndNoPurposeIsAdded(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	staff := h.staff(g, "staff.wco")
	doc, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
	must(t, err)
	h.terminate(g)
	h.moveClock(91 * 24 * time.Hour)
	must(t, second(h.amending(g, h.staff(g, "staff.wco"), doc.ID, titled("As it is kept"))))
	_, err = h.amending(g, h.staff(g, "staff.wco"), doc.ID, serves("art2.e", "art2.b"))
	refusedFor(t, err, "art11.4/ended")
}
