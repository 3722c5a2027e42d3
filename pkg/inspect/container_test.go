package inspect_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/ascii85"
	"encoding/base64"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/inspect"
)

func zipWith(t testing.TB, method uint16, namesAndContents ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for k := 0; k < len(namesAndContents); k += 2 {
		e, err := w.CreateHeader(&zip.FileHeader{Name: namesAndContents[k], Method: method})
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(e, namesAndContents[k+1])
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func gzipped(content string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, content)
	w.Close()
	return b.String()
}

func tarred(t testing.TB, namesAndContents ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for k := 0; k < len(namesAndContents); k += 2 {
		header := &tar.Header{Name: namesAndContents[k], Mode: 0o600, Size: int64(len(namesAndContents[k+1])),
			Typeflag: tar.TypeReg}
		if err := w.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, namesAndContents[k+1])
	}
	w.Close()
	return b.String()
}

func inLines(s string) string {
	var lines []string
	for part := range slices.Chunk([]byte(s), 76) {
		lines = append(lines, string(part))
	}
	return strings.Join(lines, "\r\n")
}

func mail(attachment string) string {
	return "From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; " +
		"boundary=xxboundaryxx\r\n\r\n--xxboundaryxx\r\n" +
		"Content-Type: text/plain\r\n\r\nPlease find attached.\r\n--xxboundaryxx\r\nContent-Type: " +
		"application/octet-stream\r\n" +
		"Content-Transfer-Encoding: base64\r\n\r\n" + inLines(base64.StdEncoding.EncodeToString([]byte(attachment))) +
		"\r\n--xxboundaryxx--\r\n"
}

var (
	forXML = strings.NewReplacer("&", "&amp;", "<", "&lt;")
	forPDF = strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`)
)

// word is a Word file whose paragraphs stand in several runs, as after an edit.
func word(t testing.TB, paragraphs ...string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><w:document xmlns:w="urn:x"><w:body>`)
	for _, p := range paragraphs {
		b.WriteString("<w:p><w:pPr><w:pStyle w:val=\"Normal\"/></w:pPr>")
		for run := range slices.Chunk([]byte(p), 17) {
			escaped := forXML.Replace(string(run))
			b.WriteString(`<w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">` + escaped + "</w:t></w:r>")
		}
		b.WriteString("</w:p>")
	}
	b.WriteString("</w:body></w:document>")
	return zipWith(t, zip.Deflate, "[Content_Types].xml", "<Types>wordprocessingml.document.main+xml</Types>",
		"word/document.xml", b.String())
}

// pdfOf is a PDF file with one content stream, behind filters.
func pdfOf(content, filters string) string {
	var b bytes.Buffer
	switch {
	case strings.Contains(filters, "ASCII85"):
		a := ascii85.NewEncoder(&b)
		z := zlib.NewWriter(a)
		io.WriteString(z, content)
		z.Close()
		a.Close()
		b.WriteString("~>")
	case strings.Contains(filters, "Flate"):
		z := zlib.NewWriter(&b)
		io.WriteString(z, content)
		z.Close()
	default:
		b.WriteString(content)
	}
	return "%PDF-1.4\n%\xE2\xE3\xCF\xD3\n1 0 obj\n<< /Length " + fmt.Sprint(b.Len()) + " " + filters + " >>\nstream\n" +
		b.String() +
		"\nendstream\nendobj\ntrailer\n<< /Root 2 0 R >>\n%%EOF\n"
}

// shown sets text in a content stream, kerned, a line for each segment.
func shown(text string) string {
	var b strings.Builder
	b.WriteString("BT /F1 9 Tf 50 700 Td ")
	for _, line := range strings.SplitAfter(text, "'") {
		b.WriteString("[")
		for k, part := range slices.Collect(slices.Chunk([]byte(line), 3)) {
			if k > 0 {
				b.WriteString("-12 ")
			}
			b.WriteString("(" + forPDF.Replace(string(part)) + ")")
		}
		b.WriteString("] TJ 0 -12 Td\n")
	}
	return b.String() + "ET"
}

func TestContainersAreOpened(t *testing.T) {
	deflated := zipped(t, "notes.txt", "nothing here", "message.edi", api)
	stored := zipWith(t, zip.Store, "message.edi", api)
	cases := []struct{ name, content string }{
		{"ZIP, deflated", deflated},
		{"ZIP, stored", stored},
		{"ZIP, stored, in base64 within",
			zipWith(t, zip.Store, "m.b64", base64.StdEncoding.EncodeToString([]byte(api)))},
		{"ZIP in a stored ZIP", zipWith(t, zip.Store, "inner.zip", deflated, "x.txt", "x")},
		{"ZIP in a ZIP", zipped(t, "inner.zip", deflated)},
		{"ZIP behind another", zipped(t, "a", "b") + deflated},
		{"gzip", gzipped(api)},
		{"gzip, the second member", gzipped("nothing") + gzipped(api)},
		{"tar", tarred(t, "a.txt", "nothing", "m.edi", api)},
		{"tar.gz", gzipped(tarred(t, "a.txt", "nothing", "m.edi", api))},
		{"tar.gz in a ZIP", zipped(t, "m.tgz", gzipped(tarred(t, "m.edi", api)))},
		{"Word, in several runs", word(t, "Dear colleague", api)},
		{"Word in a ZIP", zipped(t, "a.docx", word(t, api))},
		{"mail with an attachment", mail(api)},
		{"mail with a ZIP", mail(deflated)},
		{"mail with a Word file in a ZIP", mail(zipped(t, "a.docx", word(t, api)))},
		{"mail in a mail", mail(mail(api))},
		{"PDF, as it stands", pdfOf(shown(api), "")},
		{"PDF, deflated", pdfOf(shown(api), "/Filter /FlateDecode")},
		{"PDF, deflated and in ASCII", pdfOf(shown(api), "/Filter [ /ASCII85Decode /FlateDecode ]")},
		{"PDF, hexadecimal", pdfOf(fmt.Sprintf("BT <%x> Tj ET", api), "/Filter/FlateDecode")},
		{"PDF in a ZIP", zipped(t, "a.pdf", pdfOf(shown(api), "/Filter /FlateDecode"))},
		{"PNRGOV XML, deflated", zipped(t, "a.xml", pnrXML)},
		{"UTF-16 in a ZIP", zipped(t, "a.txt", "\xFF\xFE"+strings.Join(strings.Split(pnr, ""), "\x00")+"\x00")},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			content := []byte(c.content)
			for _, cuts := range [][]int{nil, slices.Repeat([]int{1}, len(content)),
				slices.Repeat([]int{7}, len(content))} {
				if f := findings(t, content, cuts...); !f.PassengerData || len(f.NotLookedInto) > 0 {
					t.Fatalf("in pieces of %v: passenger data %t, not looked into %v", cuts[:min(1, len(cuts))],
						f.PassengerData, f.NotLookedInto)
				}
			}
		})
	}
}

func TestWhatCouldNotBeLookedIntoIsTold(t *testing.T) {
	locked := []byte(zipWith(t, zip.Deflate, "secret.edi", api))
	locked[6] |= 1 // the flag alone tells it
	strange := []byte(zipWith(t, zip.Store, "strange.edi", api))
	strange[8] = 14 // LZMA
	whole := zipped(t, "a.txt", noise(50<<10))
	cases := []struct {
		name, content string
		want          []inspect.Gap
	}{
		{"nothing to tell", zipped(t, "a.txt", "text"), nil},
		{"encrypted", string(locked), []inspect.Gap{{Part: "secret.edi", Reason: inspect.Encrypted}}},
		{"another compression", string(strange), []inspect.Gap{{Part: "strange.edi", Reason: inspect.OtherFormat}}},
		{"7z", "7z\xBC\xAF\x27\x1C" + noise(2000), []inspect.Gap{{Reason: inspect.OtherFormat}}},
		{"7z in a ZIP", zipped(t, "a.7z", "7z\xBC\xAF\x27\x1C"+noise(2000)),
			[]inspect.Gap{{Part: "a.7z", Reason: inspect.OtherFormat}}},
		{"older Office", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + noise(2000),
			[]inspect.Gap{{Reason: inspect.OtherFormat}}},
		{"cut ZIP", whole[:20<<10], []inspect.Gap{{Reason: inspect.Damaged}}},
		{"cut gzip", gzipped(noise(50 << 10))[:20<<10], []inspect.Gap{{Reason: inspect.Damaged}}},
		{"damaged ZIP", whole[:20<<10] + strings.Repeat("\xFF", 20<<10) + whole[40<<10:],
			[]inspect.Gap{{Part: "a.txt", Reason: inspect.Damaged}}},
		{"encrypted PDF", pdfOf("x", "") + "trailer << /Encrypt 5 0 R >>\nendstream",
			[]inspect.Gap{{Reason: inspect.Encrypted}}},
		{"glyphs", pdfOf("BT <00010002> Tj ET", ""), []inspect.Gap{{Reason: inspect.Glyphs}}},
		{"made of headers", strings.Repeat("UNH+", 100_000), []inspect.Gap{{Reason: inspect.Excessive}}},
		{"made of escapes", strings.Repeat("%3CPNR", 100_000), []inspect.Gap{{Reason: inspect.Excessive}}},
		{"many messages", strings.Repeat(
			"UNH+1+ORDERS:D:96A:UN'BGM+220+128576+9'DTM+137:20260101:102'NAD+BY+5412345000176::9'", 20_000), nil},
		{"too deep", nested(t, inspect.MaxDepth+1),
			[]inspect.Gap{{Part: "a.zip > a.zip > a.zip > a.zip > a.txt", Reason: inspect.TooDeep}}},
		{"as deep as may be", nested(t, inspect.MaxDepth), nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := findings(t, []byte(c.content)).NotLookedInto
			if !slices.Equal(got, c.want) {
				t.Errorf("not looked into: %v, want %v", got, c.want)
			}
		})
	}
}

// nested is a message in so many ZIP files.
func nested(t testing.TB, depth int) string {
	content := zipped(t, "a.txt", "text")
	for range depth - 1 {
		content = zipped(t, "a.zip", content)
	}
	return content
}

// bomb is a ZIP file of a few MiB in which layer upon layer of zeros lie.
func bomb(t testing.TB) string {
	inner := zipWith(t, zip.Deflate, "zeros", string(make([]byte, 4<<20)))
	entries := make([]string, 0, 64)
	for k := range 32 {
		entries = append(entries, fmt.Sprintf("%d.zip", k), inner)
	}
	return zipWith(t, zip.Deflate, entries...)
}

func TestABombIsToldAndCostsNoMemory(t *testing.T) {
	cases := []struct{ name, content string }{
		{"ZIP", bomb(t)},
		{"gzip", gzipped(gzipped(string(make([]byte, 40<<20))))},
		{"PDF", pdfOf(string(make([]byte, 40<<20)), "/Filter/FlateDecode")},
		{"many parts", tarredMany(40_000)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			content := []byte(c.content)
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			i := inspect.New(inspect.Config{MaxUnpacked: 32 << 20, TokenKey: []byte("key")})
			defer i.Close()
			most := int64(0)
			for piece := range slices.Chunk(content, len(content)/20+1) {
				i.Write(piece)
				runtime.GC()
				runtime.ReadMemStats(&after)
				most = max(most, int64(after.HeapAlloc)-int64(before.HeapAlloc))
			}
			if most > 4<<20 {
				t.Errorf("%d bytes were held", most)
			}
			gaps := i.Findings().NotLookedInto
			if !slices.ContainsFunc(gaps, func(g inspect.Gap) bool { return g.Reason == inspect.TooLarge }) {
				t.Errorf("not told: %v", gaps)
			}
			t.Logf("%d bytes, at most %d held", len(content), most)
		})
	}
}

// tarredMany is a tar file of so many empty files.
func tarredMany(n int) string {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for k := range n {
		w.WriteHeader(&tar.Header{Name: fmt.Sprint(k), Mode: 0o600, Typeflag: tar.TypeReg})
	}
	w.Close()
	return b.String()
}

func TestWhatMayBeUnpackedIsBounded(t *testing.T) {
	content := zipWith(t, zip.Deflate, "zeros", string(make([]byte, 1<<20)), "message.edi", api)
	for unpacked, want := range map[int64]bool{2 << 20: true, 1 << 19: false} {
		i := inspect.New(inspect.Config{MaxUnpacked: unpacked})
		io.WriteString(i, content)
		f := i.Findings()
		i.Close()
		if f.PassengerData != want || (len(f.NotLookedInto) == 0) != want {
			t.Errorf("of %d bytes: passenger data %t, not looked into %v", unpacked, f.PassengerData, f.NotLookedInto)
		}
	}
}

// An upload that is cut short leaves nothing that runs or waits.
func TestAnInspectionThatIsGivenUpLeavesNothing(t *testing.T) {
	content := zipped(t, "a.zip", zipped(t, "a.txt", noise(100<<10)), "b", mail(gzipped(noise(10<<10))))
	before := runtime.NumGoroutine()
	for k := range 200 {
		i := inspect.New(inspect.Config{})
		io.WriteString(i, content[:len(content)*(k+1)/200])
		if k%2 == 0 {
			i.Close()
			i.Close()
			io.WriteString(i, "more")
		}
	}
	for range 100 { // those that were not closed are, once they are garbage
		runtime.GC()
		if runtime.NumGoroutine() <= before {
			return
		}
		runtime.Gosched()
	}
	t.Errorf("%d goroutines before, %d after", before, runtime.NumGoroutine())
}
