package pdf

import (
	"errors"
	"fmt"
	"io"
	"math"
	"unicode"

	"chancery.example/gateway/pkg/stamp/mark"
	"chancery.example/gateway/pkg/stamp/pdfium"
)

const (
	textPages   = 500     // of a file whose text is compared; of longer files so many, evenly spread
	inkPages    = 60      // of a file that are drawn and compared
	drawnArea   = 120_000 // pixels of a drawn page, about
	drawnSide   = 2_000   // pixels of its longer side at most
	triedBeyond = 1_000   // pages that the file says it has, and the copy has not

	// inkStep is by how much a pixel must differ to count, of 255; inkShare, which share of them may. Copy and
	// original are drawn by one program, so where nothing is lost not one differs.
	inkStep  = 32
	inkShare = 0.0001
)

// compare draws and reads original and copy with pdfium, which has no part in making the copy, and refuses a copy
// that lost a page, a letter, an annotation, or anything that can be seen; or whose mark is not what is drawn last.
// The mark itself is hidden for it: its own letters would stand in for lost ones.
func (s *Stamper) compare(original, copied *io.SectionReader) error {
	was, err := s.engine.Open(original, original.Size())
	if err != nil {
		return mark.Refuse(mark.Damaged, "it cannot be opened to be held against its copy")
	}
	defer was.Close()
	is, err := s.engine.Open(copied, copied.Size())
	if err != nil {
		return mark.Refuse(mark.Lossy, "its copy cannot be opened again")
	}
	defer is.Close()
	shown := shownPages(was, is.Pages())
	if len(shown) > is.Pages() {
		return mark.Refuse(mark.Lossy, "it has %d pages, and its copy would have %d", len(shown), is.Pages())
	}
	ink := spread(len(shown), inkPages)
	for i := range spread(len(shown), textPages) {
		if err := comparePage(was, is, shown[i], i, ink[i]); err != nil {
			return err
		}
	}
	return nil
}

// shownPages are the pages of an original that readers show, by their place in the file, which may well say that it
// has more of them. Where it says as many as its copy has, they are taken for all.
func shownPages(d *pdfium.Document, ofCopy int) []int {
	var shown []int
	for i := range min(d.Pages(), ofCopy+triedBeyond) {
		if d.Pages() != ofCopy {
			p, err := d.Page(i)
			if err != nil {
				continue
			}
			p.Close()
		}
		shown = append(shown, i)
	}
	return shown
}

// spread picks at most limit of n pages, evenly, the first and the last among them.
func spread(n, limit int) map[int]bool {
	picked := map[int]bool{}
	if n <= limit {
		for i := range n {
			picked[i] = true
		}
		return picked
	}
	for i := range limit {
		picked[i*(n-1)/(limit-1)] = true
	}
	return picked
}

// comparePage holds the page at place index of a copy against the one at place at of its original.
func comparePage(was, is *pdfium.Document, at, index int, ink bool) error {
	p, err := was.Page(at)
	if err != nil {
		return nil // readers show nothing of it
	}
	defer p.Close()
	q, err := is.Page(index)
	if err != nil {
		return mark.Refuse(mark.Lossy, "page %d cannot be shown any more in its copy", index+1)
	}
	defer q.Close()
	c := pageComparison{was: p, is: q}
	lost, err := c.find(ink)
	switch {
	case errors.Is(err, errMarkHidden):
		return mark.Refuse(mark.Unsupported, "page %d draws over its mark", index+1)
	case err != nil:
		return mark.Refuse(mark.Damaged, "page %d cannot be held against its copy", index+1)
	case lost != "":
		return mark.Refuse(mark.Lossy, "page %d of its copy would lose %s", index+1, lost)
	}
	return nil
}

var errMarkHidden = errors.New("the mark is not drawn last")

// pageComparison is one page, as it was and as it is in the copy.
type pageComparison struct{ was, is *pdfium.Page }

// find tells what is lost; empty where nothing is.
func (c pageComparison) find(ink bool) (lost string, err error) {
	box, err := c.was.Box()
	if err != nil {
		return "", err
	}
	hidden, err := c.is.HideLastForm()
	if err != nil {
		return "", err
	}
	if !hidden {
		return "", errMarkHidden
	}
	if err := c.is.Crop(box); err != nil {
		return "", err
	}
	letters, err := c.lettersLost()
	if err != nil {
		return "", err
	}
	if letters > 0 {
		return fmt.Sprintf("%d letters", letters), nil
	}
	madeUp, lost, err := c.annotations()
	if err != nil || lost != "" || !ink {
		return lost, err
	}
	differs, err := c.differs(true)
	// Annotations whose look is made up may differ by that alone, so the page is compared without them.
	if err == nil && differs && madeUp {
		differs, err = c.differs(false)
	}
	if err != nil || !differs {
		return "", err
	}
	return "something that can be seen", nil
}

// annotations are counted; madeUp tells that some of them do not say what they look like, and readers draw those as
// they like.
func (c pageComparison) annotations() (madeUp bool, lost string, err error) {
	was, drawnWas, errWas := c.was.Annotations()
	is, drawnIs, errIs := c.is.Annotations()
	if err := errors.Join(errWas, errIs); err != nil {
		return false, "", err
	}
	if n := max(was-is, drawnWas-drawnIs); n > 0 {
		return false, fmt.Sprintf("%d annotations", n), nil
	}
	return drawnWas < was, "", nil
}

func (c pageComparison) lettersLost() (int, error) {
	a, errWas := c.was.Text()
	b, errIs := c.is.Text()
	if err := errors.Join(errWas, errIs); err != nil {
		return 0, err
	}
	count := map[rune]int{}
	for _, r := range a {
		if !unicode.IsSpace(r) && !unicode.IsControl(r) {
			count[r]++
		}
	}
	for _, r := range b {
		count[r]--
	}
	lost := 0
	for _, n := range count {
		lost += max(0, n)
	}
	return lost, nil
}

func (c pageComparison) differs(annotations bool) (bool, error) {
	w, h, err := c.was.Size()
	if err != nil || !(w > 0 && h > 0) {
		return false, err
	}
	scale := min(math.Sqrt(drawnArea/(w*h)), drawnSide/max(w, h))
	width, height := max(1, int(w*scale)), max(1, int(h*scale))
	a, errWas := c.was.Render(width, height, annotations)
	b, errIs := c.is.Render(width, height, annotations)
	if err := errors.Join(errWas, errIs); err != nil {
		return false, err
	}
	n := 0
	for i := range a {
		if d := int(a[i]) - int(b[i]); d > inkStep || d < -inkStep {
			n++
		}
	}
	return float64(n) > inkShare*float64(len(a)), nil
}
