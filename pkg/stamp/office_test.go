package stamp_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/stamp"
)

const (
	wordType  = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	excelType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	slideType = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
	macroType = "application/vnd.ms-excel.sheet.macroEnabled.12"

	wordNS = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" ` +
		`xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	excelNS = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" ` +
		`xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	slideNS = `xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" ` +
		`xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" ` +
		`xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	docRel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
)

// part is one part of a package made here. Those with a content type get an Override.
type part struct{ name, kind, content string }

// officeOf packs parts; main is the one that the package is about.
func officeOf(t testing.TB, main string, parts ...part) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	types := `<?xml version="1.0" encoding="UTF-8"?><Types ` +
		`xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default ` +
		`Extension="xml" ContentType="application/xml"/>`
	for _, p := range parts {
		if p.kind != "" {
			types += fmt.Sprintf(`<Override PartName="/%s" ContentType="%s"/>`, p.name, p.kind)
		}
	}
	all := append([]part{{name: "[Content_Types].xml", content: types + "</Types>"},
		{name: "_rels/.rels", content: relations("officeDocument", main)}}, parts...)
	for _, p := range all {
		w, err := z.Create(p.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, p.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// relations makes a part of relationships rId1, rId2, … from kinds and targets.
func relations(kindsAndTargets ...string) string {
	s := `<?xml version="1.0" encoding="UTF-8"?><Relationships ` +
		`xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`
	for i := 0; i < len(kindsAndTargets); i += 2 {
		s += fmt.Sprintf(`<Relationship Id="rId%d" Type="%s%s" Target="%s"/>`, i/2+1, docRel, kindsAndTargets[i],
			kindsAndTargets[i+1])
	}
	return s + "</Relationships>"
}

const (
	wordMain = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
	wordHead = "application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"
)

func paragraphs(texts ...string) string {
	s := ""
	for _, t := range texts {
		s += `<w:p><w:r><w:t>` + t + `</w:t></w:r></w:p>`
	}
	return s
}

// wordFile has two sections: the first with a header of its own, and another first page; the second on wide paper.
func wordFile(t testing.TB, header string) []byte {
	return officeOf(t, "word/document.xml",
		part{"word/document.xml", wordMain,
			`<?xml version="1.0"?><w:document ` + wordNS + `><w:body>` + paragraphs("First section") +
				`<w:p><w:pPr><w:sectPr><w:headerReference w:type="default" r:id="rId1"/><w:pgSz w:w="11906" ` +
				`w:h="16838"/><w:pgMar w:top="1440" w:right="1440" w:bottom="1440" w:left="1440" w:header="708" ` +
				`w:footer="708" w:gutter="0"/><w:titlePg/></w:sectPr></w:pPr></w:p>` +
				paragraphs("Second section") +
				`<w:sectPr><w:pgSz w:w="16838" w:h="11906" w:orient="landscape"/><w:pgMar w:top="1440" ` +
				`w:right="1440" w:bottom="1440" w:left="1440" w:header="708" w:footer="708" ` +
				`w:gutter="0"/></w:sectPr></w:body></w:document>`},
		part{"word/header1.xml", wordHead, `<w:hdr ` + wordNS + `>` + paragraphs(header) + `</w:hdr>`},
		part{name: "word/_rels/document.xml.rels", content: relations("header", "header1.xml")})
}

// bareWordFile has no section properties and nothing beside its document.
func bareWordFile(t testing.TB) []byte {
	return officeOf(t, "word/document.xml",
		part{"word/document.xml", wordMain,
			`<w:document ` + wordNS + `><w:body>` + paragraphs("Bare") + `</w:body></w:document>`})
}

// sheetsFile has a sheet with a header, one without, and one whose header fills all the room there is.
func sheetsFile(t testing.TB) []byte {
	sheet := func(text, tail string) string {
		return `<worksheet ` + excelNS + `><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>` + text +
			`</t></is></c></row></sheetData>` + tail + `</worksheet>`
	}
	const kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
	return officeOf(t, "xl/workbook.xml",
		part{"xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
			`<workbook ` + excelNS + `><sheets>` +
				`<sheet name="One" sheetId="1" r:id="rId1"/><sheet name="Two" sheetId="2" r:id="rId2"/><sheet ` +
				`name="Three" sheetId="3" r:id="rId3"/></sheets></workbook>`},
		part{name: "xl/_rels/workbook.xml.rels",
			content: relations("worksheet", "worksheets/sheet1.xml", "worksheet", "worksheets/sheet2.xml", "worksheet",
				"/xl/worksheets/sheet3.xml")},
		part{"xl/worksheets/sheet1.xml", kind,
			sheet("Alpha", `<pageMargins left="0.7" right="0.7" top="1.05" bottom="1.05" header="0.7875" `+
				`footer="0.2"/><headerFooter differentFirst="1"><oddHeader>&amp;LLeft&amp;CMiddle &amp;&amp; `+
				`more&amp;R&amp;P</oddHeader><firstHeader>First</firstHeader></headerFooter>`)},
		part{"xl/worksheets/sheet2.xml", kind, sheet("Beta", "")},
		part{"xl/worksheets/sheet3.xml", kind,
			sheet("Gamma", `<headerFooter><oddFooter>&amp;L`+strings.Repeat("long ", 50)+
				`</oddFooter></headerFooter><rowBreaks count="0"/>`)})
}

// slidesFile has one slide with notes.
func slidesFile(t testing.TB) []byte {
	const kind = "application/vnd.openxmlformats-officedocument.presentationml."
	tree := func(root, text string) string {
		return `<p:` + root + ` ` + slideNS +
			`><p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id="1" ` +
			`name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>` + text + `</p:spTree></p:cSld></p:` + root +
			`>`
	}
	box := `<p:sp><p:nvSpPr><p:cNvPr id="7" name="Box"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr><a:xfrm><a:off ` +
		`x="1000000" y="2000000"/><a:ext cx="5000000" cy="900000"/></a:xfrm><a:prstGeom ` +
		`prst="rect"><a:avLst/></a:prstGeom></p:spPr><p:txBody><a:bodyPr/><a:p><a:r><a:t>Own ` +
		`slide</a:t></a:r></a:p></p:txBody></p:sp>`
	return officeOf(t, "ppt/presentation.xml",
		part{"ppt/presentation.xml", kind + "presentation.main+xml",
			`<p:presentation ` + slideNS +
				`><p:sldMasterIdLst><p:sldMasterId id="2147483648" ` +
				`r:id="rId2"/></p:sldMasterIdLst><p:sldIdLst><p:sldId id="256" r:id="rId1"/></p:sldIdLst><p:sldSz ` +
				`cx="9144000" cy="6858000"/><p:notesSz cx="6858000" cy="9144000"/></p:presentation>`},
		part{name: "ppt/_rels/presentation.xml.rels",
			content: relations("slide", "slides/slide1.xml", "slideMaster", "slideMasters/slideMaster1.xml")},
		part{"ppt/slides/slide1.xml", kind + "slide+xml", tree("sld", box)},
		part{name: "ppt/slides/_rels/slide1.xml.rels",
			content: relations("slideLayout", "../slideLayouts/slideLayout1.xml", "notesSlide",
				"../notesSlides/notesSlide1.xml")},
		part{"ppt/notesSlides/notesSlide1.xml", kind + "notesSlide+xml", tree("notes", "")},
		part{name: "ppt/notesSlides/_rels/notesSlide1.xml.rels", content: relations("slide", "../slides/slide1.xml")},
		part{"ppt/slideLayouts/slideLayout1.xml", kind + "slideLayout+xml", tree("sldLayout", "")},
		part{name: "ppt/slideLayouts/_rels/slideLayout1.xml.rels",
			content: relations("slideMaster", "../slideMasters/slideMaster1.xml")},
		part{"ppt/slideMasters/slideMaster1.xml", kind + "slideMaster+xml",
			strings.Replace(tree("sldMaster", ""), "</p:cSld>",
				`</p:cSld><p:clrMap bg1="lt1" tx1="dk1" bg2="lt2" tx2="dk2" accent1="accent1" accent2="accent2" `+
					`accent3="accent3" accent4="accent4" accent5="accent5" accent6="accent6" hlink="hlink" `+
					`folHlink="folHlink"/>`, 1)},
		part{name: "ppt/slideMasters/_rels/slideMaster1.xml.rels",
			content: relations("slideLayout", "../slideLayouts/slideLayout1.xml")})
}

// partsOf unpacks a package; every part that says it is XML must be.
func partsOf(t testing.TB, content []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, twice := out[f.Name]; twice {
			t.Errorf("%s stands twice in the package", f.Name)
		}
		out[f.Name] = string(b)
		if strings.HasSuffix(f.Name, ".xml") || strings.HasSuffix(f.Name, ".rels") {
			for d := xml.NewDecoder(bytes.NewReader(b)); err == nil; {
				_, err = d.Token()
			}
			if err != io.EOF {
				t.Errorf("%s: %v", f.Name, err)
			}
		}
	}
	return out
}

func wants(t *testing.T, where, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s does not say %q", where, w)
		}
	}
}

func TestEverySectionOfAWordFileHasTheMarkInHeaderAndFooter(t *testing.T) {
	c, out := stamped(t, stamper(t), source(wordFile(t, "Own header"), wordType, "note.docx"), mark)
	parts := partsOf(t, out)
	if c.Pages != 2 {
		t.Errorf("%d sections", c.Pages)
	}
	wants(t, "the document's own header", parts["word/header1.xml"], "Own header", "CONFIDENTIAL", "Copy 7F3K-22QX-9V")
	document := parts["word/document.xml"]
	for _, reference := range []string{`header`, `footer`} {
		for _, kind := range []string{"default", "first", "even"} {
			if n := strings.Count(document, kind); n < 1 {
				t.Errorf("no %s %s", kind, reference)
			}
		}
	}
	for _, name := range []string{"word/chancery-header-first.xml", "word/chancery-header-even.xml",
		"word/chancery-footer-default.xml",
		"word/chancery-footer-first.xml", "word/chancery-footer-even.xml"} {
		wants(t, name, parts[name], "CONFIDENTIAL", mark.Person, mark.Purpose,
			strings.ReplaceAll(stamp.DefaultNotice, "'", "&#39;"))
		wants(t, "the list of types", parts["[Content_Types].xml"], name)
		wants(t, "the list of relationships", parts["word/_rels/document.xml.rels"], name)
	}
	if _, ok := parts["word/chancery-header-default.xml"]; ok {
		t.Error("the first section has two default headers")
	}
	wants(t, "the properties", parts["docProps/custom.xml"], "ChanceryCopyNumber", "7F3K-22QX-9V")
}

func TestAWordFileWithoutSectionsIsGivenOne(t *testing.T) {
	_, out := stamped(t, stamper(t), source(bareWordFile(t), wordType, "x.docx"), mark)
	parts := partsOf(t, out)
	wants(t, "the document", parts["word/document.xml"], "sectPr", "headerReference", "footerReference")
	wants(t, "its header", parts["word/chancery-header-default.xml"], "CONFIDENTIAL")
}

func TestEverySheetHasTheMarkAndKeepsItsOwnHeaderWhereThereIsRoom(t *testing.T) {
	c, out := stamped(t, stamper(t), source(sheetsFile(t), excelType, "x.xlsx"), mark)
	parts := partsOf(t, out)
	if c.Pages != 3 {
		t.Errorf("%d sheets", c.Pages)
	}
	for i := range 3 {
		name := fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1)
		wants(t, name, parts[name], "oddHeader", "oddFooter", "evenHeader", "firstFooter", "CONFIDENTIAL",
			"Copy 7F3K-22QX-9V", mark.Person, "art2.a")
		var sheet struct {
			HeaderFooter []struct {
				Lines []struct {
					Text string `xml:",chardata"`
				} `xml:",any"`
			} `xml:"headerFooter"`
		}
		if err := xml.Unmarshal([]byte(parts[name]), &sheet); err != nil || len(sheet.HeaderFooter) != 1 {
			t.Fatalf("%s: %d headers, %v", name, len(sheet.HeaderFooter), err)
		}
		for _, l := range sheet.HeaderFooter[0].Lines {
			if n := len([]rune(l.Text)); n > 255 || n == 0 {
				t.Errorf("%s: a line of %d characters, Excel takes 255", name, n)
			}
		}
	}
	wants(t, "the first sheet", parts["xl/worksheets/sheet1.xml"], `differentFirst="1"`, `top="1.05"`, `bottom="1.05"`,
		`header="0.3"`, `footer="0.2"`)
	if s := parts["xl/worksheets/sheet3.xml"]; strings.Index(s, "headerFooter") > strings.Index(s, "rowBreaks") {
		t.Error("the parts of the third sheet are out of order")
	}
}

func TestEverySlideAndPageOfNotesHasTheMark(t *testing.T) {
	c, out := stamped(t, stamper(t), source(slidesFile(t), slideType, "x.pptx"), mark)
	parts := partsOf(t, out)
	if c.Pages != 1 {
		t.Errorf("%d slides", c.Pages)
	}
	for _, name := range []string{"ppt/slides/slide1.xml", "ppt/notesSlides/notesSlide1.xml"} {
		if n := strings.Count(parts[name], "CONFIDENTIAL"); n != 2 {
			t.Errorf("%s: the word stands there %d times", name, n)
		}
	}
	wants(t, "the slide", parts["ppt/slides/slide1.xml"], "Own slide", `id="8"`, `id="9"`)
}

func TestMacrosAndAllOtherPartsStayAsTheyAre(t *testing.T) {
	in := corpusFile(t, "office/watchlistGenerator_20200402.xlsm")
	_, out := stamped(t, stamper(t), source(in, macroType, "x.xlsm"), mark)
	was, is := partsOf(t, in), partsOf(t, out)
	if len(was["xl/vbaProject.bin"]) == 0 {
		t.Fatal("the file has no macros")
	}
	for name, content := range was {
		mayChange := strings.HasPrefix(name, "xl/worksheets/sheet") || strings.HasSuffix(name, ".rels") ||
			name == "[Content_Types].xml" || name == "docProps/custom.xml"
		if is[name] != content && !mayChange {
			t.Errorf("%s was altered", name)
		}
	}
}

func TestOfficeFilesCarryTheLabelAndANewerOneReplacesIt(t *testing.T) {
	for mediaType, in := range map[string][]byte{wordType: wordFile(t, "x"), excelType: sheetsFile(t),
		slideType: slidesFile(t)} {
		_, once := stamped(t, stamper(t), source(in, mediaType, "x"), mark)
		m := mark
		m.Label, m.CopyNumber = []byte(`{"label":"<second> & \"quoted\""}`), "SECOND"
		_, twice := stamped(t, stamper(t), source(once, mediaType, "x"), m)
		for n, c := range []struct{ file, label []byte }{{once, mark.Label}, {twice, m.Label}} {
			o, err := stamper(t).Probe(context.Background(), source(c.file, mediaType, "x"))
			if err != nil || !bytes.Equal(o.Label, c.label) {
				t.Errorf("%s, copy %d: %q, %v", mediaType, n+1, o.Label, err)
			}
		}
		if n := strings.Count(partsOf(t, twice)["docProps/custom.xml"], "ChanceryCopyNumber"); n != 1 {
			t.Errorf("%s: %d copy numbers in the properties", mediaType, n)
		}
	}
}

func TestMarkingWordsOfOfficeFilesAreFound(t *testing.T) {
	sheets := sheetsFile(t)
	for name, c := range map[string]struct {
		content   []byte
		mediaType string
		want      []string
	}{
		"header":    {wordFile(t, "CONFIDENTIEL"), wordType, []string{"CONFIDENTIEL"}},
		"no header": {wordFile(t, "Own header"), wordType, nil},
		"denied":    {wordFile(t, "NON CONFIDENTIEL"), wordType, nil},
		"sheet":     {sheets, excelType, nil},
	} {
		o, err := stamper(t).Probe(context.Background(), source(c.content, c.mediaType, "x"))
		if err != nil || !slices.Equal(o.Words, c.want) {
			t.Errorf("%s: found %q, want %q, %v", name, o.Words, c.want, err)
		}
	}
}

func TestHostileOfficeFilesAreRefusedWithinTheLimits(t *testing.T) {
	s := stamper(t, func(c *stamp.Config) { c.MaxMemory, c.MaxTime = 256<<20, 20*time.Second })
	document := func(content string) []byte {
		return officeOf(t, "word/document.xml", part{"word/document.xml", wordMain, content})
	}
	body := func(inner string) []byte {
		return document(`<w:document ` + wordNS + `><w:body>` + inner + `</w:body></w:document>`)
	}
	for name, c := range map[string]struct {
		content []byte
		want    []stamp.ReasonCode
	}{
		"no ZIP file":    {[]byte("hello"), []stamp.ReasonCode{stamp.Damaged}},
		"empty ZIP file": {[]byte("PK\x05\x06" + strings.Repeat("\x00", 18)), []stamp.ReasonCode{stamp.Damaged}},
		"bomb":           {body(paragraphs(strings.Repeat(" ", 64<<20))), []stamp.ReasonCode{stamp.TooLarge}},
		"nested":         {body(strings.Repeat("<w:p>", 1<<18)), []stamp.ReasonCode{stamp.Damaged}},
		"entities": {document(`<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><w:document ` + wordNS +
			`><w:body>&b;</w:body></w:document>`), []stamp.ReasonCode{stamp.Unsupported}},
		"not well-formed": {document(`<w:document ` + wordNS + `><w:body></w:document>`),
			[]stamp.ReasonCode{stamp.Damaged}},
		"no body":      {document(`<w:document ` + wordNS + `/>`), []stamp.ReasonCode{stamp.Damaged}},
		"no namespace": {document(`<document><body/></document>`), []stamp.ReasonCode{stamp.Damaged}},
		"UTF-16":       {document("\xff\xfe<\x00w\x00"), []stamp.ReasonCode{stamp.Damaged}},
		"no main part": {officeOf(t, "word/absent.xml"), []stamp.ReasonCode{stamp.Damaged}},
		"two of one name": {officeOf(t, "word/document.xml", part{name: "word/document.xml", content: "<a/>"},
			part{name: "WORD/document.xml", content: "<b/>"}), []stamp.ReasonCode{stamp.Damaged}},
		"circle of headers": {officeOf(t, "word/document.xml",
			part{"word/document.xml", wordMain,
				`<w:document ` + wordNS + `><w:body><w:sectPr><w:headerReference w:type="default" ` +
					`r:id="rId1"/></w:sectPr></w:body></w:document>`},
			part{name: "word/_rels/document.xml.rels", content: relations("header", "document.xml")}), nil},
	} {
		out, err := s.Stamp(context.Background(), source(c.content, wordType, "x.docx"), mark)
		if err == nil {
			out.Close()
			if c.want != nil {
				t.Errorf("%s: a copy was made", name)
			}
			continue
		}
		var refused *stamp.ErrRefused
		if c.want == nil || !errors.As(err, &refused) || !slices.Contains(c.want, refused.Reason) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A part that nobody edits may unfold to whatever it likes: it is copied as it is.
func TestABombInAPartThatIsNotEditedIsNotUnfolded(t *testing.T) {
	in := officeOf(t, "word/document.xml",
		part{"word/document.xml", wordMain, `<w:document ` + wordNS + `><w:body/></w:document>`},
		part{name: "word/media/image1.bin", content: strings.Repeat("\x00", 150<<20)})
	at := time.Now()
	_, out := stamped(t, stamper(t, func(c *stamp.Config) { c.MaxMemory = 128 << 20 }), source(in, wordType, "x.docx"),
		mark)
	if len(out) > 2<<20 || time.Since(at) > 5*time.Second {
		t.Errorf("%d bytes in %s", len(out), time.Since(at))
	}
}

func TestLibreOfficeOpensTheMarkedFilesAndShowsTheMark(t *testing.T) {
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("SKIPPED, NOT TESTED: LibreOffice is not installed (.ci/install libreoffice)")
	}
	// How many pages a file has depends on the fonts of the machine; that each shows the mark twice does not.
	files := map[string]struct {
		content   []byte
		mediaType string
		pages     int // at least
		own       string
	}{
		"sections.docx": {wordFile(t, "Own header"), wordType, 2, "Own header"},
		"bare.docx":     {bareWordFile(t), wordType, 1, "Bare"},
		"sheets.xlsx":   {sheetsFile(t), excelType, 3, "Alpha"},
		"slides.pptx":   {slidesFile(t), slideType, 1, "Own slide"},
		"macros.xlsm":   {corpusFile(t, "office/watchlistGenerator_20200402.xlsm"), macroType, 2, "dateOfBirth"},
		"macros4.xlsm":  {corpusFile(t, "office/64420.xlsm"), macroType, 3, "Whatever a macro sheet might be"},
		"real.docx":     {corpusFile(t, "office/Enable-SSL-Https-Support.docx"), wordType, 2, "Configure Tomcat"},
		"long.docx":     {corpusFile(t, "office/GTAS-Neo4j-deployment-instruction.docx"), wordType, 8, "Neo4j"},
	}
	dir := t.TempDir()
	args := []string{"-env:UserInstallation=file://" + dir + "/profile", "--headless", "--convert-to", "pdf",
		"--outdir", dir}
	for name, f := range files {
		_, out := stamped(t, stamper(t), source(f.content, f.mediaType, name), mark)
		if err := os.WriteFile(filepath.Join(dir, name), out, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, filepath.Join(dir, name))
	}
	if out, err := exec.Command(office, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, f := range files {
		content, err := os.ReadFile(filepath.Join(dir, strings.TrimSuffix(name, filepath.Ext(name))+".pdf"))
		if err != nil {
			t.Errorf("%s: LibreOffice does not open it: %v", name, err)
			continue
		}
		text := tool(t, content, "pdftotext", "FILE", "-")
		pages := strings.Split(strings.TrimSuffix(text, "\f"), "\f")
		if len(pages) < f.pages {
			t.Errorf("%s: %d pages, want %d", name, len(pages), f.pages)
		}
		for i, page := range pages {
			if n := strings.Count(page, "CONFIDENTIAL"); n != 2 {
				t.Errorf("%s: page %d shows the mark %d times", name, i+1, n)
			}
		}
		text = strings.Join(strings.Fields(text), " ")
		wants(t, name, text, f.own, mark.CopyNumber, mark.Person)
	}
}
