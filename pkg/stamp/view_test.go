package stamp_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/stamp"
)

func shown(t testing.TB, s *stamp.Stamper, content []byte, mediaType string) *stamp.View {
	t.Helper()
	v, err := s.Show(t.Context(), source(content, mediaType, ""))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	return v
}

func pictureOf(t testing.TB, v *stamp.View, n int) image.Image {
	t.Helper()
	content, err := v.Page(t.Context(), n)
	if err != nil {
		t.Fatalf("page %d: %v", n, err)
	}
	p, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		t.Fatalf("page %d: %v", n, err)
	}
	return p
}

// coloured counts the pixels of the marking's colour in the rows from top to below.
func coloured(p image.Image, top, below int) (n int) {
	for y := top; y < below; y++ {
		for x := range p.Bounds().Dx() {
			if r, g, b, _ := p.At(x, y).RGBA(); int(r>>8)-int(g>>8) > 60 && int(r>>8)-int(b>>8) > 40 {
				n++
			}
		}
	}
	return n
}

func TestEachPageThatIsShownCarriesTheMarkAtTopAndBottom(t *testing.T) {
	s := stamper(t)
	_, copied := stamped(t, s, source(pagesOfText(3), pdfType, "x.pdf"), mark)
	v := shown(t, s, copied, pdfType)
	if v.Pages() != 3 {
		t.Fatalf("%d pages", v.Pages())
	}
	for n := 3; n >= 1; n-- { // in any order
		p := pictureOf(t, v, n)
		h := p.Bounds().Dy()
		if top, below := coloured(p, 0, h/12), coloured(p, h-h/12, h); top < 50 || below < 50 {
			t.Errorf("page %d of %v: %d and %d coloured pixels", n, p.Bounds(), top, below)
		}
	}
}

func TestAPictureIsShownAsItsMarkedCopy(t *testing.T) {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 600, 400))); err != nil {
		t.Fatal(err)
	}
	s := stamper(t)
	_, copied := stamped(t, s, source(b.Bytes(), "image/png", "x.png"), mark)
	p := pictureOf(t, shown(t, s, copied, "image/png"), 1)
	if p.Bounds().Dx() != 600 || p.Bounds().Dy() <= 400 {
		t.Errorf("it is %v: without its bands", p.Bounds())
	}
}

// What is filled into a form is part of what was disclosed.
func TestTheFieldsOfAFormAreShown(t *testing.T) {
	file := pdfOf("/AcroForm<</Fields[6 0 R]/DR<</Font<</F 3 0 R>>>>>>",
		[]page{{a4 + "/Annots[6 0 R]", line(72, 700, "Form")}},
		"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(x)/Rect[100 300 400 500]/F 4/DA(/F 12 Tf)"+
			"/AP<</N 7 0 R>>/P 4 0 R>>",
		"<</Type/XObject/Subtype/Form/BBox[0 0 300 200]/Length 34>>\nstream\n"+
			"0 0 0 rg 0 0 300 200 re f         \nendstream")
	p := pictureOf(t, shown(t, stamper(t), file, pdfType), 1)
	x, y := p.Bounds().Dx()*250/595, p.Bounds().Dy()*(842-400)/842
	if r, g, b, _ := p.At(x, y).RGBA(); r|g|b != 0 {
		t.Errorf("the field is not drawn: %d %d %d", r>>8, g>>8, b>>8)
	}
}

func TestAPageThatThereIsNotIsTold(t *testing.T) {
	v := shown(t, stamper(t), pagesOfText(2), pdfType)
	for _, n := range []int{-1, 0, 3, 1 << 40} {
		if _, err := v.Page(t.Context(), n); !errors.Is(err, stamp.ErrNoPage) {
			t.Errorf("page %d: %v", n, err)
		}
	}
	pictureOf(t, v, 2)
}

func TestWhatHasNoPagesIsNotShown(t *testing.T) {
	s := stamper(t)
	for _, mediaType := range []string{"text/plain", "application/zip",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document"} {
		var refused *stamp.ErrRefused
		if _, err := s.Show(t.Context(), source([]byte("x"), mediaType, "")); !errors.As(err, &refused) ||
			refused.Reason != stamp.Unsupported || stamp.CanShow(mediaType) {
			t.Errorf("%s: %v", mediaType, err)
		}
	}
}

func TestAFileThatCannotBeReadIsNotShownAndLeavesNoProcess(t *testing.T) {
	s := stamper(t)
	var refused *stamp.ErrRefused
	if _, err := s.Show(t.Context(), source([]byte("%PDF-1.7 nothing"), pdfType, "")); !errors.As(err, &refused) {
		t.Fatal(err)
	}
	if left := children(t); len(left) > 0 {
		t.Errorf("processes %v", left)
	}
}

// A page as large as PDF admits, and a picture that unfolds, stay within the bounds of what is shown.
func TestNoPageIsLargerThanTheBound(t *testing.T) {
	file := pdfOf("", []page{{"/MediaBox [0 0 14400 14400]", line(10, 10, "x")},
		{"/MediaBox [0 0 14400 3]", line(1, 1, "x")}})
	v := shown(t, stamper(t), file, pdfType)
	for n := 1; n <= 2; n++ {
		if size := pictureOf(t, v, n).Bounds().Size(); size.X*size.Y > 4<<20 || max(size.X, size.Y) > 6000 {
			t.Errorf("page %d: %v", n, size)
		}
	}
}

// Whoever goes away takes no place and leaves no answer behind for the next.
func TestAReaderWhoGoesAwayDoesNotMixUpThePages(t *testing.T) {
	wide, high := page{"/MediaBox [0 0 720 360]", ""}, page{"/MediaBox [0 0 360 720]", ""}
	v := shown(t, stamper(t), pdfOf("", []page{wide, high}), pdfType)
	gone, leave := context.WithCancel(t.Context())
	leave()
	for range 20 {
		_, _ = v.Page(gone, 1)
		if size := pictureOf(t, v, 2).Bounds().Size(); size.X > size.Y {
			t.Fatalf("page 1 was shown for page 2: %v", size)
		}
	}
}

func TestClosingAViewEndsItsProcess(t *testing.T) {
	s := stamper(t)
	v := shown(t, s, pagesOfText(1), pdfType)
	if len(children(t)) != 1 {
		t.Fatalf("processes %v", children(t))
	}
	v.Close()
	if left := children(t); len(left) > 0 {
		t.Errorf("processes %v", left)
	}
	if _, err := v.Page(t.Context(), 1); err == nil {
		t.Error("a page of a closed view")
	}
}

// children are the processes that this test has.
func children(t testing.TB) []string {
	t.Helper()
	var all []string
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		of, err := os.ReadFile("/proc/self/task/" + task.Name() + "/children")
		if err == nil {
			all = append(all, strings.Fields(string(of))...)
		}
	}
	return all
}

// A page of a copy that is open already: the time, and the memory of its process.
func BenchmarkAPageShown(b *testing.B) {
	s := stamper(b)
	_, copied := stamped(b, s, source(pagesOfText(40), pdfType, "x.pdf"), mark)
	v := shown(b, s, copied, pdfType)
	n := 0
	for b.Loop() {
		if _, err := v.Page(b.Context(), n%v.Pages()+1); err != nil {
			b.Fatal(err)
		}
		n++
	}
	for _, id := range children(b) {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%s/status", id))
		if err != nil {
			b.Fatal(err)
		}
		var kib float64
		if _, most, ok := strings.Cut(string(status), "VmHWM:"); ok {
			fmt.Sscan(most, &kib)
		}
		b.ReportMetric(kib/1024, "MiB")
	}
}
