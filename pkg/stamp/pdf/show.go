package pdf

import (
	"fmt"
	"image"
	"io"
	"math"

	"chancery.example/gateway/pkg/stamp/mark"
	"chancery.example/gateway/pkg/stamp/pdfium"
)

const (
	shownDots = 110 // dots an inch of a page that is shown
	shownArea = 4 << 20
	shownSide = 6_000 // pixels of its longer side at most
)

// Shown is a file whose pages are drawn, one at a time. It is not safe for concurrent use.
type Shown struct {
	engine   *pdfium.Engine
	document *pdfium.Document
}

// PrepareShown opens all that Shown needs; afterwards it opens nothing.
func PrepareShown(cache string) (*Shown, error) {
	engine, err := pdfium.Start(cache)
	return &Shown{engine: engine}, err
}

// Open takes the file, and tells how many pages it has.
func (s *Shown) Open(in *io.SectionReader, _ mark.Limits) (pages int, err error) {
	if s.document, err = s.engine.Open(in, in.Size()); err != nil {
		return 0, mark.Refuse(mark.Damaged, "it cannot be read")
	}
	return min(s.document.Pages(), mark.MaxPages), nil
}

// Page draws the page at a place, counted from 0, with its annotations and the fields of its forms.
func (s *Shown) Page(index int) (image.Image, error) {
	p, err := s.document.Page(index)
	if err != nil {
		return nil, err
	}
	defer func() { p.Close() }()
	all, _, err := p.Annotations()
	if err != nil {
		return nil, err
	}
	if all > 0 {
		if p, err = s.flattened(p, index); err != nil {
			return nil, err
		}
	}
	width, height, err := shownSize(p)
	if err != nil {
		return nil, err
	}
	return p.Draw(width, height)
}

// flattened is the page opened again, with its annotations and form fields drawn into it.
func (s *Shown) flattened(p *pdfium.Page, index int) (*pdfium.Page, error) {
	flat, err := p.Flatten()
	if err != nil || !flat {
		return p, err
	}
	anew, err := s.document.Page(index)
	if err != nil {
		return p, err
	}
	p.Close()
	return anew, nil
}

// shownSize is how large a page is drawn, in pixels: legible, and bounded whatever size it says it has.
func shownSize(p *pdfium.Page) (width, height int, err error) {
	w, h, err := p.Size()
	if err != nil {
		return 0, 0, err
	}
	if !(w > 0 && h > 0) {
		return 0, 0, fmt.Errorf("a page of %g by %g points", w, h)
	}
	scale := min(float64(shownDots)/72, math.Sqrt(shownArea/(w*h)), shownSide/max(w, h))
	return max(1, int(w*scale)), max(1, int(h*scale)), nil
}
