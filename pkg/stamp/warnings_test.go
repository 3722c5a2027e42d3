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
		"a macro sheet": {corpusFile(t, "office/64420.xlsm"), macroType, []stamp.Warning{stamp.MacroSheet,
			stamp.Scripts}},
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

// What does something when it is opened or used goes out in a marked copy as it is, and is told at deposit and with the
// copy: nothing of it leaves in silence.
func TestWhatACopyCanDoIsToldAtDepositAndWithTheCopy(t *testing.T) {
	plain := []page{{a4, ""}}
	link := func(relations string) []byte {
		return officeOf(t, "word/document.xml", part{"word/document.xml", wordMain,
			`<w:document ` + wordNS + `><w:body>` + paragraphs("x") + `</w:body></w:document>`},
			part{name: "word/_rels/document.xml.rels", content: `<Relationships xmlns="` +
				`http://schemas.openxmlformats.org/package/2006/relationships">` + relations + `</Relationships>`})
	}
	to := func(kind, target string) string {
		return `<Relationship Id="rE` + kind + `" Type="http://schemas.openxmlformats.org/officeDocument/2006/` +
			`relationships/` + kind + `" Target="` + target + `" TargetMode="External"/>`
	}
	macros := officeOf(t, "word/document.xml",
		part{"word/document.xml", wordMain,
			`<w:document ` + wordNS + `><w:body>` + paragraphs("x") + `</w:body></w:document>`},
		part{"word/vbaProject.bin", "application/vnd.ms-office.vbaProject", "x"})
	for name, c := range map[string]struct {
		content   []byte
		mediaType string
		want      []stamp.Warning
	}{
		"a script when the file is opened": {pdfOf("/OpenAction<</S/JavaScript/JS(app.alert(1))>>", plain), pdfType,
			[]stamp.Warning{stamp.Scripts}},
		"the same, by escaped names": {pdfOf("/OpenAction<</S/J#61vaScript/J#53(app.alert(1))>>", plain), pdfType,
			[]stamp.Warning{stamp.Scripts}},
		"a script by name": {pdfOf("/Names<</JavaScript<</Names[(a)4 0 R]>>>>", plain,
			"<</S/JavaScript/JS(app.alert(1))>>"), pdfType, []stamp.Warning{stamp.Scripts}},
		"a script of a page": {pdfOf("", []page{{a4 + "/AA<</O<</S/JavaScript/JS(app.alert(1))>>>>", ""}}), pdfType,
			[]stamp.Warning{stamp.Scripts}},
		"a program to be started": {pdfOf("/OpenAction<</S/Launch/F(cmd.exe)>>", plain), pdfType,
			[]stamp.Warning{stamp.Launch}},
		"one at a click": {pdfOf("", []page{{a4 + "/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]" +
			"/A<</S/Launch/F(cmd.exe)>>>>]", ""}}), pdfType, []stamp.Warning{stamp.Launch}},
		"data sent": {pdfOf("/OpenAction<</S/SubmitForm/F<</FS/URL/F(https://x.example)>>>>", plain), pdfType,
			[]stamp.Warning{stamp.Launch}},
		"an address fetched when it is opened": {pdfOf("/OpenAction<</S/URI/URI(https://x.example/seen)>>", plain),
			pdfType, []stamp.Warning{stamp.Launch}},
		"an action behind another": {pdfOf("/OpenAction<</S/GoTo/D[3 0 R/Fit]/Next<</S/Launch/F(cmd.exe)>>>>", plain),
			pdfType, []stamp.Warning{stamp.Launch}},
		"a link that is clicked": {pdfOf("", []page{{a4 + "/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]" +
			"/A<</S/URI/URI(https://x.example)>>>>]", ""}}), pdfType, nil},
		"macros in a Word file": {macros, wordType, []stamp.Warning{stamp.Scripts}},
		"a template of elsewhere": {link(to("attachedTemplate", "https://x.example/t.dotm")), wordType,
			[]stamp.Warning{stamp.External}},
		"a picture of elsewhere": {link(to("image", `\\x.example\share\p.png`)), wordType,
			[]stamp.Warning{stamp.External}},
		"a hyperlink": {link(to("hyperlink", "https://x.example")), wordType, nil},
	} {
		s := stamper(t)
		o, err := s.Probe(context.Background(), source(c.content, c.mediaType, "x"))
		if err != nil || !o.Stampable() || !slices.Equal(o.Warnings, c.want) {
			t.Errorf("%s: the deposit is told %v, %v, %v; want %v", name, o.Warnings, o.Detail, err, c.want)
			continue
		}
		if got, _ := stamped(t, s, source(c.content, c.mediaType, "x"), mark); !slices.Equal(got.Warnings, c.want) {
			t.Errorf("%s: the copy says %v, want %v", name, got.Warnings, c.want)
		}
	}
}

// An Office file with a part whose name leads out is none that is marked.
func TestAnOfficeFileThatLeadsOutOfItselfIsRefused(t *testing.T) {
	for _, name := range []string{"../../evil", "/abs", `..\..\evil`, "word/../../evil", "C:evil"} {
		content := officeOf(t, "word/document.xml", part{"word/document.xml", wordMain,
			`<w:document ` + wordNS + `><w:body>` + paragraphs("x") + `</w:body></w:document>`},
			part{name: name, content: "x"})
		o, err := stamper(t).Probe(context.Background(), source(content, wordType, "x"))
		if err != nil || o.Reason != stamp.Damaged || !strings.Contains(o.Detail, "leads out") {
			t.Errorf("%s: %v %q %v", name, o.Reason, o.Detail, err)
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
