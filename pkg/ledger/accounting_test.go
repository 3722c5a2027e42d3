package ledger_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chancery.example/gateway/pkg/ledger"
)

func TestTheAccountingOfADocumentIsMadeOfItsEntriesAlone(t *testing.T) {
	s := newStory(t)
	c := s.whole()
	copied := s.tell(both, nil, s.permit(unoct, "per_reader", c.request))
	s.tell(both, nil, ledger.Body{Kind: ledger.KindCopy, Organisation: unoct, Document: "doc_1",
		Terms: &ledger.Terms{Digest: digest("copy"), Relies: []string{copied}}})
	failed := s.tell(both, nil, s.permit(unoct, "per_reader", c.request))
	s.tell(both, nil, ledger.Body{Kind: ledger.KindCopy, Outcome: ledger.Refused, Document: "doc_1",
		Reasons: []string{"gateway/stamp-failed"}, Terms: &ledger.Terms{Relies: []string{failed}}})
	s.tell(both, nil, ledger.Body{Kind: ledger.KindCompletion, Document: "doc_1",
		Completion: &ledger.Completion{Disclosure: "dis_x", Closes: failed, End: ledger.EndUnused}})
	other := s.permit(unoct, "per_reader", c.request)
	other.Document = "doc_2"
	s.tell(both, nil, other)

	account := ledger.NewAccount(ledger.AccountFilter{Document: "doc_1"})
	for i, e := range s.entries {
		account.Add(int64(i), e.body, ledger.BodyHash(e.raw))
	}
	lines := account.Lines()
	if len(lines) != 5 {
		t.Fatalf("%d disclosures of doc_1; want the Recipient's, the own, the third party's, one with a copy and one "+
			"whose copy failed", len(lines))
	}
	var ends []ledger.End
	for _, line := range lines {
		for _, closed := range line.Completions {
			ends = append(ends, closed.End)
		}
	}
	if diff := cmp.Diff([]ledger.End{ledger.EndComplete, ledger.EndAborted, ledger.EndUnknown, ledger.EndUnused},
		ends); diff != "" {
		t.Error("completions:", diff)
	}
	if third := lines[2]; third.To != piu || third.Consent != c.consent || third.Agreement != c.signature ||
		third.Person == "" {
		t.Errorf("the third party's: %+v", third)
	}
	if lines[3].Copy != digest("copy") || lines[3].CopyFailed || len(lines[3].Completions) != 0 ||
		!lines[4].CopyFailed {
		t.Errorf("copies: %+v\n%+v", lines[3], lines[4])
	}
	for party, want := range map[string]int{wco: 5, unoct: 4} {
		out, err := ledger.AccountOf(bundleOf(s.bundle(party)), ledger.AccountFilter{Document: "doc_1"})
		must(t, err)
		if n := bytes.Count(out, []byte("\n")); n != want {
			t.Errorf("%d lines out of the bundle of %s; want %d", n, party, want)
		}
		// an entry that the Party may not open is none of its accounting, whatever that is of
		if out, err := ledger.AccountOf(bundleOf(s.bundle(party)), ledger.AccountFilter{To: piu}); err != nil ||
			bytes.Count(out, []byte("\n")) != 1 {
			t.Errorf("of what %s had, out of the bundle of %s: %v, %s", piu, party, err, out)
		}
	}
}

// An accounting by third party, person, consent or period has the same lines as that of the document, less what does
// not fit; how a disclosure was closed stays with it, whoever closed it and when.
func TestAnAccountingIsOfAThirdPartyAPersonAConsentOrAPeriod(t *testing.T) {
	s := newStory(t)
	c := s.whole()
	derived := s.permit(unoct, "per_reader", c.request)
	derived.Disclosure.SourceConsents = []string{c.consent}
	s.tell(both, nil, derived)
	lines := func(f ledger.AccountFilter) []ledger.Accounted {
		account := ledger.NewAccount(f)
		for i, e := range s.entries {
			account.Add(int64(i), e.body, ledger.BodyHash(e.raw))
		}
		return account.Lines()
	}
	all := lines(ledger.AccountFilter{})
	third := all[2]
	for name, f := range map[string]ledger.AccountFilter{
		"third party": {To: piu},
		"person":      {Person: third.Person},
		"consent":     {Consent: c.consent, To: piu},
		"period":      {Since: third.At, Until: third.At.Add(time.Nanosecond)},
	} {
		if diff := cmp.Diff([]ledger.Accounted{third}, lines(f)); diff != "" {
			t.Errorf("by %s: %s", name, diff)
		}
	}
	if got := lines(ledger.AccountFilter{Consent: c.consent}); len(got) != 2 || got[1].To != unoct {
		t.Errorf("on the consent, to the document or to a source: %+v", got)
	}
	if got := lines(ledger.AccountFilter{Document: "doc_2"}); len(got) != 0 {
		t.Errorf("of another document: %+v", got)
	}
	row := third.Row()
	if columns := ledger.AccountColumns(); len(row) != len(columns) || row[6] != piu ||
		row[len(row)-2] != string(third.Completions[0].End) {
		t.Errorf("as a row of %q: %q", columns, row)
	}
}

func TestAnAccountingOfWhatIsNoBundleIsRefused(t *testing.T) {
	s := newStory(t)
	s.whole()
	whole := s.bundle(wco)
	head := []member{{"head", []byte(
		`{"v":1,"origin":"chancery.example/story","party":"org_wco","parties":["org_unoct","org_wco"],"filter":{}}`)},
		{"checkpoint", nil}, {"checkpoints", nil}, {"rotations", nil}, {"rules", nil}}
	leaf, err := ledger.EncodeLeaf(ledger.Leaf{Parties: []ledger.PartyNumber{{Party: wco, N: 1}}})
	must(t, err)
	opened := append(append(append(sized(leaf), 1), make([]byte, ledger.NonceSize)...),
		append(sized([]byte(`{"document":"doc_1"}`)), 0, 0, 0, 0)...)
	for says, data := range map[string][]byte{
		"read the bundle: ":     nil,
		"ends":                  whole[:len(whole)/2],
		"of no size":            archive(t, append(head, member{"log/000000", append(sized(leaf), 0)})...),
		"index 0: leaf data":    archive(t, append(head, member{"log/000000", []byte{1}})...),
		"index 0: decode entry": archive(t, append(head, member{"log/000000", opened})...),
	} {
		if out, err := ledger.AccountOf(bundleOf(data), ledger.AccountFilter{Document: "doc_1"}); err == nil ||
			!strings.Contains(err.Error(), says) {
			t.Errorf("%q: %q, %v", says, out, err)
		}
	}
}
