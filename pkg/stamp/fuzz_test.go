package stamp_test

import (
	"archive/zip"
	"bytes"
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
	f.Add(`<w:document `+wordNS+`><w:body>`+paragraphs("x")+`<w:sectPr><w:headerReference w:type="first" r:id="rId1"/></w:sectPr></w:body></w:document>`,
		`<w:hdr `+wordNS+`/>`, relations("header", "header1.xml"))
	f.Add(`<w:document xmlns:w="urn:x"><w:body/></w:document>`, `<x xmlns="urn:y"><!-- c --><![CDATA[d]]></x>`, relations("header", "../word/header1.xml"))
	f.Fuzz(func(t *testing.T, document, header, rels string) {
		in := officeOf(t, "word/document.xml", part{"word/document.xml", wordMain, document}, part{"word/header1.xml", wordHead, header},
			part{name: "word/_rels/document.xml.rels", content: rels})
		if _, err := out.Seek(0, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		if _, err := stamp.MarkHere(wordType, in, mark, out); err != nil {
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
	f.Add(`<worksheet ` + excelNS + `><sheetData/><headerFooter><oddHeader>&amp;C&amp;</oddHeader></headerFooter></worksheet>`)
	f.Add(`<p:sld ` + slideNS + `><p:cSld><p:spTree/></p:cSld></p:sld>`)
	f.Fuzz(func(t *testing.T, text string) {
		sheet := officeOf(t, "xl/workbook.xml", part{"xl/workbook.xml", "", "<workbook/>"},
			part{"xl/worksheets/sheet1.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml", text})
		slide := officeOf(t, "ppt/presentation.xml", part{"ppt/presentation.xml", "", "<presentation/>"},
			part{"ppt/slides/slide1.xml", "application/vnd.openxmlformats-officedocument.presentationml.slide+xml", text})
		for mediaType, in := range map[string][]byte{excelType: sheet, slideType: slide} {
			if _, err := out.Seek(0, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			_, _ = stamp.MarkHere(mediaType, in, mark, out) // any answer will do, but no panic
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
			_, _ = stamp.MarkHere(mediaType, in, mark, out)
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
			_, _ = stamp.MarkHere(mediaType, in, mark, out)
		}
	})
}

// What was closed leaves nothing open, whatever it was.
func FuzzContent(f *testing.F) {
	for _, s := range []string{"q Q", "q q (open", "BT <41", "BI ID \x00 EI Q", "/A BMC", "Q Q q % comment\nQ", "<</A [1 2(]>> BDC"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		if len(content) > 1<<16 {
			return
		}
		_, clear, closed := stamp.Weigh(content)
		if saved, _, _ := stamp.Weigh(closed); clear && saved != 0 {
			t.Errorf("%q leaves %d states saved", closed, saved)
		}
	})
}

func FuzzToUnicode(f *testing.F) {
	f.Add([]byte("2 beginbfchar <01> <0041> <02> <00420043> endbfchar 1 beginbfrange <10> <12> <0061> <20> <21> [<0062> <0063>] endbfrange"), []byte("\x01\x02\x10\x11\x20"), false)
	f.Add([]byte("1 beginbfrange <0000> <ffff> <d800> endbfrange"), []byte("\x00\x01"), true)
	f.Fuzz(func(t *testing.T, text, codes []byte, wide bool) { stamp.ToUnicode(text, codes, wide) })
}

func TestAToUnicodeMapIsRead(t *testing.T) {
	text := "2 beginbfchar <01> <0041> <02> <00420043> endbfchar 1 beginbfrange <10> <12> <0061> <20> <21> [<0078> <0079>] endbfrange"
	if got := stamp.ToUnicode([]byte(text), []byte("\x01\x02\x10\x12\x20\x21"), false); got != "ABCacxy" {
		t.Errorf("got %q", got)
	}
}

func FuzzXMP(f *testing.F) {
	f.Add([]byte(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="r"></rdf:RDF></x:xmpmeta>`))
	f.Add([]byte("<!--chancery--></rdf:RDF>"))
	f.Fuzz(func(t *testing.T, packet []byte) {
		once := stamp.AddToXMP(packet, mark)
		if once == nil {
			return
		}
		if bytes.Contains(packet, []byte("chancery")) {
			return // written to look like ours
		}
		if got := label.OfXMP(once); !bytes.Equal(got, mark.Label) {
			t.Errorf("label: %q in %q", got, once)
		}
		if again := stamp.AddToXMP(once, mark); !bytes.Equal(again, once) {
			t.Errorf("a second time gives %q, the first gave %q", again, once)
		}
	})
}

func FuzzLabelOfPackage(f *testing.F) {
	_, out := stamped(f, stamper(f), source([]byte("x"), csvType, "x.csv"), mark)
	f.Add(out)
	f.Fuzz(func(t *testing.T, head []byte) { label.OfPackage(head) })
}

func FuzzExcelLine(f *testing.F) {
	f.Add("&LLeft&CMiddle&RRight", "A & B && C", true)
	f.Add(strings.Repeat("&", 300), strings.Repeat("& ", 100), false)
	f.Fuzz(func(t *testing.T, old, name string, header bool) {
		m := mark
		m.Discloser, m.Purpose = name, name
		line := stamp.ExcelLine(m, header, old)
		if n := utf8.RuneCountInString(line); n > 255 && utf8.ValidString(old) && utf8.ValidString(name) {
			t.Errorf("%d characters: %q", n, line)
		}
		if !strings.Contains(line, "CONFIDENTIAL") {
			t.Errorf("no marking in %q", line)
		}
	})
}

func FuzzWrap(f *testing.F) {
	f.Add("Disclosed by A to B", "per_1", 10)
	f.Fuzz(func(t *testing.T, a, b string, width int) {
		if len(a)+len(b) > 1000 || width < 4 || width > 1000 || !utf8.ValidString(a) || !utf8.ValidString(b) {
			return
		}
		got := strings.Join(stamp.Wrap([]string{a, b}, width), "")
		strip := func(s string) string { return strings.Join(strings.Fields(strings.ReplaceAll(s, "·", "")), "") }
		if strip(got) != strip(a+b) {
			t.Errorf("%q and %q became %q", a, b, got)
		}
	})
}

func TestNamesThatMisleadBecomePlain(t *testing.T) {
	for name, want := range map[string]string{
		"report.pdf": "report.pdf", "../../etc/passwd": "passwd", `C:\temp\x.doc`: "x.doc", "a\x00b\r\nc": "a_b__c", "": "document",
		"..": "document", "exe\u202efdp.pdf": "exe_fdp.pdf", "Zürich – Übersicht.xlsx": "Zürich – Übersicht.xlsx", "/": "document",
	} {
		if got := stamp.PlainName(name); got != want {
			t.Errorf("%q became %q, want %q", name, got, want)
		}
	}
	if got := stamp.PlainName(strings.Repeat("é", 4000) + ".pdf"); len(got) > 180 || !strings.HasSuffix(got, ".pdf") || !utf8.ValidString(got) {
		t.Errorf("a long name became %d bytes", len(got))
	}
}

func TestLettersBeyondTheFontStayLegible(t *testing.T) {
	for in, want := range map[string]string{
		"Zürich": "Z\xfcrich", "Gdańsk": "Gdansk", "Москва": "Moskva", "Щука": "Shchuka", "Αθήνα": "Athina", "中": "{4E2D}",
		"“x” – €": "\x93x\x94 \x96 \x80", "a\u200bb": "ab", "Ł": "L",
	} {
		if got := string(stamp.WinAnsi(in)); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}
