package stamp_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"
)

// pagesOfText is a PDF file of n pages with forty lines each.
func pagesOfText(n int) []byte {
	var pages []page
	for i := range n {
		var b bytes.Buffer
		for l := range 40 {
			b.WriteString(line(72, 760-17*l,
				fmt.Sprintf("Page %d, line %d: passenger data are assessed before arrival", i+1, l+1)))
		}
		pages = append(pages, page{a4, b.String()})
	}
	return pdfOf("", pages)
}

// The bound is 40 ms a page, on a busy machine; most of it is holding the copy against the original.
func TestAPageTakesAtMostFortyMilliseconds(t *testing.T) {
	const n = 500
	in := pagesOfText(n)
	at := time.Now()
	c, _ := stamped(t, stamper(t), source(in, pdfType, "long.pdf"), mark)
	took := time.Since(at)
	t.Logf("%d pages in %s: %s a page", c.Pages, took, took/n)
	if c.Pages != n || took > n*40*time.Millisecond {
		t.Errorf("%d pages in %s", c.Pages, took)
	}
}

func BenchmarkPDF(b *testing.B) {
	for _, n := range []int{1, 10, 100, 1000} {
		in := pagesOfText(n)
		b.Run(fmt.Sprintf("pages=%d", n), func(b *testing.B) {
			s := stamper(b)
			for b.Loop() {
				stamped(b, s, source(in, pdfType, "x.pdf"), mark)
			}
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N*n), "ms/page")
		})
	}
}
