package stamp_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/stamp"
)

func TestWhatACopyDoesNotKeepIsToldAtDepositAndWithTheCopy(t *testing.T) {
	signed := officeOf(t, "word/document.xml",
		part{"word/document.xml", wordMain,
			`<w:document ` + wordNS + `><w:body>` + paragraphs("x") + `</w:body></w:document>`},
		part{name: "_xmlsignatures/sig1.xml", content: "<Signature/>"},
		part{name: "word/embeddings/sheet.xlsx", content: "x"})
	attached := pdfOf("/Names<</EmbeddedFiles<</Names[]>>>>", []page{{a4, ""}})
	for name, c := range map[string]struct {
		content   []byte
		mediaType string
		want      []stamp.Warning
	}{
		"a signed PDF file": {corpusFile(t, "pdf/bug854315.pdf"), pdfType, []stamp.Warning{stamp.Signature}},
		"another, of PDF/A": {corpusFile(t, "pdf/issue16553.pdf"), pdfType,
			[]stamp.Warning{stamp.PDFA, stamp.Signature}},
		"a claim of PDF/A": {corpusFile(t, "pdf/pdfa-crazyones.pdf"), pdfType, []stamp.Warning{stamp.PDFA}},
		"attached files":   {attached, pdfType, []stamp.Warning{stamp.Attachments}},
		"a plain PDF file": {pdfOf("", []page{{a4, ""}}), pdfType, nil},
		"two pictures in one": {corpusFile(t, "images/two-pictures.mpo"), jpegType,
			[]stamp.Warning{stamp.Pictures}},
		"a macro sheet":             {corpusFile(t, "office/64420.xlsm"), macroType, []stamp.Warning{stamp.MacroSheet}},
		"a signed Word file":        {signed, wordType, []stamp.Warning{stamp.Attachments, stamp.Signature}},
		"a plain Word file":         {bareWordFile(t), wordType, nil},
		"what is not marked itself": {[]byte("a,b"), csvType, nil},
	} {
		s := stamper(t)
		o, err := s.Probe(context.Background(), source(c.content, c.mediaType, "x"))
		if err != nil || !slices.Equal(o.Warnings, c.want) {
			t.Errorf("%s: the deposit is told %v, %v; want %v", name, o.Warnings, err, c.want)
		}
		if got, _ := stamped(t, s, source(c.content, c.mediaType, "x"), mark); !slices.Equal(got.Warnings, c.want) {
			t.Errorf("%s: the copy says %v, want %v", name, got.Warnings, c.want)
		}
	}
}

func TestACopyDoesNotClaimToBePDFA(t *testing.T) {
	in := corpusFile(t, "pdf/pdfa-crazyones.pdf")
	claims := func(content []byte) string { return tool(t, content, "pdfinfo", "-meta", "FILE") }
	if !strings.Contains(claims(in), "pdfaid:part") {
		t.Fatal("the original claims nothing: the test shows nothing")
	}
	_, out := stamped(t, stamper(t), source(in, pdfType, "x.pdf"), mark)
	is := claims(out)
	if strings.Contains(is, "pdfaid:part") || strings.Contains(is, "pdfaid:conformance") {
		t.Errorf("the copy says\n%s", is)
	}
	for _, kept := range []string{"dc:title", mark.CopyNumber} {
		if !strings.Contains(is, kept) {
			t.Errorf("%s is not in the metadata:\n%s", kept, is)
		}
	}
}
