package exchange_test

import (
	"archive/zip"
	"bytes"
	"slices"
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/stamp"
)

// An archive goes out byte for byte, whatever names are in it. That they lead out of the folder into which it is
// unpacked is told to the depositor and with each copy, the original too: whoever receives it unpacks it.
func TestArticle4_6AnArchiveThatLeadsOutIsToldAtDepositAndWithEachCopy(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("../../.profile")
	must(t, err)
	_, err = w.Write([]byte("harmless"))
	must(t, err)
	must(t, z.Close())
	m := metadata()
	m.Marking = article4.NonConfidential
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content(b.String()))
	must(t, err)
	if !slices.Contains(doc.Warnings, stamp.Paths) {
		t.Errorf("the depositor is told %v", doc.Warnings)
	}
	for _, form := range []article4.Form{article4.Original, article4.Stamped} {
		r := reading()
		r.Form = form
		x, err := g.Disclose(t.Context(), h.staff(g, "staff.unoct"), doc.ID, r)
		must(t, err)
		if !slices.Equal(x.Warnings, []exchange.Warning{stamp.Paths}) {
			t.Errorf("the reader of the %s is told %v", form, x.Warnings)
		}
	}
}
