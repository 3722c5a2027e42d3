package pdf

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"chancery.example/gateway/pkg/stamp/mark"
)

const (
	wordPages  = 6       // pages that are looked at from the front
	wordBytes  = 1 << 20 // bytes of content that are looked at on each
	topShare   = 0.20    // of the page's height, where headers stand
	footShare  = 0.12    // and footers
	maxCMap    = 1 << 20 // bytes of a ToUnicode map
	maxEntries = 70_000  // of a ToUnicode map
	maxPieces  = 20_000  // of text on a page
)

// wordFinder reads the headers and footers of the first pages, as well as it can without rendering them: text set in
// fonts with a ToUnicode map or with a Latin encoding, outside form XObjects. Scanned pages have no text.
type wordFinder struct {
	mark.WordSet
	fonts map[types.IndirectRef]cmap
}

// piece is one shown string.
type piece struct {
	x, y, size float64 // upright points
	text       string
}

func (f *wordFinder) page(ctx *model.Context, number int, at inherited, content []byte, g geometry) {
	if number > wordPages {
		return
	}
	r := textReader{ctx: ctx, fonts: f, geometry: g, state: textState{ctm: identityMatrix, scale: 1}}
	r.resources, _ = ctx.DereferenceDict(at.resources)
	r.read(content[:min(len(content), wordBytes)])
	_, height := g.uprightSize()
	for _, line := range linesOf(r.pieces) {
		if y := line[0].y; y >= height*(1-topShare) || y <= height*footShare {
			f.Add(joined(line))
		}
	}
}

// linesOf puts pieces on one height together, from the top, each line from the left.
func linesOf(pieces []piece) [][]piece {
	slices.SortStableFunc(pieces, func(a, b piece) int { return cmp.Compare(b.y, a.y) })
	var lines [][]piece
	for _, p := range pieces {
		last := len(lines) - 1
		if last >= 0 && lines[last][0].y-p.y < 2 {
			lines[last] = append(lines[last], p)
			continue
		}
		lines = append(lines, []piece{p})
	}
	for _, l := range lines {
		slices.SortStableFunc(l, func(a, b piece) int { return cmp.Compare(a.x, b.x) })
	}
	return lines
}

// joined guesses spaces: pieces that begin well after where the one before probably ended are other words.
func joined(line []piece) string {
	var b strings.Builder
	end := 0.0
	for i, p := range line {
		if i > 0 && p.x-end > 0.6*p.size {
			b.WriteByte(' ')
		}
		b.WriteString(p.text)
		end = p.x + 0.5*p.size*float64(len(p.text))
	}
	return b.String()
}

type affine [6]float64

var identityMatrix = affine{1, 0, 0, 1, 0, 0}

// then is m followed by n.
func (m affine) then(n affine) affine {
	return affine{m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3], m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5]}
}

type textState struct {
	ctm     affine
	font    cmap
	size    float64
	leading float64
	scale   float64
}

// textReader is the small part of a PDF interpreter that places text.
type textReader struct {
	ctx       *model.Context
	fonts     *wordFinder
	geometry  geometry
	resources types.Dict
	state     textState
	saved     []textState
	line, at  affine // text line matrix, text matrix
	pieces    []piece
}

func (r *textReader) read(content []byte) {
	l := lexer{data: content}
	var operands []token
	for t := l.next(); t.kind != tokenEnd && len(r.pieces) < maxPieces; t = l.next() {
		if t.kind != tokenOperator {
			if len(operands) < 4096 {
				operands = append(operands, t)
			}
			continue
		}
		r.do(string(t.text), operands)
		operands = operands[:0]
	}
}

func (r *textReader) do(operator string, operands []token) {
	n := func(fromEnd int) float64 { return operandNumber(operands, fromEnd) }
	switch operator {
	case "q":
		if len(r.saved) < 256 {
			r.saved = append(r.saved, r.state)
		}
	case "Q":
		if last := len(r.saved) - 1; last >= 0 {
			r.state, r.saved = r.saved[last], r.saved[:last]
		}
	case "cm":
		r.state.ctm = affine{n(6), n(5), n(4), n(3), n(2), n(1)}.then(r.state.ctm)
	case "BT":
		r.line, r.at = identityMatrix, identityMatrix
	case "Tm":
		r.line = affine{n(6), n(5), n(4), n(3), n(2), n(1)}
		r.at = r.line
	case "Td":
		r.move(n(2), n(1))
	case "TD":
		r.state.leading = -n(1)
		r.move(n(2), n(1))
	case "TL":
		r.state.leading = n(1)
	case "T*":
		r.move(0, -r.state.leading)
	case "Tf":
		r.state.size = n(1)
		r.state.font = r.fontNamed(operands)
	case "Tj", "TJ":
		r.show(operands)
	case "'", "\"":
		r.move(0, -r.state.leading)
		r.show(operands)
	}
}

func operandNumber(operands []token, fromEnd int) float64 {
	if len(operands) < fromEnd {
		return 0
	}
	v, err := strconv.ParseFloat(string(operands[len(operands)-fromEnd].text), 64)
	if err != nil {
		return 0
	}
	return v
}

func (r *textReader) move(x, y float64) {
	r.line = affine{1, 0, 0, 1, x, y}.then(r.line)
	r.at = r.line
}

// show places the operands' strings; within TJ a wide step back is a space.
func (r *textReader) show(operands []token) {
	var b strings.Builder
	for _, t := range operands {
		switch t.kind {
		case tokenString:
			b.WriteString(r.state.font.text(t.text))
		case tokenNumber:
			if v, err := strconv.ParseFloat(string(t.text), 64); err == nil && v < -200 {
				b.WriteByte(' ')
			}
		}
	}
	at := r.at.then(r.state.ctm)
	x, y := r.geometry.upward(at[4], at[5])
	size := max(1, r.state.size*(abs(at[0])+abs(at[1])))
	r.pieces = append(r.pieces, piece{x: x, y: y, size: size, text: b.String()})
	advance := 0.5 * r.state.size * float64(b.Len())
	r.at = affine{1, 0, 0, 1, advance, 0}.then(r.at)
}

func abs(v float64) float64 { return max(v, -v) }

// upward takes a point of user space to the upright page.
func (g geometry) upward(x, y float64) (float64, float64) {
	switch g.rotate {
	case 90:
		return (y - g.box.LL.Y) * g.unit, (g.box.UR.X - x) * g.unit
	case 180:
		return (g.box.UR.X - x) * g.unit, (g.box.UR.Y - y) * g.unit
	case 270:
		return (g.box.UR.Y - y) * g.unit, (x - g.box.LL.X) * g.unit
	}
	return (x - g.box.LL.X) * g.unit, (y - g.box.LL.Y) * g.unit
}

func (r *textReader) fontNamed(operands []token) cmap {
	if len(operands) < 2 || operands[len(operands)-2].kind != tokenName {
		return cmap{}
	}
	fonts, err := r.ctx.DereferenceDict(r.resources["Font"])
	if err != nil || fonts == nil {
		return cmap{}
	}
	o := fonts[string(operands[len(operands)-2].text)]
	ref, isRef := o.(types.IndirectRef)
	if c, ok := r.fonts.fonts[ref]; isRef && ok {
		return c
	}
	c := r.fontMap(o)
	if isRef {
		if r.fonts.fonts == nil {
			r.fonts.fonts = map[types.IndirectRef]cmap{}
		}
		r.fonts.fonts[ref] = c
	}
	return c
}

func (r *textReader) fontMap(o types.Object) cmap {
	d, err := r.ctx.DereferenceDict(o)
	if err != nil || d == nil {
		return cmap{}
	}
	wide := d.Subtype() != nil && *d.Subtype() == "Type0"
	sd, _, err := r.ctx.DereferenceStreamDict(d["ToUnicode"])
	if err != nil || sd == nil {
		return cmap{wide: wide}
	}
	text, _ := decodedStream(*sd)
	return readCMap(text[:min(len(text), maxCMap)], wide)
}
