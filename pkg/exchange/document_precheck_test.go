package exchange_test

import (
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/devstack/devtest"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/inspect"
)

func corpus(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../../../shared/corpus", name))
	if err != nil {
		t.Skip("SKIPPED: ../shared/corpus is absent")
	}
	return string(data)
}

// A copy that was received is known again by its label, whatever its new name.
func TestArticle4_9AMarkedCopyIsNotDepositedAsOnesOwn(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	reader := h.staff(g, "staff.unoct")
	doc := granted(t, h, g, reader, corpus(t, "pdf/openoffice.pdf"))
	d, err := g.Disclose(t.Context(), reader, doc.ID, stamped())
	must(t, err)
	copied := readAll(t, g, reader, d)
	back := metadata()
	back.Recipient = wco
	for _, text := range []string{copied, copied + "\n% altered"} {
		refusedFor(t, second(g.Deposit(t.Context(), reader, back, content(text))), "art4.9/received-from-the-other")
	}
}

func TestACopyFoundOnAStreetLeadsToItsReader(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	focal, auditor, reader := h.signatory(g, "focal.wco"), h.person(g, "auditor.wco", article4.RoleAuditor),
		h.staff(g, "staff.unoct")
	doc := granted(t, h, g, reader, corpus(t, "pdf/openoffice.pdf"))
	d, err := g.Disclose(t.Context(), reader, doc.ID, stamped())
	must(t, err)
	copied := readAll(t, g, reader, d)
	by := map[string]string{"its number": "number", "a line off it": "number", "its digest": "digest",
		"the file": "digest", "an altered file": "label"}
	for name, clue := range map[string]exchange.Clue{
		"its number":      {Text: d.CopyNumber},
		"a line off it":   {Text: "CONFIDENTIAL  copy " + strings.ToLower(d.CopyNumber) + " UNOCT"},
		"its digest":      {SHA256: d.SHA256},
		"the file":        {Content: content(copied)},
		"an altered file": {Content: content(copied + "\n% torn")},
	} {
		found, err := g.Trace(t.Context(), focal, clue)
		must(t, err)
		one := found.Found
		if len(one) != 1 || one[0].CopyNumber != d.CopyNumber || one[0].Person != reader.Person() ||
			one[0].Entry != d.Entry || one[0].By != by[name] {
			t.Errorf("%s leads to %+v; want copy %s of %s by %s", name, found, d.CopyNumber, reader.Person(), by[name])
		}
	}
	if found, err := g.Trace(t.Context(), auditor, exchange.Clue{Text: d.CopyNumber}); err != nil ||
		len(found.Found) != 1 {
		t.Errorf("the auditor finds %v, %v", found, err)
	}
	if found, err := g.Trace(t.Context(), h.signatory(g, "focal.unoct"),
		exchange.Clue{Content: content(copied)}); err != nil || len(found.Found) != 0 {
		t.Errorf("the other Party finds %v, %v; want nothing", found, err)
	}
	if n := h.count(`SELECT count(*) FROM log_entry WHERE kind = 'tracing'`); n != 7 {
		t.Errorf("%d entries tell of the questions; want 7", n)
	}
	var read bool
	untouched := func() (io.Reader, exchange.ContentPart, error) { read = true; return content(copied)() }
	if _, err := g.Trace(t.Context(), reader, exchange.Clue{Content: untouched}); err == nil || read {
		t.Errorf("of somebody who may not ask the file was read: %v, %v", read, err)
	}
	if _, err := g.Trace(t.Context(), reader, exchange.Clue{Text: d.CopyNumber}); err == nil {
		t.Error("somebody of the staff traced a copy")
	}
}

func TestALeakReportSuspendsEveryGrantUntilTheDiscloserDecides(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	focal, deputy, reader := h.signatory(g, "focal.wco"), h.signatory(g, "deputy.wco"), h.staff(g, "staff.unoct")
	doc := granted(t, h, g, reader, secret)
	_, err := g.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)
	reported, err := g.ReportLeak(t.Context(), reader, doc.ID, "I saw it in a newspaper.")
	must(t, err)
	refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())), "art4.6/suspended")
	if told := ofKind(t, g, focal, "leak"); len(told) != 1 {
		t.Errorf("the Discloser is told %+v; want the leak", told)
	}
	for _, a := range []exchange.Actor{focal, deputy} {
		_, _, err = g.Lift(t.Context(), a, reported.Stop.ID, "It was another document")
		must(t, err)
	}
	_, err = g.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)
	if _, err := g.ReportLeak(t.Context(), h.staff(g, "analyst.piu"), doc.ID, "What is it?"); !isNotFound(err) {
		t.Errorf("without standing: %v; want not found", err)
	}
}

// Whoever only knows that there is a document does not stop it: the report is put to the Discloser (0107).
func TestAReportOfALeakStopsADocumentOnlyWhereItsReporterShowsToHaveHadIt(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	focal, reader, other := h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct"), h.staff(g, "staff.wco")
	doc, elsewhere := granted(t, h, g, reader, secret), granted(t, h, g, reader, secret+" elsewhere")
	read, err := g.Disclose(t.Context(), reader, elsewhere.ID, reading())
	must(t, err)
	for _, statement := range []string{"I saw it in a newspaper.", "It bears " + read.CopyNumber,
		"It bears CH-0000-0000-0"} {
		told, err := g.ReportLeak(t.Context(), reader, doc.ID, statement)
		must(t, err)
		if told.Stop != nil {
			t.Errorf("%q, by somebody whose organisation has nothing of it, stopped the document", statement)
		}
	}
	given, err := g.Disclose(t.Context(), reader, doc.ID, reading()) // nothing was stopped
	must(t, err)
	told := ofKind(t, g, focal, "leak")
	if len(told) != 3 {
		t.Fatalf("the Discloser is told %+v", told)
	}
	if english, _ := told[0].Words(); !strings.Contains(english, "you decide") {
		t.Errorf("the Discloser is told %q", english)
	}
	for who, c := range map[string]struct {
		reporter  exchange.Actor
		statement string
	}{
		"the organisation that was given it": {reader, "I saw it in a newspaper."},
		"the Discloser's own staff":          {other, "I saw it in a newspaper."},
		"who quotes the number of a copy":    {other, "It bears " + given.CopyNumber},
	} {
		reported, err := g.ReportLeak(t.Context(), c.reporter, doc.ID, c.statement)
		must(t, err)
		if reported.Stop == nil {
			t.Fatalf("%s stopped nothing", who)
		}
		refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())), "art4.6/suspended")
		for _, a := range []exchange.Actor{focal, h.signatory(g, "deputy.wco")} {
			must(t, third(g.Lift(t.Context(), a, reported.Stop.ID, "It was another document")))
		}
	}
}

// headed is a small PDF whose page begins with the given line.
func headed(line string) string {
	stream := "BT /F1 12 Tf 72 780 Td (" + line + ") Tj ET"
	return "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" +
		"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 " +
		"R>>>>>>endobj\n" +
		"4 0 obj<</Length " + strconv.Itoa(len(stream)) + ">>stream\n" + stream + "\nendstream endobj\n" +
		"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\ntrailer<</Root 1 0 R/Size 6>>\n%%EOF\n"
}

func TestArticle4_9AHeaderThatContradictsTheMarkingIsConfirmedWithAReason(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff := h.staff(g, "staff.wco")
	for _, line := range []string{"CONFIDENTIAL", "DIFFUSION RESTREINTE"} {
		m := metadata()
		m.Marking = article4.NonConfidential
		refusedFor(t, second(g.Deposit(t.Context(), staff, m, content(headed(line)))), "art4.9/marking-conflict")
		m.MarkingConfirmation = "The header is of the year 2019; it was published since."
		_, err := g.Deposit(t.Context(), staff, m, content(headed(line)))
		must(t, err)
	}
	doc, err := g.Deposit(t.Context(), staff, metadata(), content(headed("CONFIDENTIAL")))
	must(t, err)
	next := exchange.Correction{SourcesDeclared: true, Kind: article4.Corrects,
		Explanation: "A typing error.", Size: -1}
	refusedFor(t, second(g.Correct(t.Context(), staff, doc.ID, next, content(headed("RESTRICTED")))),
		"art4.9/marking-conflict")
	next.MarkingConfirmation = "The header is that of the annex."
	_, err = g.Correct(t.Context(), staff, doc.ID, next, content(headed("RESTRICTED")))
	must(t, err)
}

func TestMalwareIsRefusedAndAFileThatNobodyLookedAtToo(t *testing.T) {
	h := newFixture(t)
	h.malware = devtest.Scanner(t)
	g := h.gateway(func(s *exchange.Settings) { s.AdmitNotInspected = false })
	staff := h.staff(g, "staff.wco")
	doc, err := g.Deposit(t.Context(), staff, metadata(), content(strings.Repeat(secret, 5_000)))
	must(t, err)
	if doc.Malware != "clean" {
		t.Errorf("an inspected file is shown as %q; want clean", doc.Malware)
	}
	refusedFor(t, second(g.Deposit(t.Context(), staff, metadata(),
		content(strings.Repeat(secret, 5_000)+devtest.Malware))), "gateway/malware-found")
	h.malware = inspect.Scanner{Network: "unix", Address: "/nowhere/clamd.sock"}
	g = h.gateway(func(s *exchange.Settings) { s.AdmitNotInspected = false })
	refusedFor(t, second(g.Deposit(t.Context(), staff, metadata(), content(secret))), "gateway/not-inspected")
	doc, err = h.gateway().Deposit(t.Context(), staff, metadata(), content(secret))
	must(t, err)
	if doc.Malware != "not-inspected" {
		t.Errorf("a file that nobody looked at is shown as %q; want not-inspected", doc.Malware)
	}
}
