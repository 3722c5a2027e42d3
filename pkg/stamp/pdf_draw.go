package stamp

import (
	"bytes"
	"fmt"
	"math"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/font"
)

const (
	regular = "Helvetica"
	bold    = "Helvetica-Bold"

	leading     = 1.24  // line height over font size
	wordOver    = 1.45  // size of the marking word over that of the facts
	minFont     = 5.2   // points
	minWidth    = 230.0 // points that a page has at least, once it is marked
	bandPad     = 3.0   // points of paper around the text, for a font of 6 points
	veil        = 0.84  // opacity of the paper below a band that lies on the page
	repeatShade = 0.09  // opacity of the repeat
)

// frame is the visible page, upright, in points of 1/72 inch with the origin at its lower left, and how far it grows so
// that the mark is legible and hides nothing.
type frame struct {
	width, height     float64
	side, top, bottom float64
}

// drawing is the content of the mark for one size of page.
type drawing struct {
	frame
	content []byte
}

// layOut draws the mark on a page of the given visible size. The page grows by a band at the top and one at the bottom, so
// that the mark hides nothing of it and is legible on any ground; a very narrow page becomes wider, too. Only a page that
// would exceed most, the longest side that readers take, carries the bands on itself.
func layOut(m Mark, width, height, most float64) drawing {
	f := frame{width: width, height: height}
	size := max(minFont, 6.6*math.Min(width, height)/595)
	f.side = max(0, (minWidth-width)/2)
	b := newBand(m, width+2*f.side, size)
	if f.height+2*b.height <= most {
		f.top, f.bottom = b.height, b.height
	}
	c := &canvas{}
	if f.top > 0 {
		c.paintGrown(f)
	}
	c.repeatAcross(m, f)
	c.band(b, f.height+f.top-b.height, f)
	c.band(b, -f.bottom, f)
	return drawing{frame: f, content: c.Bytes()}
}

// band is the text that stands at the top and at the bottom.
type band struct {
	word   string
	facts  []string
	size   float64
	height float64
}

func newBand(m Mark, width, size float64) band {
	pad := bandPad * size / 6
	measure := func(s string) float64 { return textWidth(regular, size, s) }
	b := band{word: m.word(), size: size, facts: wrap(m.facts(), max(width-8*pad, 8*size), measure)}
	b.height = size*leading*(float64(len(b.facts))+wordOver) + 2*pad
	return b
}

// canvas collects operators of a content stream.
type canvas struct{ bytes.Buffer }

func (c *canvas) op(format string, args ...any) { fmt.Fprintf(c, format+"\n", args...) }

// paintGrown covers the paper that the page has grown by: outside the old crop box other content may lie.
func (c *canvas) paintGrown(f frame) {
	c.op("/Artifact <</Type /Pagination>> BDC q 1 g")
	w := f.width + 2*f.side
	c.op("%.2f %.2f %.2f %.2f re", -f.side, f.height, w, f.top)
	c.op("%.2f %.2f %.2f %.2f re", -f.side, -f.bottom, w, f.bottom)
	if f.side > 0 {
		c.op("%.2f 0 %.2f %.2f re", -f.side, f.side, f.height)
		c.op("%.2f 0 %.2f %.2f re", f.width, f.side, f.height)
	}
	c.op("f 0.55 0.05 0.08 RG 0.5 w %.2f 0 m %.2f 0 l %.2f %.2f m %.2f %.2f l S Q EMC", -f.side, f.width+f.side,
		-f.side, f.height, f.width+f.side, f.height)
}

// band writes the text above y; on the page itself with a veil below it.
func (c *canvas) band(b band, y float64, f frame) {
	pad := bandPad * b.size / 6
	middle := f.width / 2
	widest := textWidth(bold, b.size*wordOver, b.word)
	for _, line := range b.facts {
		widest = max(widest, textWidth(regular, b.size, line))
	}
	c.op("/Artifact <</Type /Pagination /Subtype /Watermark>> BDC q")
	if f.top == 0 {
		c.op("/ChVeil gs 1 g %.2f %.2f %.2f %.2f re f", middle-widest/2-3*pad, y, widest+6*pad, b.height)
	}
	c.op("/ChFull gs 0.55 0.05 0.08 rg BT")
	y += b.height - pad - b.size*wordOver*0.85
	c.centred("ChB", bold, b.size*wordOver, middle, y, b.word)
	y -= b.size * 0.3
	c.op("0.15 g")
	for _, line := range b.facts {
		y -= b.size * leading
		c.centred("ChR", regular, b.size, middle, y, line)
	}
	c.op("ET Q EMC")
}

func (c *canvas) centred(resource, name string, size, middle, y float64, s string) {
	c.op("/%s %.2f Tf 1 0 0 1 %.2f %.2f Tm %s Tj", resource, size, middle-textWidth(name, size, s)/2, y, pdfString(winAnsi(s)))
}

// repeatAcross writes the light text over the page, rising by 30 degrees. Its ActualText is empty: text that is searched, copied
// or read aloud stays that of the document.
func (c *canvas) repeatAcross(m Mark, f frame) {
	const sin, cos = 0.5, 0.8660254
	text := m.repeat()
	size := max(math.Min(f.width, f.height)/28, 5)
	w := textWidth(bold, size, text)
	text, stepX, stepY := text+strings.Repeat(" ", 6), w+4*size, math.Max(size*7.5, math.Hypot(f.width, f.height)/9)
	c.op("/Artifact <</Type /Pagination /Subtype /Watermark>> BDC /Span <</ActualText ()>> BDC q")
	c.op("0 0 %.2f %.2f re W n /ChFaint gs 0.45 0.05 0.08 rg BT /ChB %.2f Tf", f.width, f.height, size)
	reach := math.Hypot(f.width, f.height)
	row := 0
	for v := -reach / 2; v <= reach/2; v += stepY {
		for u := -reach/2 - stepX*float64(row%2)/2; u < reach/2; u += stepX {
			x, y := f.width/2+u*cos-v*sin, f.height/2+u*sin+v*cos
			endX, endY := x+w*cos, y+w*sin
			if endX < 0 || x > f.width || endY < 0 || y > f.height {
				continue
			}
			c.op("%.4f %.4f %.4f %.4f %.2f %.2f Tm %s Tj", cos, sin, -sin, cos, x, y, pdfString(winAnsi(text)))
		}
		row++
	}
	c.op("ET Q EMC EMC")
}

// textWidth is in points.
func textWidth(name string, size float64, s string) float64 {
	w, err := font.TextWidthFloat(string(winAnsi(s)), name, size)
	if err != nil {
		return size * float64(len(s)) * 0.6
	}
	return w
}

// pdfString is a literal string of PDF (ISO 32000-1, 7.3.4.2).
func pdfString(b []byte) string {
	var out strings.Builder
	out.WriteByte('(')
	for _, c := range b {
		switch {
		case c == '(' || c == ')' || c == '\\':
			out.WriteByte('\\')
			out.WriteByte(c)
		case c < 0x20 || c > 0x7e:
			fmt.Fprintf(&out, "\\%03o", c)
		default:
			out.WriteByte(c)
		}
	}
	out.WriteByte(')')
	return out.String()
}
