package mark_test

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"chancery.example/gateway/pkg/label"
	"chancery.example/gateway/pkg/stamp/mark"
)

var full = mark.Mark{
	Marking:    "confidential",
	Discloser:  "World Customs Organization",
	Recipient:  "United Nations Office of Counter-Terrorism",
	Person:     "per_5f2k9q1x7m3t",
	CopyNumber: "7F3K-22QX-9V",
	Purpose:    "art2.a Mutual exchange of information on progress",
	Date:       time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC),
	Reference:  "WCO-8841",
	Label:      []byte(`{"label":"{\"copy_number\":\"7F3K-22QX-9V\"}"}`),
}

func FuzzXMP(f *testing.F) {
	f.Add([]byte(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="r"></rdf:RDF></x:xmpmeta>`))
	f.Add([]byte("<!--chancery--></rdf:RDF>"))
	f.Fuzz(func(t *testing.T, packet []byte) {
		once := mark.AddToXMP(packet, full)
		if once == nil {
			return
		}
		if bytes.Contains(packet, []byte("chancery")) {
			return // written to look like ours
		}
		if got := label.OfXMP(once); !bytes.Equal(got, full.Label) {
			t.Errorf("label: %q in %q", got, once)
		}
		if again := mark.AddToXMP(once, full); !bytes.Equal(again, once) {
			t.Errorf("a second time gives %q, the first gave %q", again, once)
		}
	})
}

func FuzzWrap(f *testing.F) {
	f.Add("Disclosed by A to B", "per_1", 10)
	f.Fuzz(func(t *testing.T, a, b string, width int) {
		if len(a)+len(b) > 1000 || width < 4 || width > 1000 || !utf8.ValidString(a) || !utf8.ValidString(b) {
			return
		}
		got := strings.Join(mark.Wrap([]string{a, b}, float64(width),
			func(s string) float64 { return float64(len(s)) }), "")
		strip := func(s string) string { return strings.Join(strings.Fields(strings.ReplaceAll(s, "·", "")), "") }
		if strip(got) != strip(a+b) {
			t.Errorf("%q and %q became %q", a, b, got)
		}
	})
}
