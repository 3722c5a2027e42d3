package exchange_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// newVersionOf stages as a new version of a document: of its marking, and without one of its own.
func newVersionOf(d exchange.Document) exchange.StagedFile {
	return exchange.StagedFile{Document: d.ID, Size: -1}
}

// correctedBy is a correction whose file was staged.
func correctedBy(staged string) exchange.Correction {
	return exchange.Correction{Kind: article4.Corrects, Explanation: "The date on page 2 was wrong.",
		SourcesDeclared: true, Staged: staged, Size: -1}
}

// isFaultOf wants an answer that names one field.
func isFaultOf(t *testing.T, field string, err error) {
	t.Helper()
	var wrong *exchange.Invalid
	if !errors.As(err, &wrong) || len(wrong.Faults) != 1 || wrong.Faults[0].Field != field {
		t.Errorf("%v; want a fault of %s alone", err, field)
	}
}

// A new version is made of a file that was staged for it, in one piece or in parts, once; what is refused for another
// answer leaves the file staged; and the document's marking at the end counts.
func TestArticle4_9ANewVersionIsMadeOfAFileStagedForIt(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	staff, reader := h.staff(g, "staff.wco"), h.staff(g, "staff.unoct")
	doc := granted(t, h, g, reader, secret)
	file, err := g.Stage(t.Context(), staff, newVersionOf(doc), content(secret+" Corrected."))
	must(t, err)
	if file.Document != doc.ID || file.Marking != doc.Marking {
		t.Errorf("it is staged for %q as %q; want %s and %s", file.Document, file.Marking, doc.ID, doc.Marking)
	}
	undeclared := correctedBy(file.ID)
	undeclared.SourcesDeclared = false
	refusedFor(t, second(g.Correct(t.Context(), staff, doc.ID, undeclared, nil)), "art4.8/sources-undeclared")
	next, err := g.Correct(t.Context(), staff, doc.ID, correctedBy(file.ID), nil)
	must(t, err)
	if next.VersionNumber != 2 || next.SHA256 != file.SHA256 {
		t.Errorf("version %d of digest %s; want 2 of %s", next.VersionNumber, next.SHA256, file.SHA256)
	}
	isFaultOf(t, "staged", second(g.Correct(t.Context(), staff, doc.ID, correctedBy(file.ID), nil)))

	text := strings.Repeat(secret, 100)
	begun, err := g.BeginArrival(t.Context(), staff, exchange.StagedFile{Document: doc.ID, Size: int64(len(text))},
		exchange.ContentPart{FileName: "third.txt"})
	must(t, err)
	for at := 0; at < len(text); at += 2000 {
		some := text[at:min(at+2000, len(text))]
		_, err := g.Arrive(t.Context(), staff, begun.ID, exchange.Part{Offset: int64(at), Size: int64(len(some)),
			Content: strings.NewReader(some)})
		must(t, err)
	}
	third, err := g.Correct(t.Context(), staff, doc.ID, correctedBy(begun.ID), nil)
	must(t, err)
	if third.VersionNumber != 3 || third.FileName != "third.txt" {
		t.Errorf("version %d, %s; want the third, of third.txt", third.VersionNumber, third.FileName)
	}
	own, err := g.Disclose(t.Context(), staff, doc.ID, exchange.Reading{Purpose: "art2.e", Statement: "To check it",
		Form: article4.Original})
	must(t, err)
	if got := readAll(t, g, staff, own); got != text {
		t.Errorf("%d bytes are read of the %d that came in parts", len(got), len(text))
	}
}

// Nobody gains by a file that was staged for something else: a colleague, another document, a document of its own, the
// other Party.
func TestWhatIsStagedForANewVersionServesNothingElse(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	staff, other, focal := h.staff(g, "staff.wco"), h.staff(g, "other.wco"), h.signatory(g, "focal.wco")
	reader, outside := h.staff(g, "staff.unoct"), h.staff(g, "analyst.piu")
	doc := granted(t, h, g, reader, secret)
	another, err := g.Deposit(t.Context(), staff, metadata(), content(prose))
	must(t, err)
	file, err := g.Stage(t.Context(), staff, newVersionOf(doc), content(prose+" Corrected."))
	must(t, err)
	plain, err := g.Stage(t.Context(), staff, stagedAs(doc.Marking), content("of its own"))
	must(t, err)
	isFaultOf(t, "staged", second(g.Correct(t.Context(), focal, doc.ID, correctedBy(file.ID), nil)))
	isFaultOf(t, "staged", second(g.Correct(t.Context(), staff, another.ID, correctedBy(file.ID), nil)))
	isFaultOf(t, "staged", second(g.Correct(t.Context(), staff, doc.ID, correctedBy(plain.ID), nil)))
	if err := second(g.Deposit(t.Context(), staff, ofStaged(file.ID), nil)); !isNotFound(err) {
		t.Errorf("a new version is deposited as a document of its own: %v", err)
	}
	marked := newVersionOf(doc)
	marked.Marking = article4.NonConfidential
	unread := func() (io.Reader, exchange.ContentPart, error) {
		t.Error("a byte is read")
		return nil, exchange.ContentPart{}, io.ErrUnexpectedEOF
	}
	isFaultOf(t, "marking", second(g.Stage(t.Context(), staff, marked, unread)))
	for _, who := range []exchange.Actor{reader, other} {
		refusedFor(t, second(g.Stage(t.Context(), who, newVersionOf(doc), unread)), "art4.9/no-authority")
		arriving := exchange.StagedFile{Document: doc.ID, Size: 10}
		refusedFor(t, second(g.BeginArrival(t.Context(), who, arriving, exchange.ContentPart{})),
			"art4.9/no-authority")
	}
	if err := second(g.Stage(t.Context(), outside, newVersionOf(doc), unread)); !isNotFound(err) {
		t.Errorf("somebody without standing stages a version: %v", err)
	}
	if n := h.count(`SELECT count(*) FROM staged`); n != 2 {
		t.Errorf("%d files are staged; want the two that were permitted", n)
	}
	must(t, second(g.Correct(t.Context(), staff, doc.ID, correctedBy(file.ID), nil)))
}

// A file that is staged while its document is restricted becomes a version of what the document is by then, and is held
// against that marking.
func TestTheMarkingOfTheDocumentCountsWhenTheVersionIsMade(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	staff := h.staff(g, "staff.wco")
	m := metadata()
	m.Marking = article4.Restricted
	doc, err := g.Deposit(t.Context(), staff, m, content(prose))
	must(t, err)
	file, err := g.Stage(t.Context(), staff, newVersionOf(doc), content(headed("RESTRICTED")))
	must(t, err)
	_, _, err = g.Mark(t.Context(), h.signatory(g, "focal.wco"), doc.ID, exchange.MarkingChange{
		Marking: article4.Confidential, Reason: "More is known.", IfMatch: doc.ETag})
	must(t, err)
	refusedFor(t, second(g.Correct(t.Context(), staff, doc.ID, correctedBy(file.ID), nil)),
		"art4.9/marking-conflict")
	confirmed := correctedBy(file.ID)
	confirmed.MarkingConfirmation = "The header is of the version before."
	next, err := g.Correct(t.Context(), staff, doc.ID, confirmed, nil)
	must(t, err)
	if next.Marking != article4.Confidential || next.VersionNumber != 2 {
		t.Errorf("it is %s, version %d", next.Marking, next.VersionNumber)
	}
}
