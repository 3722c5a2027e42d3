package stamp_test

import (
	"archive/zip"
	"image"
	"io"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"chancery.example/gateway/pkg/label"
	"chancery.example/gateway/pkg/stamp"
)

// nowhere takes the copies of a fuzz test; what was written before is overwritten.
func nowhere(f *testing.F) *os.File {
	f.Helper()
	out, err := os.CreateTemp(f.TempDir(), "")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { out.Close() })
	return out
}

// The parts of an Office file are fuzzed, not the ZIP file around them: what is edited must be well-formed XML again.
func FuzzWordParts(f *testing.F) {
	out := nowhere(f)
	f.Add(`<w:document `+wordNS+`><w:body>`+paragraphs("x")+
		`<w:sectPr><w:headerReference w:type="first" r:id="rId1"/></w:sectPr></w:body></w:document>`,
		`<w:hdr `+wordNS+`/>`, relations("header", "header1.xml"))
	f.Add(`<w:document xmlns:w="urn:x"><w:body/></w:document>`, `<x xmlns="urn:y"><!-- c --><![CDATA[d]]></x>`,
		relations("header", "../word/header1.xml"))
	f.Fuzz(func(t *testing.T, document, header, rels string) {
		in := officeOf(t, "word/document.xml", part{"word/document.xml", wordMain, document},
			part{"word/header1.xml", wordHead, header},
			part{name: "word/_rels/document.xml.rels", content: rels})
		if _, err := out.Seek(0, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		if err := stamp.MarkHere(wordType, in, mark, out); err != nil {
			return
		}
		at, err := out.Seek(0, io.SeekCurrent)
		if err != nil {
			t.Fatal(err)
		}
		z, err := zip.NewReader(io.NewSectionReader(out, 0, at), at)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, r); err != nil {
				t.Errorf("%s: %v", f.Name, err)
			}
		}
	})
}

func FuzzSheetAndSlide(f *testing.F) {
	out := nowhere(f)
	f.Add(`<worksheet ` + excelNS +
		`><sheetData/><headerFooter><oddHeader>&amp;C&amp;</oddHeader></headerFooter></worksheet>`)
	f.Add(`<p:sld ` + slideNS + `><p:cSld><p:spTree/></p:cSld></p:sld>`)
	f.Fuzz(func(t *testing.T, text string) {
		sheet := officeOf(t, "xl/workbook.xml", part{"xl/workbook.xml", "", "<workbook/>"},
			part{"xl/worksheets/sheet1.xml",
				"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml", text})
		slide := officeOf(t, "ppt/presentation.xml", part{"ppt/presentation.xml", "", "<presentation/>"},
			part{"ppt/slides/slide1.xml", "application/vnd.openxmlformats-officedocument.presentationml.slide+xml",
				text})
		for mediaType, in := range map[string][]byte{excelType: sheet, slideType: slide} {
			if _, err := out.Seek(0, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			_ = stamp.MarkHere(mediaType, in, mark, out) // any answer will do, but no panic
		}
	})
}

func FuzzOfficeFile(f *testing.F) {
	out := nowhere(f)
	f.Add(wordFile(f, "x"))
	f.Add(sheetsFile(f))
	f.Fuzz(func(t *testing.T, in []byte) {
		for _, mediaType := range []string{wordType, excelType, slideType} {
			if _, err := out.Seek(0, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			_ = stamp.MarkHere(mediaType, in, mark, out)
		}
	})
}

func FuzzPicture(f *testing.F) {
	out := nowhere(f)
	f.Add(encodePNG(f, noise(image.Rect(0, 0, 20, 20))))
	f.Add(withExif([]byte{0xff, 0xd8, 0xff, 0xda, 0, 2}, 6))
	f.Fuzz(func(t *testing.T, in []byte) {
		for _, mediaType := range []string{pngType, jpegType} {
			if _, err := out.Seek(0, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			_ = stamp.MarkHere(mediaType, in, mark, out)
		}
	})
}

func FuzzLabelOfPackage(f *testing.F) {
	_, out := stamped(f, stamper(f), source([]byte("x"), csvType, "x.csv"), mark)
	f.Add(out)
	f.Fuzz(func(t *testing.T, head []byte) { label.OfPackage(head) })
}

func TestNamesThatMisleadBecomePlain(t *testing.T) {
	for name, want := range map[string]string{
		"report.pdf": "report.pdf", "../../etc/passwd": "passwd", `C:\temp\x.doc`: "x.doc", "a\x00b\r\nc": "a_b__c",
		"":   "document",
		"..": "document", "exe\u202efdp.pdf": "exe_fdp.pdf", "Zürich – Übersicht.xlsx": "Zürich – Übersicht.xlsx",
		"/": "document",
	} {
		if got := stamp.PlainName(name); got != want {
			t.Errorf("%q became %q, want %q", name, got, want)
		}
	}
	if got := stamp.PlainName(strings.Repeat("é", 4000) + ".pdf"); len(got) > 180 || !strings.HasSuffix(got, ".pdf") ||
		!utf8.ValidString(got) {
		t.Errorf("a long name became %d bytes", len(got))
	}
}
