package stamp_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/stamp"
)

// page is one page of a PDF file made here.
type page struct {
	attributes string // "/MediaBox [0 0 595 842] /Rotate 90"
	content    string
}

const a4 = "/MediaBox [0 0 595 842]"

// mutations is how many damaged files are tried; over a thousand were, of several files.
const mutations = 24

// pdfOf makes a PDF file: object 1 the catalogue, 2 the tree, 3 the font; then two for each page; then those of extra.
func pdfOf(catalogue string, pages []page, extra ...string) []byte {
	objects := []string{"", "", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"}
	var kids []string
	for _, p := range pages {
		n := len(objects) + 1
		kids = append(kids, fmt.Sprintf("%d 0 R", n))
		objects = append(objects,
			fmt.Sprintf("<</Type/Page/Parent 2 0 R %s/Contents %d 0 R/Resources<</Font<</F 3 0 R>>>>>>", p.attributes,
				n+1),
			fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(p.content), p.content))
	}
	objects[0] = "<</Type/Catalog/Pages 2 0 R" + catalogue + ">>"
	objects[1] = fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d>>", strings.Join(kids, " "), len(pages))
	return pdfFile(append(objects, extra...))
}

func pdfFile(objects []string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	var offsets []int
	for i, o := range objects {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	at := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, at)
	return b.Bytes()
}

func line(x, y int, text string) string {
	return fmt.Sprintf("BT /F 12 Tf %d %d Td (%s) Tj ET\n", x, y, text)
}

// box is where pdftotext sees a word, in the page as it is read, from the upper left.
type box struct {
	page                    int
	word                    string
	left, top, right, below float64
}

var (
	pageTag = regexp.MustCompile(`<page width="([\d.]+)" height="([\d.]+)">`)
	wordTag = regexp.MustCompile(`<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" ` +
		`yMax="([-\d.]+)">([^<]*)</word>`)
)

// boxes lists the words of a PDF file, and the sizes of its pages as read.
func boxes(t *testing.T, content []byte) (words []box, widths, heights []float64) {
	t.Helper()
	n := func(s string) float64 {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for line := range strings.Lines(tool(t, content, "pdftotext", "-bbox", "-cropbox", "FILE", "-")) {
		if m := pageTag.FindStringSubmatch(line); m != nil {
			widths, heights = append(widths, n(m[1])), append(heights, n(m[2]))
		}
		if m := wordTag.FindStringSubmatch(line); m != nil {
			words = append(words, box{len(widths), m[5], n(m[1]), n(m[2]), n(m[3]), n(m[4])})
		}
	}
	return words, widths, heights
}

func TestTheMarkStandsUprightAtBothEdgesOfEveryShapeOfPage(t *testing.T) {
	shapes := map[string]string{
		"portrait":                   a4,
		"landscape":                  "/MediaBox [0 0 842 595]",
		"offset":                     "/MediaBox [-200 -300 395 542]",
		"upside":                     "/MediaBox [595 842 0 0]",
		"cropped":                    a4 + "/CropBox [100 120 500 700]",
		"crop outside the media box": a4 + "/CropBox [-100 -100 900 900]",
		"crop beside the media box":  a4 + "/CropBox [2000 2000 2100 2100]",
		"tiny":                       "/MediaBox [0 0 40 30]",
		"narrow":                     "/MediaBox [0 0 60 842]",
		"flat":                       "/MediaBox [0 0 842 20]",
		"huge":                       "/MediaBox [0 0 9000 12000]",
		"largest":                    "/MediaBox [0 0 14400 14400]",
		"unit":                       "/MediaBox [0 0 59.5 84.2] /UserUnit 10",
	}
	rotations := []int{0, 90, 180, 270, -90, 450}
	for name, attributes := range shapes {
		var pages []page
		for _, rotate := range rotations {
			pages = append(pages, page{fmt.Sprintf("%s/Rotate %d", attributes, rotate), line(10, 10, "Own text")})
		}
		_, out := stamped(t, stamper(t), source(pdfOf("", pages), pdfType, "x.pdf"), mark)
		words, widths, heights := boxes(t, out)
		if len(widths) != len(rotations) {
			t.Fatalf("%s: %d pages", name, len(widths))
		}
		for i, rotate := range rotations {
			width, height := widths[i], heights[i]
			if rotate%180 != 0 { // pdftotext gives the size before the rotation
				width, height = height, width
			}
			found := slices.DeleteFunc(slices.Clone(words),
				func(b box) bool { return b.page != i+1 || b.word != "CONFIDENTIAL" })
			checkEdges(t, fmt.Sprintf("%s, rotated by %d", name, rotate), found, width, height, name != "unit")
		}
	}
}

// checkEdges wants the word once in the upper and once in the lower half of the page, upright, whole, and large enough.
func checkEdges(t *testing.T, name string, found []box, width, height float64, inPoints bool) {
	t.Helper()
	if len(found) != 2 {
		t.Errorf("%s: the word stands there %d times", name, len(found))
		return
	}
	slices.SortFunc(found, func(a, b box) int { return int(a.top - b.top) })
	for i, w := range found {
		high, wide := w.below-w.top, w.right-w.left
		if wide < 4*high || inPoints && high < 5 {
			t.Errorf("%s: the word is %.1f wide and %.1f high", name, wide, high)
		}
		if w.left < 0 || w.right > width || w.top < 0 || w.below > height {
			t.Errorf("%s: the word leaves the page of %.0f by %.0f: %+v", name, width, height, w)
		}
		if atEdge := i == 0 && w.below < height/2 || i == 1 && w.top > height/2; !atEdge {
			t.Errorf("%s: word %d stands at %.0f of %.0f", name, i, w.top, height)
		}
	}
}

func TestThePageGrowsAndNothingOfItIsCovered(t *testing.T) {
	in := pdfOf("", []page{{a4, line(2, 832, "Highest") + line(2, 2, "Lowest")}})
	_, out := stamped(t, stamper(t), source(in, pdfType, "x.pdf"), mark)
	words, _, heights := boxes(t, out)
	grown := heights[0] - 842
	if grown < 30 || grown > 120 {
		t.Fatalf("the page grew by %.1f points", grown)
	}
	for _, w := range words {
		if w.word == "Highest" && w.top < grown/2 || w.word == "Lowest" && w.below > heights[0]-grown/2+2 {
			t.Errorf("%q lies in a band: %+v", w.word, w)
		}
	}
}

// Whatever state the page's own content leaves, the mark is drawn in that of an empty page.
func TestContentThatLeavesThingsOpenDoesNotCarryTheMarkAway(t *testing.T) {
	for name, content := range map[string]string{
		"saved states":          "q q 0.01 0 0 0.01 0 0 cm q " + line(100, 100, "Own text"),
		"scaled":                "0.01 0 0 0.01 5000 5000 cm " + line(100, 100, "Own text"),
		"clipped":               "0 0 1 1 re W n",
		"restored too often":    "Q Q Q 0.01 0 0 0.01 0 0 cm q Q Q",
		"open text":             "BT /F 12 Tf 100 100 Td (Own text) Tj",
		"hidden marked content": "/OC /None BDC /Artifact BMC " + line(100, 100, "Own text"),
		"open string":           "BT /F 12 Tf 100 100 Td (Own text",
		"open hex string":       "BT /F 12 Tf 100 100 Td <4f776e",
		"open image":            "BI /W 1 /H 1 /BPC 8 /CS /G ID \x00\xff\xfe",
		"invisible":             "3 Tr 0 0 0 0 k /None gs",
		"empty":                 "",
	} {
		in := pdfOf("", []page{{a4, content}})
		_, out := stamped(t, stamper(t), source(in, pdfType, "x.pdf"), mark)
		words, widths, _ := boxes(t, out)
		n := 0
		for _, w := range words {
			if w.word == "CONFIDENTIAL" && w.below-w.top > 8 && w.left > 200 && w.right < 400 {
				n++
			}
		}
		if n != 2 || widths[0] != 595 {
			t.Errorf("%s: the mark stands in its place %d times", name, n)
		}
	}
}

func TestAnnotationsFormsLinksAndOutlinesAreKept(t *testing.T) {
	in := pdfOf("/AcroForm<</Fields[6 0 R]/DA(/F 12 Tf)/DR<</Font<</F 3 0 R>>>>>>/Outlines 8 0 R",
		[]page{{a4 + "/Annots[6 0 R 7 0 R]", line(100, 700, "Form")}},
		"<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/V(Jane)/Rect[100 600 300 620]/P 4 0 R/F 4/DA(/F 12 Tf)>>",
		"<</Type/Annot/Subtype/Link/Rect[100 500 300 520]/A<</S/URI/URI(https://example.org/kept)>>>>",
		"<</Type/Outlines/First 9 0 R/Last 9 0 R/Count 1>>",
		"<</Title(Kept chapter)/Parent 8 0 R/Dest[4 0 R/XYZ 0 842 0]>>")
	_, out := stamped(t, stamper(t), source(in, pdfType, "x.pdf"), mark)
	if info := tool(t, out, "pdfinfo", "FILE"); !strings.Contains(info, "AcroForm") {
		t.Errorf("the form is gone:\n%s", info)
	}
	if urls := tool(t, out, "pdfinfo", "-url", "FILE"); !strings.Contains(urls, "https://example.org/kept") {
		t.Errorf("the link is gone:\n%s", urls)
	}
	if dests := tool(t, out, "pdftohtml", "-xml", "-stdout", "-i", "FILE"); !strings.Contains(dests, "Kept chapter") {
		t.Errorf("the outline is gone:\n%s", dests)
	}
}

func TestPropertiesAndMetadataCarryMarkAndLabel(t *testing.T) {
	xmp := `<x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF ` +
		`xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:Description r:about="" ` +
		`xmlns:dc="http://purl.org/dc/elements/1.1/" dc:format="kept"/></r:RDF></x:xmpmeta>`
	in := pdfOf("/Metadata 6 0 R", []page{{a4, line(100, 700, "Text")}},
		fmt.Sprintf("<</Type/Metadata/Subtype/XML/Length %d>>\nstream\n%s\nendstream", len(xmp), xmp))
	m := mark
	m.Discloser = "Organisation & <Söhne> Українa"
	_, out := stamped(t, stamper(t), source(in, pdfType, "x.pdf"), m)
	custom := tool(t, out, "pdfinfo", "-custom", "FILE")
	for _, want := range []string{"ChanceryMarking: *CONFIDENTIAL", "ChanceryCopyNumber: *7F3K-22QX-9V",
		"ChanceryDiscloser: *Organisation & <Söhne> Українa"} {
		if !regexp.MustCompile(want).MatchString(custom) {
			t.Errorf("no %q in:\n%s", want, custom)
		}
	}
	meta := tool(t, out, "pdfinfo", "-meta", "FILE")
	for _, want := range []string{`dc:format="kept"`, "<chancery:CopyNumber>7F3K-22QX-9V<",
		"Organisation &amp; &lt;Söhne&gt; Українa"} {
		if !strings.Contains(meta, want) {
			t.Errorf("no %q in:\n%s", want, meta)
		}
	}
	o, err := stamper(t).Probe(context.Background(), source(out, pdfType, "x.pdf"))
	if err != nil || !bytes.Equal(o.Label, m.Label) {
		t.Errorf("label found again: %q, %v", o.Label, err)
	}
	if text := tool(t, out, "pdftotext", "FILE", "-"); !strings.Contains(text, "Organisation & <Söhne> Ukrayina") {
		t.Errorf("letters beyond Latin are not legible:\n%s", text)
	}
}

// A copy that is marked again carries the newer label only.
func TestACopyOfACopyCarriesTheNewerLabel(t *testing.T) {
	in := pdfOf("", []page{{a4, line(100, 700, "Text")}})
	_, once := stamped(t, stamper(t), source(in, pdfType, "x.pdf"), mark)
	m := mark
	m.Label = []byte(`{"label":"{\"copy_number\":\"SECOND\"}"}`)
	_, twice := stamped(t, stamper(t), source(once, pdfType, "x.pdf"), m)
	o, err := stamper(t).Probe(context.Background(), source(twice, pdfType, "x.pdf"))
	if err != nil || !bytes.Equal(o.Label, m.Label) {
		t.Errorf("label: %q, %v", o.Label, err)
	}
	if meta := tool(t, twice, "pdfinfo", "-meta", "FILE"); strings.Count(meta, "<chancery:Label>") != 1 {
		t.Errorf("metadata:\n%s", meta)
	}
}

func TestTheDateOfCreationIsKept(t *testing.T) {
	in := corpusFile(t, "pdf/issue13003.pdf")
	_, out := stamped(t, stamper(t), source(in, pdfType, "x.pdf"), mark)
	date := regexp.MustCompile(`CreationDate: .*`)
	was, is := date.FindString(tool(t, in, "pdfinfo", "-isodates", "FILE")),
		date.FindString(tool(t, out, "pdfinfo", "-isodates", "FILE"))
	if was == "" || was != is {
		t.Errorf("%q became %q", was, is)
	}
}

// See docs/copies.md: the Discloser asked for marked copies, so the owner's restriction on changes does not keep the
// gateway from marking. What it forbids to the reader stays forbidden.
func TestRestrictionsOfTheOwnerAreKeptOnTheMarkedCopy(t *testing.T) {
	in := corpusFile(t, "pdf/empty_protected.pdf")
	_, out := stamped(t, stamper(t), source(in, pdfType, "x.pdf"), mark)
	encrypted := regexp.MustCompile(`Encrypted: .*`)
	was, is := encrypted.FindString(tool(t, in, "pdfinfo", "FILE")),
		encrypted.FindString(tool(t, out, "pdfinfo", "FILE"))
	if was == "" || was != is {
		t.Errorf("%q became %q", was, is)
	}
	if text := tool(t, out, "pdftotext", "FILE", "-"); strings.Count(text, "CONFIDENTIAL") != 2 {
		t.Errorf("the mark is not legible:\n%s", text)
	}
}

// An update appended to the file could be cut off, and the unmarked document would be back.
func TestTheUnmarkedDocumentCannotBeCutOutOfTheCopy(t *testing.T) {
	in := pdfOf("", []page{{a4, line(100, 700, "Text")}})
	_, out := stamped(t, stamper(t), source(in, pdfType, "x.pdf"), mark)
	if n := bytes.Count(out, []byte("%%EOF")); n != 1 {
		t.Errorf("the copy has %d ends of file", n)
	}
	if bytes.HasPrefix(out, in[:len(in)/2]) {
		t.Error("the copy begins with the original")
	}
}

func TestWhatReadersShowInsteadOfPagesIsRefused(t *testing.T) {
	for name, catalogue := range map[string]string{"dynamic XFA form": "/NeedsRendering true",
		"portfolio": "/Collection<</View/D>>"} {
		in := pdfOf(catalogue, []page{{a4, ""}})
		if r := refusal(t, stamper(t), source(in, pdfType, "x.pdf")); r.Reason != stamp.Unsupported {
			t.Errorf("%s: %v", name, r)
		}
	}
}

func TestBrokenTreesAndFilesAreRefusedOrMarkedWhole(t *testing.T) {
	ok := pdfOf("", []page{{a4, line(100, 700, "Text")}})
	deep := []string{"<</Type/Catalog/Pages 2 0 R>>"}
	for i := range 200 {
		deep = append(deep, fmt.Sprintf("<</Type/Pages/Kids[%d 0 R]/Count 1>>", i+3))
	}
	deep = append(deep, "<</Type/Page/MediaBox[0 0 10 10]>>")
	for name, in := range map[string][]byte{
		"empty":             {},
		"no PDF":            []byte("hello"),
		"head only":         []byte("%PDF-1.7\n"),
		"cut in the middle": ok[:len(ok)/2],
		"circle":            pdfFile([]string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[2 0 R]/Count 1>>"}),
		"circle of two": pdfFile([]string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
			"<</Type/Pages/Kids[2 0 R]/Count 1>>"}),
		"too deep":       pdfFile(deep),
		"no pages":       pdfFile([]string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>"}),
		"no tree":        pdfFile([]string{"<</Type/Catalog>>"}),
		"root is a page": pdfFile([]string{"<</Type/Catalog/Pages 9 0 R>>"}),
	} {
		if r := refusal(t, stamper(t), source(in, pdfType, "x.pdf")); r.Reason != stamp.Damaged &&
			r.Reason != stamp.Crashed {
			t.Errorf("%s: %v", name, r)
		}
	}
	nested := pdfOf("/X "+strings.Repeat("[", 100_000), []page{{a4, line(100, 700, "Text")}})
	_, whole := stamped(t, stamper(t), source(nested, pdfType, "x.pdf"), mark)
	if text := tool(t, whole, "pdftotext", "FILE", "-"); strings.Count(text, "CONFIDENTIAL") != 2 ||
		!strings.Contains(text, "Text") {
		t.Errorf("a catalogue that is cut off, which pdfium puts right, became\n%s", text)
	}
	odd := pdfFile([]string{"<</Pages 2 0 R>>",
		"<</Kids[null 3 0 R 3 0 R <</MediaBox[0 0 300 300]>> 77 0 R]/Count 99>>", "<</Parent 2 0 R>>"})
	c, out := stamped(t, stamper(t), source(odd, pdfType, "x.pdf"), mark)
	if text := tool(t, out, "pdftotext", "FILE", "-"); c.Pages != 3 || strings.Count(text, "CONFIDENTIAL") != 6 {
		t.Errorf("the odd tree has %d pages and the text\n%s", c.Pages, text)
	}
}

func TestMarkingWordsInHeadersAreFoundAndThoseInTheTextAreNot(t *testing.T) {
	for name, c := range map[string]struct {
		content string
		want    []string
	}{
		"header":        {line(250, 800, "STRICTLY CONFIDENTIAL"), []string{"CONFIDENTIAL"}},
		"French header": {line(250, 800, "DIFFUSION  RESTREINTE"), []string{"DIFFUSION RESTREINTE"}},
		"footer":        {line(250, 20, "Confidentiel"), []string{"CONFIDENTIEL"}},
		"in pieces":     {"BT /F 12 Tf 250 800 Td [(CONF) 20 (ID) -10 (ENTIAL)] TJ ET", []string{"CONFIDENTIAL"}},
		"scaled":        {"q 0.5 0 0 0.5 0 0 cm " + line(500, 1600, "RESTRICTED") + " Q", []string{"RESTRICTED"}},
		"denied":        {line(250, 800, "NON CONFIDENTIEL") + line(250, 780, "NON-CONFIDENTIAL"), nil},
		"in a sentence": {line(50, 800,
			"This text explains how a confidential document is to be handled by those who receive it"), nil},
		"in the middle": {line(250, 400, "CONFIDENTIAL"), nil},
	} {
		o, err := stamper(t).Probe(context.Background(), source(pdfOf("", []page{{a4, c.content}}), pdfType, "x.pdf"))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(o.Words, c.want) {
			t.Errorf("%s: found %q, want %q", name, o.Words, c.want)
		}
	}
}

// flate compresses zeros, or what is given.
func flate(content []byte) []byte {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	w.Write(content)
	w.Close()
	return b.Bytes()
}

// A damaged file is refused, or marked so that readers show the mark on every page that they show.
func TestADamagedFileIsNeverHandedOutWithoutItsMark(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 9))
	whole := corpusFile(t, "pdf/sizes.pdf")
	s := stamper(t)
	marked := 0
	for range mutations {
		in := slices.Clone(whole)
		for range 1 + random.IntN(6) {
			at, n := random.IntN(len(in)), 1+random.IntN(12)
			switch random.IntN(3) {
			case 0:
				in[at] ^= byte(1 << random.IntN(8))
			case 1:
				in = slices.Delete(in, at, min(len(in), at+n))
			default:
				in = slices.Insert(in, at, in[max(0, at-n):at]...)
			}
		}
		c, err := s.Stamp(context.Background(), source(in, pdfType, "x.pdf"), mark)
		var refused *stamp.ErrRefused
		if errors.As(err, &refused) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		out, err := io.ReadAll(c)
		c.Close()
		if err != nil {
			t.Fatal(err)
		}
		marked++
		text, _ := poppler(t, out, "pdftotext", "FILE", "-")
		for i, page := range strings.Split(strings.TrimSuffix(text, "\f"), "\f") {
			if n := strings.Count(page, "CONFIDENTIAL"); n != 2 {
				t.Errorf("a damaged file was handed out with %d marks on page %d:\n%q", n, i+1, page)
			}
		}
	}
	if marked == 0 {
		t.Error("none of the damaged files could be marked: the test shows nothing")
	}
}

// These files lose a page or all their text when they are written anew as pdfcpu reads them. Filled-background it
// cannot read.
func TestWhatWritingAnewWouldLoseIsMarkedWhole(t *testing.T) {
	for name, pages := range map[string]int{
		"pdf/issue7229.pdf": 2, "pdf/issue6108.pdf": 1, "pdf/operator-in-TJ-array.pdf": 1,
		"pdf/filled-background.pdf": 3,
	} {
		in := corpusFile(t, name)
		c, out := stamped(t, stamper(t), source(in, pdfType, "x.pdf"), mark)
		if c.Pages != pages {
			t.Errorf("%s: %d pages are marked, it has %d", name, c.Pages, pages)
		}
		was, _ := poppler(t, in, "pdftotext", "FILE", "-")
		is, _ := poppler(t, out, "pdftotext", "FILE", "-")
		for _, word := range strings.Fields(was) {
			if strings.Count(is, word) < strings.Count(was, word) {
				t.Errorf("%s: %q is lost", name, word)
			}
		}
	}
}

func TestTheMarkIsLegibleOnLargePagesAndNoLargerThanSmallOnes(t *testing.T) {
	for _, p := range []struct{ width, height, least float64 }{
		{2835, 1200, 15}, {2835, 300, 15}, {500, 2835, 15}, {595, 842, 6}, {100, 100, 4.5}, {40, 40, 4.5},
	} {
		in := pdfOf("", []page{{fmt.Sprintf("/MediaBox [0 0 %g %g]", p.width, p.height), ""}})
		_, out := stamped(t, stamper(t), source(in, pdfType, "x.pdf"), mark)
		words, _, heights := boxes(t, out)
		if bands := heights[0] - p.height; bands > max(p.height, 35) {
			t.Errorf("%gx%g: bands of %g points", p.width, p.height, bands)
		}
		tallest := 0.0
		for _, w := range words {
			if w.word == mark.CopyNumber {
				tallest = max(tallest, w.below-w.top)
			}
		}
		if tallest < p.least {
			t.Errorf("%gx%g: the copy number is %g points high", p.width, p.height, tallest)
		}
	}
}

func TestNonConfidentialDoesNotLookLikeConfidential(t *testing.T) {
	red := func(m stamp.Mark, mediaType, name string) bool {
		_, out := stamped(t, stamper(t), source(pdfOf("", []page{{a4, ""}}), mediaType, name), m)
		if mediaType != pdfType {
			out = unpacked(t, out)["cover-sheet.pdf"]
		}
		_, pixels, _ := strings.Cut(tool(t, out, "pdftoppm", "-r", "60", "FILE"), "\n255\n")
		for i := 0; i+2 < len(pixels); i += 3 {
			if r, g, b := int(pixels[i]), int(pixels[i+1]), int(pixels[i+2]); r-max(g, b) > 40 {
				return true
			}
		}
		return false
	}
	open := mark
	open.Marking = "non-confidential"
	for _, mediaType := range []string{pdfType, csvType} {
		if !red(mark, mediaType, "x") || red(open, mediaType, "x") {
			t.Errorf("%s: confidential alarms: %v; non-confidential: %v", mediaType, red(mark, mediaType, "x"),
				red(open, mediaType, "x"))
		}
	}
}

func TestACopySaysUnderWhatItWasGivenAndForWhat(t *testing.T) {
	full := mark
	full.GivenTo, full.Authority, full.Paragraph = "Legal Affairs", "authorization of 21 November 2026", "4(4)"
	full.Purpose, full.PurposeWords, full.Proprietary = "art2.e", "To prepare the unit for maritime data", true
	full.Handling, full.Conditions = "Not to be copied", "Destroy after reading"
	said := []string{"CONFIDENTIAL · PROPRIETARY", "(Legal Affairs)",
		"Under Article 4(4), authorization of 21 November 2026",
		"Purpose: To prepare the unit for maritime data (art2.e)", "Handling: Not to be copied",
		"Conditions: Destroy after reading",
		"Further use or disclosure needs the Discloser's consent, Article 4(8)"}
	_, out := stamped(t, stamper(t), source(pdfOf("", []page{{a4, ""}}), pdfType, "x.pdf"), full)
	text := strings.Join(strings.Fields(strings.ReplaceAll(tool(t, out, "pdftotext", "FILE", "-"), "·", " · ")), " ")
	wants(t, "a page", text, said...)
	open := mark
	open.Marking = "non-confidential"
	_, out = stamped(t, stamper(t), source(pdfOf("", []page{{a4, ""}}), pdfType, "x.pdf"), open)
	if text := tool(t, out, "pdftotext", "FILE", "-"); strings.Contains(text, "4(8)") {
		t.Errorf("4(8) does not speak of non-confidential material:\n%s", text)
	}
}
