package pdf

import (
	"bytes"
	"fmt"
	"math"
	"strings"

	"chancery.example/gateway/pkg/stamp/face"
	"chancery.example/gateway/pkg/stamp/mark"
)

const (
	leading     = 1.24  // line height over font size
	wordOver    = 1.45  // size of the marking word over that of the facts
	minFont     = 5.2   // points
	minWidth    = 230.0 // points that a page has at least, once it is marked
	bandPad     = 3.0   // points of paper around the text, for a font of 6 points
	veil        = 0.84  // opacity of the paper below a band that lies on the page
	repeatShade = 0.09  // opacity of the repeat
)

// pageFrame is the visible page, upright, in points of 1/72 inch with the origin at its lower left, and how far it
// grows so that the mark is legible and hides nothing.
type pageFrame struct {
	width, height     float64
	side, top, bottom float64
}

// drawing is the content of the mark for one size of page.
type drawing struct {
	pageFrame
	content []byte
}

// layOut draws the mark on a page of the given visible size. The page grows by a band at the top and one at the
// bottom, so that the mark hides nothing of it and is legible on any ground; a very narrow page becomes wider, too.
// Only a page that would exceed most, the longest side that readers take, carries the bands on itself.
func layOut(m mark.Mark, width, height, most float64) drawing {
	f := pageFrame{width: width, height: height}
	f.side = max(0, (minWidth-width)/2)
	b := newBand(m, width+2*f.side, fontSize(width, height), height)
	if f.height+2*b.height <= most {
		f.top, f.bottom = b.height, b.height
	}
	c := &Canvas{}
	if f.top > 0 {
		c.paintGrown(f, m.Colour())
	}
	c.repeatAcross(m, f)
	c.band(b, f.height+f.top-b.height, f)
	c.band(b, -f.bottom, f)
	return drawing{pageFrame: f, content: c.Bytes()}
}

// fontSize of the facts, in points: 6.6 on A4, and legible on large pages, which are looked at as a whole.
func fontSize(width, height float64) float64 {
	short, long := min(width, height), max(width, height)
	return max(minFont, 6.6*short/595, min(long/160, short/14))
}

// textBand is the text that stands at the top and at the bottom.
type textBand struct {
	word   string
	facts  []string
	colour mark.Colour
	size   float64
	height float64
}

// newBand says as much as there is room for beside a page of this height: all facts while both bands take at most
// two thirds of it, whose copy it is while they take no more than the page itself, else one line.
func newBand(m mark.Mark, width, size, height float64) textBand {
	measure := func(s string) float64 { return face.TextWidth(face.Regular, size, s) }
	pad := bandPad * size / 6
	b := textBand{word: m.Heading(), colour: m.Colour(), size: size}
	b.setFacts(mark.Wrap(m.Facts(), max(width-8*pad, 8*size), measure))
	if 3*b.height > height {
		b.setFacts(mark.Wrap(m.Short(), max(width-8*pad, 8*size), measure))
	}
	if 2*b.height > height {
		b.word = m.Line()
		b.setFacts(nil)
	}
	return b
}

func (b *textBand) setFacts(lines []string) {
	b.facts = lines
	b.height = b.size*leading*(float64(len(lines))+wordOver) + 2*bandPad*b.size/6
}

// Canvas collects operators of a content stream.
type Canvas struct{ bytes.Buffer }

func (c *Canvas) Op(format string, args ...any) { fmt.Fprintf(c, format+"\n", args...) }

// paintGrown covers the paper that the page has grown by: outside the old crop box other content may lie.
func (c *Canvas) paintGrown(f pageFrame, rule mark.Colour) {
	c.Op("/Artifact <</Type /Pagination>> BDC q 1 g")
	w := f.width + 2*f.side
	c.Op("%.2f %.2f %.2f %.2f re", -f.side, f.height, w, f.top)
	c.Op("%.2f %.2f %.2f %.2f re", -f.side, -f.bottom, w, f.bottom)
	if f.side > 0 {
		c.Op("%.2f 0 %.2f %.2f re", -f.side, f.side, f.height)
		c.Op("%.2f 0 %.2f %.2f re", f.width, f.side, f.height)
	}
	c.Op("f %s RG 0.5 w %.2f 0 m %.2f 0 l %.2f %.2f m %.2f %.2f l S Q EMC", rule.PDF(), -f.side, f.width+f.side,
		-f.side, f.height, f.width+f.side, f.height)
}

// band writes the text above y; on the page itself with a veil below it.
func (c *Canvas) band(b textBand, y float64, f pageFrame) {
	pad := bandPad * b.size / 6
	middle := f.width / 2
	widest := face.TextWidth(face.Bold, b.size*wordOver, b.word)
	for _, line := range b.facts {
		widest = max(widest, face.TextWidth(face.Regular, b.size, line))
	}
	c.Op("/Artifact <</Type /Pagination /Subtype /Watermark>> BDC q")
	if f.top == 0 {
		c.Op("/ChVeil gs 1 g %.2f %.2f %.2f %.2f re f", middle-widest/2-3*pad, y, widest+6*pad, b.height)
	}
	c.Op("/ChFull gs %s rg BT", b.colour.PDF())
	y += b.height - pad - b.size*wordOver*0.85
	c.Centred("ChB", face.Bold, b.size*wordOver, middle, y, b.word)
	y -= b.size * 0.3
	c.Op("0.15 g")
	for _, line := range b.facts {
		y -= b.size * leading
		c.Centred("ChR", face.Regular, b.size, middle, y, line)
	}
	c.Op("ET Q EMC")
}

func (c *Canvas) Centred(resource, name string, size, middle, y float64, s string) {
	c.Op("/%s %.2f Tf 1 0 0 1 %.2f %.2f Tm %s Tj", resource, size, middle-face.TextWidth(name, size, s)/2, y,
		literalString(face.WinAnsi(s)))
}

// repeatAcross writes the light text over the page, rising by 30 degrees. Its ActualText is empty: text that is
// searched, copied or read aloud stays that of the document.
func (c *Canvas) repeatAcross(m mark.Mark, f pageFrame) {
	const sin, cos = 0.5, 0.8660254
	text := m.Repeat()
	short, long := min(f.width, f.height), max(f.width, f.height)
	size := max(short/28, 5, min(long/90, short/10))
	w := face.TextWidth(face.Bold, size, text)
	text, stepX, stepY := text+strings.Repeat(" ", 6), w+4*size, math.Max(size*7.5, math.Hypot(f.width, f.height)/9)
	c.Op("/Artifact <</Type /Pagination /Subtype /Watermark>> BDC /Span <</ActualText ()>> BDC q")
	c.Op("0 0 %.2f %.2f re W n /ChFaint gs %s rg BT /ChB %.2f Tf", f.width, f.height, m.Colour().PDF(), size)
	reach := math.Hypot(f.width, f.height)
	row := 0
	for v := -reach / 2; v <= reach/2; v += stepY {
		for u := -reach/2 - stepX*float64(row%2)/2; u < reach/2; u += stepX {
			x, y := f.width/2+u*cos-v*sin, f.height/2+u*sin+v*cos
			endX, endY := x+w*cos, y+w*sin
			if endX < 0 || x > f.width || endY < 0 || y > f.height {
				continue
			}
			c.Op("%.4f %.4f %.4f %.4f %.2f %.2f Tm %s Tj", cos, sin, -sin, cos, x, y, literalString(face.WinAnsi(text)))
		}
		row++
	}
	c.Op("ET Q EMC EMC")
}

// literalString is a literal string of PDF (ISO 32000-1, 7.3.4.2).
func literalString(b []byte) string {
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
