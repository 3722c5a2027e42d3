package exchange_test

import (
	"archive/zip"
	"io"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/label"
	"chancery.example/gateway/pkg/stamp"
)

const conditions = "Not to leave the building."

// labelled discloses to a reader and opens the label of what is handed out.
func (h *fixture) labelled(g *exchange.Gateway, a exchange.Actor, id article4.DocumentID,
	r exchange.Reading) label.Label {
	h.t.Helper()
	d, err := g.Disclose(h.t.Context(), a, id, r)
	must(h.t, err)
	signed, err := g.Label(h.t.Context(), a, d.ID)
	must(h.t, err)
	l, err := label.Open(signed, h.verifier)
	must(h.t, err)
	if l.PurposeWords == "" || l.PurposeWords == l.Purpose {
		h.t.Errorf("the purpose in words is %q", l.PurposeWords)
	}
	return l
}

// A copy names the paragraph and the decision by which its reader has it, and what they agreed to.
func TestArticle4_9ALabelSaysToWhomAndByWhatRightSomethingWasGiven(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff, focal := h.staff(g, "staff.wco"), h.signatory(g, "focal.wco")
	reader, analyst := h.staff(g, "staff.unoct"), h.staff(g, "analyst.piu")
	m := metadata()
	m.Handling = "Keep it in a safe."
	protected, err := g.Deposit(t.Context(), staff, m, content(secret))
	must(t, err)
	m.Marking = article4.NonConfidential
	open, err := g.Deposit(t.Context(), staff, m, content(secret))
	must(t, err)
	must(t, second(g.Release(t.Context(), focal, open.ID,
		exchange.Release{To: piu, Purpose: "art2.e", Statement: "For the training"})))
	decided := func(asker exchange.Actor, ask exchange.Ask, act article4.Act) exchange.AccessRequest {
		q, err := g.Request(t.Context(), asker, protected.ID, ask)
		must(t, err)
		v := verdict(act, q)
		v.Conditions = conditions
		q, err = g.Decide(t.Context(), focal, q.ID, v)
		must(t, err)
		return q
	}
	forThird := ask(g, piu)
	forThird.People = []article4.PersonID{analyst.Person()}
	authorized := decided(reader, ask(g, unoct), article4.ActAuthorize)
	consented := decided(h.signatory(g, "focal.unoct"), forThird, article4.ActConsent)
	agreed := reading()
	agreed.ConditionsSHA256 = authorized.ConditionsSHA
	for name, c := range map[string]struct {
		reader                        exchange.Actor
		document                      article4.DocumentID
		reading                       exchange.Reading
		givenTo, paragraph, authority string
		conditions, notice            string
	}{
		"Recipient": {reader, protected.ID, agreed, "Party", "4(4)",
			"authorization " + string(authorized.Decisions[0].ID) + ", ", conditions, stamp.DefaultNotice},
		"third party": {analyst, protected.ID, agreed, "third party", "4(8)",
			"consent " + string(consented.Decisions[0].ID) + ", ", conditions, stamp.DefaultNotice},
		"Recipient, non-confidential": {reader, open.ID, reading(), "Party", "4(2)", "", "", stamp.OpenNotice},
		"third party, non-confidential": {analyst, open.ID, reading(), "third party", "4(2)", "release ", "",
			stamp.OpenNotice},
		"own people": {staff, protected.ID, reading(), "the Discloser's own people", "", "", "", stamp.DefaultNotice},
	} {
		l := h.labelled(g, c.reader, c.document, c.reading)
		if l.GivenTo != c.givenTo || l.Paragraph != c.paragraph || !strings.HasPrefix(l.Authority, c.authority) ||
			(l.Authority == "") != (c.authority == "") || l.Conditions != c.conditions || l.Notice != c.notice ||
			l.Handling != m.Handling || l.Proprietary {
			t.Errorf("%s: %+v; want %s, %s, %s, %s, %s", name, l, c.givenTo, c.paragraph, c.authority, c.conditions,
				c.notice)
		}
	}
}

// What the label says stands on the copy too. Article 9(3) is about intellectual property, and stands on neither.
func TestArticle4_9AMarkedCopySaysWhatItsLabelSays(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	reader := h.staff(g, "staff.unoct")
	doc := granted(t, h, g, reader, secret)
	d, err := g.Disclose(t.Context(), reader, doc.ID, stamped())
	must(t, err)
	copied := readAll(t, g, reader, d)
	archive, err := zip.NewReader(strings.NewReader(copied), int64(len(copied)))
	must(t, err)
	sheet, err := archive.Open("cover-sheet.pdf")
	must(t, err)
	defer sheet.Close()
	text, err := io.ReadAll(sheet)
	must(t, err)
	for _, words := range []string{"authorization ", "4\\(4\\)", "\\(art2.e\\)", stamp.DefaultNotice[:20]} {
		if !strings.Contains(string(text), words) {
			t.Errorf("the cover sheet does not say %q", words)
		}
	}
	if strings.Contains(string(text)+copied, "9(3)") || strings.Contains(string(text), "9\\(3\\)") {
		t.Error("the copy names Article 9(3)")
	}
}
