package pdf_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/stamp/mark"
	"chancery.example/gateway/pkg/stamp/pdf"
)

var limits = mark.Limits{MaxMemory: 512 << 20, MaxInput: 64 << 20, MaxOutput: 64 << 20}

func prepared(t *testing.T) *pdf.Stamper {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	s, err := pdf.Prepare(filepath.Join(cache, "chancery", "pdfium"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// file is a PDF file of pages with this content, in Helvetica; each page may name an annotation, object 4.
func file(annotations string, contents ...string) *io.SectionReader {
	objects := []string{
		"<</Type/Catalog/Pages 2 0 R>>",
		"",
		"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
		"<</Type/Annot/Subtype/Square/Rect[10 10 60 60]/C[1 0 0]/AP<</N 5 0 R>>>>",
		"<</Type/XObject/Subtype/Form/BBox[0 0 50 50]/Length 23>>\nstream\n1 0 0 rg 0 0 50 50 re f\nendstream",
	}
	var kids strings.Builder
	for _, c := range contents {
		n := len(objects) + 1
		fmt.Fprintf(&kids, "%d 0 R ", n)
		page := "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]%s/Contents %d 0 R/Resources<</Font<</F 3 0 R>>>>>>"
		objects = append(objects, fmt.Sprintf(page, annotations, n+1),
			fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(c), c))
	}
	objects[1] = fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d>>", kids.String(), len(contents))
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
	return io.NewSectionReader(bytes.NewReader(b.Bytes()), 0, int64(b.Len()))
}

// marked is the copy of a file, not compared with anything.
func marked(t *testing.T, in *io.SectionReader) *io.SectionReader {
	t.Helper()
	out, err := os.Create(filepath.Join(t.TempDir(), "copy.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { out.Close() })
	m := mark.Mark{Marking: "confidential", CopyNumber: "7F3K-22QX-9V",
		Discloser: "World Customs Organization"}.Complete()
	if err := pdf.Write(in, out, m, limits); err != nil {
		t.Fatal(err)
	}
	size, err := out.Seek(0, io.SeekEnd)
	if err != nil {
		t.Fatal(err)
	}
	return io.NewSectionReader(out, 0, size)
}

const (
	words  = "BT /F 12 Tf 20 200 Td (A sentence of nine words stands on this page) Tj ET\n"
	square = "0 0 1 rg 100 100 20 20 re f\n"
	with   = "/Annots[4 0 R]"
)

func TestACopyThatLostAnythingIsRefused(t *testing.T) {
	s := prepared(t)
	for name, c := range map[string]struct {
		original, source *io.SectionReader
		lost             string // empty: nothing
	}{
		"nothing":         {file(with, words, square), file(with, words, square), ""},
		"a page":          {file("", words, square), file("", words), "2 pages"},
		"its last letter": {file("", words), file("", strings.Replace(words, "page", "pag", 1)), "1 letters"},
		// The mark has all of these letters: they must not stand in for those of the page.
		"letters that the mark has too": {file("", "BT /F 12 Tf 20 200 Td (CONFIDENTIAL) Tj ET"), file("", " "),
			"12 letters"},
		"a picture": {file("", words+square), file("", words), "can be seen"},
		"another colour": {file("", square), file("", strings.Replace(square, "0 0 1", "1 1 0", 1)),
			"can be seen"},
		"an annotation":              {file(with, words), file("", words), "1 annotations"},
		"a thing on the second page": {file("", words, words+square), file("", words, words), "page 2"},
	} {
		err := s.Compare(c.original, marked(t, c.source))
		var refused *mark.ErrRefused
		switch {
		case c.lost == "" && err != nil:
			t.Errorf("%s was lost, and the copy is refused: %v", name, err)
		case c.lost == "":
		case !errors.As(err, &refused) || refused.Reason != mark.Lossy || !strings.Contains(refused.Detail, c.lost):
			t.Errorf("%s was lost, and the answer is %v", name, err)
		}
	}
}

func TestACopyWhoseMarkIsNotDrawnLastIsRefused(t *testing.T) {
	in := file("", words)
	var refused *mark.ErrRefused
	if err := prepared(t).Compare(in, in); !errors.As(err, &refused) || refused.Reason != mark.Unsupported {
		t.Errorf("an unmarked file passed for its own copy: %v", err)
	}
}

func TestOfLongFilesPagesFromFirstToLastAreCompared(t *testing.T) {
	for n, limit := range map[int]int{0: 5, 1: 5, 5: 5, 6: 5, 10_000: 100} {
		picked := pdf.Spread(n, limit)
		if len(picked) != min(n, limit) || n > 0 && (!picked[0] || !picked[n-1]) {
			t.Errorf("of %d pages %d are picked, first %v, last %v", n, len(picked), picked[0], picked[n-1])
		}
	}
}
